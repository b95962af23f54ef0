"""Cuts a message into numbers, labels, words and signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from domain.reading.numbers import NUMBER_WORDS, NUMERAL, SPOKEN_WORDS, numeral_value, spoken_number
from domain.reading.page import Page, Span
from domain.reading.words import ONLY_AFTER_NUMBER, PHRASE_LENGTHS, PHRASES, Label


class Sort(Enum):
    NUMBER = auto()
    LABEL = auto()
    WORD = auto()
    SIGN = auto()
    BREAK = auto()
    MASKED = auto()


class Token(NamedTuple):
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


_START = attrgetter("start")
_NOISE = r"\+?\d{9,}|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2} ?(?:h|gio)(?: ?\d{2})?(?![a-z0-9])"
_DOCUMENT = r"\d+ ?-[a-z]+(?:/[a-z]+)?|\d+/(?:\d{4}/)?[a-z]{2,}[-a-z]*"
# Words and plain numbers first, because most pieces are such; g and h begin hours.
_TOKEN = re.compile(
    rf"(?P<word>[bd]/c|[^\W\d_]+)|(?P<plain>\d{{1,3}}(?= [a-fi-z]))|(?P<document>{_DOCUMENT})"
    rf"|(?P<percent>\d+(?:[.,]\d+)? ?%)|(?P<noise>{_NOISE})|(?P<number>{NUMERAL})|(?P<line>\n)"
    r"|(?P<sign>[^\s\w])"
)


def tokenise(page: Page, masked: Iterable[Span]) -> list[Token]:
    """The tokens in order; masked spans (dates) become one token each."""
    spans = sorted(masked)
    tokens = [Token(Sort.MASKED, start, end, "") for start, end in spans]
    tokens += map(_token, _TOKEN.finditer(_blank(page.key, spans)))
    if spans:
        tokens.sort(key=_START)
    labelled = _label(tokens)
    whole = _speak(_join_thousands(labelled), page)
    # A number of several words may be what a short label had to stand beside.
    return labelled if whole is labelled else _label(whole)


def _blank(key: str, spans: list[Span]) -> str:
    if not spans:
        return key
    pieces: list[str] = []
    last = 0
    for start, end in spans:
        pieces += [key[last:start], " " * (end - max(start, last))]
        last = max(end, last)
    return "".join([*pieces, key[last:]])


_SORTS = {"word": Sort.WORD, "sign": Sort.SIGN, "line": Sort.BREAK}


def _token(match: re.Match[str]) -> Token:
    start, end = match.span()
    written = match.group()
    kind = match.lastgroup or ""
    if kind == "plain":
        return Token(Sort.NUMBER, start, end, written, int(written))
    if kind == "number":
        value, comma = numeral_value(written)
        return Token(Sort.NUMBER, start, end, written, value=value, comma=comma)
    if kind == "percent":
        return Token(Sort.WORD, start, end, "%")
    return Token(_SORTS.get(kind, Sort.MASKED), start, end, written)


def _label(tokens: list[Token]) -> list[Token]:
    """Replace the longest known phrases by label tokens."""
    labelled: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        length = 1
        if token.sort is Sort.WORD and token.key in PHRASE_LENGTHS:
            length, token = _phrase_at(tokens, position)
        labelled.append(token)
        position += length
    return labelled


def _phrase_at(tokens: list[Token], position: int) -> tuple[int, Token]:
    """The label that begins there and how many tokens it takes, or the word as it is."""
    first = tokens[position]
    for length in PHRASE_LENGTHS[first.key]:
        pieces = tokens[position : position + length]
        written = " ".join([piece.key for piece in pieces])
        label = PHRASES.get(written)
        if label and _fits(written, tokens, position, length):
            return length, Token(Sort.LABEL, first.start, pieces[-1].end, written, 0, label)
    return 1, first


# "tuyen truyen ND 168" is a decree, "ND 45" are people.
_BEFORE_A_DECREE = frozenset(["truyen", "ve", "dung", "bien", "ttm"])


def _fits(name: str, tokens: list[Token], position: int, length: int) -> bool:
    """Short and common words are labels only right beside a number."""
    if name not in ONLY_AFTER_NUMBER:
        return True
    before = tokens[position - 1] if position else None
    if before is not None and _is_count(before):
        return True
    if name == "nd" and before is not None and before.key in _BEFORE_A_DECREE:
        return False
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
    if not any(a.sort is Sort.NUMBER and _may_continue(b) for a, b in pairwise(tokens)):
        return tokens
    joined: list[Token] = []
    for position, token in enumerate(tokens):
        last = joined[-1] if joined else None
        if last and last.sort is Sort.NUMBER and _continues(joined, token, tokens[position + 1 :]):
            joined[-1] = _join(last, token)
        else:
            joined.append(token)
    return joined


_MULTIPLIERS = {"nghin": 1000, "ngan": 1000, "tram": 100, "chuc": 10}


def _may_continue(token: Token) -> bool:
    return token.sort is Sort.NUMBER or token.key in _MULTIPLIERS


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
    return last._replace(end=token.end, key=key, value=value)


def _speak(tokens: list[Token], page: Page) -> list[Token]:
    """Numbers in words, only directly before a label: "năm mươi hai quần chúng"."""
    if NUMBER_WORDS.isdisjoint(page.vocabulary):
        return tokens
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
        if token.sort is not Sort.WORD or token.key not in SPOKEN_WORDS:
            break
        words.append(page.words(token.span).lower() if page.marked else token.key)
    for length in range(len(words), 0, -1):
        if not _before_label(tokens, position + length):
            continue
        value = spoken_number(words[:length], marked=page.marked)
        if value is not None:
            return length, value
    return 1, None


_SHORT_LABELS = frozenset(["b", "c", "nguoi", "bai", "tin", "dan", "lop"])


def _before_label(tokens: list[Token], position: int) -> bool:
    if position >= len(tokens):
        return False
    following = tokens[position]
    return following.sort is Sort.LABEL or following.key in _SHORT_LABELS
