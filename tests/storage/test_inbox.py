"""The durable inbox: each update once, in its order, and nothing of it kept when it is done."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from storage import inbox, schema
from storage.db import Database
from storage.inbox import InboxState, Incoming, Waiting
from tests.storage.build import NOW

BOT, OTHER_BOT = "1", "2"
LATER = NOW + timedelta(minutes=5)
MOST = 3


def an_update(number: int, chat: str = "100") -> Incoming:
    return Incoming(number, chat, {"update_id": number, "message": {"text": "Buổi số ☀️"}})


async def take_in(db: Database, *updates: Incoming, bot: str = BOT) -> list[Waiting]:
    return await db.write(inbox.take_in, bot, updates, NOW)


async def waiting(db: Database, **wanted: Any) -> list[int]:
    """The update ids of what waits, in its order."""
    rows = await db.read(inbox.waiting, BOT, **{"limit": 100} | wanted)
    return [row.update_id for row in rows]


async def fail(db: Database, number: int, times: int = 1) -> list[bool]:
    return [await db.write(inbox.fail, BOT, number, "ValueError", MOST) for _ in range(times)]


def rows_of(conn: Connection) -> list[tuple[int, str, object]]:
    columns = schema.inbox.c
    kept = select(columns.update_id, columns.state, columns.payload).order_by(columns.id)
    return [(row.update_id, row.state, row.payload) for row in conn.execute(kept)]


# --- coming in -----------------------------------------------------------------------------------


async def test_an_update_waits_as_it_came(db: Database) -> None:
    update = an_update(7)
    (new,) = await take_in(db, update)
    assert (new.update_id, new.chat, new.payload) == (7, "100", update.payload)
    assert await db.read(inbox.waiting, BOT, limit=10) == [new]


async def test_an_update_that_comes_again_is_left_out(db: Database) -> None:
    await take_in(db, an_update(7), an_update(8))
    new = await take_in(db, an_update(8), an_update(9))
    assert [row.update_id for row in new] == [9]
    assert await waiting(db) == [7, 8, 9]


async def test_an_update_twice_in_one_batch_is_taken_in_once(db: Database) -> None:
    assert len(await take_in(db, an_update(7), an_update(7))) == 1
    assert await waiting(db) == [7]


async def test_an_update_that_comes_again_after_it_is_done_is_known(db: Database) -> None:
    await take_in(db, an_update(7))
    await db.write(inbox.finish, BOT, 7)
    assert await take_in(db, an_update(7)) == []
    assert await waiting(db) == []


async def test_two_bots_may_number_their_updates_alike(db: Database) -> None:
    await take_in(db, an_update(7))
    assert len(await take_in(db, an_update(7, "200"), bot=OTHER_BOT)) == 1
    await db.write(inbox.finish, OTHER_BOT, 7)
    assert await waiting(db) == [7]


# --- waiting -------------------------------------------------------------------------------------


async def test_what_waits_comes_in_the_order_of_arrival_not_of_numbers(db: Database) -> None:
    await take_in(db, an_update(9), an_update(3, "200"), an_update(5))
    assert await waiting(db) == [9, 3, 5]
    assert await waiting(db, limit=2) == [9, 3]
    assert await waiting(db, chat="100") == [9, 5]


async def test_what_comes_after_a_row_goes_on_from_there(db: Database) -> None:
    first, *_ = await take_in(db, an_update(1), an_update(2, "200"), an_update(3))
    assert await waiting(db, after=first.id) == [2, 3]
    assert await waiting(db, after=first.id, chat="100") == [3]


async def test_the_order_of_arrival_outlives_the_removal_of_old_rows(db: Database) -> None:
    (old,) = await take_in(db, an_update(1))
    await db.write(inbox.finish, BOT, 1)
    await db.write(inbox.forget_done, LATER)
    (new,) = await take_in(db, an_update(2))
    assert new.id > old.id


# --- ending --------------------------------------------------------------------------------------


async def test_nothing_of_a_done_update_is_kept_but_its_number(db: Database) -> None:
    await take_in(db, an_update(7))
    await db.write(inbox.finish, BOT, 7)
    assert await db.read(rows_of) == [(7, InboxState.DONE, None)]


async def test_an_update_ends_only_if_the_facts_it_led_to_are_kept(db: Database) -> None:
    await take_in(db, an_update(7))

    def facts_that_fail(conn: Connection) -> None:
        inbox.finish(conn, BOT, 7)
        raise ValueError("the facts cannot be stored")

    with pytest.raises(ValueError, match="facts"):
        await db.write(facts_that_fail)
    assert await waiting(db) == [7]


async def test_done_rows_are_forgotten_when_they_are_old_and_only_those(db: Database) -> None:
    await take_in(db, an_update(1), an_update(2), an_update(3))
    await db.write(inbox.finish, BOT, 1)
    await fail(db, 2, MOST)
    assert await db.write(inbox.forget_done, NOW) == 0
    assert await db.write(inbox.forget_done, LATER) == 1
    assert [number for number, *_ in await db.read(rows_of)] == [2, 3]


# --- failing -------------------------------------------------------------------------------------


async def test_the_third_failure_parks_an_update(db: Database) -> None:
    await take_in(db, an_update(7), an_update(8))
    assert await fail(db, 7, MOST) == [False, False, True]
    assert await waiting(db) == [8]
    (parked,) = await db.read(inbox.parked)
    assert (parked.update_id, parked.chat, parked.error) == (7, "100", "ValueError")
    assert parked.received_at == NOW


async def test_a_failed_update_waits_on_until_it_is_parked(db: Database) -> None:
    await take_in(db, an_update(7))
    await fail(db, 7, MOST - 1)
    assert await waiting(db) == [7]
    assert await db.read(inbox.parked) == []


async def test_the_failure_of_an_unknown_update_parks_nothing(db: Database) -> None:
    assert await fail(db, 7, MOST) == [False] * MOST


async def test_a_parked_update_that_is_retried_waits_in_its_old_place(db: Database) -> None:
    await take_in(db, an_update(7), an_update(8))
    await fail(db, 7, MOST)
    (parked,) = await db.read(inbox.parked)
    assert await db.write(inbox.retry, parked.id)
    assert await waiting(db) == [7, 8]
    assert await fail(db, 7, MOST) == [False, False, True]


async def test_a_parked_update_that_is_dropped_is_forgotten_and_known(db: Database) -> None:
    await take_in(db, an_update(7))
    await fail(db, 7, MOST)
    (parked,) = await db.read(inbox.parked)
    assert await db.write(inbox.drop, parked.id)
    assert await db.read(rows_of) == [(7, InboxState.DONE, None)]
    assert await take_in(db, an_update(7)) == []


async def test_only_parked_updates_can_be_retried_or_dropped(db: Database) -> None:
    (row,) = await take_in(db, an_update(7))
    assert not await db.write(inbox.retry, row.id)
    assert not await db.write(inbox.drop, row.id)
    assert not await db.write(inbox.drop, row.id + 1)
    assert await waiting(db) == [7]


# --- watching ------------------------------------------------------------------------------------


async def test_depth_and_age_tell_of_what_is_not_done(db: Database) -> None:
    assert await db.read(inbox.depth) == {}
    assert await db.read(inbox.oldest) is None
    await take_in(db, an_update(1), an_update(2), an_update(3), an_update(4))
    await db.write(inbox.take_in, BOT, [an_update(5)], LATER)
    await db.write(inbox.finish, BOT, 1)
    await fail(db, 2, MOST)
    assert await db.read(inbox.depth) == {InboxState.WAITING: 3, InboxState.PARKED: 1}
    assert await db.read(inbox.oldest) == NOW
    for number in (3, 4):
        await db.write(inbox.finish, BOT, number)
    assert await db.read(inbox.oldest) == LATER
