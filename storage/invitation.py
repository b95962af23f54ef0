"""Invitations: opaque tokens of which only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from domain.briefing import VIETNAM
from domain.role import Role, givers
from storage import audit, person
from storage.schema import invitation, org_unit


class Refusal(StrEnum):
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED_UP = "used_up"
    REVOKED = "revoked"


class UsedUp(Exception):
    """Somebody else took the last use between `find` and `use`; nothing of the unit is kept."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """`created_by` is None for one that was made at the command line."""

    id: int
    unit_id: int
    unit_name: str
    role: Role
    uses_left: int
    expires_at: datetime
    created_by: int | None


def create(
    conn: Connection,
    unit_id: int,
    role: Role,
    created_by: int | None,
    at: datetime,
    expires_at: datetime,
    uses: int = 1,
) -> str:
    """Make an invitation and return its token, which is shown once and never stored."""
    token = secrets.token_urlsafe(18)
    invitation_id = conn.execute(
        insert(invitation)
        .values(
            token_hash=hash_of(token),
            unit_id=unit_id,
            role=role,
            uses_left=uses,
            expires_at=expires_at,
            created_by=created_by,
            created_at=at,
        )
        .returning(invitation.c.id)
    ).scalar_one()
    audit.record(
        conn,
        at,
        created_by,
        "invite",
        "invitation",
        invitation_id,
        role=role,
        unit=unit_id,
        uses=uses,
    )
    return token


def find(conn: Connection, token_hash: str, now: datetime) -> Invitation | Refusal:
    """The invitation behind a token, or why it does not open.

    It ends with the right of its maker to hand out the role.
    """
    row = conn.execute(_select().where(invitation.c.token_hash == token_hash)).one_or_none()
    if row is None:
        return Refusal.UNKNOWN
    if row.revoked_at is not None:
        return Refusal.REVOKED
    if row.uses_left == 0:
        return Refusal.USED_UP
    if row.expires_at <= now:
        return Refusal.EXPIRED
    found = _stored(row)
    return found if _stands(conn, found, now) else Refusal.REVOKED


def _stands(conn: Connection, found: Invitation, now: datetime) -> bool:
    if found.created_by is None:
        return True
    today = now.astimezone(VIETNAM).date()
    return found.created_by in person.holders(conn, found.unit_id, givers(found.role), today)


def open_of(conn: Connection, person_id: int, now: datetime) -> list[Invitation]:
    """What this person has made and can still be used, the newest first."""
    rows = conn.execute(
        _select()
        .where(
            invitation.c.created_by == person_id,
            invitation.c.revoked_at.is_(None),
            invitation.c.uses_left > 0,
            invitation.c.expires_at > now,
        )
        .order_by(invitation.c.id.desc())
    )
    return [_stored(row) for row in rows]


def revoke(conn: Connection, invitation_id: int, person_id: int, at: datetime) -> bool:
    """Take an invitation back; False unless it is this person's own and still stands."""
    taken_back = conn.execute(
        update(invitation)
        .where(
            invitation.c.id == invitation_id,
            invitation.c.created_by == person_id,
            invitation.c.revoked_at.is_(None),
        )
        .values(revoked_at=at)
    )
    if taken_back.rowcount == 0:
        return False
    audit.record(conn, at, person_id, "revoke", "invitation", invitation_id)
    return True


def use(conn: Connection, invitation_id: int) -> None:
    """Count one use; raises UsedUp when none is left."""
    counted = conn.execute(
        update(invitation)
        .where(invitation.c.id == invitation_id, invitation.c.uses_left > 0)
        .values(uses_left=invitation.c.uses_left - 1)
    )
    if counted.rowcount == 0:
        raise UsedUp


def _select() -> Select[Any]:
    return select(invitation, org_unit.c.name).join(org_unit, org_unit.c.id == invitation.c.unit_id)


def _stored(row: Row[Any]) -> Invitation:
    return Invitation(
        id=row.id,
        unit_id=row.unit_id,
        unit_name=row.name,
        role=Role(row.role),
        uses_left=row.uses_left,
        expires_at=row.expires_at,
        created_by=row.created_by,
    )


def hash_of(token: str) -> str:
    """What is kept of a token, and what a message with one is kept as."""
    return hashlib.sha256(token.encode()).hexdigest()
