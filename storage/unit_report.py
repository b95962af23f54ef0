"""What a unit has declared for a period, apart from any figures: a nil return is a submission."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from domain.period import Period
from storage import audit
from storage.schema import unit_report

NIL_RETURN = "nil_return"


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


def take_back_nil(
    conn: Connection, unit_id: int, period: Period, person_id: int, at: datetime
) -> bool:
    """Forget this person's nil return of the unit; False when it is not theirs or not there."""
    gone = conn.execute(
        delete(unit_report).where(
            unit_report.c.unit_id == unit_id,
            unit_report.c.period == period.code,
            unit_report.c.status == NIL_RETURN,
            unit_report.c.reported_by == person_id,
        )
    )
    if gone.rowcount:
        audit.record(conn, at, person_id, "nil_undone", "org_unit", unit_id, period=period.code)
    return bool(gone.rowcount)
