"""The two verbs: what is promised about units of work, on both engines."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from storage.db import UNITS_PER_COMMIT, Database
from storage.schema import org_unit, unit_alias

only_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ROOT = Path(__file__).parents[2]


class Mistake(Exception):
    pass


def add(conn: Connection, code: str) -> str:
    conn.execute(insert(org_unit).values(code=code, name=code, type="cell"))
    return f"added {code}"


def add_and_fail(conn: Connection, code: str) -> None:
    add(conn, code)
    raise Mistake(code)


def codes(conn: Connection) -> list[str]:
    return list(conn.execute(select(org_unit.c.code).order_by(org_unit.c.code)).scalars())


def orphan(conn: Connection) -> None:
    conn.execute(insert(unit_alias).values(unit_id=999_999, folded="nobody", written="Nobody"))


async def test_an_exception_leaves_nothing_of_its_unit(db: Database) -> None:
    with pytest.raises(Mistake, match="a"):
        await db.write(add_and_fail, "a")
    assert await db.read(codes) == []


async def test_each_of_many_gets_its_own_answer_or_its_own_error(db: Database) -> None:
    units = [db.write(add if n % 3 else add_and_fail, f"{n:03}") for n in range(100)]
    answers = await asyncio.gather(*units, return_exceptions=True)
    kept = [f"{n:03}" for n in range(100) if n % 3]
    assert [a for a in answers if isinstance(a, str)] == [f"added {code}" for code in kept]
    assert [str(a) for a in answers if isinstance(a, Mistake)] == [
        f"{n:03}" for n in range(0, 100, 3)
    ]
    assert await db.read(codes) == kept


async def test_a_unit_the_database_refuses_does_not_hurt_the_others(db: Database) -> None:
    answers = await asyncio.gather(
        db.write(add, "a"), db.write(orphan), db.write(add, "b"), return_exceptions=True
    )
    assert isinstance(answers[1], IntegrityError)
    assert await db.read(codes) == ["a", "b"]


async def test_an_iterator_that_runs_dry_in_a_unit_is_an_error_and_no_endless_wait(
    db: Database,
) -> None:
    def take_first(_: Connection) -> str:
        return next(iter(()))

    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError):
            await db.write(take_first)
        assert await db.write(add, "a") == "added a"


async def test_a_unit_that_ends_the_process_does_not_end_the_writer(db: Database) -> None:
    def leave(_: Connection) -> None:
        raise SystemExit(3)

    async def try_it() -> None:
        with pytest.raises(SystemExit):
            await db.write(leave)

    async with asyncio.timeout(5):
        await try_it()
        assert await db.write(add, "a") == "added a"


async def test_a_reader_sees_only_what_is_committed_and_does_not_wait(
    db: Database, db_url: str
) -> None:
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    backend, rest = db_url.split(":", 1)
    other = create_async_engine(f"{drivers[backend]}:{rest}")
    await db.write(add, "before")
    async with asyncio.timeout(5), other.begin() as long_write:
        await long_write.run_sync(add, "unfinished")
        assert await db.read(codes) == ["before"]
    assert await db.read(codes) == ["before", "unfinished"]
    await other.dispose()


async def test_one_read_sees_one_state_even_when_a_write_comes_between(db: Database) -> None:
    async with db._readers.connect() as conn:
        before = await conn.run_sync(codes)
        await db.write(add, "a")
        assert await conn.run_sync(codes) == before == []
    assert await db.read(codes) == ["a"]


async def test_a_read_cannot_change_anything(db: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read.?only"):
        await db.read(add, "a")
    assert await db.read(codes) == []


async def test_reading_leaves_writing_possible_on_the_same_connections(db: Database) -> None:
    for number in range(20):
        await db.read(codes)
        await db.write(add, f"{number:02}")
    assert len(await db.read(codes)) == 20


async def test_a_cancelled_writer_loses_and_breaks_nothing(db: Database) -> None:
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
    waiting = asyncio.create_task(db.write(add, "a"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await db.write(add, "b") == "added b"
    kept = await db.read(codes)
    assert kept in (["a", "b"], ["b"])
    assert complaints == []


@contextmanager
def complaints_of_threads() -> Iterator[list[object]]:
    """What threads complain about until they have all ended."""
    complaints: list[object] = []
    before, threading.excepthook = threading.excepthook, complaints.append
    try:
        yield complaints
        for thread in threading.enumerate():
            if "_connection_worker_thread" in thread.name:
                thread.join(5)
    finally:
        threading.excepthook = before


def test_readers_who_give_up_leave_nothing_that_speaks_to_their_loop(db_url: str) -> None:
    """A connection that is cut off in the middle has a thread, which answers when the loop is gone."""

    async def give_up(turns: int) -> None:
        async with Database(db_url) as db:
            task = asyncio.create_task(db.read(codes))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()

    with complaints_of_threads() as complaints:
        for turns in range(20):
            asyncio.run(give_up(turns))
    assert complaints == []


def test_a_file_that_cannot_be_opened_leaves_nothing_that_speaks_to_its_loop(
    tmp_path: Path,
) -> None:
    async def look() -> None:
        async with Database(f"sqlite:///{tmp_path}/nowhere/bot.db") as db:
            with pytest.raises(DBAPIError):
                await db.read(codes)

    with complaints_of_threads() as complaints:
        for _ in range(30):
            asyncio.run(look())
    assert complaints == []


async def test_a_person_who_gives_up_waiting_leaves_a_whole_unit_or_none(db: Database) -> None:
    def two(conn: Connection, number: int) -> None:
        add(conn, f"{number} first")
        add(conn, f"{number} second")

    tasks = [asyncio.create_task(db.write(two, number)) for number in range(30)]
    for turns, task in enumerate(tasks):
        for _ in range(turns % 7):
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await db.write(add, "last")
    kept = await db.read(codes)
    assert [c for c in kept if c.endswith("first")] == [
        c.replace("second", "first") for c in kept if c.endswith("second")
    ]


async def test_closing_finishes_what_waits(db_url: str) -> None:
    db = Database(db_url)
    tasks = [asyncio.create_task(db.write(add, f"{number:03}")) for number in range(200)]
    if db.is_sqlite:
        await asyncio.sleep(0)
    else:
        await asyncio.gather(*tasks)
    await db.close()
    answers = await asyncio.gather(*tasks)
    assert all(answer.startswith("added") for answer in answers)
    async with Database(db_url) as again:
        assert len(await again.read(codes)) == 200


@only_sqlite
async def test_writing_after_closing_is_refused(db_url: str) -> None:
    db = Database(db_url)
    await db.close()
    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="closed"):
            await db.write(add, "a")


@only_sqlite
async def test_nobody_is_answered_before_the_common_commit(db: Database) -> None:
    """One commit for all of them: a reader never sees a part of the batch."""
    batch = [asyncio.create_task(db.write(add, f"{n:02}")) for n in range(UNITS_PER_COMMIT)]
    sizes = []
    while not any(task.done() for task in batch):
        sizes.append(len(await db.read(codes)))
    sizes.append(len(await db.read(codes)))
    assert set(sizes) <= {0, UNITS_PER_COMMIT}
    assert sizes[-1] == UNITS_PER_COMMIT
    assert [await task for task in batch] == [f"added {n:02}" for n in range(UNITS_PER_COMMIT)]


@only_sqlite
async def test_messages_are_heard_while_the_writer_waits_for_a_lock(
    db: Database, db_url: str
) -> None:
    """The wait for another program's lock stops nobody who writes nothing."""
    path = make_url(db_url).database
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(db.write(add, "a"))
        for _ in range(50):
            assert await db.read(codes) == []
        assert not waiting.done()
        other.execute("COMMIT")
        assert await waiting == "added a"


