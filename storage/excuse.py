"""Months for which an officer has excused a unit, with everything below it, from reporting.

Nothing is overwritten: the newest word about the unit or one above it is the one that counts.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.sql.selectable import ScalarSelect

from domain.period import Period
from storage import audit
from storage.schema import report_excuse, unit_path


def say(
    conn: Connection, unit_id: int, period: Period, person_id: int, at: datetime, *, excused: bool
) -> None:
    """Excuse this unit and all below it from reporting for the period, or excuse them no more."""
    conn.execute(
        insert(report_excuse).values(
            unit_id=unit_id,
            period=period.code,
            excused=excused,
            said_by=person_id,
            said_at=at,
        )
    )
    action = "excuse" if excused else "require"
    audit.record(conn, at, person_id, action, "org_unit", unit_id, period=period.code)


def last_word(conn: Connection) -> int:
    """Grows with every word that is said; 0 before the first."""
    newest: int | None = conn.execute(select(func.max(report_excuse.c.id))).scalar_one()
    return newest or 0


def newest_word(of_unit: ColumnElement[int], period: Period) -> ScalarSelect[bool]:
    """Excused, required again, or NULL where nobody has said anything; a part of a statement."""
    return (
        select(report_excuse.c.excused)
        .join(unit_path, unit_path.c.ancestor_id == report_excuse.c.unit_id)
        .where(
            unit_path.c.unit_id == of_unit,
            unit_path.c.inherited.is_(False),
            report_excuse.c.period == period.code,
        )
        .order_by(report_excuse.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
