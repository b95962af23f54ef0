"""One message prepared for reading: normalised text, folded key, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.text import Aligned, align, fold

LONGEST = 4096

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
    """Prepare at most the first 4,096 characters."""
    aligned = align(text[:LONGEST])
    key = fold(aligned.text)
    plain = aligned.text.lower()
    # "đ" alone is no tone mark: people who strip tone marks often keep "đv".
    marked = any(a != b and a != "đ" for a, b in zip(plain, key, strict=False))
    return Page(aligned, aligned.text, key, marked)


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def phrase(pattern: str) -> re.Pattern[str]:
    """A pattern over the folded key that begins and ends at word boundaries."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
