"""Text as Zalo has it: plain, with styles counted in UTF-16 units, at most 2,000 characters long;
and text as people type it there: commands without a slash, words without tone marks.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby
from typing import Any

_TAGS = {
    "b": "b",
    "strong": "b",
    "i": "i",
    "em": "i",
    "u": "u",
    "ins": "u",
    "s": "s",
    "strike": "s",
    "del": "s",
}
_OUTER_MARKS = re.compile(r"^[\W_]+|[\W_]+$")
# More words than this behind a command typed without its slash make it a sentence.
MOST_ARGUMENTS = 6


@dataclass(frozen=True, slots=True)
class Styled:
    """A text; `marks` holds the styles of each of its characters."""

    text: str
    marks: tuple[str, ...]

    def __add__(self, more: "Styled") -> "Styled":
        return Styled(self.text + more.text, self.marks + more.marks)

    def part(self, start: int, end: int) -> "Styled":
        return Styled(self.text[start:end], self.marks[start:end])

    def parameters(self) -> dict[str, Any]:
        """As sendMessage takes it; styles that lie upon each other are one run with both."""
        runs, at = [], 0
        for marks, members in groupby(zip(self.marks, self.text, strict=True), lambda it: it[0]):
            size = _units("".join(character for _, character in members))
            if marks:
                runs.append({"start": at, "len": size, "st": sorted(marks)})
            at += size
        return {"text": self.text, "text_styles": runs} if runs else {"text": self.text}


def plain(text: str) -> Styled:
    return Styled(text, ("",) * len(text))


def _units(text: str) -> int:
    """UTF-16 units of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class _Html(HTMLParser):
    """Collects text with the styles that are open; links show their address behind the words,
    unless it leads into Telegram.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.styled = plain("")
        self._open: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _TAGS:
            self._open.append(_TAGS[tag])
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.styled.text)))

    def handle_endtag(self, tag: str) -> None:
        if _TAGS.get(tag) in self._open:
            self._open.remove(_TAGS[tag])
        elif tag == "a" and self._links:
            address, start = self._links.pop()
            if address.startswith("http") and address != self.styled.text[start:]:
                self.styled += plain(f" ({address})")

    def handle_data(self, data: str) -> None:
        marks = "".join(sorted(set(self._open)))
        self.styled += Styled(data, (marks,) * len(data))


def from_html(html: str) -> Styled:
    """The Bot API's HTML as text with Zalo's four styles; what has none there is plain."""
    parser = _Html()
    parser.feed(html)
    parser.close()
    return parser.styled


def split(styled: Styled, limit: int) -> list[Styled]:
    """In parts of at most `limit` UTF-16 units, broken at line ends, then spaces, where there are any."""
    parts = []
    while (end := _fitting(styled.text, limit)) < len(styled.text):
        head = styled.text[:end]
        cut = next((at for sign in "\n " if (at := head.rfind(sign)) > 0), end)
        parts.append(_trimmed(styled.part(0, cut)))
        styled = _trimmed(styled.part(cut, len(styled.text)))
    return [part for part in (*parts, _trimmed(styled)) if part.text]


def _fitting(text: str, limit: int) -> int:
    """How many characters from the beginning have at most `limit` units."""
    if _units(text) <= limit:
        return len(text)
    size = 0
    for position, character in enumerate(text):
        size += _units(character)
        if size > limit:
            return position
    return len(text)


def _trimmed(styled: Styled) -> Styled:
    text = styled.text
    return styled.part(len(text) - len(text.lstrip()), len(text.rstrip()))


# --- what people type --------------------------------------------------------------------------


def fold(text: str) -> str:
    """For comparing: lower case, no tone marks, no signs around, single spaces."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(_OUTER_MARKS.sub("", letters).split())


def as_command(
    text: str, aliases: Mapping[str, str], arguments: Mapping[str, re.Pattern[str]]
) -> str:
    """The text with a command's slash when it is one without; `aliases` are folded phrases without
    spaces, so that most commands are their own ("báo cáo" is baocao).

    A command of `arguments` may be followed by a few words that begin, folded, as its pattern says; any
    other must stand alone.
    """
    if text.startswith("/") or "\n" in text.strip():
        return text
    words = text.split()
    for count in range(min(3, len(words)), 0, -1):
        command = aliases.get(fold("".join(words[:count])))
        rest = words[count:]
        if command and (not rest or _may_follow(rest, arguments.get(command))):
            return " ".join([f"/{command}", *rest])
    return text


def _may_follow(rest: list[str], pattern: re.Pattern[str] | None) -> bool:
    fits = pattern is not None and pattern.match(fold(" ".join(rest)))
    return bool(fits) and len(rest) <= MOST_ARGUMENTS


def without_mention(text: str, name: str) -> str:
    """What was said to the bot in a group, without its name."""
    return re.sub(rf"\s*@{re.escape(name)}\s*", " ", text, flags=re.IGNORECASE).strip()
