"""Who holds which role where, as their leads see it: never what or how much anybody reports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, case, func, select, update

from domain.role import ALLOWED, Action, Role
from storage import audit, person
from storage.person import valid_on
from storage.schema import account, leave, membership, org_unit, unit_path
from storage.schema import person as people

_RANKS = {
    Role.ADMIN: 0,
    Role.OFFICER: 1,
    Role.UNIT_LEAD: 2,
    Role.REPORTER: 3,
    Role.MEMBER: 4,
}


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds in a unit since a day; for a stand-in `until` its last day."""

    id: int
    person_id: int
    name: str
    unit_id: int
    unit_name: str
    role: Role
    since: date
    until: date | None
    stands_in: bool


def below(conn: Connection, unit_id: int, today: date, limit: int, first: int = 0) -> list[Held]:
    """A page of the roles held in the unit and below it: by level, then in the official order."""
    above = org_unit.alias("above")
    rows = conn.execute(
        _held(today)
        .join(unit_path, unit_path.c.unit_id == membership.c.unit_id)
        .outerjoin(above, above.c.id == org_unit.c.parent_id)
        .where(unit_path.c.ancestor_id == unit_id)
        .order_by(
            unit_path.c.depth,
            above.c.position,
            above.c.id,
            org_unit.c.position,
            org_unit.c.id,
            case(_RANKS, value=membership.c.role),
            people.c.display_name,
            membership.c.id,
        )
        .limit(limit)
        .offset(first)
    )
    return [_stored(row) for row in rows]


def count_below(conn: Connection, unit_id: int, today: date) -> int:
    """How many people hold a role in the unit or below it."""
    return conn.execute(
        select(func.count(membership.c.person_id.distinct()))
        .join(unit_path, unit_path.c.unit_id == membership.c.unit_id)
        .where(unit_path.c.ancestor_id == unit_id, valid_on(today))
    ).scalar_one()


def member_count(conn: Connection, unit_id: int) -> int | None:
    """How many party members the unit is said to have."""
    stated: int | None = conn.execute(
        select(org_unit.c.member_count).where(org_unit.c.id == unit_id)
    ).scalar_one()
    return stated


def of_person(conn: Connection, person_id: int, today: date) -> list[Held]:
    """The roles that a person holds today, in the order in which they were given."""
    rows = conn.execute(
        _held(today).where(membership.c.person_id == person_id).order_by(membership.c.id)
    )
    return [_stored(row) for row in rows]


def find(conn: Connection, membership_id: int, today: date) -> Held | None:
    """A role by its number; None when it is not held today."""
    row = conn.execute(_held(today).where(membership.c.id == membership_id)).one_or_none()
    return None if row is None else _stored(row)


def colleagues(conn: Connection, person_id: int, today: date) -> list[tuple[int, str]]:
    """The others who hold a role in a unit of this person's, as (id, name): reporters first."""
    own = select(membership.c.unit_id).where(
        membership.c.person_id == person_id, valid_on(today), membership.c.leave_id.is_(None)
    )
    rows = conn.execute(
        _held(today)
        .where(
            membership.c.unit_id.in_(own),
            membership.c.person_id != person_id,
            membership.c.leave_id.is_(None),
        )
        .order_by(membership.c.role != Role.REPORTER, people.c.display_name, membership.c.id)
    )
    return list({row.person_id: (row.person_id, row.display_name) for row in rows}.values())


def leads_of(conn: Connection, unit_id: int, today: date) -> list[Held]:
    """Whom to ask in a unit: its leads, or those of the nearest unit above that has any."""
    rows = conn.execute(
        _held(today)
        .add_columns(unit_path.c.depth)
        .join(unit_path, unit_path.c.ancestor_id == membership.c.unit_id)
        .where(unit_path.c.unit_id == unit_id, membership.c.role.in_(ALLOWED[Action.SEE_PEOPLE]))
        .order_by(unit_path.c.depth, people.c.display_name, membership.c.id)
    ).all()
    return [_stored(row) for row in rows if row.depth == rows[0].depth]


