"""Invitations: opaque tokens of which only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from domain.role import Role
from storage import audit
from storage.schema import invitation, org_unit


class Refusal(StrEnum):
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED_UP = "used_up"


class UsedUp(Exception):
    """Somebody else took the last use between `find` and `use`; nothing of the unit is kept."""


@dataclass(frozen=True, slots=True)
class Invitation:
    id: int
    unit_id: int
    unit_name: str
    role: Role


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
    audit.record(conn, at, created_by, "invite", "invitation", invitation_id, role=role)
    return token


def find(conn: Connection, token_hash: str, now: datetime) -> Invitation | Refusal:
    """The invitation behind a token, or why it does not open."""
    row = conn.execute(
        select(invitation, org_unit.c.name)
        .join(org_unit, org_unit.c.id == invitation.c.unit_id)
        .where(invitation.c.token_hash == token_hash)
    ).one_or_none()
    if row is None:
        return Refusal.UNKNOWN
    if row.uses_left == 0:
        return Refusal.USED_UP
    if row.expires_at <= now:
        return Refusal.EXPIRED
    return Invitation(row.id, row.unit_id, row.name, Role(row.role))


def use(conn: Connection, invitation_id: int) -> None:
    """Count one use; raises UsedUp when none is left."""
    counted = conn.execute(
        update(invitation)
        .where(invitation.c.id == invitation_id, invitation.c.uses_left > 0)
        .values(uses_left=invitation.c.uses_left - 1)
    )
    if counted.rowcount == 0:
        raise UsedUp


def hash_of(token: str) -> str:
    """What is kept of a token, and what a message with one is kept as."""
    return hashlib.sha256(token.encode()).hexdigest()
