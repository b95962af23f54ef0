"""Two messengers at once: what nobody asked for goes to the preferred one, and falls over to the other."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from telegram.ext import ExtBot

from bot.files import NoFiles
from bot.messenger import _wording
from bot.outbox import Outbox
from bot.pace import Pace
from bot.ways import Way, Ways
from bot.zalo_budget import LAST_WORD
from bot.zalo_memory import ZaloMemory
from channels.telegram import AiohttpRequest
from channels.zalo import ZaloRequest
from channels.zalo_line import UNASKED, Chats
from domain.quota import Quota
from sandbox.app import create_app
from storage import person, reminder, unit
from storage.db import Database
from tests.bot.test_outbox import TITLE, _announce, _ledger
from tests.channels.zalo_desk import LIMITS
from tests.sandbox.rig import TOKEN, Rig, over_http
from tests.sandbox.zalo_rig import TOKEN as ZALO_TOKEN
from tests.sandbox.zalo_rig import ZaloRig
from tests.storage.build import LADDER, NOW

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
MESSAGES = 10


@dataclass
class Pair:
    """One person with an account on each messenger, invited to a briefing."""

    db: Database
    rig: Rig
    zalo: ZaloRig
    ways: Ways
    chat: int
    memory: ZaloMemory
    seconds: float = 0.0

    def outbox(self) -> Outbox:
        return Outbox(self.db, self.ways, lambda: NOW, LADDER, 25, lambda: self.seconds)

    async def send(self) -> list[tuple[str, str | None]]:
        await self.outbox().tick()
        return await self.db.read(_ledger)

    async def shown(self) -> tuple[list[str], list[str]]:
        """What the bot has said on each phone: Telegram's, Zalo's."""
        telegram = await self.rig.shown(self.chat)
        zalo = await self.zalo.shown(self.chat)
        return _said_by_bot(telegram), _said_by_bot(zalo)

    async def heard(self) -> tuple[int, int]:
        """How many messages from the bot each phone shows."""
        telegram, zalo = await self.shown()
        return len(telegram), len(zalo)


def _said_by_bot(messages: list[dict[str, Any]]) -> list[str]:
    return [str(message["text"]) for message in messages if message["from"]["is_bot"]]


@pytest.fixture
async def pair(db: Database) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(over_http(create_app(limits=False, now=NOW)))
        zalo = ZaloRig(rig)
        chat = await rig.started()
        await zalo.say(chat, "chào")
        zalo_id = (await zalo.update())["message"]["chat"]["id"]
        memory = ZaloMemory(db, "987654", Quota(MESSAGES, counts_received=False), lambda: NOW)
        number = await memory.number_of(zalo_id, is_group=False)
        telegram = await _bot(stack, rig, TOKEN, "", AiohttpRequest())
        on_zalo = await _bot(
            stack,
            rig,
            ZALO_TOKEN,
            "/zalo",
            ZaloRequest(Chats(memory), NoFiles(), _wording(), LIMITS),
        )
        ways = Ways(
            db,
            {
                "zalo": Way({"987654": on_zalo}, UNASKED),
                "telegram": Way({"123456": telegram}, {}),
            },
        )
        await db.write(_announce, (chat,))
        await db.write(_join, str(chat), str(number))
        yield Pair(db, rig, zalo, ways, chat, memory)


async def _bot(stack: AsyncExitStack, rig: Rig, token: str, root: str, request: Any) -> ExtBot[Any]:
    polling = await stack.enter_async_context(AiohttpRequest())
    await stack.enter_async_context(request)
    address = str(rig.http.base_url).rstrip("/")
    return ExtBot(
        token,
        base_url=f"{address}{root}/bot",
        request=request,
        get_updates_request=polling,
        rate_limiter=Pace(),
    )


def _join(conn: Connection, telegram: str, zalo: str) -> None:
    actor = person.actor(conn, "telegram", telegram, NOW.date())
    assert actor and unit.root(conn)
    person.add_account(conn, actor.person_id, "zalo", zalo)


async def test_a_reminder_goes_to_the_preferred_messenger_only(pair: Pair) -> None:
    assert (await pair.send())[0] == ("sent", None)
    assert await pair.heard() == (0, 1)
    assert UNASKED == {"unasked": True}, "the library writes into what it is given"


async def test_somebody_who_blocked_one_bot_is_reached_by_the_other(pair: Pair) -> None:
    await pair.zalo.sim("/sim/member", chat=pair.chat, user=pair.chat, status="block")
    assert (await pair.send())[0] == ("sent", None)
    assert await pair.heard() == (1, 0)


async def test_a_spent_quota_falls_over_too(pair: Pair) -> None:
    for _ in range(MESSAGES):
        await pair.memory.sent(unasked=False)
    assert (await pair.send())[0] == ("sent", None)
    assert await pair.heard() == (1, 0)


async def test_who_is_reached_by_none_is_unreachable(pair: Pair) -> None:
    await pair.zalo.sim("/sim/member", chat=pair.chat, user=pair.chat, status="block")
    await pair.rig.post("/sim/member", chat=pair.chat, user=pair.chat, status="block")
    assert (await pair.send())[0][0] == "unreachable"
    assert await pair.heard() == (0, 0)


async def test_a_lost_answer_is_not_followed_by_the_other_messenger(pair: Pair) -> None:
    await pair.zalo.sim("/sim/faults", method="sendMessage", drop_reply=True)
    assert (await pair.send())[0] == ("unknown", "no_answer")
    assert await pair.heard() == (0, 1)


async def test_the_last_word_of_the_quota_gets_through_when_reminders_do_not(pair: Pair) -> None:
    for _ in range(MESSAGES - 1):
        await pair.memory.sent(unasked=False)
    await pair.db.write(_queue, LAST_WORD, pair.chat)
    assert await pair.send() == [("sent", None), ("sent", None)]
    telegram, zalo = await pair.shown()
    assert TITLE in telegram[0]
    assert "Bot Zalo 77 đã dùng hơn 90 % số tin nhắn" in zalo[0]


def _queue(conn: Connection, message: str, *chats: int) -> None:
    """A word for people by their Telegram chats."""
    actors = [person.actor(conn, "telegram", str(chat), NOW.date()) for chat in chats]
    people = [actor.person_id for actor in actors if actor]
    later = NOW + timedelta(hours=1)
    reminder.queue(conn, people, key=message, message=message, at=NOW, expires_at=later, about="77")


async def test_a_pause_of_one_messenger_does_not_hold_the_other(pair: Pair) -> None:
    minh = await pair.rig.started("Minh")
    await pair.db.write(_announce, (minh,))
    await pair.zalo.sim("/sim/faults", method="sendMessage", retry_after=1)
    outbox = pair.outbox()
    await outbox.tick()
    assert sorted(await pair.db.read(_ledger)) == [("queued", "rate_limited"), ("sent", None)]
    await pair.db.write(_queue, LAST_WORD, pair.chat, minh)
    await outbox.tick()
    assert len(_said_by_bot(await pair.rig.shown(minh))) == 2
    assert await pair.heard() == (0, 0)
    pair.seconds += 61
    await outbox.tick()
    assert await pair.heard() == (0, 2)
    assert {state for state, _ in await pair.db.read(_ledger)} == {"sent"}


async def test_the_other_messenger_is_not_asked_while_it_is_paused(pair: Pair) -> None:
    for _ in range(MESSAGES):
        await pair.memory.sent(unasked=False)
    await pair.rig.post("/sim/faults", method="sendMessage", retry_after=1)
    outbox = pair.outbox()
    for _ in range(3):
        await outbox.tick()
    assert await pair.db.read(_ledger) == [("queued", "rate_limited")]
    assert len(await pair.rig.get("/sim/calls", method="sendMessage")) == 1
    pair.seconds += 2
    await outbox.tick()
    assert await pair.heard() == (1, 0)