def reachable(conn: Connection, person_ids: Iterable[int]) -> set[int]:
    """Those of these people who have an account that has not turned us away."""
    rows = conn.execute(
        select(account.c.person_id).where(
            account.c.person_id.in_(list(person_ids)), account.c.unreachable_since.is_(None)
        )
    )
    return set(rows.scalars())


def get(conn: Connection, membership_id: int) -> Held:
    """A role by its number, also one that has ended."""
    held = with_names(membership).where(membership.c.id == membership_id)
    return _stored(conn.execute(held).one())


def give(
    conn: Connection, person_id: int, unit_id: int, role: Role, by: int, at: datetime, today: date
) -> Held | None:
    """Give a role from today on; None if the person holds it already."""
    if not person.add_membership(conn, person_id, unit_id, role, today):
        return None
    audit.record(conn, at, by, "give_role", "person", person_id, unit=unit_id, role=role)
    held = of_person(conn, person_id, today)
    return next(h for h in held if (h.unit_id, h.role, h.stands_in) == (unit_id, role, False))


def end(conn: Connection, held: Held, by: int, at: datetime, today: date) -> None:
    """End a role: yesterday was its last day. What was reported stays with the unit.

    Who reports no more in a unit has no stand-in there, and is none.
    """
    _end(conn, [held.id], today)
    audit.record(
        conn, at, by, "end_role", "person", held.person_id, unit=held.unit_id, role=held.role
    )
    if not _reports(conn, held.person_id, held.unit_id, today):
        _end(conn, _derived(conn, held.person_id, held.unit_id, today), today)
        _stand_in_no_more(conn, held, today)


def _stand_in_no_more(conn: Connection, held: Held, today: date) -> None:
    """Nobody of the unit is told to turn to this person any more."""
    of_unit = select(membership.c.person_id).where(membership.c.unit_id == held.unit_id)
    conn.execute(
        update(leave)
        .where(
            leave.c.stand_in_id == held.person_id,
            leave.c.last_day >= today,
            leave.c.person_id.in_(of_unit),
        )
        .values(stand_in_id=None)
    )


def _reports(conn: Connection, person_id: int, unit_id: int, today: date) -> bool:
    """Whether the person reports for this very unit in their own right."""
    roles = ALLOWED[Action.REPORT_TALLY]
    return any(person.holds(conn, person_id, unit_id, role, today) for role in roles)


def _derived(conn: Connection, person_id: int, unit_id: int, today: date) -> list[int]:
    """The roles of stand-ins in the unit that hang on the person: as the absent one, or the other."""
    rows = conn.execute(
        select(membership.c.id)
        .join(leave, leave.c.id == membership.c.leave_id)
        .where(
            membership.c.unit_id == unit_id,
            membership.c.valid_to >= today,
            (leave.c.person_id == person_id) | (membership.c.person_id == person_id),
        )
    )
    return list(rows.scalars())


def _end(conn: Connection, membership_ids: Iterable[int], today: date) -> None:
    conn.execute(
        update(membership)
        .where(membership.c.id.in_(list(membership_ids)))
        .values(valid_to=today - timedelta(days=1))
    )


def _held(today: date) -> Select[Any]:
    return with_names(membership).where(valid_on(today))


def with_names(of: Table) -> Select[Any]:
    """The rows of a table about a person in a unit, with their `display_name` and `unit_name`."""
    return (
        select(of, people.c.display_name, org_unit.c.name.label("unit_name"))
        .join(people, people.c.id == of.c.person_id)
        .join(org_unit, org_unit.c.id == of.c.unit_id)
    )


def _stored(row: Row[Any]) -> Held:
    return Held(
        id=row.id,
        person_id=row.person_id,
        name=row.display_name,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        role=Role(row.role),
        since=row.valid_from,
        until=row.valid_to,
        stands_in=row.leave_id is not None,
    )
