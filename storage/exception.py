"""Later (or earlier) due dates that an officer has given a unit, with everything below it.

Nothing is overwritten: the newest word about the unit or one above it is the one that counts. The
lock date follows, as it is reckoned from the due date (domain.deadline). Days are days in
Asia/Ho_Chi_Minh.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, func, insert, literal, select
from sqlalchemy.sql.selectable import ScalarSelect

from domain.briefing import VIETNAM
from domain.deadline import DeadlineRules, due_date
from domain.period import Period
from storage import audit
from storage.schema import deadline_exception, unit_path

_ONE_DAY = timedelta(days=1)


def say(
    conn: Connection, unit_id: int, period: Period, due: date | None, person_id: int, at: datetime
) -> None:
    """Give this unit and all below it another due date for the period; None: the rule's again."""
    conn.execute(
        insert(deadline_exception).values(
            unit_id=unit_id,
            period=period.code,
            late_from=None if due is None else after(due),
            said_by=person_id,
            said_at=at,
        )
    )
    details = {"period": period.code, "due": None if due is None else due.isoformat()}
    audit.record(conn, at, person_id, "extend", "org_unit", unit_id, **details)


def due_of(conn: Connection, unit_id: int, period: Period, rules: DeadlineRules) -> date:
    """The last day on which a report of this unit for the period is on time."""
    said: datetime | None = conn.execute(
        select(newest_word(literal(unit_id), literal(period.code)))
    ).scalar_one()
    return due_date(period, rules) if said is None else last_day(said)


def last_word(conn: Connection) -> int:
    """Grows with every word that is said; 0 before the first."""
    newest: int | None = conn.execute(select(func.max(deadline_exception.c.id))).scalar_one()
    return newest or 0


def newest_word(of_unit: ColumnElement[int], code: ColumnElement[str]) -> ScalarSelect[datetime]:
    """The first late moment that was said, or NULL for the rule; a part of other statements."""
    return (
        select(deadline_exception.c.late_from)
        .join(unit_path, unit_path.c.ancestor_id == deadline_exception.c.unit_id)
        .where(
            unit_path.c.unit_id == of_unit,
            unit_path.c.inherited.is_(False),
            deadline_exception.c.period == code,
        )
        .order_by(deadline_exception.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def after(due: date) -> datetime:
    """The first moment that is late."""
    return datetime.combine(due + _ONE_DAY, time(), VIETNAM)


def last_day(late_from: datetime) -> date:
    """The due date of which this is the first late moment."""
    return late_from.astimezone(VIETNAM).date() - _ONE_DAY
