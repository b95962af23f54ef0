"""What the eye finds in a message before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.reading.counts import Count
from domain.reading.dates import Mention
from domain.reading.days import Clock
from domain.reading.model import Reader
from domain.reading.page import Page, Span
from domain.reading.tokens import Token
from domain.reading.words import Label
from domain.tally import TallyKind


@dataclass(frozen=True, slots=True)
class Sight:
    """Dates, counts and unexplained numbers of one message; `legend` explains pairs.

    `kind` is what the words of the whole message name, and where.
    """

    page: Page
    clock: Clock
    person: Reader
    mentions: list[Mention]
    tokens: list[Token]
    counts: list[Count]
    left: list[Token]
    legend: Span | None
    kind: tuple[TallyKind, Span] | None
    containers: list[Span]

    @property
    def blocked(self) -> list[Span]:
        """Spans that are understood and so are no topic."""
        spans = [*(m.span for m in self.mentions), *(count.span for count in self.counts)]
        return [*spans, *self.containers, *([self.legend] if self.legend else [])]

    @property
    def labels(self) -> frozenset[Label]:
        return frozenset([count.label for count in self.counts])

    def with_counts(self, counts: list[Count], left: list[Token]) -> Sight:
        return replace(self, counts=sorted(counts, key=lambda count: count.start), left=left)
