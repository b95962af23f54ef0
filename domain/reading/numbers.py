"""Numbers in digits and in words."""

from __future__ import annotations

import re

from domain.text import fold, normalise

# Longest forms first: 1k2, 1.250, 1,250, 1250. A dot or comma before other than three digits is
# punctuation, except in front of "k" and "nghìn".
NUMERAL = (
    r"\d{1,3}(?:[.,]\d{1,2})?k\d{0,3}(?![^\W_])|\d{1,3}[.,]\d{1,2} ?(?:nghin|ngan)\b"
    r"|\d{1,3}(?:\.\d{3})+(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)|\d{1,8}"
)
_DIGIT_WORDS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "nhăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_SCALES = {"mười": 10, "mươi": 10, "chục": 10, "trăm": 100, "nghìn": 1000, "ngàn": 1000}
_AFTER_TENS = {"lăm", "lam", "nhăm", "nham", "mốt", "mot"}
_ZERO_FILLERS = {"linh", "lẻ"}
_FOLDED = {fold(word): value for word, value in _DIGIT_WORDS.items()}
_FOLDED_SCALES = {fold(word): value for word, value in _SCALES.items()}
NUMBER_WORDS = frozenset({*_FOLDED, *_FOLDED_SCALES})
_FOLDED_FILLERS = {fold(word) for word in _ZERO_FILLERS}
# All that may stand in a number; the first word is one of NUMBER_WORDS.
SPOKEN_WORDS = NUMBER_WORDS | _FOLDED_FILLERS


def numeral_value(written: str) -> tuple[int, bool]:
    """The value of a NUMERAL, and whether a comma groups its thousands."""
    if written.isdigit():
        return int(written), False
    if "k" in written:
        return _thousands(*written.split("k")), False
    if written.endswith("n"):
        # "1,2 nghìn"
        return _thousands(written.rstrip(" nghia"), ""), False
    return int(re.sub(r"[.,]", "", written)), "," in written


def _thousands(head: str, tail: str) -> int:
    """1k2 → 1200, 1,25k → 1250, 2k → 2000."""
    whole, _, rest = head.replace(",", ".").partition(".")
    return int(whole) * 1000 + int((rest + tail).ljust(3, "0")[:3])


def spoken_number(words: list[str], *, marked: bool = False) -> int | None:
    """The value of number words, or None when they are no number; `marked`: with tone marks."""
    digits = _DIGIT_WORDS if marked else _FOLDED
    scales = _SCALES if marked else _FOLDED_SCALES
    fillers = _ZERO_FILLERS if marked else _FOLDED_FILLERS
    return _compose(words, digits, scales, fillers)


def _compose(
    words: list[str], digits: dict[str, int], scales: dict[str, int], fillers: set[str]
) -> int | None:
    total, group, last = 0, 0, None
    for word in words:
        if word in digits and last is None:
            last = digits[word]
        elif word in _AFTER_TENS and last and not group:
            # "bốn lăm", "hai mốt": the word for tens is left out.
            group, last = last * 10, digits[word]
        elif word in fillers and last is None and (total or group):
            continue
        elif word in scales and (last is not None or word in ("mười", "muoi", "trăm", "tram")):
            scale = scales[word]
            if scale == 1000:
                total, group, last = (total + group + (last or 0)) * 1000, 0, None
            else:
                group, last = group + (1 if last is None else last) * scale, None
        elif word in scales and scales[word] == 1000 and group:
            total, group = (total + group) * 1000, 0
        else:
            return None
    found = total + group + (last or 0)
    return found if words else None


def read_count(text: str) -> int | None:
    """The one number of a short answer such as "45", "1k2", "khoảng 1.250 người", "không có"."""
    clean = normalise(text[:200]).lower()
    key = fold(clean)
    found = [match for match in re.finditer(NUMERAL, key) if _stands_alone(key, match)]
    if len(found) == 1:
        return _scaled(key, found[0])
    if found:
        return None
    return _only_words(clean)


def _stands_alone(key: str, match: re.Match[str]) -> bool:
    before, after = key[: match.start()][-1:], key[match.end() :][:1]
    return not (before.isdigit() or before in ("/", "-") or after in ("%", "/"))


def _scaled(key: str, match: re.Match[str]) -> int:
    value, _ = numeral_value(match.group())
    scale = re.match(r" ?(nghin|ngan|tram|chuc)\b", key[match.end() :])
    if not scale:
        return value
    return value * _FOLDED_SCALES[scale.group(1)]


def _only_words(clean: str) -> int | None:
    words = re.findall(r"[^\W\d_]+", clean)
    if [fold(word) for word in words][:2] in (["khong", "co"], ["khong"], ["ko"], ["ko", "co"]):
        return 0
    marked = any(fold(word) != word for word in words)
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            piece = words[start : start + length]
            value = spoken_number(piece if marked else [fold(w) for w in piece], marked=marked)
            if value is not None:
                return value
    return None
