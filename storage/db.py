"""The two verbs of storage: `await db.read(f, …)` and `await db.write(f, …)`.

`f(conn, …)` is a plain function over a SQLAlchemy `Connection`. A whole unit of work is one hop:
statement-by-statement hops between threads cost more than the statements (docs/decisions.md).

On SQLite one writer commits the units that wait together, each in a savepoint of its own; an
answer is given only after the commit. Readers run beside it. A database belongs to one event loop.
On PostgreSQL each unit is a transaction of its own. On both a unit that could not be committed
because of others is run again, so `f` changes nothing but the database.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Self, TypeVar
from weakref import WeakSet

import aiosqlite
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.trouble import Trouble, trouble

P = ParamSpec("P")
T = TypeVar("T")

UNITS_PER_COMMIT = 64
BUSY_TIMEOUT_MS = 10_000
ATTEMPTS = 5
LAST_WORD_SECONDS = 5.0
# PostgreSQL's unique_violation, serialization_failure, deadlock_detected: what two units that meet
# do to each other. The one that lost sees the other's rows when it runs again.
COLLISIONS = frozenset({"23505", "40001", "40P01"})


class Database:
    """One database, opened once per process and closed with `await db.close()`.

    `url` is a SQLAlchemy URL: `sqlite:///file.db` or `postgresql://…`; the drivers are chosen here.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._async_engine = _async_engine(parsed)
        self._readers = _read_only(self._async_engine)
        self._reading: set[asyncio.Task[Any]] = set()
        self._readers_threads = _threads_of(self._async_engine) if self.is_sqlite else WeakSet()
        self._writer = _Writer(_sqlite_engine(parsed)) if self.is_sqlite else None

    async def read(
        self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `f(conn, …)` beside the writer, on one committed state; it cannot change anything.

        Cancelling the wait lets the read come to its end, so that its connection is given back.
        """

        async def reading() -> T:
            async with self._readers.connect() as conn:
                return await conn.run_sync(f, *args, **kwargs)

        task = asyncio.create_task(reading())
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
        return await asyncio.shield(task)

    async def write(
        self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `f(conn, …)` as one transaction; return when it is on the disk, raise what it raises.

        Cancelling the wait does not take the unit back: it may be kept or not, but never in part.
        """

        def unit(conn: Connection) -> T:
            return f(conn, *args, **kwargs)

        return await (self._writer.run(unit) if self._writer else self._transact(unit))

    async def _transact(self, unit: Callable[[Connection], T]) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                async with self._async_engine.begin() as conn:
                    return await conn.run_sync(unit)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in COLLISIONS:
                    raise
        async with self._async_engine.begin() as conn:
            return await conn.run_sync(unit)

    async def close(self) -> None:
        """Finish what waits, then close; whoever writes afterwards gets a RuntimeError."""
        if self._writer is not None:
            await self._writer.close()
        await asyncio.gather(*self._reading, return_exceptions=True)
        await self._async_engine.dispose()
        for thread in list(self._readers_threads):
            await asyncio.to_thread(thread.join, LAST_WORD_SECONDS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@dataclass
class _Unit:
    run: Callable[[Connection], Any]
    settled: asyncio.Future[None]
    result: Any = None
    error: BaseException | None = None


class _Writer:
    """SQLite's single writer, with the only connection that may write. Units run on the event loop,
    those that wait together in one transaction; a thread waits for the lock before them and for the
    disk behind them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: deque[_Unit] = deque()
        self._working: asyncio.Task[None] | None = None
        self._closed = False
        self._conn: Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="db-disk")

    async def run(self, f: Callable[[Connection], T]) -> T:
        if self._closed:
            raise RuntimeError("the database is closed")
        loop = asyncio.get_running_loop()
        unit = _Unit(f, loop.create_future())
        self._waiting.append(unit)
        if self._working is None or self._working.done():
            self._working = loop.create_task(self._work())
        await unit.settled
        if unit.error is not None:
            raise unit.error
        result: T = unit.result
        return result

    async def close(self) -> None:
        self._closed = True
        if self._working is not None:
            await self._working
        self._thread.shutdown()
        if self._conn is not None:
            self._conn.close()
        self._engine.dispose()

    async def _work(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), UNITS_PER_COMMIT)
            batch = [self._waiting.popleft() for _ in range(count)]
            await self._commit(batch)
            for unit in batch:
                if not unit.settled.done():
                    unit.settled.set_result(None)

    async def _commit(self, batch: list[_Unit]) -> None:
        lost = await self._commit_together(batch) if len(batch) > 1 else None
        if lost is not None and trouble(lost) is Trouble.LOCKED:
            # Alone, each would wait as long again for the same lock.
            for unit in batch:
                unit.result, unit.error = None, lost
        elif lost is not None or len(batch) == 1:
            for unit in batch:
                await self._commit_alone(unit)

    async def _commit_together(self, batch: list[_Unit]) -> Exception | None:
        """An error when nothing of the batch was kept: one unit's full disk is not the others'."""
        try:
            async with self._transaction() as conn:
                for unit in batch:
                    _run_in_savepoint(conn, unit)
        except Exception as error:
            return error
        return None

    async def _commit_alone(self, unit: _Unit) -> None:
        unit.result = unit.error = None
        try:
            async with self._transaction() as conn:
                unit.result = unit.run(conn)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            unit.error = error

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        loop = asyncio.get_running_loop()
        conn = await loop.run_in_executor(self._thread, self._begin)
        try:
            yield conn
            await loop.run_in_executor(self._thread, conn.commit)
        except BaseException:
            # In the thread's order: before whatever begins next, even when this loop is at its end.
            self._thread.submit(conn.rollback)
            raise

    def _begin(self) -> Connection:
        conn = self._conn = self._conn or self._engine.connect()
        # A loop that ended in the middle leaves what it had begun.
        conn.rollback()
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        return conn


def _run_in_savepoint(conn: Connection, unit: _Unit) -> None:
    """Keep the unit's error for whoever asked; raise only when the whole transaction is lost.

    The savepoint is said to the driver itself: SQLAlchemy's way takes as long as a statement.
    """
    cursor = conn.connection.cursor()
    cursor.execute("SAVEPOINT unit")
    try:
        unit.result = unit.run(conn)
    except BaseException as error:
        unit.error = error
        cursor.execute("ROLLBACK TO unit")
    cursor.execute("RELEASE unit")


def _async_engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url.set(drivername="postgresql+asyncpg"), hide_parameters=True)
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), hide_parameters=True)
    _prepare_sqlite(engine.sync_engine, read_only=True)
    return engine


def _threads_of(engine: AsyncEngine) -> WeakSet[threading.Thread]:
    """The threads of aiosqlite's connections, as they come. A connection that could not be opened is
    not closed by anybody: its thread answers once more, to a loop that must still be there.
    """
    threads: WeakSet[threading.Thread] = WeakSet()

    async def opening(*args: Any, **kwargs: Any) -> aiosqlite.Connection:
        connection = aiosqlite.connect(*args, **kwargs)
        connection._thread.daemon = True
        threads.add(connection._thread)
        return await connection

    @event.listens_for(engine.sync_engine, "do_connect")
    def on_opening(_: Dialect, __: object, ___: list[Any], how: dict[str, Any]) -> None:
        how["async_creator_fn"] = opening

    return threads


def _read_only(engine: AsyncEngine) -> AsyncEngine:
    """The same connections for reading: one snapshot per read. SQLite's are like that already."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        # Never two threads at once: the loop runs the units while the thread waits for nothing.
        connect_args={"check_same_thread": False},
    )
    _prepare_sqlite(engine, read_only=False)
    return engine


def _prepare_sqlite(engine: Engine, *, read_only: bool) -> None:
    """WAL, fully synced, foreign keys on; transactions begin when we say so, not when it guesses.

    The writer says so itself: a listener to "begin" would slow down every one of its statements.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            # Some builds open a file for every small sort; a report's check has several.
            cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    if read_only:

        @event.listens_for(engine, "begin")
        def on_begin(conn: Connection) -> None:
            conn.exec_driver_sql("BEGIN")
