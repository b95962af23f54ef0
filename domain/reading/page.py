"""One message prepared for reading: normalised text, folded key, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from domain.text import Aligned, align, fold

LONGEST = 4096
_MOST_PIECES = 300
_PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|\n")

_SPARE_SPACE = re.compile(r"(?<=[ \n]) +|^ +| +(?=\n)")

_JUNE = re.compile("tháng sáu")
JUNE = "thang s6u"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """`text` and `key` have the same length; spans mean both. `marked`: tone marks are typed."""

    aligned: Aligned
    text: str
    key: str
    marked: bool

    def words(self, span: Span) -> str:
        return self.text[slice(*span)]

    def original(self, span: Span) -> Span:
        return self.aligned.span(*span)


def open_page(text: str) -> Page:
    """Prepare at most the first 4,096 characters, and at most 300 words and signs of them."""
    aligned = _shorten(_single_spaced(align(text[:LONGEST])))
    key = fold(aligned.text)
    plain = aligned.text.lower()
    key = _keep_june(key, plain)
    # "đ" alone is no tone mark: people who strip tone marks often keep "đv".
    marked = any(a != b and a != "đ" for a, b in zip(plain, key, strict=False))
    return Page(aligned, aligned.text, key, marked)


def _keep_june(key: str, plain: str) -> str:
    """Folding would merge "tháng sáu" (June) with "tháng sau" (next month)."""
    for match in _JUNE.finditer(plain):
        key = key[: match.start()] + JUNE + key[match.end() :]
    return key


def _single_spaced(aligned: Aligned) -> Aligned:
    """One space between words, none at the ends of lines, so that rules need not count them."""
    text = aligned.text
    if not _SPARE_SPACE.search(text):
        return aligned
    gone = {i for match in _SPARE_SPACE.finditer(text) for i in range(*match.span())}
    kept = [i for i in range(len(text)) if i not in gone]
    origin = [aligned.origin[i] for i in kept]
    return Aligned("".join(text[i] for i in kept), [*origin, aligned.origin[-1]])


def _shorten(aligned: Aligned) -> Aligned:
    """No one-line report is longer, and the time to read stays bounded."""
    surplus = next(islice(_PIECE.finditer(aligned.text), _MOST_PIECES, None), None)
    if surplus is None:
        return aligned
    end = surplus.start()
    return Aligned(aligned.text[:end], aligned.origin[: end + 1])


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def phrase(pattern: str) -> re.Pattern[str]:
    """A pattern over the folded key that begins and ends at word boundaries."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
