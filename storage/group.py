"""Group chats that an officer has registered, and the unit whose figures each may see."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage import audit
from storage.schema import group_chat


def register(
    conn: Connection, channel: str, address: str, unit_id: int, registered_by: int, at: datetime
) -> None:
    """Let a group see the aggregates of a unit; registering it again changes nothing."""
    if unit_of(conn, channel, address) is not None:
        return
    conn.execute(
        insert(group_chat).values(
            channel=channel,
            address=address,
            unit_id=unit_id,
            registered_by=registered_by,
            created_at=at,
        )
    )
    audit.record(conn, at, registered_by, "register", "group_chat", unit=unit_id)


def unit_of(conn: Connection, channel: str, address: str) -> int | None:
    return conn.execute(
        select(group_chat.c.unit_id).where(
            group_chat.c.channel == channel, group_chat.c.address == address
        )
    ).scalar_one_or_none()


def migrate(conn: Connection, channel: str, old_address: str, new_address: str) -> None:
    """A group that became a supergroup has a new address and stays the same group."""
    conn.execute(
        update(group_chat)
        .where(group_chat.c.channel == channel, group_chat.c.address == old_address)
        .values(address=new_address)
    )
