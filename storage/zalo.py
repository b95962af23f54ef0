"""What the Zalo channel must remember through a crash: ids, messages, menus, and the month's meter.

Each function belongs to one bot, named by the digits of its token.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.quota import Usage
from storage.prepared import Prepared
from storage.schema import zalo_address, zalo_arrival, zalo_menu, zalo_month

# Above every id of Telegram's, and exact in JSON.
FIRST_NUMBER = 2**52
MONTH = "%Y-%m"

Insert = sqlite.Insert | postgresql.Insert
_INSERT: Mapping[str, Callable[[Table], Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


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


def arrive(conn: Connection, bot: str, message_id: str, at: datetime) -> int:
    """The number of a message's update, the same whenever it comes. `at` in Vietnam's time."""
    values = {"bot": bot, "message_id": message_id, "received_at": at}
    new = _ARRIVE[conn.dialect.name].first(conn, values)
    if new is not None:
        _meter(conn, bot, at, "received")
        return int(new.id)
    known: int = conn.execute(
        select(zalo_arrival.c.id).where(
            zalo_arrival.c.bot == bot, zalo_arrival.c.message_id == message_id
        )
    ).scalar_one()
    return known


def forget_arrivals(conn: Connection, before: datetime) -> int:
    """Remove messages older than any replay can be (a week at least); returns how many."""
    return conn.execute(delete(zalo_arrival).where(zalo_arrival.c.received_at < before)).rowcount


# --- menus ---------------------------------------------------------------------------------------


def menus(conn: Connection, chat: int) -> Mapping[str, Any]:
    """The live menus of a chat, as they were kept."""
    kept = conn.execute(select(zalo_menu.c.menus).where(zalo_menu.c.chat == chat))
    return kept.scalar_one_or_none() or {}


def keep_menus(conn: Connection, chat: int, menus: Mapping[str, Any]) -> None:
    _KEEP[conn.dialect.name].run(conn, {"chat": chat, "menus": menus})


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
    first = {"replies": 0, "unasked": 0, "received": 0, what: 1}
    _METER[conn.dialect.name, what].run(conn, {"bot": bot, "month": at.strftime(MONTH)} | first)


# --- built once: these run with every message ------------------------------------------------------


def _arriving(insert: Insert) -> Prepared:
    new = insert.on_conflict_do_nothing(index_elements=["bot", "message_id"])
    return Prepared(new.returning(zalo_arrival.c.id))


def _keeping(insert: Insert) -> Prepared:
    menus = {"menus": insert.excluded.menus}
    return Prepared(insert.on_conflict_do_update(index_elements=["chat"], set_=menus))


def _metering(insert: Insert, what: str) -> Prepared:
    more = {what: zalo_month.c[what] + 1}
    return Prepared(insert.on_conflict_do_update(index_elements=["bot", "month"], set_=more))


_ARRIVE = {name: _arriving(insert(zalo_arrival)) for name, insert in _INSERT.items()}
_KEEP = {name: _keeping(insert(zalo_menu)) for name, insert in _INSERT.items()}
_METER = {
    (name, what): _metering(insert(zalo_month), what)
    for name, insert in _INSERT.items()
    for what in ("replies", "unasked", "received")
}
