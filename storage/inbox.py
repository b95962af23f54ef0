"""The durable inbox: what the messenger delivered, until it is done.

Rows go waiting → done, or waiting → parked after repeated failure. A done row keeps no payload; it
only recognises the same update delivered again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.prepared import Prepared
from storage.schema import inbox

Payload = Mapping[str, Any]


class InboxState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update as it may be kept: screened, bare, and with the chat whose order it belongs to."""

    update_id: int
    chat: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row to be handled; ids are the order of arrival."""

    id: int
    update_id: int
    chat: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Parked:
    """An update that failed too often: what it failed with, never what it says."""

    id: int
    update_id: int
    chat: str
    error: str | None
    received_at: datetime


def _insert(dialect: Any) -> Any:
    statement = dialect.insert(inbox)
    return statement.on_conflict_do_nothing(index_elements=["bot", "update_id"]).returning(
        inbox.c.id
    )


# Built once: building a statement costs more than running it.
_TAKE_IN = {"sqlite": Prepared(_insert(sqlite)), "postgresql": Prepared(_insert(postgresql))}
_FINISH = Prepared(
    update(inbox)
    .where(inbox.c.bot == bindparam("of_bot"), inbox.c.update_id == bindparam("of_update"))
    .values(state=InboxState.DONE.value, payload=null(), error=None)
)


def take_in(conn: Connection, bot: str, updates: Sequence[Incoming], at: datetime) -> list[Waiting]:
    """Keep what is new, in its order; an update that is known already is left out."""
    statement = _TAKE_IN[conn.dialect.name]
    new = []
    for item in updates:
        row = statement.first(
            conn,
            {
                "bot": bot,
                "update_id": item.update_id,
                "chat": item.chat,
                "payload": item.payload,
                "state": InboxState.WAITING.value,
                "attempts": 0,
                "received_at": at,
            },
        )
        if row is not None:
            new.append(Waiting(row.id, item.update_id, item.chat, item.payload))
    return new


def waiting(
    conn: Connection, bot: str, *, after: int = 0, chat: str | None = None, limit: int
) -> list[Waiting]:
    """The rows to be handled after row `after`, oldest first; of one chat or of all."""
    statement = (
        select(inbox.c.id, inbox.c.update_id, inbox.c.chat, inbox.c.payload)
        .where(inbox.c.bot == bot, inbox.c.state == InboxState.WAITING, inbox.c.id > after)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    if chat is not None:
        statement = statement.where(inbox.c.chat == chat)
    return [Waiting(*row) for row in conn.execute(statement)]


def finish(conn: Connection, bot: str, update_id: int) -> None:
    """The update is done; called in the transaction of the facts that it led to."""
    _FINISH.run(conn, {"of_bot": bot, "of_update": update_id})


def fail(conn: Connection, bot: str, update_id: int, error: str, most: int) -> bool:
    """Note a failure; True when the update is parked now, after `most` of them."""
    of_update = inbox.c.bot == bot, inbox.c.update_id == update_id
    attempts = conn.execute(
        update(inbox)
        .where(*of_update)
        .values(attempts=inbox.c.attempts + 1, error=error)
        .returning(inbox.c.attempts)
    ).scalar_one_or_none()
    if attempts is None or attempts < most:
        return False
    conn.execute(update(inbox).where(*of_update).values(state=InboxState.PARKED))
    return True


def parked(conn: Connection) -> list[Parked]:
    rows = conn.execute(
        select(inbox).where(inbox.c.state == InboxState.PARKED).order_by(inbox.c.id)
    )
    return [_parked(row) for row in rows]


def _parked(row: Row[Any]) -> Parked:
    return Parked(row.id, row.update_id, row.chat, row.error, row.received_at)


def retry(conn: Connection, row_id: int) -> bool:
    """Let a parked update be handled again at the next start; False when there is none."""
    return _release(conn, row_id, state=InboxState.WAITING.value, attempts=0)


def drop(conn: Connection, row_id: int) -> bool:
    """Give a parked update up; False when there is none."""
    return _release(conn, row_id, state=InboxState.DONE.value, payload=null())


def _release(conn: Connection, row_id: int, **values: Any) -> bool:
    changed = conn.execute(
        update(inbox)
        .where(inbox.c.id == row_id, inbox.c.state == InboxState.PARKED)
        .values(**values)
    )
    return changed.rowcount == 1


def depth(conn: Connection) -> dict[InboxState, int]:
    """How many rows wait, and how many are parked."""
    rows = conn.execute(
        select(inbox.c.state, func.count())
        .where(inbox.c.state != InboxState.DONE)
        .group_by(inbox.c.state)
    )
    return {InboxState(state): count for state, count in rows}


def oldest(conn: Connection) -> datetime | None:
    """When the oldest waiting update came in."""
    return conn.execute(
        select(func.min(inbox.c.received_at)).where(inbox.c.state == InboxState.WAITING)
    ).scalar_one_or_none()


def forget_done(conn: Connection, before: datetime) -> int:
    """Remove done rows that are older than any second delivery can be; returns how many."""
    gone = conn.execute(
        delete(inbox).where(inbox.c.state == InboxState.DONE, inbox.c.received_at < before)
    )
    return gone.rowcount
