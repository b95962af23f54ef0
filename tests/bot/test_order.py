"""Updates of one chat in their order, chats side by side."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime

import pytest
from telegram import Chat, Message, Update

from bot.order import Again, InOrderPerChat

LAN, MINH = 1, 2


def said_by(person: int, number: int) -> Update:
    chat = Chat(person, Chat.PRIVATE)
    return Update(number, message=Message(number, datetime(2026, 11, 21, tzinfo=UTC), chat))


class Handlers:
    """What the handlers of some updates do: each notes its beginning and end, and waits for its
    leave to finish.
    """

    def __init__(self, processor: InOrderPerChat) -> None:
        self._processor = processor
        self.log: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}

    def take(self, update: object, name: str, *, fails: bool = False) -> asyncio.Task[None]:
        leave = self._leave[name] = asyncio.Event()

        async def handle() -> None:
            self.log.append(f"{name} begins")
            await leave.wait()
            self.log.append(f"{name} ends")
            if fails:
                raise ValueError(name)

        return asyncio.create_task(self._processor.process_update(update, handle()))

    async def finish(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
        await all_that_can_run()


async def all_that_can_run() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def handle_once(_: Update, first: Awaitable[object], __: Again) -> None:
    await first


def nobody_looks(_: Update) -> None:
    """Most tests do not care."""


async def never_again(_: object) -> None:
    raise AssertionError("nothing is handled twice here")


@pytest.fixture
async def handlers() -> AsyncIterator[Handlers]:
    async with InOrderPerChat(nobody_looks, handle_once, never_again) as processor:
        yield Handlers(processor)


async def test_two_taps_of_one_person_do_not_overtake_each_other(handlers: Handlers) -> None:
    tasks = [handlers.take(said_by(LAN, n), f"tap {n}") for n in (1, 2, 3)]
    await handlers.finish("tap 3", "tap 2")
    assert handlers.log == ["tap 1 begins"]
    await handlers.finish("tap 1")
    assert handlers.log == [f"tap {n} {what}" for n in (1, 2, 3) for what in ("begins", "ends")]
    await asyncio.gather(*tasks)


async def test_who_waits_holds_up_nobody_else(handlers: Handlers) -> None:
    waiting = handlers.take(said_by(LAN, 1), "Lan")
    other = handlers.take(said_by(MINH, 2), "Minh")
    await handlers.finish("Minh")
    assert handlers.log == ["Lan begins", "Minh begins", "Minh ends"]
    await handlers.finish("Lan")
    await asyncio.gather(waiting, other)


async def test_an_error_does_not_block_what_comes_next(handlers: Handlers) -> None:
    failing = handlers.take(said_by(LAN, 1), "bad", fails=True)
    following = handlers.take(said_by(LAN, 2), "good")
    await handlers.finish("bad", "good")
    with pytest.raises(ValueError, match="bad"):
        await failing
    await following
    assert handlers.log == ["bad begins", "bad ends", "good begins", "good ends"]


async def test_a_cancelled_update_does_not_block_what_comes_next(handlers: Handlers) -> None:
    cancelled = handlers.take(said_by(LAN, 1), "first")
    following = handlers.take(said_by(LAN, 2), "second")
    await all_that_can_run()
    cancelled.cancel()
    await handlers.finish("second")
    await following
    assert handlers.log == ["first begins", "second begins", "second ends"]


async def test_updates_without_a_chat_wait_for_nobody(handlers: Handlers) -> None:
    tasks = [handlers.take(Update(n), f"poll {n}") for n in (1, 2)]
    tasks.append(handlers.take("no update at all", "other"))
    await all_that_can_run()
    assert handlers.log == ["poll 1 begins", "poll 2 begins", "other begins"]
    await handlers.finish("poll 1", "poll 2", "other")
    await asyncio.gather(*tasks)


async def test_a_chat_is_in_order_again_after_a_pause(handlers: Handlers) -> None:
    first = handlers.take(said_by(LAN, 1), "first")
    await handlers.finish("first")
    await first
    tasks = [handlers.take(said_by(LAN, n), f"later {n}") for n in (2, 3)]
    await handlers.finish("later 3")
    assert handlers.log[2:] == ["later 2 begins"]
    await handlers.finish("later 2")
    await asyncio.gather(*tasks)


async def test_what_waits_for_its_turn_is_seen_already() -> None:
    seen: list[int] = []

    def look(update: Update) -> None:
        seen.append(update.update_id)

    async with InOrderPerChat(look, handle_once, never_again) as processor:
        handlers = Handlers(processor)
        tasks = [handlers.take(said_by(LAN, number), str(number)) for number in (1, 2)]
        await all_that_can_run()
        assert handlers.log == ["1 begins"]
        assert seen == [1, 2]
        await handlers.finish("1", "2")
        await asyncio.gather(*tasks)
