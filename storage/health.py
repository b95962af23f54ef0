"""How the bot is doing, read from its database: what waits, since when, and what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select, text

from domain.quota import Usage
from storage import inbox, zalo
from storage.inbox import InboxState
from storage.reminder import DeliveryState
from storage.schema import account, delivery, reminder
from wording.format import VIETNAM

# The scheduler looks every second; whatever has been due for longer was overlooked.
LATE_AFTER = timedelta(minutes=2)

_SIZE = {
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"),
    "postgresql": text("SELECT pg_database_size(current_database())"),
}


@dataclass(frozen=True, slots=True)
class State:
    """One look at the database, all of one committed state.

    `deliveries` names every state, also with 0. `late` reminders are among the `due` ones.
    `size` is in bytes; SQLite's log beside the file is not in it. `zalo` is this month's messages of
    each Zalo bot that had any.
    """

    waiting: int
    parked: int
    oldest: datetime | None
    deliveries: Mapping[DeliveryState, int]
    due: int
    late: int
    accounts: int
    unreachable: int
    size: int
    zalo: Mapping[str, Usage]


def state(conn: Connection, now: datetime) -> State:
    depth = inbox.depth(conn)
    due, late = _due(conn, now)
    accounts, unreachable = _accounts(conn)
    return State(
        waiting=depth.get(InboxState.WAITING, 0),
        parked=depth.get(InboxState.PARKED, 0),
        oldest=inbox.oldest(conn),
        deliveries=deliveries(conn),
        due=due,
        late=late,
        accounts=accounts,
        unreachable=unreachable,
        size=conn.execute(_SIZE[conn.dialect.name]).scalar_one(),
        zalo=zalo.months(conn, now.astimezone(VIETNAM)),
    )


def deliveries(conn: Connection, since: datetime | None = None) -> dict[DeliveryState, int]:
    """How many deliveries are in each state; `since` leaves out those that were queued before."""
    rows = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    if since is not None:
        rows = rows.where(delivery.c.created_at >= since)
    return dict.fromkeys(DeliveryState, 0) | {
        DeliveryState(name): count for name, count in conn.execute(rows)
    }


def _due(conn: Connection, now: datetime) -> tuple[int, int]:
    overlooked = case((reminder.c.due_at <= now - LATE_AFTER, 1))
    row = conn.execute(
        select(func.count(), func.count(overlooked)).where(
            reminder.c.state == "waiting", reminder.c.due_at <= now
        )
    ).one()
    return row[0], row[1]


def _accounts(conn: Connection) -> tuple[int, int]:
    row = conn.execute(
        select(func.count(), func.count(account.c.unreachable_since)).select_from(account)
    ).one()
    return row[0], row[1]


def touch(conn: Connection) -> None:
    """A real write that changes nothing; raises when the database takes none (locked, full,
    read-only).
    """
    conn.execute(text("UPDATE alembic_version SET version_num = version_num"))
