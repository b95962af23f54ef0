"""Backups as files: whole, checked, bare of what was erased, and brought back unharmed."""

import base64
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import backup, migrate, seal
from storage.backup import BackupError
from storage.db import Database
from storage.trouble import Trouble, explained
from tests.bot.disks import fill, small_disk
from tests.bot.processes import engine_of
from tests.journeys.cast import CAST, furnish
from tests.storage.engines import migrated_file

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PEOPLE = ("membership", "account", "person")
NAME = "Báo cáo viên Nà Tông"
WRONG_TOTAL = "1, '2026-11', 'oral_session', '2026-11-01', '2026-11-30', 1" + ", 0" * 15


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_file(tmp_path_factory.mktemp("backup"))


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    file = tmp_path / "data" / "bao-cao.db"
    file.parent.mkdir()
    shutil.copy(migrated, file)
    with engine_of(file).begin() as conn:
        furnish(conn, {who: number for number, who in enumerate(CAST, 1)}, NOW)
    return file


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "backup.key"
    file.write_bytes(base64.b64encode(bytes(range(32))) + b"\n")
    return file


def made(
    database: Path, folder: Path, at: datetime = NOW, *, key_file: Path | None = None, keep: int = 9
) -> Path:
    url = f"sqlite:///{database}"
    return backup.backup(url, folder, at, key_file=key_file, keep=keep, days=35)


