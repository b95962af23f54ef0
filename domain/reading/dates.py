"""Finds the days and periods that a message names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from domain.reading.date_rules import RULES
from domain.reading.days import Clock, listed, one_day
from domain.reading.model import DateProblem, DateSpan, QuestionCode
from domain.reading.page import Page, Span, overlaps
from domain.tally import Precision


class Mention(NamedTuple):
    """A date in the text. `loose` ones (a bare d/m) may turn out to be attended/total."""

    start: int
    end: int
    meaning: DateSpan | DateProblem
    loose: bool = False

    @property
    def span(self) -> Span:
        return self.start, self.end


def find_mentions(page: Page, clock: Clock) -> list[Mention]:
    """All dates in order."""
    found: list[Mention] = []
    position = 0
    while candidate := _ANY_RULE.search(page.key, position):
        mention = _mention_at(page.key, candidate, clock)
        if mention:
            found.append(mention)
        position = mention.end if mention else candidate.start() + 1
    return found


def _mention_at(key: str, candidate: re.Match[str], clock: Clock) -> Mention | None:
    """What the first rule says that accepts the text at this place."""
    first = int((candidate.lastgroup or "rule0")[4:])
    for pattern, rule, loose in RULES[first:]:
        match = pattern.match(key, candidate.start())
        if match is None or _inside_number(key, match.span()):
            continue
        meaning = rule(match, clock)
        if meaning is not None:
            span = one_day(meaning) if isinstance(meaning, date) else meaning
            return Mention(*match.span(), span, loose)
    return None


def _inside_number(key: str, span: Span) -> bool:
    before, after = key[: span[0]][-2:], key[span[1] :][:2]
    glued_before = bool(re.search(r"(?:\w|\d[/.,\-])\Z", before)) and key[span[0]].isdigit()
    glued_after = bool(re.match(r"[/.,]\d|\d|%", after)) and key[span[1] - 1].isdigit()
    return glued_before or glued_after


# A day that is celebrated, a document's date, or a deadline is not the day of the session.
_CELEBRATED = re.compile(
    r"(?:ky niem|chao mung|mung|tri an|nhan dip|huong ung|ngay le|truyen thong|quoc khanh|"
    r"liet si|chien thang|phu nu viet nam|nha giao)[^,;:\n]{0,40}$"
)
_DEADLINE = re.compile(r"(?:truoc|han|han chot|cham nhat|den het|sau)(?: la)?(?: ngay)? ?$")
_DOCUMENT = re.compile(
    r"(?:nghi quyet|\bnq|chi thi|\bct|ket luan|\bkl|quyet dinh|\bqd|ke hoach|\bkh|cong van|"
    r"huong dan|\bhd|luat)\b[^,;\n]{0,30}\d[^,;\n]{0,20}$"
)


def _foreign(key: str, mention: Mention) -> bool:
    before = key[max(0, mention.start - 60) : mention.start]
    named_day = key[mention.start : mention.end].strip("ngayhom ")[:1].isdigit()
    if not named_day:
        return False
    old = (
        isinstance(mention.meaning, DateSpan)
        and key[mention.start : mention.end].startswith("ngay")
        and bool(re.search(r"\d{4}$", key[mention.start : mention.end]))
    )
    return bool(
        _CELEBRATED.search(before) or _DEADLINE.search(before) or (old and _DOCUMENT.search(before))
    )


# One pass finds the places; the rule that matched there is applied afterwards.
_ALTERNATIVES = "|".join(
    f"(?P<rule{number}>{re.sub(r'[(][?]P<[a-z0-9]+>', '(?:', pattern.pattern)})"
    for number, (pattern, _, _) in enumerate(RULES)
)
# How the rules begin: most words and numbers of a message are no date at the first glance.
_BEGINNING = (
    r"\d{1,4}(?:[-/.–—,+&t]|\s[,+&]| ->| (?:den|toi|va|thang|hom|ngay))|t ?\d|q[ .]?[1-4i]"
    r"|thang|tuan|quy|tu (?:dau|ngay|thu|t?\d)|tinh den|trong|ca(?:c ngay)? |het|nua|nam |nhiem ky"
    r"|ngay|hom|hum|bua|h(?:nay|qua|wa| nay| qua)|nay|buoi (?:sang|trua|chieu|toi|dem)|sang|trua"
    r"|chieu|toi|dem|khuya|vao|luc|mung|mong|ram|thu |chu nh|c\.?n|may|dot|vua|moi|gan|dao"
    r"|dau|cuoi|giua|cach day|(?:hai|ba|bon|chin|sau) (?:ngay|hom|thang)"
)
_ANY_RULE = re.compile(rf"(?<!\w)(?={_BEGINNING})(?:{_ALTERNATIVES})")


def read_mentions(page: Page, clock: Clock) -> tuple[list[Mention], list[Span], list[Span]]:
    """The dates that the message reports on, and where others stand.

    First those that are part of a sentence (deadlines, days that a topic celebrates, dates of
    documents), then periods that only say where a named day lies.
    """
    mentions = find_mentions(page, clock)
    own = [mention for mention in mentions if not _foreign(page.key, mention)]
    kept = [_as_written(m, page) for m in _drop_containers(list(_join(page.key, own)))]
    foreign = [mention.span for mention in mentions if mention not in own]
    taken = [mention.span for mention in kept]
    containers = [mention.span for mention in own if not overlaps(mention.span, taken)]
    return kept, foreign, containers


def _as_written(mention: Mention, page: Page) -> Mention:
    """A question quotes the writer, not the folded key."""
    if isinstance(mention.meaning, DateSpan):
        return mention
    return mention._replace(meaning=replace(mention.meaning, written=page.words(mention.span)))


_TOGETHER = re.compile(r"[\s,(]*(?:la |ngay )?$")
_SIDE_BY_SIDE = re.compile(r"\s*(?:,|va|\+|&|;)\s*(?:ngay )?$")


def _join(key: str, mentions: list[Mention]) -> Iterator[Mention]:
    pending: Mention | None = None
    for mention in mentions:
        joined = pending and _joined(key, pending, mention)
        if pending and not joined:
            yield pending
        pending = joined or mention
    if pending:
        yield pending


def _joined(key: str, first: Mention, second: Mention) -> Mention | None:
    gap = key[first.end : second.start]
    if not (_TOGETHER.match(gap) or _SIDE_BY_SIDE.match(gap)):
        return None
    meaning = _merge(first, second, key)
    return Mention(first.start, second.end, meaning) if meaning else None


def _merge(first: Mention, second: Mention, key: str) -> DateSpan | DateProblem | None:
    one, two = first.meaning, second.meaning
    if isinstance(one, DateProblem) or isinstance(two, DateProblem):
        return _settle(one, two)
    if _holds(one, two) or (one.precision, two.precision) == (Precision.WEEK, Precision.RANGE):
        return two
    if _holds(two, one):
        return one
    days = Precision.DAY, Precision.LIST
    if one.precision not in days or two.precision not in days:
        return None
    numeric = all(
        key[m.end - 1].isdigit() and "thu" not in key[m.start : m.end] for m in (first, second)
    )
    gap = key[first.end : second.start]
    if numeric or (_SIDE_BY_SIDE.match(gap) and "," not in gap):
        return listed({*(one.dates or (one.date_from,)), *(two.dates or (two.date_from,))})
    written = key[first.start : second.end]
    return DateProblem(QuestionCode.DATE_CONFLICT, written, (one, two))


def _settle(
    one: DateSpan | DateProblem, two: DateSpan | DateProblem
) -> DateSpan | DateProblem | None:
    """ "T7 11/7", "hôm trước, 11/7": the day beside it says which was meant."""
    for unclear, clear in ((one, two), (two, one)):
        if isinstance(unclear, DateProblem) and isinstance(clear, DateSpan):
            named = any(_holds(option, clear) for option in unclear.options)
            if unclear.code is QuestionCode.VAGUE_DATE or (
                unclear.code is QuestionCode.T7 and named
            ):
                return clear
            return unclear
    return None


def _holds(outer: DateSpan, inner: DateSpan) -> bool:
    return outer.date_from <= inner.date_from and inner.date_to <= outer.date_to


def _drop_containers(mentions: list[Mention]) -> list[Mention]:
    """ "Tháng 7, ngày 12/7": the month only says where the day lies."""
    spans = [m.meaning for m in mentions if isinstance(m.meaning, DateSpan)]
    return [
        m
        for m in mentions
        if isinstance(m.meaning, DateProblem)
        or m.meaning.precision is Precision.LIST
        or not any(_holds(m.meaning, s) and s != m.meaning for s in spans)
    ]
