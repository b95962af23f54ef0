"""People who have agreed to the notice and wait to be let in, where the department wants that.

Until somebody in charge accepts, the person is known but holds no role: nothing of theirs is
taken as a report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from domain.role import Role
from storage import audit, person
from storage.invitation import Invitation
from storage.people import with_names
from storage.schema import enrolment, unit_path


class EnrolmentState(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNIT_CLOSED = "unit_closed"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who wants to hold which role where, since when, and what became of it."""

    id: int
    person_id: int
    name: str
    unit_id: int
    unit_name: str
    role: Role
    state: EnrolmentState
    asked_at: datetime


def ask(conn: Connection, person_id: int, by: Invitation, at: datetime) -> Enrolment:
    """Let the person wait for the role that the invitation offers."""
    enrolment_id: int = conn.execute(
        insert(enrolment)
        .values(
            person_id=person_id,
            invitation_id=by.id,
            unit_id=by.unit_id,
            role=by.role,
            state=EnrolmentState.WAITING,
            asked_at=at,
        )
        .returning(enrolment.c.id)
    ).scalar_one()
    audit.record(conn, at, person_id, "ask_to_enrol", "enrolment", enrolment_id, role=by.role)
    return get(conn, enrolment_id)


def is_waiting(conn: Connection, person_id: int, unit_id: int, role: Role) -> bool:
    """Whether the person waits for this role in this unit already."""
    waiting = _waiting().where(
        enrolment.c.person_id == person_id,
        enrolment.c.unit_id == unit_id,
        enrolment.c.role == role,
    )
    return conn.execute(waiting).first() is not None


def decide(
    conn: Connection, enrolment_id: int, decided_by: int, at: datetime, today: date, *, accept: bool
) -> Enrolment | None:
    """Let the person in from today on, or decline; None when somebody has decided already."""
    asked = _stored(conn.execute(_asked(enrolment_id).with_for_update(of=enrolment)).one())
    if asked.state is not EnrolmentState.WAITING:
        return None
    state = EnrolmentState.ACCEPTED if accept else EnrolmentState.DECLINED
    conn.execute(
        update(enrolment)
        .where(enrolment.c.id == enrolment_id)
        .values(state=state, decided_by=decided_by, decided_at=at)
    )
    if accept:
        person.add_membership(conn, asked.person_id, asked.unit_id, asked.role, today)
    audit.record(conn, at, decided_by, f"enrolment_{state}", "enrolment", enrolment_id)
    return get(conn, enrolment_id)


def get(conn: Connection, enrolment_id: int) -> Enrolment:
    return _stored(conn.execute(_asked(enrolment_id)).one())


def find(conn: Connection, enrolment_id: int) -> Enrolment | None:
    row = conn.execute(_asked(enrolment_id)).one_or_none()
    return None if row is None else _stored(row)


def waiting_below(conn: Connection, unit_ids: Iterable[int]) -> list[Enrolment]:
    """Who waits to be let into these units or one below them, the longest first."""
    below = select(unit_path.c.unit_id).where(unit_path.c.ancestor_id.in_(list(unit_ids)))
    rows = conn.execute(_waiting().where(enrolment.c.unit_id.in_(below)).order_by(enrolment.c.id))
    return [_stored(row) for row in rows]


def _asked(enrolment_id: int) -> Select[Any]:
    return with_names(enrolment).where(enrolment.c.id == enrolment_id)


def _waiting() -> Select[Any]:
    return with_names(enrolment).where(enrolment.c.state == EnrolmentState.WAITING)


def _stored(row: Row[Any]) -> Enrolment:
    return Enrolment(
        id=row.id,
        person_id=row.person_id,
        name=row.display_name,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        role=Role(row.role),
        state=EnrolmentState(row.state),
        asked_at=row.asked_at,
    )
