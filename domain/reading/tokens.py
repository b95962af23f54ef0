"""Cuts a message into numbers, labels, words and signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from domain.reading.numbers import NUMBER_WORDS, NUMERAL, numeral_value, spoken_number
from domain.reading.page import Page, Span
from domain.reading.words import FIRST_WORDS, LONGEST_PHRASE, ONLY_AFTER_NUMBER, PHRASES, Label


class Sort(Enum):
    NUMBER = auto()
    LABEL = auto()
    WORD = auto()
    SIGN = auto()
    BREAK = auto()
    MASKED = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the folded key. `value` for numbers, `label` for labels.

    `out_of` is the second number of attended/total ("19/19"), `comma` marks 1,250.
    """

    sort: Sort
    start: int
    end: int
    key: str
    value: int = 0
    label: Label = Label.IGNORED
    out_of: int | None = None
    comma: bool = False
    spoken: bool = False

    @property
    def span(self) -> Span:
        return self.start, self.end


_NOISE = r"\+?\d{9,}|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2} ?(?:h|gio)(?: ?\d{2})?(?![a-z0-9])"
_DOCUMENT = r"\d+ ?-[a-z]+(?:/[a-z]+)?|\d+/(?:\d{4}/)?[a-z]{2,}[-a-z]*"
_TOKEN = re.compile(
    rf"(?P<document>{_DOCUMENT})|(?P<percent>\d+(?:[.,]\d+)? ?%)|(?P<noise>{_NOISE})"
    rf"|(?P<number>{NUMERAL})|(?P<word>[bd]/c|[^\W\d_]+)|(?P<line>\n)|(?P<sign>[^\s\w])"
)


def tokenise(page: Page, masked: Iterable[Span]) -> list[Token]:
    """The tokens in order; masked spans (dates) become one token each."""
    spans = sorted(masked)
    tokens = [Token(Sort.MASKED, start, end, "") for start, end in spans]
    for match in _TOKEN.finditer(_blank(page.key, spans)):
        token = _token(match)
        if token:
            tokens.append(token)
    ordered = sorted(tokens, key=lambda token: token.start)
    return _label(_speak(_join_thousands(_label(ordered)), page))


