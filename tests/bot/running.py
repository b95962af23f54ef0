"""The whole bot in this process, beside the sandbox that it talks to."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.run import run
from bot.settings import Settings
from bot.web import HOST


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def nobody_else() -> asyncio.Future[None]:
    """The look for another bot, which has found none."""
    looked = asyncio.get_running_loop().create_future()
    looked.set_result(None)
    return looked


@asynccontextmanager
async def running(how: Settings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    bot = asyncio.create_task(run(how, stop, nobody_else()))
    yield
    stop.set()
    await bot
