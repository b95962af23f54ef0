"""The clocks: the machine's, or one that somebody else moves (the sandbox's)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import aiohttp
from pydantic import AwareDatetime, BaseModel

log = logging.getLogger(__name__)


class Clock(Protocol):
    """Tells the time; an aware datetime."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class _Reading(BaseModel):
    now: AwareDatetime
    version: int


class RemoteClock:
    """Follows a clock over HTTP, which may be moved at any moment.

    Between two answers it runs on by itself. It tells the remote clock when the next timer falls
    due, so that whoever moves it can jump there.
    """

    WAIT_SECONDS = 20.0
    RETRY_SECONDS = 1.0

    def __init__(self, url: str, next_due: Callable[[], Awaitable[datetime | None]]) -> None:
        self._url = url
        self._next_due = next_due
        self._base: datetime | None = None
        self._read_at = 0.0

    def now(self) -> datetime:
        if self._base is None:
            raise RuntimeError("the remote clock has not been read yet")
        return self._base + timedelta(seconds=time.monotonic() - self._read_at)

    async def start(self) -> None:
        """Read the clock once; raises when it does not answer."""
        async with aiohttp.ClientSession() as http:
            await self._ask(http, {})

    async def follow(self, moved: Callable[[], Awaitable[None]]) -> None:
        """Keep up with the clock until cancelled; call `moved` after somebody moved it. What that
        has to do does not hold up the reading: meanwhile the clock may be moved again.
        """
        news = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_tell(moved, news))
            await self._read_on(news)

    async def _read_on(self, news: asyncio.Event) -> None:
        version = -1
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    reading = await self._ask(http, await self._question(version))
                except (aiohttp.ClientError, TimeoutError):
                    log.warning("the remote clock does not answer")
                    await asyncio.sleep(self.RETRY_SECONDS)
                    continue
                if reading.version != version:
                    version = reading.version
                    news.set()

    async def _question(self, version: int) -> dict[str, str]:
        due = await self._next_due()
        return {
            "known_version": str(version),
            "wait": "1",
            "next_due": due.isoformat() if due else "",
        }

    async def _ask(self, http: aiohttp.ClientSession, question: dict[str, str]) -> _Reading:
        timeout = aiohttp.ClientTimeout(total=self.WAIT_SECONDS)
        async with http.get(self._url, params=question, timeout=timeout) as response:
            response.raise_for_status()
            reading = _Reading.model_validate(await response.json())
        self._base, self._read_at = reading.now, time.monotonic()
        return reading


async def _tell(moved: Callable[[], Awaitable[None]], news: asyncio.Event) -> None:
    """An error of whoever is told must not end the following of the clock."""
    while True:
        await news.wait()
        news.clear()
        try:
            await moved()
        except Exception as error:
            log.error("what follows a move of the clock failed", exc_info=error)
