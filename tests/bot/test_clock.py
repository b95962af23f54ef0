"""The clock that somebody else moves, against the sandbox's own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import RemoteClock, SystemClock
from sandbox.app import create_app
from sandbox.clock import TZ
from tests.sandbox.rig import Rig, over_http

START = datetime(2026, 11, 21, 8, 0, tzinfo=TZ)
SOON = timedelta(seconds=60)
PATIENCE = 10.0


class ImpatientClock(RemoteClock):
    """Asks again at once when nobody answers."""

    RETRY_SECONDS = 0.0


@dataclass
class Bot:
    """What the bot has to do with its clock: it has a next timer, and hears of each move."""

    due: datetime | None = None
    moves: asyncio.Queue[None] = field(default_factory=asyncio.Queue)

    async def next_due(self) -> datetime | None:
        return self.due

    async def moved(self) -> None:
        self.moves.put_nowait(None)

    async def hears_of_a_move(self) -> None:
        await asyncio.wait_for(self.moves.get(), PATIENCE)


@asynccontextmanager
async def following(
    clock: RemoteClock, moved: Callable[[], Awaitable[None]]
) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(clock.follow(moved))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_http(create_app(now=START)) as made:
        yield made


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def clock(rig: Rig, bot: Bot) -> RemoteClock:
    return RemoteClock(f"{rig.http.base_url}/sim/clock", bot.next_due)


def assert_shows(clock: RemoteClock, moment: datetime) -> None:
    assert moment <= clock.now() < moment + SOON


def test_the_machines_clock_knows_its_zone() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


async def test_it_has_no_time_before_it_was_read(clock: RemoteClock) -> None:
    with pytest.raises(RuntimeError, match="not been read"):
        clock.now()


async def test_it_shows_the_remote_time_and_runs_on(clock: RemoteClock) -> None:
    await clock.start()
    assert_shows(clock, START)
    first = clock.now()
    assert clock.now() >= first
    assert first.utcoffset() is not None


async def test_it_follows_every_jump_also_backwards(clock: RemoteClock, bot: Bot, rig: Rig) -> None:
    await clock.start()
    async with following(clock, bot.moved):
        await bot.hears_of_a_move()
        await rig.post("/sim/clock", advance=86_400)
        await bot.hears_of_a_move()
        assert_shows(clock, START + timedelta(days=1))
        await rig.post("/sim/clock", now="2021-01-01T00:00:00+07:00")
        await bot.hears_of_a_move()
        assert_shows(clock, datetime(2021, 1, 1, tzinfo=TZ))
    assert bot.moves.empty()


async def test_it_tells_when_the_next_timer_falls_due(
    clock: RemoteClock, bot: Bot, rig: Rig
) -> None:
    bot.due = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    await clock.start()
    async with following(clock, bot.moved):
        await bot.hears_of_a_move()
        await rig.post("/sim/clock", advance=1)
        await bot.hears_of_a_move()
        told = (await rig.get("/sim/clock"))["next_due"]
        assert datetime.fromisoformat(told) == bot.due
        await rig.post("/sim/clock", to_next_due=True)
        await bot.hears_of_a_move()
        assert_shows(clock, bot.due)


async def test_starting_without_the_remote_clock_is_an_error(bot: Bot) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        clock = RemoteClock(f"http://127.0.0.1:{nobody.getsockname()[1]}/sim/clock", bot.next_due)
        with pytest.raises(aiohttp.ClientError):
            await clock.start()


async def test_it_goes_on_after_the_remote_clock_was_away(bot: Bot) -> None:
    """Cut connections and errors in between: the time runs on, then it is followed."""
    asked = count()
    there = datetime(2026, 12, 1, 9, tzinfo=TZ)

    async def remote(request: web.Request) -> web.Response:
        match next(asked):
            case 0:
                return web.json_response({"now": START.isoformat(), "version": 0})
            case 1 if request.transport is not None:
                request.transport.abort()
            case 2:
                return web.Response(status=503)
            case 3:
                return web.Response(text="<html>proxy</html>", content_type="text/html")
        return web.json_response({"now": there.isoformat(), "version": 1})

    app = web.Application()
    app.router.add_get("/sim/clock", remote)
    async with TestServer(app) as server:
        clock = ImpatientClock(str(server.make_url("/sim/clock")), bot.next_due)
        await clock.start()
        assert_shows(clock, START)
        async with following(clock, bot.moved):
            await bot.hears_of_a_move()
            assert_shows(clock, there)


async def test_an_error_after_one_move_does_not_stop_the_clock(
    clock: RemoteClock, bot: Bot, rig: Rig
) -> None:
    errors = iter([RuntimeError("the database is busy")])

    async def moved() -> None:
        await bot.moved()
        for error in errors:
            raise error

    await clock.start()
    async with following(clock, moved) as task:
        await bot.hears_of_a_move()
        await rig.post("/sim/clock", advance=86_400)
        heard = asyncio.create_task(bot.hears_of_a_move())
        await asyncio.wait({task, heard}, return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        assert not task.done()
        assert_shows(clock, START + timedelta(days=1))
