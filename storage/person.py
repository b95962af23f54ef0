"""People, their accounts on each messenger, and the roles they hold from–to."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Date,
    Select,
    and_,
    bindparam,
    case,
    insert,
    or_,
    select,
    update,
)

from domain.role import ALLOWED, Action, Actor, Membership, Role
from storage.prepared import Prepared
from storage.schema import account, membership, org_unit, person, unit_path


def add(
    conn: Connection, display_name: str, at: datetime, *, consent_version: str | None = None
) -> int:
    """Add a person; with `consent_version`, `at` is also when they agreed to that notice."""
    person_id: int = conn.execute(
        insert(person)
        .values(
            display_name=display_name,
            created_at=at,
            consent_version=consent_version,
            consented_at=at if consent_version else None,
        )
        .returning(person.c.id)
    ).scalar_one()
    return person_id


def add_account(conn: Connection, person_id: int, channel: str, address: str) -> None:
    conn.execute(insert(account).values(person_id=person_id, channel=channel, address=address))


def add_membership(
    conn: Connection, person_id: int, unit_id: int, role: Role, valid_from: date
) -> bool:
    """Give a role in a unit from that day on; False if the person holds it already."""
    if holds(conn, person_id, unit_id, role, valid_from):
        return False
    values = {"person_id": person_id, "unit_id": unit_id, "role": role, "valid_from": valid_from}
    again = _own_role(person_id, unit_id, role).where(membership.c.valid_from == valid_from)
    taken_back = conn.execute(again.with_only_columns(membership.c.id)).scalar_one_or_none()
    if taken_back is None:
        conn.execute(insert(membership).values(values))
    else:
        conn.execute(update(membership).where(membership.c.id == taken_back).values(valid_to=None))
    return True


def holds(conn: Connection, person_id: int, unit_id: int, role: Role, day: date) -> bool:
    """Whether the person holds this role in this very unit on that day, not as a stand-in."""
    held = _own_role(person_id, unit_id, role).where(valid_on(day))
    return conn.execute(held).first() is not None


def _own_role(person_id: int, unit_id: int, role: Role) -> Select[Any]:
    return select(membership).where(
        membership.c.person_id == person_id,
        membership.c.unit_id == unit_id,
        membership.c.role == role,
        membership.c.leave_id.is_(None),
    )


def actor(conn: Connection, channel: str, address: str, today: date) -> Actor | None:
    """Who writes from this address, with the roles of today; None for somebody unknown."""
    given = {"of_channel": channel, "of_address": address, "of_day": today}
    rows = _ACTOR.rows(conn, given)
    if not rows:
        return None
    held = (Membership(r.unit_id, r.name, Role(r.role)) for r in rows if r.role is not None)
    return Actor(rows[0].id, rows[0].display_name, tuple(held))


def valid_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    return and_(
        membership.c.valid_from <= day,
        or_(membership.c.valid_to.is_(None), membership.c.valid_to >= day),
    )


# Built once: it runs with every report, and building costs more than running. One row per role of
# the day, or a single one without a role.
_HELD = and_(membership.c.person_id == person.c.id, valid_on(bindparam("of_day", type_=Date())))
_ACTOR = Prepared(
    select(
        person.c.id,
        person.c.display_name,
        membership.c.unit_id,
        membership.c.role,
        org_unit.c.name,
    )
    .select_from(account)
    .join(person, person.c.id == account.c.person_id)
    .outerjoin(membership, _HELD)
    .outerjoin(org_unit, org_unit.c.id == membership.c.unit_id)
    .where(
        account.c.channel == bindparam("of_channel"),
        account.c.address == bindparam("of_address"),
    )
    .order_by(membership.c.id)
)


def consent(conn: Connection, person_id: int) -> tuple[str, datetime] | None:
    """The version of the privacy notice that the person agreed to, and when."""
    row = conn.execute(
        select(person.c.consent_version, person.c.consented_at).where(person.c.id == person_id)
    ).one()
    return None if row.consented_at is None else (row.consent_version, row.consented_at)


def agree(conn: Connection, person_id: int, version: str, at: datetime) -> None:
    """The person agrees to this notice; who has agreed to it before did so then."""
    conn.execute(
        update(person)
        .where(person.c.id == person_id, person.c.consent_version.is_distinct_from(version))
        .values(consent_version=version, consented_at=at)
    )


def set_reachable(
    conn: Connection, channel: str, address: str, unreachable_since: datetime | None
) -> None:
    """Remember that an address cannot be reached (blocked, gone), or can again with None."""
    conn.execute(
        update(account)
        .where(account.c.channel == channel, account.c.address == address)
        .values(unreachable_since=unreachable_since)
    )


def came_back(conn: Connection, channel: str, address: str) -> None:
    """Who writes can be reached; nothing is written for somebody who could be all along."""
    _CAME_BACK.run(conn, {"of_channel": channel, "of_address": address})


# Built once: it runs with every message of Zalo, which tells of no block.
_CAME_BACK = Prepared(
    update(account)
    .where(
        account.c.channel == bindparam("of_channel"),
        account.c.address == bindparam("of_address"),
        account.c.unreachable_since.is_not(None),
    )
    .values(unreachable_since=None)
)


def in_charge(conn: Connection, unit_id: int, action: Action, today: date) -> list[int]:
    """Who may do this for the unit: the people whose role in it or above it allows the action."""
    return holders(conn, unit_id, ALLOWED[action], today)


def holders(conn: Connection, unit_id: int, roles: Iterable[Role], today: date) -> list[int]:
    """The people who hold one of these roles in the unit or above it."""
    rows = conn.execute(
        select(membership.c.person_id)
        .join(unit_path, unit_path.c.ancestor_id == membership.c.unit_id)
        .where(
            unit_path.c.unit_id == unit_id,
            membership.c.role.in_(roles),
            valid_on(today),
        )
        .distinct()
        .order_by(membership.c.person_id)
    )
    return list(rows.scalars())


def operators(conn: Connection, today: date) -> list[int]:
    """Who looks after the bot: the administrators."""
    rows = conn.execute(
        select(membership.c.person_id)
        .where(membership.c.role == Role.ADMIN, valid_on(today))
        .distinct()
        .order_by(membership.c.person_id)
    )
    return list(rows.scalars())


def address_of(conn: Connection, person_id: int, channel: str) -> str | None:
    """Where to reach the person on this messenger, if at all."""
    found = addresses_of(conn, [person_id], [channel]).get(person_id)
    return found[0][1] if found else None


def addresses_of(
    conn: Connection, people: Iterable[int], channels: Sequence[str]
) -> dict[int, list[tuple[str, str]]]:
    """Messengers and addresses by which to reach these people: the one that the person prefers, then
    those of `channels` in their order; who cannot be reached at all is left out.
    """
    found: dict[int, list[tuple[str, str]]] = {}
    rows = reachable(channels).where(account.c.person_id.in_(people))
    for row in conn.execute(rows):
        found.setdefault(row.person_id, []).append((row.channel, row.address))
    return found


def reachable(channels: Sequence[str]) -> Select[tuple[int, str, str]]:
    """People's accounts that can be reached, each person's in the order in which they are tried."""
    order = case(
        {channel: place for place, channel in enumerate(channels)}, value=account.c.channel
    )
    return (
        select(account.c.person_id, account.c.channel, account.c.address)
        .join(person, person.c.id == account.c.person_id)
        .where(account.c.channel.in_(channels), account.c.unreachable_since.is_(None))
        .order_by(
            case((account.c.channel == person.c.preferred_channel, 0), else_=1), order, account.c.id
        )
    )
