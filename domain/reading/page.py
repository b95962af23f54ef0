"""One message prepared for reading: normalised text, folded key, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from domain.text import Aligned, align, fold

LONGEST = 4096
_MOST_PIECES = 300
_PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|\n")

_SPARE_SPACE = re.compile(r"(?<=[ \n]) +|^ +| +(?=\n)")

_MERGED = re.compile(r"tháng sáu|(?<!\w)nđ(?!\w)")
_KEPT_APART = {"tháng sáu": "thang s6u", "nđ": "nq"}
_DIGIT = re.compile(r"\d")
_WORD = re.compile("[a-z]+|%")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """`text` and `key` have the same length; spans mean both. `marked`: tone marks are typed.

    `vocabulary` holds the plain words of the key and %, so that most rules need not be tried.
    `whole` unless digits were left unread.
    """

    aligned: Aligned
    text: str
    key: str
    marked: bool
    vocabulary: frozenset[str]
    whole: bool

    def words(self, span: Span) -> str:
        return self.text[slice(*span)]

    def original(self, span: Span) -> Span:
        return self.aligned.span(*span)


def open_page(text: str) -> Page:
    """Prepare at most the first 4,096 characters, and at most 300 words and signs of them."""
    aligned = _single_spaced(align(text[:LONGEST]))
    end = _end(aligned.text)
    whole = not _DIGIT.search(aligned.text, end) and not _DIGIT.search(text, LONGEST)
    if end < len(aligned.text):
        aligned = Aligned(aligned.text[:end], aligned.origin[: end + 1])
    key = fold(aligned.text)
    plain = aligned.text.lower()
    key = _keep_apart(key, plain)
    # "đ" alone is no tone mark: people who strip tone marks often keep "đv".
    marked = plain.replace("đ", "d") != key
    return Page(aligned, aligned.text, key, marked, frozenset(_WORD.findall(key)), whole)


def _keep_apart(key: str, plain: str) -> str:
    """Folding would merge June with next month, and a decree with "nhân dân"."""
    if len(plain) == len(key) and ("tháng sáu" in plain or "nđ" in plain):
        for match in _MERGED.finditer(plain):
            key = f"{key[: match.start()]}{_KEPT_APART[match.group()]}{key[match.end() :]}"
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


def _end(text: str) -> int:
    """Where to stop, so that the time to read stays bounded; no one-line report is longer."""
    if len(text) <= _MOST_PIECES:
        return len(text)
    surplus = next(islice(_PIECE.finditer(text), _MOST_PIECES, None), None)
    return surplus.start() if surplus else len(text)


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase to look for: it cannot stand on a page that has none of its `words`."""

    words: frozenset[str]
    pattern: re.Pattern[str]

    def may_be_on(self, page: Page) -> bool:
        return not self.words.isdisjoint(page.vocabulary)

    def search(self, page: Page) -> re.Match[str] | None:
        return self.pattern.search(page.key) if self.may_be_on(page) else None

    def finditer(self, page: Page, start: int = 0, end: int = LONGEST) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(page.key, start, end) if self.may_be_on(page) else iter(())


def cue(words: str, pattern: str, *, whole: bool = True) -> Cue:
    """Each alternative of the pattern needs one of the `words`; `whole` as in `phrase`."""
    compiled = phrase(pattern) if whole else re.compile(rf"(?<!\w)(?:{pattern})")
    return Cue(frozenset(words.split()), compiled)


def phrase(pattern: str) -> re.Pattern[str]:
    """A pattern over the folded key that begins and ends at word boundaries."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
