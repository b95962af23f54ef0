"""The daily backup, the commands around it, and the restore drill with a bot that is killed."""

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.backup import TRY_AGAIN_AFTER, DailyBackup, due, restore
from bot.lock import file_lock
from bot.settings import Settings
from bot.single import SecondInstanceError
from storage import backup
from tests.bot.processes import Stage, furnished, sessions_kept, staged
from tests.storage.engines import migrated_file
from wording.format import VIETNAM

TWO_AT_NIGHT = datetime(2026, 11, 21, 2, 0, tzinfo=VIETNAM)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_file(tmp_path_factory.mktemp("backup"))


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    return furnished(migrated, tmp_path / "bao-cao.db")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as stage:
        yield stage


def settings_for(database: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{database}")


async def test_a_backup_is_made_once_a_day_after_two_in_the_morning(
    database: Path, tmp_path: Path
) -> None:
    evening = TWO_AT_NIGHT - timedelta(hours=6)
    clock = [evening]
    daily = DailyBackup(settings_for(database), lambda: clock[-1])
    for moment in (evening, evening + MINUTE, TWO_AT_NIGHT - MINUTE):
        clock.append(moment)
        await daily.tick()
    folder = tmp_path / "backups"
    assert [at for at, _ in backup.backups(folder)] == [evening]
    assert not due(folder, TWO_AT_NIGHT - MINUTE)
    assert due(folder, TWO_AT_NIGHT)
    for moment in (TWO_AT_NIGHT, TWO_AT_NIGHT + timedelta(hours=23)):
        clock.append(moment)
        await daily.tick()
    assert backup.last_at(folder) == TWO_AT_NIGHT
    assert len(backup.backups(folder)) == 2


async def test_a_backup_that_failed_is_told_and_tried_again_in_an_hour(
    database: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "backups").write_text("a file in the folder's place")
    clock = [TWO_AT_NIGHT]
    daily = DailyBackup(settings_for(database), lambda: clock[-1])
    await daily.tick()
    clock.append(TWO_AT_NIGHT + MINUTE)
    await daily.tick()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "backups" in caplog.text
    (tmp_path / "backups").unlink()
    clock.append(TWO_AT_NIGHT + TRY_AGAIN_AFTER)
    await daily.tick()
    assert backup.last_at(tmp_path / "backups") == clock[-1]


def test_a_database_that_a_bot_runs_on_is_not_restored_over(database: Path) -> None:
    settings = settings_for(database)
    file = backup.backup(
        settings.database_url, database.parent / "b", TWO_AT_NIGHT, keep=1, days=35
    )
    with file_lock(database), pytest.raises(SecondInstanceError):
        restore(settings, file, database, TWO_AT_NIGHT, overwrite=True)
    assert restore(settings, file, database, TWO_AT_NIGHT, overwrite=True).set_aside


def test_the_drill(stage: Stage, database: Path, tmp_path: Path) -> None:
    """A backup while the bot is storing reports; the bot is killed and its database lost; a new
    bot on the restored file has every report that was confirmed before the backup.
    """
    key = tmp_path / "backup.key"
    key.write_bytes(base64.b64encode(bytes(32)))
    settings = {"DATABASE_URL": f"sqlite:///{database}", "BACKUP_KEY_FILE": str(key)}
    bot = stage.start(database)
    stage.report()
    confirmed = sessions_kept(database)
    making = stage.begin_command("backup", **settings)
    while making.poll() is None:
        stage.report()
    said, wrong = making.communicate()
    assert making.returncode == 0, wrong
    bot.kill()
    for file in tmp_path.glob("bao-cao.db*"):
        file.unlink()

    sealed = said.rpartition(": ")[2].strip()
    assert sealed.endswith(".db.sealed")
    done = stage.command("restore", sealed, str(tmp_path / "new.db"), **settings)
    assert done.returncode == 0, done.stderr
    restored = sessions_kept(tmp_path / "new.db")
    assert restored >= confirmed

    stage.start(tmp_path / "new.db")
    # The backup may have been made in the middle of a report: its draft is open again, or its
    # tap waits in the inbox and is handled now.
    before = stage.newest()
    stage.say("/huy")
    stage.answer("hủy", before)
    settled = sessions_kept(tmp_path / "new.db")
    assert settled >= restored
    stage.report()
    assert sessions_kept(tmp_path / "new.db") == settled + 1
    with closing(sqlite3.connect(tmp_path / "new.db")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
