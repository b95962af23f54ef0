"""What goes along when a unit ends: people, invitations, groups and dialogues follow whoever goes on
for it; without such a unit they are closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, or_, select, update

from domain.briefing import VIETNAM
from domain.unit import Unit
from storage import audit, reminder
from storage.enrolment import EnrolmentState
from storage.schema import (
    briefing,
    draft,
    enrolment,
    group_chat,
    invitation,
    membership,
    reminder_rest,
)

# What a newcomer hears who waited to be let into a unit that is no more.
UNIT_CLOSED = "approval.unit_closed"
_WORTH_TELLING = timedelta(days=7)
# Changes of a day are carried out when it begins; nobody is told in the night.
_MORNING = time(8)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Heir:
    """Who goes on for a unit (None: nobody), and from which day."""

    unit: Unit | None
    since: date


def hand_over(conn: Connection, ended: Unit, to: Heir, at: datetime) -> set[int]:
    """Let everything of a unit that ends follow its heir. Returns the people who are left without:
    their role has ended, and nobody goes on for their unit.
    """
    left = _end_memberships(conn, ended.id, to)
    _hand_over_invitations(conn, ended.id, to, at)
    _hand_over_enrolments(conn, ended.id, to, at)
    _hand_over_drafts(conn, ended, to)
    if to.unit is None:
        conn.execute(delete(group_chat).where(group_chat.c.unit_id == ended.id))
    else:
        _move(conn, group_chat, ended.id, to.unit.id)
        first = datetime.combine(to.since, time(), VIETNAM)
        _move(conn, briefing, ended.id, to.unit.id, briefing.c.starts_at >= first)
        _hand_over_rests(conn, ended.id, to.unit.id, to.since)
    return left


def _move(conn: Connection, table: Table, old: int, new: int, *which: ColumnElement[bool]) -> None:
    conn.execute(update(table).where(table.c.unit_id == old, *which).values(unit_id=new))


# --- people --------------------------------------------------------------------------------------


def _end_memberships(conn: Connection, unit_id: int, to: Heir) -> set[int]:
    """Roles end the day before and go on in the heir; one that begins later comes to nothing here."""
    held = conn.execute(
        select(membership)
        .where(membership.c.unit_id == unit_id, _lasts(to.since))
        .order_by(membership.c.id)
    ).mappings()
    left = set()
    for role in held.all():
        if to.unit is None:
            left.add(int(role["person_id"]))
        elif not _has(conn, role, to.unit.id, to.since):
            since = max(role["valid_from"], to.since)
            new = dict(role) | {"unit_id": to.unit.id, "valid_from": since}
            del new["id"]
            conn.execute(insert(membership).values(new))
        _end(conn, role, to.since)
    return left


def _lasts(day: date) -> ColumnElement[bool]:
    return or_(membership.c.valid_to.is_(None), membership.c.valid_to >= day)


def _has(conn: Connection, role: Mapping[Any, Any], unit_id: int, day: date) -> bool:
    """Whether the person holds this role in that unit already, for as long at least."""
    until = role["valid_to"]
    held = select(membership.c.id).where(
        membership.c.person_id == role["person_id"],
        membership.c.role == role["role"],
        membership.c.unit_id == unit_id,
        membership.c.valid_to.is_(None) if until is None else _lasts(max(until, day)),
    )
    return conn.execute(held).first() is not None


def _end(conn: Connection, role: Mapping[Any, Any], since: date) -> None:
    one = membership.c.id == role["id"]
    conn.execute(update(membership).where(one).values(valid_to=since - _ONE_DAY))


def _hand_over_rests(conn: Connection, unit_id: int, heir_id: int, since: date) -> None:
    """Who wants no reminders of the unit wants none of its heir, unless they worked there before."""
    there = select(membership.c.person_id).where(
        membership.c.unit_id == heir_id, membership.c.valid_from < since
    )
    lasts = or_(reminder_rest.c.until.is_(None), reminder_rest.c.until >= since)
    newcomer = reminder_rest.c.person_id.not_in(there)
    _move(conn, reminder_rest, unit_id, heir_id, lasts, newcomer)


# --- invitations and dialogues -------------------------------------------------------------------


def _hand_over_invitations(conn: Connection, unit_id: int, to: Heir, at: datetime) -> None:
    still_open = and_(
        invitation.c.uses_left > 0,
        invitation.c.expires_at > at,
        invitation.c.revoked_at.is_(None),
    )
    if to.unit is not None:
        _move(conn, invitation, unit_id, to.unit.id, still_open)
    else:
        of_unit = invitation.c.unit_id == unit_id
        conn.execute(update(invitation).where(of_unit, still_open).values(revoked_at=at))


def _hand_over_enrolments(conn: Connection, unit_id: int, to: Heir, at: datetime) -> None:
    waiting = enrolment.c.state == EnrolmentState.WAITING
    if to.unit is not None:
        _move(conn, enrolment, unit_id, to.unit.id, waiting)
    else:
        of_unit = enrolment.c.unit_id == unit_id
        closed = update(enrolment).where(of_unit, waiting).returning(enrolment)
        values = {"state": EnrolmentState.UNIT_CLOSED, "decided_at": at}
        for row in conn.execute(closed.values(values)).all():
            audit.record(conn, at, None, "enrolment_unit_closed", "enrolment", row.id)
            reminder.queue(
                conn,
                [row.person_id],
                key=f"{UNIT_CLOSED}:{row.id}",
                message=UNIT_CLOSED,
                at=at,
                expires_at=at + _WORTH_TELLING,
                enrolment_id=row.id,
                not_before=datetime.combine(to.since, _MORNING, VIETNAM),
            )


def _hand_over_drafts(conn: Connection, ended: Unit, to: Heir) -> None:
    """What somebody is about to send for the unit is for the heir, as the answer then says."""
    for row in conn.execute(select(draft.c.id, draft.c.data)).all():
        if not _speaks_of(row.data, ended.id):
            continue
        one = draft.c.id == row.id
        if to.unit is None:
            conn.execute(delete(draft).where(one))
        else:
            data = _said_of(row.data, ended, to.unit)
            conn.execute(update(draft).where(one).values(data=data))


def _speaks_of(data: Any, unit_id: int) -> bool:
    if not isinstance(data, dict):
        return False
    return data.get("unit_id") == unit_id or any(
        _speaks_of(part, unit_id) for part in data.values()
    )


def _said_of(data: Any, old: Unit, new: Unit) -> Any:
    """A draft's data with one unit in the place of another."""
    if not isinstance(data, dict):
        return data
    plain = {key: _said_of(part, old, new) for key, part in data.items()}
    renamed = {"unit_id": (old.id, new.id), "unit_name": (old.name, new.name)}
    swapped = {key: b for key, (a, b) in renamed.items() if plain.get(key) == a}
    return plain | swapped
