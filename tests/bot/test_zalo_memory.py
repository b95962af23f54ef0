"""The Zalo channel's memory in the database: what a killed bot still knows when it is back."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest

from bot.zalo_memory import ZaloMemory
from domain.quota import Quota
from sandbox.app import create_app
from storage.db import Database
from tests.channels.zalo_desk import LIMITS, keyboard, running
from tests.sandbox.rig import over_http
from tests.sandbox.zalo_rig import ZaloRig
from wording.format import VIETNAM

BOT = "987654"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=VIETNAM)
ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

Make = Callable[[int], ZaloMemory]


@pytest.fixture
def memory(db: Database) -> Make:
    """A memory with nothing in its head, only the database; its quota is given."""
    return lambda messages: ZaloMemory(db, BOT, Quota(messages, counts_received=False), lambda: NOW)


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloRig]:
    async with over_http(create_app(now=NOW)) as rig:
        yield ZaloRig(rig)


async def test_ids_and_messages_are_the_same_after_a_crash(memory: Make) -> None:
    before = memory(3000)
    lan = await before.number_of("6ede", is_group=False)
    number = await before.arrived("m1", lan)
    after = memory(3000)
    assert await after.zalo_id_of(lan) == "6ede"
    assert await after.number_of("6ede", is_group=False) == lan
    assert await after.arrived("m1", lan) == number


async def test_somebody_unknown_has_no_id(memory: Make) -> None:
    assert await memory(3000).zalo_id_of(1001) is None


async def test_reminders_end_at_90_percent_and_replies_never(memory: Make) -> None:
    mine = memory(10)
    for _ in range(8):
        await mine.sent(unasked=False)
    assert await mine.may_send(unasked=True)
    assert not await mine.is_month_spent()
    await mine.sent(unasked=True)
    assert not await mine.may_send(unasked=True)
    assert await mine.may_send(unasked=False)
    assert await mine.is_month_spent()


@ON_SQLITE
async def test_a_dialogue_goes_on_by_its_letters_after_a_restart(
    memory: Make, zalo: ZaloRig
) -> None:
    async with running(zalo, LIMITS, memory(3000)) as bot:
        person = await zalo.rig.person("Lan")
        await bot.ask(person, "chào")
        chat = int(bot.came[0]["message"]["chat"]["id"])
        await bot.app.bot.send_message(chat, "Chọn", reply_markup=keyboard("Xem"))
    async with running(zalo, LIMITS, memory(3000)) as bot:
        assert await bot.ask(person, "a") == "Nút này đã cũ."
        assert bot.heard == ["old pick:Xem"]
        assert bot.came[0]["callback_query"]["message"]["chat"]["id"] == chat


@ON_SQLITE
async def test_what_the_platform_brings_again_after_a_restart_is_left_out(
    memory: Make, zalo: ZaloRig
) -> None:
    await zalo.quirks(replays=1)
    person = await zalo.rig.person("Lan")
    async with running(zalo, LIMITS, memory(3000)) as bot:
        await bot.ask(person, "một")
    async with running(zalo, LIMITS, memory(3000)) as bot:
        await bot.ask(person, "hai")
        assert bot.heard == ["hai"]