def _blank(key: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    last = 0
    for start, end in spans:
        pieces += [key[last:start], " " * (end - max(start, last))]
        last = max(end, last)
    return "".join([*pieces, key[last:]])


def _token(match: re.Match[str]) -> Token | None:
    start, end = match.span()
    written = match.group()
    kind = match.lastgroup
    if kind == "number":
        value, comma = numeral_value(written)
        return Token(Sort.NUMBER, start, end, written, value=value, comma=comma)
    if kind == "line":
        return Token(Sort.BREAK, start, end, written)
    if kind in ("word", "percent"):
        return Token(Sort.WORD, start, end, written if kind == "word" else "%")
    if kind == "sign":
        return Token(Sort.SIGN, start, end, written)
    return Token(Sort.MASKED, start, end, written)


def _label(tokens: list[Token]) -> list[Token]:
    """Replace the longest known phrases by label tokens."""
    labelled: list[Token] = []
    position = 0
    while position < len(tokens):
        length, label = _phrase_at(tokens, position)
        if label is None:
            labelled.append(tokens[position])
            position += 1
            continue
        pieces = tokens[position : position + length]
        written = " ".join(piece.key for piece in pieces)
        labelled.append(Token(Sort.LABEL, pieces[0].start, pieces[-1].end, written, label=label))
        position += length
    return labelled


def _phrase_at(tokens: list[Token], position: int) -> tuple[int, Label | None]:
    if tokens[position].sort is not Sort.WORD or tokens[position].key not in FIRST_WORDS:
        return 1, None
    words: list[str] = []
    for token in tokens[position : position + LONGEST_PHRASE]:
        if token.sort not in (Sort.WORD, Sort.SIGN):
            break
        words.append(token.key)
    for length in range(len(words), 0, -1):
        label = PHRASES.get(tuple(words[:length]))
        if label and _fits("-".join(words[:length]), tokens, position, length):
            return length, label
    return 1, None


def _fits(name: str, tokens: list[Token], position: int, length: int) -> bool:
    """Short and common words are labels only right beside a number."""
    if name not in ONLY_AFTER_NUMBER:
        return True
    before = tokens[position - 1] if position else None
    if before is not None and _is_count(before):
        return True
    after = tokens[position + length] if position + length < len(tokens) else None
    return (
        name in ("b", "nd", "hs", "hv", "gv", "lop", "nguoi")
        and after is not None
        and (after.key == ":" or (after.sort is Sort.NUMBER and name != "nguoi"))
    )


def _is_count(token: Token) -> bool:
    return (
        token.sort is Sort.NUMBER
        or token.key in ("%", "nghin", "ngan", "tram", "muoi", "chuc")
        or (token.sort is Sort.WORD and spoken_number([token.key]) is not None)
    )


def _join_thousands(tokens: list[Token]) -> list[Token]:
    """ "1 250 lượt" is one number, "đv 45 120 qc" is two; also "2 nghìn 5"."""
    joined: list[Token] = []
    for position, token in enumerate(tokens):
        last = joined[-1] if joined else None
        if last and last.sort is Sort.NUMBER and _continues(joined, token, tokens[position + 1 :]):
            joined[-1] = _join(last, token)
        else:
            joined.append(token)
    return joined


_MULTIPLIERS = {"nghin": 1000, "ngan": 1000, "tram": 100, "chuc": 10}


def _continues(before: list[Token], token: Token, after: list[Token]) -> bool:
    last = before[-1]
    if token.key in _MULTIPLIERS and token.sort is Sort.WORD:
        return last.value < 1000
    if token.sort is not Sort.NUMBER or token.start != last.end + 1:
        return False
    if last.value >= 1000 and last.key.endswith(("nghin", "ngan")):
        return len(token.key) in (1, 3)
    plain = (
        last.key.isdigit() and len(last.key) <= 3 and token.key.isdigit() and len(token.key) == 3
    )
    labelled_before = len(before) > 1 and before[-2].sort is Sort.LABEL
    labelled_after = bool(after) and after[0].sort is Sort.LABEL
    return plain and last.value > 0 and labelled_before != labelled_after


def _join(last: Token, token: Token) -> Token:
    key = f"{last.key} {token.key}"
    if token.sort is Sort.WORD:
        value = last.value * _MULTIPLIERS[token.key]
    elif last.key.isdigit():
        value = last.value * 1000 + token.value
    else:
        value = last.value + token.value * (100 if len(token.key) == 1 else 1)
    return replace(last, end=token.end, key=key, value=value)


def _speak(tokens: list[Token], page: Page) -> list[Token]:
    """Numbers in words, only directly before a label: "năm mươi hai quần chúng"."""
    spoken: list[Token] = []
    position = 0
    while position < len(tokens):
        length, value = _spoken_at(tokens, position, page)
        if value is None:
            spoken.append(tokens[position])
            position += 1
            continue
        first, last = tokens[position], tokens[position + length - 1]
        key = " ".join(token.key for token in tokens[position : position + length])
        spoken.append(Token(Sort.NUMBER, first.start, last.end, key, value=value, spoken=True))
        position += length
    return spoken


def _spoken_at(tokens: list[Token], position: int, page: Page) -> tuple[int, int | None]:
    if tokens[position].key not in NUMBER_WORDS:
        return 1, None
    words: list[str] = []
    for token in tokens[position : position + 10]:
        if token.sort is not Sort.WORD:
            break
        words.append(page.words(token.span).lower() if page.marked else token.key)
    for length in range(len(words), 0, -1):
        value = spoken_number(words[:length], marked=page.marked)
        if value is not None and _before_label(tokens, position + length):
            return length, value
    return 1, None


def _before_label(tokens: list[Token], position: int) -> bool:
    following = tokens[position : position + 2]
    if following and following[0].sort is Sort.LABEL:
        return True
    return bool(following) and following[0].key in ("b", "c", "nguoi", "bai", "tin", "dan", "lop")
