"""What is stored around a report, for `domain.oddity`: one statement, for it runs with every report.

Only what the unit itself has reported is looked at, of the report's own kind.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    not_,
    select,
    true,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from domain.oddity import Habit
from domain.period import Period, bucket_of, previous
from domain.tally import NAMED_DAYS, Figures
from storage import lock
from storage.prepared import Prepared
from storage.schema import org_unit, period_total, tally
from storage.tally import ACTIVE

# How many earlier periods of the same length the past is.
PERIODS_BACK = 12
_PAST = tuple(f"past_{ago}" for ago in range(1, PERIODS_BACK + 1))
Entries = ReadOnlyColumnCollection[str, ColumnElement[Any]]
# What two reports agree in when one is the other again.
_SAME = ("sessions", "party_members", "public", "audience_total", "learners", "items")


def around(
    conn: Connection,
    unit_id: int,
    reporter_id: int,
    figures: Figures,
    at: datetime,
    repeat_within: timedelta,
    replaces: int | None = None,
) -> Habit:
    """What surrounds figures that come at `at`.

    The same figures within `repeat_within` are the same again; `replaces` is the entry that these
    figures correct, which does not count.
    """
    period = bucket_of(figures.date_from, figures.date_to)
    given = {
        **lock.about(unit_id, period),
        "of_reporter": reporter_id,
        "of_kind": figures.kind,
        "of_bucket": period.code,
        "but_not": replaces or 0,
        "day_from": figures.date_from,
        "day_to": figures.date_to,
        # No label of a period that holds these days begins earlier, but for a term's: the first
        # week of a year may begin in the old one.
        "year_from": date(period.start.year, 1, 1) - timedelta(days=6),
        "lately": at - repeat_within,
        **{f"same_{name}": getattr(figures, name) for name in _SAME},
        **dict(zip(_PAST, _codes_before(period), strict=True)),
    }
    return _habit(_AROUND.rows(conn, given))


def parts(conn: Connection, unit_id: int, reporter_id: int, figures: Figures) -> list[int]:
    """The reporter's own entries for a part of these days, which a total may replace."""
    rows = conn.execute(
        select(tally.c.id)
        .where(
            tally.c.unit_id == unit_id,
            tally.c.reporter_id == reporter_id,
            tally.c.kind == figures.kind,
            tally.c.state == ACTIVE,
            tally.c.date_from >= figures.date_from,
            tally.c.date_to <= figures.date_to,
            not_(and_(tally.c.date_from == figures.date_from, tally.c.date_to == figures.date_to)),
        )
        .order_by(tally.c.id)
    )
    return list(rows.scalars())


@lru_cache
def _codes_before(period: Period) -> tuple[str, ...]:
    codes = []
    for _ in range(PERIODS_BACK):
        period = previous(period)
        codes.append(period.code)
    return tuple(codes)


def _habit(rows: Sequence[Row[Any]]) -> Habit:
    """Each row holds what is there now, and what one earlier period came to, if that is known."""
    first = rows[0]
    return Habit(
        members=first.member_count,
        locked=first.locked,
        on_day=first.on_day or 0,
        by_reporter=first.by_reporter or 0,
        in_period=first.in_period or 0,
        parts=first.parts,
        others_parts=first.others_parts,
        in_parts=first.in_parts or 0,
        total_id=first.total_id,
        twin_id=first.twin_id,
        past_counts=tuple(r.past_count for r in rows if r.past_count is not None),
        past_per_session=tuple(
            r.past_people / r.past_count for r in rows if r.past_people is not None
        ),
    )


def _around() -> Select[Any]:
    """One row per earlier period that has figures, each beside the one row of what is there now.

    Sums over entries of which one is silent are not known, and neither compared.
    """
    now, then = _now(), period_total.c
    past = and_(
        then.unit_id == org_unit.c.id,
        then.kind == bindparam("of_kind"),
        then.bucket.in_([bindparam(name) for name in _PAST]),
    )
    count_known = then.sessions_known + then.items_known == then.entries
    split = case(
        (then.party_members_known < then.public_known, then.party_members_known),
        else_=then.public_known,
    )
    people_known = split + then.unsplit_known + then.learners_known == then.entries
    people = then.party_members + then.public + then.unsplit + then.learners
    return (
        select(
            org_unit.c.member_count,
            lock.newest_word().label("locked"),
            *now.c,
            case((count_known, then.sessions + then["items"])).label("past_count"),
            case((and_(count_known, people_known, then.sessions > 0), people)).label("past_people"),
        )
        .select_from(org_unit.join(now, true()).outerjoin(period_total, past))
        .where(org_unit.c.id == bindparam("of_unit"))
    )


def _now() -> Subquery:
    """The entries that touch the report's period, counted in one pass."""
    entry = _entries().c
    part = and_(entry.within, not_(entry.same_days))
    return select(
        _sum(entry, and_(entry.own, entry.same_days)).label("on_day"),
        _sum(entry, and_(entry.own, entry.in_period)).label("by_reporter"),
        _sum(entry, entry.in_period).label("in_period"),
        _count(entry, part).label("parts"),
        _count(entry, and_(part, not_(entry.own))).label("others_parts"),
        _sum(entry, part).label("in_parts"),
        _newest(entry, entry.is_total).label("total_id"),
        _newest(entry, and_(entry.same_days, entry.same_figures)).label("twin_id"),
    ).subquery("now")


def _entries() -> Subquery:
    """Each of these entries with how it stands to the report; every value is given once."""
    begins, ends = tally.c.date_from, tally.c.date_to
    same = (tally.c[name].is_not_distinct_from(bindparam(f"same_{name}")) for name in _SAME)
    day_from: BindParameter[date] = bindparam("day_from")
    day_to: BindParameter[date] = bindparam("day_to")
    label_ = and_(*(tally.c.precision != named for named in NAMED_DAYS))
    return (
        select(
            tally.c.id,
            func.coalesce(tally.c.sessions, tally.c["items"]).label("counted"),
            tally.c.reporter_id.is_not_distinct_from(bindparam("of_reporter")).label("own"),
            (tally.c.bucket == bindparam("of_bucket")).label("in_period"),
            and_(begins == day_from, ends == day_to).label("same_days"),
            and_(begins >= day_from, ends <= day_to).label("within"),
            and_(begins <= day_from, ends >= day_to, label_).label("is_total"),
            and_(tally.c.created_at >= bindparam("lately"), *same).label("same_figures"),
        )
        .where(
            tally.c.unit_id == bindparam("of_unit"),
            begins.between(bindparam("year_from"), bindparam("period_to")),
            ends >= bindparam("period_from"),
            tally.c.kind == bindparam("of_kind"),
            tally.c.state == ACTIVE,
            tally.c.id != bindparam("but_not"),
        )
        .subquery("entry")
    )


def _sum(entry: Entries, of: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((of, entry.counted)))


def _count(entry: Entries, of: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((of, entry.id)))


def _newest(entry: Entries, of: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((of, entry.id)))


# Built once: building this statement costs more than running it.
_AROUND = Prepared(_around())
