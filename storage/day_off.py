"""Days off and working days that a decree adds, as the department has entered them.

They overrule the calendar and the settings (domain.workday).
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from storage import audit
from storage.schema import day_off


@dataclass(frozen=True, slots=True)
class DecreedDay:
    """A day that a decree makes a working day or a day off; `note` names the decree."""

    day: date
    working: bool
    note: str | None


def say(conn: Connection, days: list[DecreedDay], at: datetime) -> None:
    """Enter days; one that is entered already is replaced."""
    for each in days:
        conn.execute(delete(day_off).where(day_off.c.day == each.day))
        conn.execute(
            insert(day_off).values(day=each.day, working=each.working, note=each.note, said_at=at)
        )
        audit.record(conn, at, None, "decree_day", "day_off", day=each.day, working=each.working)


def remove(conn: Connection, days: list[date], at: datetime) -> list[date]:
    """Forget days; returns those that were entered."""
    entered = day_off.c.day.in_(days)
    known = sorted(conn.execute(delete(day_off).where(entered).returning(day_off.c.day)).scalars())
    for day in known:
        audit.record(conn, at, None, "forget_day", "day_off", day=day)
    return known


def all_days(conn: Connection) -> list[DecreedDay]:
    """The days that are entered, the earliest first."""
    rows = conn.execute(select(day_off).order_by(day_off.c.day))
    return [DecreedDay(row.day, row.working, row.note) for row in rows]
