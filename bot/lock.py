"""One bot to a database: a lock that the system gives back when its holder dies, however it dies."""

import errno
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.single import CannotStartError, SecondInstanceError
from storage.trouble import Trouble, explained

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


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
