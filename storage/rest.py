"""Reminders held back: by a person for themselves, of one unit or of any, and by an officer for a
unit with everything below it on one day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from domain.period import Period
from storage import audit
from storage.schema import org_unit, person, reminder_hold, reminder_rest, unit_path

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Somebody who says that a unit's report is no longer their task."""

    person_name: str
    unit_name: str


def begin(
    conn: Connection, person_id: int, unit_id: int | None, until: date | None, at: datetime
) -> int:
    """No reminders of this unit (None: of any) until the end of that day, or until `end`. The newest
    word counts: a rest that would last longer is shortened.
    """
    if until is not None:
        conn.execute(
            update(reminder_rest)
            .where(
                reminder_rest.c.person_id == person_id,
                reminder_rest.c.unit_id == unit_id,
                reminder_rest.c.until > until,
            )
            .values(until=until)
        )
    rest_id: int = conn.execute(
        insert(reminder_rest)
        .values(person_id=person_id, unit_id=unit_id, until=until, said_at=at)
        .returning(reminder_rest.c.id)
    ).scalar_one()
    details = {} if until is None else {"until": until.isoformat()}
    audit.record(conn, at, person_id, "rest_reminders", "org_unit", unit_id, **details)
    return rest_id


def end(conn: Connection, person_id: int, at: datetime, today: date) -> None:
    """All reminders of this person again, from today on."""
    conn.execute(
        update(reminder_rest)
        .where(reminder_rest.c.person_id == person_id, _holds(today))
        .values(until=today - _ONE_DAY)
    )
    audit.record(conn, at, person_id, "wake_reminders", "person", person_id)


def rests(conn: Connection, person_id: int, today: date) -> bool:
    """Whether the person rests from any reminders, also from those of one unit only."""
    rows = select(reminder_rest.c.id).where(reminder_rest.c.person_id == person_id, _holds(today))
    return conn.execute(rows).first() is not None


def until(conn: Connection, person_id: int, today: date) -> date | None:
    """Until when the person rests from all reminders; None when they do not."""
    rows = select(reminder_rest.c.until).where(
        reminder_rest.c.person_id == person_id, reminder_rest.c.unit_id.is_(None), _holds(today)
    )
    return max(conn.execute(rows).scalars(), default=None)


def of_day(conn: Connection, day: date) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Who rests from all reminders on that day, and who, with the unit, from those of one unit."""
    rows = conn.execute(
        select(reminder_rest.c.person_id, reminder_rest.c.unit_id).where(_holds(day))
    ).all()
    return (
        frozenset(row.person_id for row in rows if row.unit_id is None),
        frozenset((row.person_id, row.unit_id) for row in rows if row.unit_id is not None),
    )


def given_up(conn: Connection, rest_id: int, today: date) -> GivenUp | None:
    """Who has given which unit up; None when they have taken it back."""
    row = conn.execute(
        select(person.c.display_name, org_unit.c.name)
        .select_from(reminder_rest)
        .join(person, person.c.id == reminder_rest.c.person_id)
        .join(org_unit, org_unit.c.id == reminder_rest.c.unit_id)
        .where(reminder_rest.c.id == rest_id, _holds(today))
    ).one_or_none()
    return None if row is None else GivenUp(row.display_name, row.name)


def _holds(day: date) -> ColumnElement[bool]:
    return or_(reminder_rest.c.until.is_(None), reminder_rest.c.until >= day)


# --- by an officer ---------------------------------------------------------------------------------


def hold(
    conn: Connection, unit_id: int, period: Period, day: date, person_id: int, at: datetime
) -> None:
    """The ladder leaves this unit and all below it out on that day; said twice it stays said once."""
    if is_held_here(conn, unit_id, period, day):
        return
    conn.execute(
        insert(reminder_hold).values(
            unit_id=unit_id, period=period.code, day=day, said_by=person_id, said_at=at
        )
    )
    details = {"period": period.code, "day": day.isoformat()}
    audit.record(conn, at, person_id, "hold_reminders", "org_unit", unit_id, **details)


def release(
    conn: Connection, unit_id: int, period: Period, day: date, person_id: int, at: datetime
) -> None:
    """The ladder goes on as if it had not been held for exactly this unit."""
    conn.execute(
        delete(reminder_hold).where(
            reminder_hold.c.unit_id == unit_id,
            reminder_hold.c.period == period.code,
            reminder_hold.c.day == day,
        )
    )
    details = {"period": period.code, "day": day.isoformat()}
    audit.record(conn, at, person_id, "release_reminders", "org_unit", unit_id, **details)


def is_held(conn: Connection, unit_id: int, period: Period, day: date) -> bool:
    """Whether the ladder is held back on that day for this unit or one above it."""
    held = (
        select(reminder_hold.c.unit_id)
        .join(unit_path, unit_path.c.ancestor_id == reminder_hold.c.unit_id)
        .where(
            unit_path.c.unit_id == unit_id,
            reminder_hold.c.period == period.code,
            reminder_hold.c.day == day,
        )
    )
    return conn.execute(held).first() is not None


def is_held_here(conn: Connection, unit_id: int, period: Period, day: date) -> bool:
    """Whether it is held back by a word about exactly this unit."""
    held = select(reminder_hold.c.unit_id).where(
        reminder_hold.c.unit_id == unit_id,
        reminder_hold.c.period == period.code,
        reminder_hold.c.day == day,
    )
    return conn.execute(held).first() is not None
