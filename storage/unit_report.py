"""What a unit has declared for a period, apart from any figures: a nil return is a submission."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, or_, select

from domain.period import Period
from domain.unit import REPORTING_TYPES
from storage import audit
from storage.schema import org_unit, period_total, unit_path, unit_report

NIL_RETURN = "nil_return"


@dataclass(frozen=True, slots=True)
class ReportingStatus:
    """How the units that owe a report stand; `with_figures + nil + missing` is `required`."""

    required: int
    with_figures: int
    nil: int

    @property
    def missing(self) -> int:
        return self.required - self.with_figures - self.nil


def record_nil(
    conn: Connection, unit_id: int, period: Period, person_id: int, at: datetime
) -> None:
    """A unit says that nothing took place in the period; said twice it stays said once."""
    known = conn.execute(
        select(unit_report.c.status).where(
            unit_report.c.unit_id == unit_id, unit_report.c.period == period.code
        )
    ).first()
    if known is None:
        conn.execute(
            insert(unit_report).values(
                unit_id=unit_id,
                period=period.code,
                status=NIL_RETURN,
                reported_by=person_id,
                reported_at=at,
            )
        )
        audit.record(conn, at, person_id, "nil_return", "org_unit", unit_id, period=period.code)


def status(conn: Connection, unit_id: int, period: Period) -> ReportingStatus:
    """Count the reporting units at or below `unit_id` that stand in force in the period."""
    required = (
        select(org_unit.c.id)
        .join(unit_path, unit_path.c.unit_id == org_unit.c.id)
        .where(
            unit_path.c.ancestor_id == unit_id,
            org_unit.c.type.in_(REPORTING_TYPES),
            or_(org_unit.c.valid_from.is_(None), org_unit.c.valid_from <= period.end),
            or_(org_unit.c.valid_to.is_(None), org_unit.c.valid_to >= period.start),
        )
        .subquery()
    )
    with_figures = select(period_total.c.unit_id).where(
        period_total.c.bucket_from >= period.start, period_total.c.bucket_to <= period.end
    )
    nil = (
        select(unit_path.c.ancestor_id)
        .join(unit_report, unit_report.c.unit_id == unit_path.c.unit_id)
        .where(unit_report.c.period == period.code, unit_report.c.status == NIL_RETURN)
    )
    has_figures = required.c.id.in_(with_figures)
    count = select(func.count()).select_from(required)
    return ReportingStatus(
        required=conn.execute(count).scalar_one(),
        with_figures=conn.execute(count.where(has_figures)).scalar_one(),
        nil=conn.execute(count.where(~has_figures, required.c.id.in_(nil))).scalar_one(),
    )
