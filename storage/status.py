"""Who has reported: the status of every unit that owes a report, for a whole subtree at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)

from domain.deadline import DeadlineRules, due_date, window
from domain.period import Period, codes_inside
from domain.status import HandedIn, Status, StatusCounts, begun_months, status_of
from domain.unit import REPORTING_TYPES
from storage import exception, excuse
from storage.schema import Instant, org_unit, period_total, tally, unit_path, unit_report
from storage.unit import in_force
from storage.unit_report import NIL_RETURN

_UP, _DOWN = unit_path.alias("up"), unit_path.alias("down")


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """How a unit with everything below it stands in a period.

    A unit that is excused may have reported all the same; then its status says so. `due` is its
    own due date, and `extended` tells that an officer set it.
    """

    unit_id: int
    name: str
    position: int
    status: Status
    excused: bool
    due: date
    extended: bool


def of_units(
    conn: Connection, unit_id: int, period: Period, rules: DeadlineRules
) -> list[UnitStatus]:
    """The units at or below `unit_id` that owe a report for the period, in the official order.

    Entries count that stand and lie in the period, as they do in the totals; those of a unit that
    is no more count for the one that went on for it by the end of the period.
    """
    required = _required(unit_id, period, exception.after(due_date(period, rules)))
    entries, nil = _entries_below(required, period, rules), _nil_below(required, period)
    figures = and_(
        _has_totals(required, period), or_(not_(_has_inherited(required)), exists(entries))
    )
    rows = conn.execute(
        select(
            required,
            figures.label("figures"),
            exists(nil).label("nil"),
            or_(
                exists(entries.where(tally.c.created_at < required.c.late_from)),
                exists(nil.where(unit_report.c.reported_at < required.c.late_from)),
            ).label("in_time"),
        ).order_by(required.c.position, required.c.id)
    )
    return [
        UnitStatus(
            unit_id=row.id,
            name=row.name,
            position=row.position,
            status=status_of(HandedIn(row.figures, row.nil, row.in_time, row.excused)),
            excused=row.excused,
            due=exception.last_day(row.late_from),
            extended=row.extended,
        )
        for row in rows
    ]


def of_months(
    conn: Connection, unit_id: int, period: Period, rules: DeadlineRules, today: date
) -> dict[Period, list[UnitStatus]]:
    """The same for each month of a longer period that has begun."""
    months = begun_months(period, today, rules)
    return {month: of_units(conn, unit_id, month, rules) for month in months}


def counts(conn: Connection, unit_id: int, period: Period, rules: DeadlineRules) -> StatusCounts:
    """So many units at or below `unit_id` of each status; together they are all that owe a report."""
    return count(of_units(conn, unit_id, period, rules))


def count(units: Sequence[UnitStatus]) -> StatusCounts:
    return StatusCounts.of(unit.status for unit in units)


def _required(unit_id: int, period: Period, late_from: datetime) -> CTE:
    """The units that owe a report, each with the first moment that is late for it."""
    own = exception.newest_word(org_unit.c.id, literal(period.code))
    return (
        select(
            org_unit.c.id,
            org_unit.c.name,
            org_unit.c.position,
            func.coalesce(excuse.newest_word(org_unit.c.id, period), false()).label("excused"),
            func.coalesce(own, literal(late_from, Instant())).label("late_from"),
            own.is_not(None).label("extended"),
        )
        .join(unit_path, unit_path.c.unit_id == org_unit.c.id)
        .where(
            unit_path.c.ancestor_id == unit_id,
            org_unit.c.type.in_(REPORTING_TYPES),
            in_force(period),
        )
        .cte("required")
        .prefix_with("MATERIALIZED")
    )


def _has_totals(required: CTE, period: Period) -> ColumnElement[bool]:
    """The live totals have a row for the unit where an entry stands, its own or one below."""
    return exists().where(
        period_total.c.unit_id == required.c.id,
        period_total.c.bucket_from >= period.start,
        period_total.c.bucket_to <= period.end,
    )


def _has_inherited(required: CTE) -> ColumnElement[bool]:
    """Then the totals also hold what others have to answer for."""
    return exists().where(unit_path.c.ancestor_id == required.c.id, unit_path.c.inherited)


def _entries_below(required: CTE, period: Period, rules: DeadlineRules) -> Select[tuple[int]]:
    first, _ = window(period, rules.cutoff)
    return (
        select(tally.c.id)
        .join(unit_path, unit_path.c.unit_id == tally.c.unit_id)
        .where(
            unit_path.c.ancestor_id == required.c.id,
            _answers_for(period),
            # Both bounds on the first day: the index on it then reads this period only.
            tally.c.date_from.between(first, period.end),
            tally.c.bucket.in_(codes_inside(period)),
            tally.c.state == "active",
        )
    )


def _nil_below(required: CTE, period: Period) -> Select[tuple[int]]:
    return (
        select(unit_report.c.unit_id)
        .join(unit_path, unit_path.c.unit_id == unit_report.c.unit_id)
        .where(
            unit_path.c.ancestor_id == required.c.id,
            _answers_for(period),
            unit_report.c.period == period.code,
            unit_report.c.status == NIL_RETURN,
        )
    )


def _answers_for(period: Period) -> ColumnElement[bool]:
    """That the upper unit of a path answered for the lower one when the period ended.

    It did not yet when a unit between them that owed a report itself was still in force, and has
    ended and handed down to it since.
    """
    not_yet = (
        exists()
        .where(
            _UP.c.unit_id == unit_path.c.unit_id,
            _DOWN.c.unit_id == _UP.c.ancestor_id,
            _DOWN.c.ancestor_id == unit_path.c.ancestor_id,
            _DOWN.c.inherited,
            org_unit.c.id == _UP.c.ancestor_id,
            org_unit.c.type.in_(REPORTING_TYPES),
            org_unit.c.valid_to.is_not(None),
            in_force(period),
        )
        .correlate(unit_path)
    )
    return or_(unit_path.c.inherited.is_(False), not_(not_yet))