@only_sqlite
async def test_every_connection_is_durable_and_checks_its_references(db: Database) -> None:
    def asked(conn: Connection) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return tuple(conn.execute(text(f"PRAGMA {name}")).scalar_one() for name in names)

    full, on = 2, 1
    assert await db.write(asked) == ("wal", full, on)
    assert await db.read(asked) == ("wal", full, on)


async def test_references_are_checked(db: Database) -> None:
    with pytest.raises(IntegrityError):
        await db.write(orphan)


@only_sqlite
async def test_a_unit_that_fills_the_disk_fails_alone(db: Database) -> None:
    """SQLite then rolls back the whole transaction: the others of the batch must not be told yes."""

    def no_more_pages(conn: Connection) -> None:
        pages = conn.execute(text("PRAGMA page_count")).scalar_one()
        conn.execute(text(f"PRAGMA max_page_count = {pages + 20}"))

    await db.write(no_more_pages)
    units = (db.write(add, code) for code in ("a", "b", "x" * 1_000_000, "c", "d"))
    answers = await asyncio.gather(*units, return_exceptions=True)
    assert [isinstance(answer, DBAPIError) for answer in answers] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert "full" in str(answers[2])
    assert await db.read(codes) == ["a", "b", "c", "d"]


@only_sqlite
async def test_the_writer_outlives_a_loop_that_is_gone(db: Database) -> None:
    """Somebody asked from a loop of their own and left before the answer."""

    async def ask_and_leave(turns: int) -> None:
        task = asyncio.create_task(db.write(add, f"{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()

    for turns in range(8):
        await asyncio.to_thread(asyncio.run, ask_and_leave(turns))
    async with asyncio.timeout(5):
        assert await db.write(add, "a") == "added a"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_two_units_that_meet_are_both_done(db: Database) -> None:
    """Both look, both find nothing, both add: the one that loses looks again."""

    def add_once(conn: Connection) -> str:
        if "a" in codes(conn):
            return "known"
        return add(conn, "a")

    answers = await asyncio.gather(*(db.write(add_once) for _ in range(8)))
    assert sorted(answers) == ["added a"] + ["known"] * 7


WRITE_FOREVER = """
import asyncio, sys
from itertools import count
from storage.db import Database
from tests.storage.test_db import add

async def main():
    async with Database(sys.argv[1]) as db:
        for number in count():
            await db.write(add, f"{number:06}")
            print(f"{number:06}", flush=True)

asyncio.run(main())
"""


def answers_until_killed(db_url: str) -> list[str]:
    command = [sys.executable, "-c", WRITE_FOREVER, db_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answered = [process.stdout.readline().strip() for _ in range(25)]
        process.send_signal(signal.SIGKILL)
        answered += process.stdout.read().split()
    assert process.returncode == -signal.SIGKILL
    return answered


async def test_what_was_answered_survives_a_process_that_is_killed(db_url: str) -> None:
    answered = answers_until_killed(db_url)
    async with Database(db_url) as db:
        kept = await db.read(codes)
        assert kept[: len(answered)] == answered
        assert await db.write(add, "after") == "added after"


async def test_a_hundred_readers_at_once_are_served(db: Database) -> None:
    def count(conn: Connection) -> int:
        return conn.execute(select(func.count()).select_from(org_unit)).scalar_one()

    assert await asyncio.gather(*(db.read(count) for _ in range(100))) == [0] * 100
