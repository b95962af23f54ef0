"""What the Zalo channel must remember through a crash: ids, messages, menus, and the month's meter.

Each function belongs to one bot, named by the digits of its token.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.quota import Usage
from storage.zalo_schema import zalo_address, zalo_arrival, zalo_menu, zalo_month

# Above every id of Telegram's, and exact in JSON.
FIRST_NUMBER = 2**52
MONTH = "%Y-%m"

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


# --- ids -----------------------------------------------------------------------------------------


def number_of(conn: Connection, bot: str, zalo_id: str, *, is_group: bool) -> int:
    """The surrogate of a person's or group's id, made at its first appearance; groups negative."""
    insert = _INSERT[conn.dialect.name]
    conn.execute(
        insert(zalo_address)
        .values(bot=bot, zalo_id=zalo_id, is_group=is_group)
        .on_conflict_do_nothing(index_elements=["bot", "zalo_id"])
    )
    row = conn.execute(
        select(zalo_address.c.id, zalo_address.c.is_group).where(
            zalo_address.c.bot == bot, zalo_address.c.zalo_id == zalo_id
        )
    ).one()
    number: int = FIRST_NUMBER + row.id
    return -number if row.is_group else number


def zalo_id_of(conn: Connection, bot: str, number: int) -> str | None:
    """The id behind a surrogate; None for one that this bot does not know."""
    return conn.execute(
        select(zalo_address.c.zalo_id).where(
            zalo_address.c.bot == bot, zalo_address.c.id == _row(number)
        )
    ).scalar_one_or_none()


def bot_of(conn: Connection, number: int) -> str | None:
    """The bot that knows a person or group; only that one can write to them."""
    return conn.execute(
        select(zalo_address.c.bot).where(zalo_address.c.id == _row(number))
    ).scalar_one_or_none()


def _row(number: int) -> int:
    """The id of the row that a number was made of; 0, which no row has, for any other number."""
    return max(0, abs(number) - FIRST_NUMBER)


# --- messages ------------------------------------------------------------------------------------


def arrive(conn: Connection, bot: str, message_id: str, at: datetime) -> tuple[int, bool]:
    """The number of a message's update, and whether it was taken in before. `at` in Vietnam's time."""
    insert = _INSERT[conn.dialect.name]
    new = conn.execute(
        insert(zalo_arrival)
        .values(bot=bot, message_id=message_id, taken=False, received_at=at)
        .on_conflict_do_nothing(index_elements=["bot", "message_id"])
        .returning(zalo_arrival.c.id)
    ).scalar_one_or_none()
    if new is not None:
        _meter(conn, bot, at, "received")
        return int(new), False
    known = conn.execute(
        select(zalo_arrival.c.id, zalo_arrival.c.taken).where(
            zalo_arrival.c.bot == bot, zalo_arrival.c.message_id == message_id
        )
    ).one()
    return known.id, known.taken


def take(conn: Connection, number: int) -> None:
    """The update is in the inbox: from now on it is left out when it comes again."""
    conn.execute(update(zalo_arrival).where(zalo_arrival.c.id == number).values(taken=True))


def forget_arrivals(conn: Connection, before: datetime) -> int:
    """Remove messages older than any replay can be (a week at least); returns how many."""
    return conn.execute(delete(zalo_arrival).where(zalo_arrival.c.received_at < before)).rowcount


# --- menus ---------------------------------------------------------------------------------------


def menus(conn: Connection, chat: int) -> Mapping[str, Any]:
    """The live menus of a chat, as they were kept."""
    kept = conn.execute(select(zalo_menu.c.menus).where(zalo_menu.c.chat == chat))
    return kept.scalar_one_or_none() or {}


def keep_menus(conn: Connection, chat: int, menus: Mapping[str, Any]) -> None:
    insert = _INSERT[conn.dialect.name]
    statement = insert(zalo_menu).values(chat=chat, menus=menus)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["chat"], set_={"menus": dict(menus)})
    )


# --- the meter -----------------------------------------------------------------------------------


def usage(conn: Connection, bot: str, at: datetime) -> Usage:
    """This month's messages of a bot; `at` in Vietnam's time."""
    row = conn.execute(_month(at).where(zalo_month.c.bot == bot)).one_or_none()
    return Usage(*row[1:]) if row else Usage()


def months(conn: Connection, at: datetime) -> dict[str, Usage]:
    """This month's messages of each bot that had any; `at` in Vietnam's time."""
    return {row.bot: Usage(*row[1:]) for row in conn.execute(_month(at))}


def _month(at: datetime) -> Select[tuple[str, int, int, int]]:
    return select(
        zalo_month.c.bot, zalo_month.c.replies, zalo_month.c.unasked, zalo_month.c.received
    ).where(zalo_month.c.month == at.strftime(MONTH))


def sent(conn: Connection, bot: str, at: datetime, *, unasked: bool) -> None:
    """Meter one message that went out; `at` in Vietnam's time."""
    _meter(conn, bot, at, "unasked" if unasked else "replies")


def _meter(conn: Connection, bot: str, at: datetime, what: str) -> None:
    insert = _INSERT[conn.dialect.name]
    first = {"replies": 0, "unasked": 0, "received": 0, what: 1}
    conn.execute(
        insert(zalo_month)
        .values(bot=bot, month=at.strftime(MONTH), **first)
        .on_conflict_do_update(index_elements=["bot", "month"], set_={what: zalo_month.c[what] + 1})
    )
