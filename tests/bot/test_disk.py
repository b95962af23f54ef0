"""Disks and databases that fail, for real: the operator reads what to do, people are told kindly,
and the bot goes on by itself when it can.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import db as storage_db
from storage.db import Database
from storage.trouble import Trouble, trouble
from tests.bot.disks import fill, forbid_writing, small_disk
from tests.bot.processes import CONFIRM, Stage, furnished, sessions_kept, staged
from tests.storage.engines import migrated_file

WAIT = "chưa lưu được"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_file(tmp_path_factory.mktemp("disk"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as stage:
        yield stage


def test_a_full_disk_costs_no_message_and_its_end_is_noticed(
    stage: Stage, migrated: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", 2_000) as disk:
        assert disk, "no file system can be mounted here"
        database = furnished(migrated, disk / "bao-cao.db")
        bot = stage.start(database, BACKUP_DIR=str(tmp_path / "backups"))
        stage.report()

        ballast = fill(disk)
        before = stage.newest()
        stage.say(next(stage.lines))
        stage.answer(WAIT, before)
        # A second attempt has failed as well, and is not told again.
        stage.wait_until(lambda: bot.said.count("the database takes nothing: full") > 1, bot)
        ballast.unlink()
        stage.answer(CONFIRM, before)
        assert [WAIT in answer for answer in stage.answers(before)] == [True, False]
        stage.tap_newest()
        stage.answer("Đã lưu", before)
        assert sessions_kept(database) == 2
        assert "buổi" not in bot.said
        bot.kill()


def test_a_bot_that_cannot_use_its_database_says_which_and_what_to_do(
    stage: Stage, migrated: Path, tmp_path: Path
) -> None:
    damaged = furnished(migrated, tmp_path / "damaged.db")
    with damaged.open("r+b") as stream:
        stream.write(b"\0" * 200)
    cut = furnished(migrated, tmp_path / "cut.db")
    cut.write_bytes(cut.read_bytes()[:9000])
    with (
        small_disk(tmp_path / "full", 64) as full,
        small_disk(tmp_path / "fixed", 2_000) as fixed,
    ):
        assert full and fixed, "no file system can be mounted here"
        fill(full)
        furnished(migrated, fixed / "x.db")
        forbid_writing(fixed)
        expected = {
            tmp_path / "missing" / "x.db": "the folder exists",
            damaged: "restore BACKUP NEW_FILE",
            cut: "restore BACKUP NEW_FILE",
            full / "x.db": "free some space",
            fixed / "x.db": "mounted read-only",
        }
        runs = {database: stage.begin(database) for database in expected}
        for database, words in expected.items():
            assert runs[database].ends() == 2, runs[database].said
            said = runs[database].said
            assert words in said
            assert f"{database} (DATABASE_URL)" in said
            assert "Traceback" not in said


async def test_what_waits_for_a_locked_database_fails_at_once_together(
    migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten waiting for one lock in turn would hold up their people ten times as long."""
    monkeypatch.setattr(storage_db, "BUSY_TIMEOUT_MS", 300)
    file = furnished(migrated, tmp_path / "x.db")
    loop = asyncio.get_running_loop()
    async with Database(f"sqlite:///{file}") as db:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            begun = loop.time()
            errors = await asyncio.gather(
                *(db.write(_touch) for _ in range(20)), return_exceptions=True
            )
            assert loop.time() - begun < 5 * 0.3
        assert {trouble(e) for e in errors if isinstance(e, Exception)} == {Trouble.LOCKED}
        assert len(errors) == 20
        await db.write(_touch)


def _touch(conn: Connection) -> None:
    conn.execute(text("UPDATE person SET display_name = display_name"))


async def test_a_mistake_of_ours_is_not_taken_for_a_database_that_is_down(
    migrated: Path, tmp_path: Path
) -> None:
    def twice(conn: Connection) -> None:
        conn.execute(text("INSERT INTO person (id, created_at) VALUES (1, '')"))

    def unknown(conn: Connection) -> None:
        conn.execute(text("SELECT * FROM nowhere"))

    async with Database(f"sqlite:///{furnished(migrated, tmp_path / 'x.db')}") as db:
        with pytest.raises(IntegrityError) as broken:
            await db.write(twice)
        assert trouble(broken.value) is None
        for verb in (db.read, db.write):
            with pytest.raises(DBAPIError) as mistaken:
                await verb(unknown)
            assert trouble(mistaken.value) is None


async def test_a_server_that_does_not_answer_is_told_as_such() -> None:
    async with Database("postgresql://bot:secret@127.0.0.1:9/none") as db:
        with pytest.raises(OSError) as error:
            await db.read(lambda _: None)
        assert trouble(error.value) is Trouble.UNREACHABLE
