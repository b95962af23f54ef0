"""Reads one message: what is reported, what was assumed, and what must be asked first."""

from __future__ import annotations

from datetime import datetime

from domain.reading.counts import adopt_total, pair
from domain.reading.dates import read_mentions
from domain.reading.days import Clock
from domain.reading.intents import decide
from domain.reading.kinds import find_kind
from domain.reading.model import (
    SILENT,
    DateProblem,
    DateSpan,
    QuestionCode,
    Reader,
    Reading,
)
from domain.reading.page import Page, open_page
from domain.reading.ratios import find_ratios, ordinals, place_ratios
from domain.reading.sight import Sight
from domain.reading.tokens import tokenise


def read(text: str, received_at: datetime, *, person: Reader | None = None) -> Reading:
    """Read a message that came at `received_at` (aware, any zone; days are days in Viet Nam).

    Never raises for any text; reads at most 4,096 characters of at most 300 words and signs, and
    takes a longer one that has figures further down for no report: half of them would be wrong.
    Raises ValueError for a naive
    time. The function knows no stored entries: duplicates, closed periods and figures that are
    odd for the unit are for the caller to notice.
    """
    clock = Clock.at(received_at)
    page = open_page(text)
    if not page.whole:
        return SILENT
    return decide(_look(page, clock, person or Reader()))


def _look(page: Page, clock: Clock, person: Reader) -> Sight:
    mentions, others, containers = read_mentions(page, clock)
    ratios, mentions, legend = find_ratios(page, mentions)
    spans = [*(mention.span for mention in mentions), *others, *containers, *ordinals(page)]
    tokens = place_ratios(tokenise(page, spans), ratios, legend)
    counts, left = adopt_total(tokens, *pair(tokens))
    kind = find_kind(page)
    return Sight(page, clock, person, mentions, tokens, counts, left, legend, kind, containers)


def read_day(text: str, received_at: datetime) -> DateSpan | DateProblem:
    """The one date or period of a short answer; a bare number is a day of the month."""
    clock = Clock.at(received_at)
    page = open_page(text[:200])
    mentions, *_ = read_mentions(page, clock)
    if not mentions and page.key.strip().isdigit():
        mentions, *_ = read_mentions(open_page(f"ngày {page.key.strip()}"), clock)
    if len(mentions) != 1:
        return DateProblem(QuestionCode.MISSING_DATE, page.text.strip())
    return mentions[0].meaning
