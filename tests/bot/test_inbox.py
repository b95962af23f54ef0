"""The inbox at work: committed before it is handled, in order, to its end, or parked."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from sqlalchemy import Connection, select
from telegram import Bot, Update
from telegram.error import Forbidden

import bot.inbox
from bot.inbox import ATTEMPTS, PER_CHAT, Inbox, Raw
from channels.telegram import AiohttpRequest
from domain.privacy import Finding
from domain.role import Role
from domain.unit import UnitType
from handlers.desk import Say, stopped_marker
from storage import draft, person, reminder, schema, unit
from storage import inbox as rows
from storage.db import Database
from storage.inbox import InboxState
from tests.storage.build import CHANNEL, NOW

P = ParamSpec("P")
T = TypeVar("T")

BOT = Bot("1:inbox-test", request=AiohttpRequest(), get_updates_request=AiohttpRequest())
LAN, HOA = 100, 200
NAME = "Ông Trần Văn Khuất"


def an_update(number: int, chat: int = LAN, text: str = "3 buổi 45 đv hôm qua") -> dict[str, Any]:
    who = {"id": chat, "is_bot": False, "first_name": "Lan"}
    place = {"id": chat, "type": "private", "first_name": "Lan"}
    message = {"message_id": number, "date": 1_763_600_000, "chat": place, "from": who}
    return {"update_id": number, "message": message | {"text": text}}


def updates(first: int, last: int, chat: int = LAN) -> list[Raw]:
    return [an_update(number, chat) for number in range(first, last + 1)]


@dataclass
class Life:
    """An inbox as one run of the bot has it, and what became of the updates handed on."""

    db: Database
    queue: "asyncio.Queue[object]" = field(default_factory=asyncio.Queue)
    told: list[tuple[str, str]] = field(default_factory=list)
    handled: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inbox = Inbox(
            self.db, BOT, CHANNEL, lambda: NOW, self.queue, self._tell, self.seconds.append
        )

    async def _tell(self, chat: str, message: Say) -> None:
        self.told.append((chat, message.key))

    def handed_on(self) -> list[Update]:
        """What waits in memory."""
        taken = []
        while not self.queue.empty():
            update = self.queue.get_nowait()
            assert isinstance(update, Update)
            taken.append(update)
        return taken

    async def handle_all(self, most: int = 1000) -> None:
        """Handle what waits, one after the other, as the library does for one chat."""
        for _ in range(most):
            if self.queue.empty():
                return
            update = self.queue.get_nowait()
            assert isinstance(update, Update)
            await self.handle(update)

    async def handle(
        self, update: Update, act: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        async def attempt() -> None:
            try:
                await (act() if act else asyncio.sleep(0))
            except Exception as error:
                self.inbox.failed(update.update_id, error)
            self.handled.append(update.update_id)

        await self.inbox.handle(update, attempt(), attempt)


def ids(found: list[Update]) -> list[int]:
    return [update.update_id for update in found]


def states(conn: Connection) -> dict[int, str]:
    found = conn.execute(select(schema.inbox.c.update_id, schema.inbox.c.state))
    return {row.update_id: row.state for row in found}


async def waiting(db: Database) -> list[int]:
    found = await db.read(rows.waiting, "1", limit=1000)
    return [row.update_id for row in found]


# --- coming in -----------------------------------------------------------------------------------


async def test_an_update_is_kept_before_it_is_handed_on(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in([an_update(1)])
    assert await waiting(db) == [1]
    assert ids(life.handed_on()) == [1]


async def test_how_long_each_update_took_to_its_end_is_told_once(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in(updates(1, 3))
    await life.handle_all()
    assert len(life.seconds) == 3
    assert all(0 <= took < 60 for took in life.seconds)


async def test_an_update_that_comes_again_is_not_handed_on_again(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in(updates(1, 2))
    await life.inbox.take_in(updates(2, 3))
    assert ids(life.handed_on()) == [1, 2, 3]


async def test_an_update_that_comes_again_after_it_is_done_is_not_handled_again(
    db: Database,
) -> None:
    life = Life(db)
    await life.inbox.take_in([an_update(1)])
    await life.handle_all()
    await life.inbox.take_in([an_update(1)])
    assert life.handed_on() == []
    assert await db.read(states) == {1: InboxState.DONE}


async def test_what_is_handed_on_is_what_is_kept(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in([an_update(1, text=f"{NAME} nói xấu cán bộ")])
    (update,) = life.handed_on()
    assert update.message is not None
    assert update.message.text == stopped_marker([Finding.NAMED_PERSON])


async def test_who_is_asked_for_a_name_may_give_one_that_others_may_not(db: Database) -> None:
    for chat, dialogue in ((LAN, "enrolment"), (HOA, "tally")):
        await db.write(draft.start, CHANNEL, str(chat), dialogue, "x", {}, NOW)
    life = Life(db)
    await life.inbox.take_in([an_update(1, LAN, NAME), an_update(2, HOA, NAME)])
    texts = [update.message.text for update in life.handed_on() if update.message]
    assert texts == [NAME, stopped_marker([Finding.NAMED_PERSON])]


async def test_an_update_that_nobody_can_read_is_parked_and_holds_up_nobody(db: Database) -> None:
    broken = an_update(2)
    broken["message"]["date"] = "yesterday"
    life = Life(db)
    await life.inbox.take_in([an_update(1), broken, an_update(3), an_update(4, HOA)])
    await life.handle_all()
    assert life.handled == [1, 3, 4]
    assert (await db.read(states))[2] == InboxState.PARKED


# --- order and backpressure ----------------------------------------------------------------------


async def test_of_a_flood_only_a_few_wait_in_memory_and_others_are_not_held_back(
    db: Database,
) -> None:
    life = Life(db)
    await life.inbox.take_in([*updates(1, 50), an_update(51, HOA)])
    assert ids(life.handed_on()) == [*range(1, PER_CHAT + 1), 51]
    assert len(await waiting(db)) == 51


async def test_a_flood_is_handled_whole_and_in_order(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in(updates(1, 30))
    await life.handle_all(PER_CHAT)
    assert life.queue.qsize() <= PER_CHAT
    await life.inbox.take_in(updates(31, 60))
    await life.handle_all()
    assert life.handled == list(range(1, 61))
    assert await waiting(db) == []


async def test_after_a_flood_a_chat_is_served_as_before(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in(updates(1, 20))
    await life.handle_all()
    await life.inbox.take_in(updates(21, 22))
    assert ids(life.handed_on()) == [21, 22]


class Paused(Database):
    """A database at which one call is stopped on its way back, when it has been carried out."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.stop_next = ""
        self.carried_out = asyncio.Event()
        self.go_on = asyncio.Event()

    async def read(
        self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        result = await super().read(f, *args, **kwargs)
        await self._pass("read")
        return result

    async def write(
        self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        result = await super().write(f, *args, **kwargs)
        await self._pass("write")
        return result

    async def _pass(self, verb: str) -> None:
        if self.stop_next == verb:
            self.stop_next = ""
            self.carried_out.set()
            await self.go_on.wait()


async def test_what_comes_in_while_more_is_fetched_is_neither_forgotten_nor_overtaken(
    db_url: str,
) -> None:
    async with Paused(db_url) as db:
        life = Life(db)
        await life.inbox.take_in(updates(1, PER_CHAT + 1))
        db.stop_next = "read"
        handling = asyncio.create_task(life.handle_all(PER_CHAT))
        await db.carried_out.wait()
        await life.inbox.take_in([an_update(PER_CHAT + 2)])
        db.go_on.set()
        await handling
        await life.inbox.take_in([an_update(PER_CHAT + 3)])
        await life.handle_all()
        assert life.handled == list(range(1, PER_CHAT + 4))


async def test_what_is_fetched_while_it_comes_in_is_handed_on_once(db_url: str) -> None:
    async with Paused(db_url) as db:
        life = Life(db)
        await life.inbox.take_in(updates(1, PER_CHAT + 1))
        db.stop_next = "write"
        coming = asyncio.create_task(life.inbox.take_in([an_update(PER_CHAT + 2)]))
        await db.carried_out.wait()
        await life.handle_all(PER_CHAT // 2)
        db.go_on.set()
        await coming
        await life.handle_all()
        assert life.handled == list(range(1, PER_CHAT + 3))


# --- from one run to the next --------------------------------------------------------------------


async def test_the_next_run_takes_up_what_the_last_one_left_in_its_order(db: Database) -> None:
    last = Life(db)
    await last.inbox.take_in([*updates(1, 20), *updates(21, 22, HOA)])
    await last.handle_all(3)
    life = Life(db)
    assert await life.inbox.refill() == 19
    await life.inbox.take_in([an_update(23), an_update(24, HOA)])
    await life.handle_all()
    of_lan = [number for number in life.handled if number <= 20 or number == 23]
    assert of_lan == [*range(4, 21), 23]
    assert [number for number in life.handled if number in (21, 22, 24)] == [21, 22, 24]


async def test_more_than_a_page_is_taken_up(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.inbox, "PAGE", 3)
    await Life(db).inbox.take_in([an_update(n, LAN + n % 4) for n in range(1, 12)])
    life = Life(db)
    assert await life.inbox.refill() == 11
    await life.handle_all()
    assert sorted(life.handled) == list(range(1, 12))


async def test_after_closing_nothing_new_is_begun_and_all_of_it_is_left(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in(updates(1, 3))
    await life.handle_all(1)
    life.inbox.close()
    await life.handle_all()
    assert life.handled == [1]
    assert await waiting(db) == [2, 3]


# --- failing -------------------------------------------------------------------------------------


def failing(error: Exception, times: int = 1000) -> Callable[[], Awaitable[object]]:
    left = iter(range(times))

    async def act() -> None:
        if next(left, None) is not None:
            raise error

    return act


async def test_an_update_that_fails_again_and_again_is_parked_and_its_sender_told(
    db: Database,
) -> None:
    life = Life(db)
    await life.inbox.take_in(updates(1, 2))
    poison, fine = life.handed_on()
    await life.handle(poison, failing(ValueError("no")))
    await life.handle(fine)
    assert life.handled == [1] * ATTEMPTS + [2]
    assert life.told == [(str(LAN), "common.error")]
    assert await db.read(states) == {1: InboxState.PARKED, 2: InboxState.DONE}


async def test_the_operators_are_told_of_parked_updates_once_an_hour(db: Database) -> None:
    life = Life(db)
    operator = await db.write(_operator)
    await life.inbox.take_in(updates(1, 2))
    for update in life.handed_on():
        await life.handle(update, failing(ValueError("no")))
    queued = await db.write(reminder.take, [CHANNEL], NOW, 10)
    assert [(d.person_id, d.message) for d in queued] == [(operator, "common.update_parked")]


def _operator(conn: Connection) -> int:
    place = unit.add(conn, "p", "Tỉnh ủy", UnitType.PROVINCE_COMMITTEE)
    person_id = person.add(conn, "Quản trị", NOW)
    person.add_account(conn, person_id, CHANNEL, str(LAN + 1))
    person.add_membership(conn, person_id, place, Role.ADMIN, NOW.date())
    return person_id


async def test_an_update_that_fails_once_is_handled_at_the_second_attempt(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in([an_update(1)])
    (update,) = life.handed_on()
    await life.handle(update, failing(ValueError("no"), times=1))
    assert life.handled == [1, 1]
    assert life.told == []
    assert await db.read(states) == {1: InboxState.DONE}


async def test_what_fails_after_its_facts_are_stored_is_not_done_again(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in([an_update(1)])
    (update,) = life.handed_on()

    async def stores_and_fails() -> None:
        await db.write(life.inbox.finish, 1)
        life.inbox.finished(1)
        raise ValueError("the answer cannot be worded")

    await life.handle(update, stores_and_fails)
    assert life.handled == [1]
    assert await db.read(states) == {1: InboxState.DONE}


async def test_a_parked_update_does_not_keep_its_chat_from_catching_up(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in(updates(1, 20))
    for update in life.handed_on():
        await life.handle(update, failing(ValueError("no")))
    await life.handle_all()
    assert life.handled[ATTEMPTS * PER_CHAT :] == list(range(PER_CHAT + 1, 21))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_database_that_takes_no_write_is_waited_for(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "DATABASE_RETRY_SECONDS", 0)
    life = Life(db)
    await life.inbox.take_in([an_update(1)])
    (update,) = life.handed_on()

    def full(conn: Connection, pages: int) -> None:
        """The file may not grow beyond so many pages: the error of a full disk."""
        conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def store(conn: Connection) -> None:
        draft.start(conn, CHANNEL, str(LAN), "tally", "x", {"text": "x" * 100_000}, NOW)

    async def act() -> None:
        if len(life.handled) == ATTEMPTS + 2:
            await db.write(full, 1_000_000)
        await db.write(store)

    await db.write(full, 1)
    await life.handle(update, act)
    assert len(life.handled) == ATTEMPTS + 3
    assert set(life.told) == {(str(LAN), "common.database_down")}
    assert await db.read(states) == {1: InboxState.DONE}
    assert await db.read(draft.get, CHANNEL, str(LAN)) is not None


async def test_an_update_that_breaks_a_rule_of_the_database_is_parked(db: Database) -> None:
    life = Life(db)
    await life.inbox.take_in([an_update(1)])
    (update,) = life.handed_on()

    def twice(conn: Connection) -> None:
        for _ in range(2):
            values = {"display_name": None, "created_at": NOW}
            conn.execute(schema.person.insert().values(values))

    async def act() -> None:
        await db.write(twice)

    async with asyncio.timeout(5):
        await life.handle(update, act)
    assert await db.read(states) == {1: InboxState.PARKED}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_an_update_that_cannot_be_ended_is_ended_when_the_database_is_back(
    db: Database, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "DATABASE_RETRY_SECONDS", 0.01)
    life = Life(db)
    await life.inbox.take_in(updates(1, 2 * PER_CHAT))

    def impatient(conn: Connection) -> None:
        conn.exec_driver_sql("PRAGMA busy_timeout=0")

    await db.write(impatient)
    with closing(sqlite3.connect(db_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.1, other.rollback)
        async with asyncio.timeout(20):
            await life.handle_all()
    assert await waiting(db) == []
    assert list(dict.fromkeys(life.handled)) == list(range(1, 2 * PER_CHAT + 1))


async def test_a_sender_who_cannot_be_told_does_not_hold_up_the_chat(db: Database) -> None:
    class Blocked(Life):
        async def _tell(self, chat: str, message: Say) -> None:
            raise Forbidden("bot was blocked by the user")

    life = Blocked(db)
    await life.inbox.take_in(updates(1, 2 * PER_CHAT))
    for update in life.handed_on():
        await life.handle(update, failing(ValueError("no")))
    await life.handle_all()
    assert life.handled[ATTEMPTS * PER_CHAT :] == list(range(PER_CHAT + 1, 2 * PER_CHAT + 1))
