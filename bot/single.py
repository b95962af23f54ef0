"""One bot to a database and one to a token: a second one stops, and harms nothing.

The database: a lock that the system gives back when its holder dies, however it dies. The token:
the messenger ends the older of two polls with 409 Conflict, so whoever comes first is hit first.
It asks again at once (channels/telegram.py), which ends the newcomer's poll in turn; the newcomer
has asked for nothing but a look, confirms nothing, and stops. Whoever has looked without being hit
is the first from then on, and only asks again when it is.
"""

import asyncio
import errno
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from telegram import Bot
from telegram.error import Conflict, NetworkError, RetryAfter

from channels.telegram import AiohttpRequest
from storage.trouble import Trouble, explained

# How long a newcomer looks whether somebody else polls; the messenger counts in whole seconds.
LOOK_SECONDS = 1
LOOK_AGAIN_SECONDS = 0.1
# Telegram holds back a second conflict within 3 seconds for 3 seconds.
ANSWER_SECONDS = 10.0
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class CannotStartError(Exception):
    """Why the bot does not start, in words for the operator."""

    exit_code = 2


class SecondInstanceError(CannotStartError):
    """Another bot is running already: starting once more by itself would not help."""

    exit_code = 3


@asynccontextmanager
async def only_one(database_url: str) -> AsyncIterator[None]:
    """Hold the database for this process. Raises SecondInstanceError when another bot holds it,
    CannotStartError when nobody can.
    """
    url = make_url(database_url)
    async with AsyncExitStack() as held:
        try:
            if url.get_backend_name() != "sqlite":
                await held.enter_async_context(_server_lock(url))
            elif url.database:
                held.enter_context(file_lock(Path(url.database)))
        except OSError as error:
            what = Trouble.READ_ONLY if error.errno in _FORBIDDEN else Trouble.UNREACHABLE
            raise CannotStartError(explained(what, database_url)) from error
        yield


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """Hold a database file. The lock is on a file beside it, because SQLite keeps its own locks on
    the database, which any closing of it in this process would give up.
    """
    place = database.resolve()
    with place.with_name(f"{place.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SecondInstanceError(_held(str(database))) from None
        yield


@asynccontextmanager
async def _server_lock(url: URL) -> AsyncIterator[None]:
    """The server gives the lock up when the connection ends."""
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as conn:
        key = crc32(b"bao-cao-tuyen-truyen")
        if not await conn.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
            raise SecondInstanceError(_held(url.render_as_string()))
        yield


def _held(database: str) -> str:
    return (
        f"Another bot is running on {database} (DATABASE_URL). This one has stopped and changed "
        "nothing. Stop the other one first, or give this one a database of its own."
    )


async def only_poller(token: str, bot_api: str) -> None:
    """Look whether another process polls with this token, and confirm nothing meanwhile.

    Raises SecondInstanceError when one does. A messenger that cannot be asked says nothing.
    """
    bot = Bot(
        token,
        base_url=f"{bot_api}/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )
    with suppress(NetworkError, RetryAfter):
        try:
            await bot.initialize()
            # A life that was just killed may have one request on its way; a live one keeps polling.
            if await _somebody_polls(bot) and await _somebody_polls(bot):
                raise SecondInstanceError(
                    "Another bot is running with the same TELEGRAM_TOKEN, here or on another "
                    "machine. This one has stopped and changed nothing. Stop the other one first, "
                    "or give this one a token of its own."
                )
        finally:
            # Unlike the library's `async with`, also when the look is cancelled as it begins.
            await bot.shutdown()


async def _somebody_polls(bot: Bot) -> bool:
    """Somebody ends our poll, or confirms the update that we have seen waiting and not confirmed."""
    clock = asyncio.get_running_loop().time
    until, seen = clock() + LOOK_SECONDS, 0
    while clock() < until:
        try:
            waiting = await bot.get_updates(
                limit=1, timeout=LOOK_SECONDS, read_timeout=ANSWER_SECONDS
            )
        except Conflict as conflict:
            # A webhook is no second poller: the bot takes it away when it begins to poll.
            return "webhook is active" not in conflict.message
        oldest = waiting[0].update_id if waiting else None
        if seen and oldest != seen:
            return True
        seen = oldest or seen
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return False
