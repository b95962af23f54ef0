"""One summary of a unit and a period: what /tongket, and later every document, is printed from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from domain.deadline import DeadlineRules, window
from domain.opinion import Category
from domain.period import Period, PeriodKind, previous
from domain.status import StatusCounts
from domain.tally import TallyKind
from domain.totals import Totals, total
from storage import lock, opinion, status, tally, target, totals, unit
from storage.target import Target

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Change:
    """Against the period before, in percent; None where there is nothing to compare with."""

    period: Period
    sessions: Decimal | None
    attendance: Decimal | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of `unit_name` and everything below it in `period`, as of `at`; its figures are
    of the days of `window`.

    `headline` adds up the kinds that count as oral propaganda; `kinds` are all kinds, each on
    its own, without a sole kind that says the same as the headline. `change` is given for a
    period that is over: part of one cannot be compared with a whole one. `status` is given for
    months, the only period that units owe a report for so far. `locked` tells whether a change of
    this unit's figures has to be asked for by now.
    """

    unit_name: str
    period: Period
    window: tuple[date, date]
    at: datetime
    headline: Totals
    kinds: Mapping[TallyKind, Totals]
    change: Change | None
    opinions: Mapping[Category, int]
    targets: tuple[Target, ...]
    sources: tuple[str, ...]
    status: StatusCounts | None
    locked: bool

    @property
    def is_empty(self) -> bool:
        return not (self.headline.entries or self.kinds or self.opinions or self.targets)


def summarise(
    conn: Connection,
    unit_id: int,
    period: Period,
    headline_kinds: tuple[TallyKind, ...],
    at: datetime,
    rules: DeadlineRules,
) -> Summary:
    """Read the summary from the live totals: a handful of rows, however many years lie behind."""
    today = at.astimezone(VIETNAM).date()
    kinds = totals.read(conn, unit_id, period)
    targets = target.within(conn, unit_id, period)
    documents = tally.sources(conn, unit_id, period)
    first, last = window(period, rules.cutoff)
    since, until = _midnight(first), _midnight(last + timedelta(days=1))
    return Summary(
        unit_name=unit.get(conn, unit_id).name,
        period=period,
        window=(first, last),
        at=at,
        headline=_sum(kinds, headline_kinds),
        kinds=_apart(kinds, headline_kinds),
        change=_change(conn, unit_id, period, headline_kinds, kinds) if today > last else None,
        opinions=opinion.count_by_category(conn, unit_id, since, until),
        targets=tuple(targets),
        sources=tuple(sorted({*documents, *(entry.source for entry in targets)})),
        status=(
            status.counts(conn, unit_id, period, rules) if period.kind is PeriodKind.MONTH else None
        ),
        locked=lock.locks(conn, unit_id, period, rules, today),
    )


def _change(
    conn: Connection,
    unit_id: int,
    period: Period,
    headline_kinds: tuple[TallyKind, ...],
    kinds: Mapping[TallyKind, Totals],
) -> Change | None:
    """The change of the headline of a whole period against the one before."""
    if period.kind is PeriodKind.TERM:
        return None
    before = previous(period)
    old = _sum(totals.read(conn, unit_id, before), headline_kinds)
    new = _sum(kinds, headline_kinds)
    change = Change(
        before,
        _percent(new.known("sessions"), old.known("sessions")),
        _percent(new.attendance, old.attendance),
    )
    return None if change.sessions is None and change.attendance is None else change


def _apart(
    kinds: Mapping[TallyKind, Totals], headline_kinds: tuple[TallyKind, ...]
) -> dict[TallyKind, Totals]:
    """All kinds in their order, but not the only one that the headline is made of."""
    said = [kind for kind in headline_kinds if kind in kinds]
    return {
        kind: kinds[kind]
        for kind in TallyKind
        if kind in kinds and (kind not in said or len(said) > 1)
    }


def _percent(new: int | None, old: int | None) -> Decimal | None:
    if new is None or not old:
        return None
    return Decimal(new - old) * 100 / Decimal(old)


def _sum(kinds: Mapping[TallyKind, Totals], of: tuple[TallyKind, ...]) -> Totals:
    return total([kinds[kind] for kind in of if kind in kinds])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
