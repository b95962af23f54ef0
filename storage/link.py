"""Linking a person's second account by a one-time code, of which only the hash is kept."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from storage import audit, person
from storage.invitation import hash_of
from storage.schema import account, link_code
from storage.schema import person as people

# Without the signs that are taken for one another.
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
LIFETIME = timedelta(minutes=15)


class Linked(StrEnum):
    """What became of a code."""

    DONE = "done"
    WRONG_CODE = "wrong_code"
    TAKEN = "taken"


def create(conn: Connection, person_id: int, now: datetime) -> str:
    """A code that links one account within LIFETIME; an older one of the person ends."""
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    conn.execute(delete(link_code).where(link_code.c.person_id == person_id))
    conn.execute(
        insert(link_code).values(
            code_hash=hash_of(code), person_id=person_id, expires_at=now + LIFETIME
        )
    )
    return code


def use(conn: Connection, code_hash: str, channel: str, address: str, now: datetime) -> Linked:
    """Give the account to the person of the code, unless it belongs to somebody else already."""
    owner = conn.execute(
        delete(link_code)
        .where(link_code.c.code_hash == code_hash)
        .returning(link_code.c.person_id, link_code.c.expires_at)
    ).one_or_none()
    if owner is None or owner.expires_at <= now:
        return Linked.WRONG_CODE
    holder = conn.execute(
        select(account.c.person_id).where(
            account.c.channel == channel, account.c.address == address
        )
    ).scalar_one_or_none()
    if holder is None:
        person.add_account(conn, owner.person_id, channel, address)
        audit.record(conn, now, owner.person_id, "link", "account", channel=channel)
    return Linked.DONE if holder in {None, owner.person_id} else Linked.TAKEN


def prefer(conn: Connection, person_id: int, channel: str) -> None:
    """What nobody asked for goes to this messenger first."""
    conn.execute(update(people).where(people.c.id == person_id).values(preferred_channel=channel))
