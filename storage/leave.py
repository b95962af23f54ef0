"""Days on which people are away, and who stands in for them. Why somebody is away is not kept.

For the days of a leave the stand-in holds the role of a reporter in the units of the absent
person, as memberships of their own that end with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, or_, select, update

from domain.role import ALLOWED, Action, Role
from storage import audit
from storage.schema import leave, membership, person

ONE_DAY = timedelta(days=1)
_REPORTING = ALLOWED[Action.REPORT_TALLY]


@dataclass(frozen=True, slots=True)
class Leave:
    """The first and the last day on which the person is away; `stand_in` is None for nobody."""

    id: int
    person_id: int
    name: str
    first_day: date
    last_day: date
    stand_in_id: int | None
    stand_in: str | None


def away(conn: Connection, people: Iterable[int], day: date) -> dict[int, int | None]:
    """Those of these people who are away on that day, each with their stand-in, None for nobody.

    A stand-in who is away too hands on to their own.
    """
    rows = conn.execute(
        select(leave.c.person_id, leave.c.stand_in_id)
        .where(leave.c.first_day <= day, leave.c.last_day >= day)
        .order_by(leave.c.id)
    )
    stand_ins = {row.person_id: row.stand_in_id for row in rows}
    return {who: _present(stand_ins, who) for who in people if who in stand_ins}


def _present(stand_ins: dict[int, int | None], who: int) -> int | None:
    asked: set[int] = set()
    at: int | None = who
    while at in stand_ins and at not in asked:
        asked.add(at)
        at = stand_ins[at]
    return None if at in asked else at


def take(
    conn: Connection,
    person_id: int,
    first_day: date,
    last_day: date,
    stand_in_id: int | None,
    said_by: int,
    at: datetime,
) -> int:
    """Write down that the person is away on these days, both included; returns the leave's id.

    What was said before about some of these days ends on the first of them.
    """
    for earlier in on_days(conn, person_id, first_day, last_day):
        end(conn, earlier.id, first_day, said_by, at)
    leave_id: int = conn.execute(
        insert(leave)
        .values(
            person_id=person_id,
            first_day=first_day,
            last_day=last_day,
            stand_in_id=stand_in_id,
            said_by=said_by,
            said_at=at,
        )
        .returning(leave.c.id)
    ).scalar_one()
    if stand_in_id is not None:
        _let_report(conn, leave_id, person_id, stand_in_id, first_day, last_day)
    audit.record(
        conn,
        at,
        said_by,
        "take_leave",
        "person",
        person_id,
        leave=leave_id,
        first_day=first_day,
        last_day=last_day,
        stand_in=stand_in_id,
    )
    return leave_id


def end(conn: Connection, leave_id: int, back_on: date, said_by: int, at: datetime) -> None:
    """The person is back on that day, earlier than was said; the stand-in's role ends with it."""
    last_day = back_on - ONE_DAY
    conn.execute(
        update(leave)
        .where(leave.c.id == leave_id, leave.c.last_day > last_day)
        .values(last_day=last_day)
    )
    conn.execute(
        update(membership)
        .where(membership.c.leave_id == leave_id, membership.c.valid_to > last_day)
        .values(valid_to=last_day)
    )
    audit.record(conn, at, said_by, "end_leave", "leave", leave_id, back_on=back_on)


def get(conn: Connection, leave_id: int) -> Leave:
    return _stored(conn.execute(_select().where(leave.c.id == leave_id)).one())


def coming(conn: Connection, person_id: int, today: date) -> Leave | None:
    """The leave that the person is on, or the next one; None when there is none."""
    return next(iter(_from(conn, person_id, today)), None)


def on_days(conn: Connection, person_id: int, first_day: date, last_day: date) -> list[Leave]:
    """The leaves of a person that hold some of these days."""
    found = _from(conn, person_id, first_day)
    return [each for each in found if each.first_day <= last_day]


def _from(conn: Connection, person_id: int, day: date) -> list[Leave]:
    """The leaves of a person that reach to this day or begin after it, the first one first."""
    rows = conn.execute(
        _select()
        .where(leave.c.person_id == person_id, leave.c.last_day >= day, _is_real())
        .order_by(leave.c.first_day)
    )
    return [_stored(row) for row in rows]


def _is_real() -> ColumnElement[bool]:
    return leave.c.first_day <= leave.c.last_day


def _let_report(
    conn: Connection, leave_id: int, absent_id: int, stand_in_id: int, first: date, last: date
) -> None:
    """A reporter's role for these days, in every unit for which only the absent person reports."""
    units = _reports_for(conn, absent_id, first, last)
    for unit_id in sorted(units - _reports_for(conn, stand_in_id, first, last)):
        conn.execute(
            insert(membership).values(
                person_id=stand_in_id,
                unit_id=unit_id,
                role=Role.REPORTER,
                valid_from=first,
                valid_to=last,
                leave_id=leave_id,
            )
        )


def _reports_for(conn: Connection, person_id: int, first: date, last: date) -> set[int]:
    """The units in which the person reports on one of these days in their own right."""
    rows = conn.execute(
        select(membership.c.unit_id).where(
            membership.c.person_id == person_id,
            membership.c.leave_id.is_(None),
            membership.c.role.in_(_REPORTING),
            membership.c.valid_from <= last,
            or_(membership.c.valid_to.is_(None), membership.c.valid_to >= first),
        )
    )
    return set(rows.scalars())


_stand_in = person.alias("stand_in")


def _select() -> Select[Any]:
    return (
        select(leave, person.c.display_name, _stand_in.c.display_name.label("stand_in"))
        .join(person, person.c.id == leave.c.person_id)
        .outerjoin(_stand_in, _stand_in.c.id == leave.c.stand_in_id)
    )


def _stored(row: Row[Any]) -> Leave:
    return Leave(
        id=row.id,
        person_id=row.person_id,
        name=row.display_name,
        first_day=row.first_day,
        last_day=row.last_day,
        stand_in_id=row.stand_in_id,
        stand_in=row.stand_in,
    )
