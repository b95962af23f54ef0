"""A bot that keeps the pace against the sandbox, with a time that only its own pauses move."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from telegram.ext import ExtBot

from bot.pace import Pace
from channels.telegram import AiohttpRequest
from sandbox.app import create_app
from tests.sandbox.rig import TOKEN, Rig, over_http


@dataclass
class Time:
    """A clock that only a sleep moves; a sleep may be stopped to look around meanwhile."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)
    asleep: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.wake.set()

    def tell(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
            self.asleep.set()
            await self.wake.wait()
            self.now += seconds


@dataclass
class Round:
    """The sandbox, a bot that keeps the pace, and its time."""

    rig: Rig
    bot: ExtBot[Any]
    pace: Pace
    time: Time

    async def plant(self, chat: int, **fault: object) -> None:
        await self.rig.post("/sim/faults", chat=chat, **fault)

    async def shown(self, chat: int) -> list[str]:
        """What the bot wrote there."""
        messages = await self.rig.shown(chat)
        ours = [m for m in messages if m["from"]["is_bot"] and not m["deleted"]]
        return [m["text"] for m in ours if "text" in m]


@asynccontextmanager
async def in_round() -> AsyncIterator[Round]:
    async with over_http(create_app(limits=False)) as rig:
        time = Time()
        pace = Pace(time.tell, time.sleep)
        async with speaking(str(rig.http.base_url).rstrip("/"), pace) as bot, bot:
            yield Round(rig, bot, pace, time)


@asynccontextmanager
async def speaking(address: str, pace: Pace) -> AsyncIterator[ExtBot[Any]]:
    """A bot that has not asked yet who it is."""
    request = AiohttpRequest()
    bot: ExtBot[Any] = ExtBot(
        TOKEN,
        base_url=f"{address}/bot",
        request=request,
        get_updates_request=AiohttpRequest(),
        rate_limiter=pace,
    )
    async with request:
        yield bot
