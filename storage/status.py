"""Who has reported: the status of every unit that owes a report, for a whole subtree at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import CTE, ColumnElement, Connection, Select, exists, false, func, or_, select

from domain.briefing import VIETNAM
from domain.deadline import DeadlineRules, due_date
from domain.period import Period
from domain.status import HandedIn, Status, StatusCounts, status_of
from domain.unit import REPORTING_TYPES
from storage import excuse
from storage.schema import org_unit, period_total, tally, unit_path, unit_report
from storage.unit import in_force
from storage.unit_report import NIL_RETURN


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """How a unit with everything below it stands in a period.

    A unit that is excused may have reported all the same; then its status says so.
    """

    unit_id: int
    name: str
    status: Status
    excused: bool


def of_units(
    conn: Connection, unit_id: int, period: Period, rules: DeadlineRules
) -> list[UnitStatus]:
    """The units at or below `unit_id` that owe a report for the period, in the official order.

    Entries count that stand and have all their days in the period, as they do in the totals.
    """
    required = _required(unit_id, period)
    by = _end_of(due_date(period, rules))
    nil = _nil_below(required, period)
    rows = conn.execute(
        select(
            required.c.id,
            required.c.name,
            _has_totals(required, period).label("figures"),
            exists(nil).label("nil"),
            or_(
                exists(_entries_below(required, period).where(tally.c.created_at < by)),
                exists(nil.where(unit_report.c.reported_at < by)),
            ).label("in_time"),
            func.coalesce(excuse.newest_word(required.c.id, period), false()).label("excused"),
        ).order_by(required.c.position, required.c.id)
    )
    return [
        UnitStatus(
            unit_id=row.id,
            name=row.name,
            status=status_of(HandedIn(row.figures, row.nil, row.in_time, row.excused)),
            excused=row.excused,
        )
        for row in rows
    ]


def counts(conn: Connection, unit_id: int, period: Period, rules: DeadlineRules) -> StatusCounts:
    """So many units at or below `unit_id` of each status; together they are all that owe a report."""
    return count(of_units(conn, unit_id, period, rules))


def count(units: Sequence[UnitStatus]) -> StatusCounts:
    return StatusCounts.of(unit.status for unit in units)


def _required(unit_id: int, period: Period) -> CTE:
    return (
        select(org_unit.c.id, org_unit.c.name, org_unit.c.position)
        .join(unit_path, unit_path.c.unit_id == org_unit.c.id)
        .where(
            unit_path.c.ancestor_id == unit_id,
            org_unit.c.type.in_(REPORTING_TYPES),
            in_force(period),
        )
        .cte("required")
    )


def _has_totals(required: CTE, period: Period) -> ColumnElement[bool]:
    """The live totals have a row for the unit where an entry stands, its own or one below."""
    return exists().where(
        period_total.c.unit_id == required.c.id,
        period_total.c.bucket_from >= period.start,
        period_total.c.bucket_to <= period.end,
    )


def _entries_below(required: CTE, period: Period) -> Select[tuple[int]]:
    return (
        select(tally.c.id)
        .join(unit_path, unit_path.c.unit_id == tally.c.unit_id)
        .where(
            unit_path.c.ancestor_id == required.c.id,
            # Both bounds on the first day: the index on it then reads this period only.
            tally.c.date_from.between(period.start, period.end),
            tally.c.date_to <= period.end,
            tally.c.state == "active",
        )
    )


def _nil_below(required: CTE, period: Period) -> Select[tuple[int]]:
    return (
        select(unit_report.c.unit_id)
        .join(unit_path, unit_path.c.unit_id == unit_report.c.unit_id)
        .where(
            unit_path.c.ancestor_id == required.c.id,
            unit_report.c.period == period.code,
            unit_report.c.status == NIL_RETURN,
        )
    )


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM)
