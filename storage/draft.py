"""The one dialogue a chat is in: what was said so far, and at which question it stands.

The row is written in the same transaction as everything else that a message changes, so that
after a crash the dialogue goes on where the person left it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from storage.prepared import Prepared
from storage.schema import draft


@dataclass(frozen=True, slots=True)
class Draft:
    """`version` grows with every change, so that a tap on an older keyboard is recognised."""

    id: int
    dialogue: str
    step: str
    version: int
    data: Mapping[str, Any]


# Built once: for statements that run with every message, building costs more than running.
_OF_CHAT = draft.c.channel == bindparam("of_channel"), draft.c.address == bindparam("of_address")
_GET = Prepared(
    select(draft.c.id, draft.c.dialogue, draft.c.step, draft.c.version, draft.c.data).where(
        *_OF_CHAT
    )
)
_START = Prepared(insert(draft).returning(draft.c.id))
_SAVE = Prepared(update(draft).where(draft.c.id == bindparam("of_id")))
_DISCARD = Prepared(delete(draft).where(*_OF_CHAT))


def get(conn: Connection, channel: str, address: str) -> Draft | None:
    row = _GET.first(conn, _chat(channel, address))
    return None if row is None else Draft(row.id, row.dialogue, row.step, row.version, row.data)


def start(
    conn: Connection,
    channel: str,
    address: str,
    dialogue: str,
    step: str,
    data: Mapping[str, Any],
    at: datetime,
) -> Draft:
    """Begin a dialogue; whatever stood in this chat before is replaced."""
    discard(conn, channel, address)
    draft_id: int = _START.one(
        conn,
        {
            "channel": channel,
            "address": address,
            "dialogue": dialogue,
            "step": step,
            "version": 1,
            "data": dict(data),
            "updated_at": at,
        },
    ).id
    return Draft(draft_id, dialogue, step, 1, data)


def save(conn: Connection, old: Draft, step: str, data: Mapping[str, Any], at: datetime) -> Draft:
    version = old.version + 1
    changed = {"step": step, "data": dict(data), "version": version, "updated_at": at}
    _SAVE.run(conn, {"of_id": old.id, **changed})
    return Draft(old.id, old.dialogue, step, version, data)


def discard(conn: Connection, channel: str, address: str) -> None:
    _DISCARD.run(conn, _chat(channel, address))


def open_dialogues(conn: Connection, channel: str, dialogue: str) -> list[str]:
    """The addresses that are in this dialogue: the messenger library's state after a start."""
    rows = conn.execute(
        select(draft.c.address).where(draft.c.channel == channel, draft.c.dialogue == dialogue)
    )
    return list(rows.scalars())


def expire(conn: Connection, channel: str, before: datetime) -> list[tuple[str, str]]:
    """Drop the drafts that nobody has touched since `before`; returns (address, dialogue) of each."""
    old = delete(draft).where(draft.c.channel == channel, draft.c.updated_at < before)
    rows = conn.execute(old.returning(draft.c.address, draft.c.dialogue))
    return [(row.address, row.dialogue) for row in rows]


def _chat(channel: str, address: str) -> dict[str, str]:
    return {"of_channel": channel, "of_address": address}
