"""Polling: the messenger is told that a batch has arrived only when it is kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from telegram import Bot
from telegram.error import NetworkError

from channels.telegram import AiohttpRequest, PollingRequest, Update
from sandbox.app import create_app
from tests.sandbox.rig import TOKEN, Rig, over_http


@dataclass
class Desk:
    """Keeps what it is given, as long as its database is well."""

    full: bool = False
    batches: list[list[str]] = field(default_factory=list)

    async def take_in(self, updates: list[Update]) -> None:
        if self.full:
            raise OSError("no space left on the device")
        self.batches.append([update["message"]["text"] for update in updates])


@dataclass
class Line:
    """A bot that polls the sandbox, and one person."""

    rig: Rig
    bot: Bot
    desk: Desk
    person: int

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.rig.say(self.person, text)

    async def poll(self) -> int:
        """One poll, as the library makes it; how many updates the library sees."""
        return len(await self.bot.get_updates(timeout=0))

    async def pending(self) -> int:
        """How many updates the messenger still keeps."""
        return int((await self.rig.ok("getWebhookInfo"))["pending_update_count"])

    async def offsets(self) -> list[Any]:
        calls = await self.rig.get("/sim/calls", method="getUpdates")
        return [call["params"].get("offset") for call in calls]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with over_http(create_app(limits=False)) as rig:
        person = await rig.person()
        desk = Desk()
        address = str(rig.http.base_url).rstrip("/")
        bot = Bot(
            TOKEN,
            base_url=f"{address}/bot",
            request=AiohttpRequest(),
            get_updates_request=PollingRequest(desk.take_in),
        )
        async with bot:
            yield Line(rig, bot, desk, person)


async def test_a_batch_is_confirmed_by_the_poll_after_it_was_taken_in(line: Line) -> None:
    await line.say("một", "hai")
    await line.poll()
    assert line.desk.batches == [["một", "hai"]]
    assert await line.pending() == 2
    await line.say("ba")
    await line.poll()
    assert line.desk.batches == [["một", "hai"], ["ba"]]
    assert await line.pending() == 1


async def test_the_library_itself_sees_no_update(line: Line) -> None:
    await line.say("một")
    assert await line.poll() == 0


async def test_what_could_not_be_kept_stays_with_the_messenger_and_comes_again(
    line: Line,
) -> None:
    await line.say("một")
    await line.poll()
    await line.say("hai")
    line.desk.full = True
    for _ in range(3):
        with pytest.raises(NetworkError):
            await line.poll()
    assert await line.pending() == 1
    line.desk.full = False
    await line.poll()
    assert line.desk.batches == [["một"], ["hai"]]
    await line.poll()
    assert await line.pending() == 0


@pytest.mark.parametrize("fault", [{"drop_reply": True}, {"disconnect": True}, {"status": 502}])
async def test_a_batch_whose_answer_was_lost_comes_again(line: Line, fault: dict[str, Any]) -> None:
    await line.say("một")
    await line.rig.post("/sim/faults", method="getUpdates", **fault)
    with pytest.raises(NetworkError):
        await line.poll()
    assert line.desk.batches == []
    await line.poll()
    assert line.desk.batches == [["một"]]


async def test_a_poll_that_brings_nothing_confirms_nothing_new(line: Line) -> None:
    await line.poll()
    await line.say("một")
    await line.poll()
    await line.poll()
    await line.poll()
    first, second, third, fourth = await line.offsets()
    assert not first
    assert not second
    assert third == fourth
    assert await line.pending() == 0


async def test_another_poller_gets_again_what_this_one_has_not_confirmed(line: Line) -> None:
    await line.say("một")
    await line.poll()
    found = await line.rig.ok("getUpdates")
    assert [update["message"]["text"] for update in found] == ["một"]


async def test_other_requests_are_answered_as_they_are(line: Line) -> None:
    async with PollingRequest(line.desk.take_in) as request:
        bot = Bot(
            TOKEN,
            base_url=line.bot.base_url.removesuffix(TOKEN),
            request=request,
            get_updates_request=AiohttpRequest(),
        )
        assert (await bot.get_me()).is_bot
    assert line.desk.batches == []