def people(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as conn:
        return [name for (name,) in conn.execute("SELECT display_name FROM person")]


def run_sql(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as conn:
        conn.executescript(statement)


# --- there and back ----------------------------------------------------------------------------------


def test_what_was_stored_comes_back_from_a_backup(database: Path, tmp_path: Path) -> None:
    file = made(database, tmp_path / "backups")
    assert file.name == "bao-cao-20261121T020000Z.db"
    into = tmp_path / "new.db"
    done = backup.restore(file, into, NOW)
    assert done == backup.Restored(migrate.newest(), None)
    assert NAME in people(into)


def test_a_backup_is_its_owners_alone_and_leaves_nothing_else_behind(
    database: Path, tmp_path: Path, key_file: Path
) -> None:
    folder = tmp_path / "backups"
    file = made(database, folder, key_file=key_file)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(folder.iterdir()) == [file]
    assert list(database.parent.glob(".*")) == []


def test_an_encrypted_backup_shows_nothing_and_comes_back_with_its_key(
    database: Path, tmp_path: Path, key_file: Path
) -> None:
    file = made(database, tmp_path / "backups", key_file=key_file)
    assert file.name.endswith(".db.sealed")
    assert NAME.encode() not in file.read_bytes()
    assert b"SQLite" not in file.read_bytes()
    backup.restore(file, tmp_path / "new.db", NOW, key_file=key_file)
    assert NAME in people(tmp_path / "new.db")


def test_somebody_erased_stands_in_no_later_backup(database: Path, tmp_path: Path) -> None:
    run_sql(database, "PRAGMA secure_delete = OFF" + "".join(f"; DELETE FROM {t}" for t in PEOPLE))
    assert NAME.encode() in database.read_bytes()
    assert NAME.encode() not in made(database, tmp_path / "backups").read_bytes()


def test_a_writer_in_the_middle_of_its_work_is_neither_stopped_nor_copied(
    database: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE person SET display_name = 'half-done'")
        file = made(database, tmp_path / "backups")
        writer.execute("COMMIT")
    assert NAME in people(file)
    assert set(people(database)) == {"half-done"}


# --- what does not count as a backup -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("UPDATE membership SET unit_id = 999", "lost references"),
        (f"INSERT INTO period_total VALUES ({WRONG_TOTAL})", "totals rebuild"),
        ("DELETE FROM alembic_version", "no database of this bot"),
        ("UPDATE alembic_version SET version_num = '9999'", "made by a newer bot"),
        ("PRAGMA writable_schema = 1; DELETE FROM sqlite_master WHERE name = 'person'", "damaged"),
    ],
)
def test_a_copy_that_is_not_sound_is_no_backup_and_the_last_good_one_stays(
    database: Path, tmp_path: Path, spoil: str, why: str
) -> None:
    good = made(database, tmp_path / "backups", keep=1)
    run_sql(database, spoil)
    with pytest.raises(BackupError, match=why):
        made(database, tmp_path / "backups", NOW + timedelta(days=40), keep=1)
    assert list((tmp_path / "backups").iterdir()) == [good]


def test_a_damaged_page_is_noticed(database: Path, tmp_path: Path) -> None:
    content = bytearray(database.read_bytes())
    content[3 * 4096 : 6 * 4096] = b"\xa5" * (3 * 4096)
    database.write_bytes(content)
    with pytest.raises(BackupError, match=r"malformed|damaged"):
        made(database, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_the_schema_before_the_newest_is_backed_up_too(database: Path, tmp_path: Path) -> None:
    run_sql(database, "UPDATE alembic_version SET version_num = '0001'")
    file = made(database, tmp_path / "backups")
    assert backup.restore(file, tmp_path / "new.db", NOW).schema == "0001"


def test_on_a_full_disk_nothing_half_written_stays(database: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 2_000) as disk:
        assert disk, "no file system can be mounted here"
        ballast = fill(disk)
        with pytest.raises(BackupError, match=r"full|No space"):
            made(database, disk)
        assert list(disk.iterdir()) == [ballast]
        ballast.unlink()
        assert made(database, disk).exists()


def test_of_a_server_pg_dump_makes_the_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        backup.backup("postgresql://u:secret@h/n", tmp_path, NOW, keep=1, days=1)


@pytest.mark.parametrize("content", [None, b"", b"c2hvcnQ=", b"\xff\xfe not base64"])
def test_without_a_good_key_there_is_no_backup_rather_than_an_open_one(
    database: Path, tmp_path: Path, content: bytes | None
) -> None:
    key_file = tmp_path / "bad.key"
    if content is not None:
        key_file.write_bytes(content)
    with pytest.raises(BackupError, match=r"bad\.key"):
        made(database, tmp_path / "backups", key_file=key_file)
    assert backup.last_at(tmp_path / "backups") is None


# --- the number of them ------------------------------------------------------------------------------


def test_old_backups_go_by_number_and_by_age_and_strange_files_stay(
    database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    for day in range(3):
        made(database, folder, NOW + timedelta(days=day))
    (folder / "notes.txt").touch()
    newest = made(database, folder, NOW + timedelta(days=36), keep=9)
    assert {file.name for file in folder.iterdir()} == {
        "notes.txt",
        "bao-cao-20261122T020000Z.db",
        "bao-cao-20261123T020000Z.db",
        newest.name,
    }
    made(database, folder, NOW + timedelta(days=37), keep=2)
    assert len(backup.backups(folder)) == 2
    assert backup.last_at(folder) == NOW + timedelta(days=37)


def test_a_clock_that_was_set_back_does_not_cost_the_backup_just_made(
    database: Path, tmp_path: Path
) -> None:
    made(database, tmp_path / "backups", NOW + timedelta(days=3))
    back = made(database, tmp_path / "backups", NOW, keep=1)
    assert back.exists()


def test_what_a_killed_backup_left_is_swept_away_later(database: Path, tmp_path: Path) -> None:
    left = database.parent / ".bao-cao-x.part"
    left.touch()
    made(database, tmp_path / "backups", datetime.now(UTC))
    assert left.exists()
    made(database, tmp_path / "backups", datetime.now(UTC) + timedelta(days=2))
    assert not left.exists()


# --- the way back ------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_not_overwritten_unless_told_and_then_set_aside(
    database: Path, tmp_path: Path
) -> None:
    file = made(database, tmp_path / "backups")
    with closing(sqlite3.connect(database, isolation_level=None)) as conn:
        conn.execute("DELETE FROM membership")
        conn.execute("UPDATE person SET display_name = 'later'")
        assert database.with_name("bao-cao.db-wal").stat().st_size
        with pytest.raises(BackupError, match="--overwrite"):
            backup.restore(file, database, NOW)
        assert "later" in people(database)
        done = backup.restore(file, database, NOW, overwrite=True)
    assert done.set_aside == database.with_name("bao-cao.db.old-20261121T020000Z")
    assert NAME in people(database)
    assert not database.with_name("bao-cao.db-wal").exists()
    assert set(people(done.set_aside)) == {"later"}


def test_another_databases_log_beside_the_target_is_seen(database: Path, tmp_path: Path) -> None:
    """SQLite would play it into the restored file."""
    file = made(database, tmp_path / "backups")
    (tmp_path / "new.db-wal").write_bytes(b"left behind")
    with pytest.raises(BackupError, match=r"new\.db-wal is there already"):
        backup.restore(file, tmp_path / "new.db", NOW)


@pytest.mark.parametrize("harm", ["cut off", "one byte", "two chunks swapped", "another key"])
def test_an_encrypted_backup_that_was_touched_is_refused(
    database: Path, tmp_path: Path, key_file: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "CHUNK_BYTES", 4096)
    file = made(database, tmp_path / "backups", key_file=key_file)
    content, first, size = bytearray(file.read_bytes()), len(seal.MAGIC) + 32, 4096 + 16
    match harm:
        case "cut off":
            content = content[: first + 5 * size]
        case "one byte":
            content[-100] ^= 1
        case "two chunks swapped":
            one, two = content[first : first + size], content[first + size : first + 2 * size]
            content[first : first + 2 * size] = two + one
        case "another key":
            key_file.write_bytes(base64.b64encode(b"x" * 32))
    file.write_bytes(content)
    with pytest.raises(BackupError, match="key does not fit this backup, or the file is damaged"):
        backup.restore(file, tmp_path / "new.db", NOW, key_file=key_file)
    assert not (tmp_path / "new.db").exists()
    assert list(tmp_path.glob(".*")) == []


def test_an_encrypted_backup_without_its_key_says_which_setting_is_missing(
    database: Path, tmp_path: Path, key_file: Path
) -> None:
    file = made(database, tmp_path / "backups", key_file=key_file)
    with pytest.raises(BackupError, match="BACKUP_KEY_FILE"):
        backup.restore(file, tmp_path / "new.db", NOW)


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 400])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(BackupError, match=r"no database"):
        backup.restore(tmp_path / "x.db", tmp_path / "new.db", NOW)
    assert not (tmp_path / "new.db").exists()


def test_a_full_disk_leaves_no_half_of_a_database(database: Path, tmp_path: Path) -> None:
    file = made(database, tmp_path / "backups")
    with small_disk(tmp_path / "small", 100) as disk:
        assert disk, "no file system can be mounted here"
        with pytest.raises(BackupError, match="No space left"):
            backup.restore(file, disk / "new.db", NOW)
        assert list(disk.iterdir()) == []


async def test_the_bot_opens_what_was_restored(database: Path, tmp_path: Path) -> None:
    backup.restore(made(database, tmp_path / "backups"), tmp_path / "new.db", NOW)
    async with Database(f"sqlite:///{tmp_path / 'new.db'}") as db:
        await migrate.migrate(db)
        assert await db.read(migrate.current) == migrate.newest()


def test_no_error_tells_a_password() -> None:
    said = explained(Trouble.UNREACHABLE, "postgresql://bot:hidden@server/reports")
    assert "server/reports" in said
    assert "hidden" not in said
