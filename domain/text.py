"""One spelling for what people type: Unicode form, control marks, digits, place of tone marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Control and format marks that chat programs insert; none of them carries meaning here.
_DROPPED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEPT_CONTROLS = "\n"
_LETTERS = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
_USUAL = re.compile(f"[\n -~–—•{_LETTERS}{_LETTERS.upper()}]*")
_LINE_BREAKS = "\r\x0b\x0c\x85\u2028\u2029"
_NEW_STYLE = dict(
    zip(
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        strict=True,
    )
)
# "hoà" but not "hoàn"; "thuý" but not "quý".
_OLD_STYLE = re.compile(r"(?<![qQ])[oOuU][àáảãạèéẻẽẹỳýỷỹỵÀÁẢÃẠÈÉẺẼẸỲÝỶỸỴ](?![^\W\d_])")


@dataclass(frozen=True, slots=True)
class Aligned:
    """A normalised text that remembers where each character stood in the original."""

    text: str
    origin: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original text that a span of the normalised one came from."""
        return self.origin[start], self.origin[end]


def normalise(text: str) -> str:
    """NFC with one tone-mark style, plain spaces and digits, and no invisible marks."""
    return align(text).text


def fold(text: str) -> str:
    """Lower case without tone marks and đ; as long as its (NFC) input, so that spans agree."""
    return (
        text.translate(_FOLDED) if _USUAL.fullmatch(text) else "".join(map(_fold_character, text))
    )


def align(text: str) -> Aligned:
    """Normalise, keeping the original offset of every character (and of the end)."""
    if _USUAL.fullmatch(text):
        return Aligned(_OLD_STYLE.sub(_to_new_style, text), range(len(text) + 1))
    characters: list[str] = []
    origin: list[int] = []
    for start, cluster in _clusters(text):
        cleaned = _clean(cluster)
        characters.append(cleaned)
        origin.extend([start] * len(cleaned))
    origin.append(len(text))
    return Aligned(_OLD_STYLE.sub(_to_new_style, "".join(characters)), tuple(origin))


def _clusters(text: str) -> list[tuple[int, str]]:
    """Each base character with the combining marks after it."""
    clusters: list[tuple[int, str]] = []
    for position, character in enumerate(text):
        if clusters and unicodedata.combining(character):
            start, before = clusters[-1]
            clusters[-1] = (start, before + character)
        else:
            clusters.append((position, character))
    return clusters


@lru_cache(maxsize=4096)
def _clean(cluster: str) -> str:
    composed = unicodedata.normalize("NFC", cluster)
    return "".join(map(_clean_character, composed))


def _clean_character(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return character
    if character in _LINE_BREAKS:
        return "\n"
    category = unicodedata.category(character)
    if character == "\t" or category == "Zs":
        return " "
    if category in _DROPPED_CATEGORIES or 0xFE00 <= ord(character) <= 0xFE0F:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if 0xFF01 <= ord(character) <= 0xFF5E:
        return chr(ord(character) - 0xFEE0)
    return character


def _to_new_style(match: re.Match[str]) -> str:
    pair = match.group()
    styled = _NEW_STYLE.get(pair.lower(), pair)
    return "".join(
        new.upper() if old.isupper() else new for old, new in zip(pair, styled, strict=True)
    )


def _fold_character(character: str) -> str:
    lowered = character.lower()
    if len(lowered) != 1:
        return character
    if lowered == "đ":
        return "d"
    parts = unicodedata.normalize("NFD", lowered)
    return parts[0] if all(map(unicodedata.combining, parts[1:])) else lowered


_FOLDED = {
    ord(character): _fold_character(character)
    for character in _LETTERS + _LETTERS.upper() + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
}
