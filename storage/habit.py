"""What is stored around a report, for `domain.oddity`: one statement, for it runs with every report.

Only entries of the report's own kind are looked at. The figures of whole periods, this one and the
past, are those of the unit with all below it; single entries are the unit's own.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
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

from domain.deadline import bucket, window
from domain.oddity import Habit
from domain.period import Cutoff, Period, previous
from domain.tally import NAMED_DAYS, Figures
from storage import exception, lock
from storage.prepared import Prepared
from storage.schema import org_unit, period_total, tally
from storage.tally import ACTIVE

# How many earlier periods of the same length the past is.
PERIODS_BACK = 12
_PAST = tuple(f"past_{ago}" for ago in range(1, PERIODS_BACK + 1))
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
    cutoff: Cutoff = Cutoff.CALENDAR_MONTH,
) -> Habit:
    """What surrounds figures that come at `at`.

    The same figures within `repeat_within` are the same again; `replaces` is the entry that these
    figures correct, which does not count.
    """
    period = bucket(figures, cutoff)
    first_day, _ = window(period, cutoff)
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
        "year_from": min(first_day, date(period.start.year, 1, 1)) - timedelta(days=6),
        "first_day": first_day,
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
        due=None if first.late_from is None else exception.last_day(first.late_from),
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
            lock.own_due().label("late_from"),
            _in_period().label("in_period"),
            *now.c,
            case((count_known, then.sessions + then["items"])).label("past_count"),
            case((and_(count_known, people_known, then.sessions > 0), people)).label("past_people"),
        )
        .select_from(org_unit.join(now, true()).outerjoin(period_total, past))
        .where(org_unit.c.id == bindparam("of_unit"))
    )


def _now() -> Subquery:
    """What the unit's entries come to: one row of answers, each over the few that it concerns."""
    first, *rest = (
        part.subquery() for part in (_of_the_days(), _by_the_reporter(), _parts(), _total())
    )
    joined: FromClause = first
    for each in rest:
        joined = joined.join(each, true())
    return select(joined).subquery("now")


# Entries that stand, of the report's kind, but not the one that it corrects.
_LIKE_THIS = (
    tally.c.kind == bindparam("of_kind"),
    tally.c.state == ACTIVE,
    tally.c.id != bindparam("but_not"),
)
_OWN = tally.c.reporter_id.is_not_distinct_from(bindparam("of_reporter"))
_COUNTED = func.coalesce(tally.c.sessions, tally.c["items"])
_DAY_FROM: BindParameter[date] = bindparam("day_from")
_DAY_TO: BindParameter[date] = bindparam("day_to")
_SAME_DAYS = and_(tally.c.date_from == _DAY_FROM, tally.c.date_to == _DAY_TO)


def _of_the_days() -> Select[Any]:
    """Entries for the same days, and the newest that is the same again."""
    same = (tally.c[name].is_not_distinct_from(bindparam(f"same_{name}")) for name in _SAME)
    again = and_(tally.c.created_at >= bindparam("lately"), *same)
    return _of_unit(
        func.sum(case((_OWN, _COUNTED))).label("on_day"),
        func.max(case((again, tally.c.id))).label("twin_id"),
    ).where(_SAME_DAYS)


def _in_period() -> ColumnElement[int]:
    """What the period came to so far, without the entry that is corrected."""
    now = period_total.alias("now_total")
    kept = select(now.c.sessions + now.c["items"]).where(
        now.c.unit_id == bindparam("of_unit"),
        now.c.bucket == bindparam("of_bucket"),
        now.c.kind == bindparam("of_kind"),
    )
    corrected = select(_COUNTED).where(
        tally.c.id == bindparam("but_not"),
        tally.c.unit_id == bindparam("of_unit"),
        tally.c.bucket == bindparam("of_bucket"),
        tally.c.kind == bindparam("of_kind"),
        tally.c.state == ACTIVE,
    )
    return kept.scalar_subquery() - func.coalesce(corrected.scalar_subquery(), 0)


def _by_the_reporter() -> Select[Any]:
    counts = select(func.sum(_COUNTED).label("by_reporter"))
    # "+ 0": by the index on the reporter's days; the unit has more entries than one of its people.
    of_unit = tally.c.unit_id + 0 == bindparam("of_unit")
    return counts.where(
        tally.c.reporter_id == bindparam("of_reporter"),
        # All of the bucket; the index on the first day finds them.
        tally.c.date_from.between(bindparam("first_day"), bindparam("period_to")),
        tally.c.bucket == bindparam("of_bucket"),
        of_unit,
        *_LIKE_THIS,
    )


def _parts() -> Select[Any]:
    """Entries for a part of these days only."""
    return _of_unit(
        func.count().label("parts"),
        func.count(case((not_(_OWN), 1))).label("others_parts"),
        func.sum(_COUNTED).label("in_parts"),
    ).where(
        tally.c.date_from.between(_DAY_FROM, _DAY_TO),
        tally.c.date_to <= _DAY_TO,
        not_(_SAME_DAYS),
    )


def _total() -> Select[Any]:
    """The newest entry under the label of a period that holds these days."""
    return _of_unit(func.max(tally.c.id).label("total_id")).where(
        tally.c.date_from.between(bindparam("year_from"), _DAY_FROM),
        tally.c.date_to >= _DAY_TO,
        # A label holds several days. The index says it, so the many entries of one day are passed.
        tally.c.date_to > tally.c.date_from,
        *(tally.c.precision != named for named in NAMED_DAYS),
    )


def _of_unit(*columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).where(tally.c.unit_id == bindparam("of_unit"), *_LIKE_THIS)


# Built once: building this statement costs more than running it.
_AROUND = Prepared(_around())
