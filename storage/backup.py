"""Backups of a SQLite database while the bot runs, and the way back from one.

`VACUUM INTO` copies one committed state without holding up the writer. It leaves out the free
pages, in which erased people's data may still stand; sqlite3's page-by-page backup would copy them.

A file has a backup's name only when it is whole, checked and on the disk. Names and errors tell
times and places, never content.
"""

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage import migrate, seal, totals

# The moment in a name is UTC.
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"bao-cao-(\d{8}T\d{6}Z)\.db(\.sealed)?")
_PART = ".bao-cao-"
# What SQLite keeps beside a database: it belongs to that very file, and would spoil another.
_BESIDE = ("-wal", "-shm", "-journal")
LEFTOVER = timedelta(days=1)


class BackupError(Exception):
    """Why there is no backup, or none was restored, in words for the operator."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The schema version of what was restored, and where the file before it is kept, if any."""

    schema: str
    set_aside: Path | None


# --- making one --------------------------------------------------------------------------------------


def backup(
    database_url: str,
    folder: Path,
    now: datetime,
    *,
    key_file: Path | None = None,
    keep: int,
    days: int,
) -> Path:
    """Make a backup, and remove old ones: all but the newest `keep`, and those older than `days`.

    Other processes may write meanwhile. Raises BackupError; what was there before is then kept.
    """
    source = sqlite_file(database_url)
    try:
        key = seal.read_key(key_file) if key_file else None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep((folder, source.parent), now)
        made = _made(source, folder / f"bao-cao-{now.astimezone(UTC):{_STAMP}}.db", key)
        _rotate(folder, made, keep, now - timedelta(days=days))
    except OSError as error:
        raise BackupError(f"The backup in {folder} failed: {error.strerror}.") from error
    except (sqlite3.Error, seal.SealError) as error:
        raise BackupError(f"The backup in {folder} failed: {error}") from error
    return made


def sqlite_file(database_url: str) -> Path:
    """The file of a SQLite database. Raises BackupError for any other."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        raise BackupError(
            "DATABASE_URL names a PostgreSQL database: back it up with pg_dump, and restore it "
            "with pg_restore."
        )
    if not url.database or url.database == ":memory:":
        raise BackupError("DATABASE_URL names no file.")
    return Path(url.database)


def _made(source: Path, target: Path, key: bytes | None) -> Path:
    """An unencrypted copy lies beside the database only, never in the folder of encrypted ones."""
    with _part(target.parent if key is None else source.parent) as copy:
        _copy(source, copy)
        check(copy)
        if key is None:
            return _settle(copy, target)
        with _part(target.parent) as sealed:
            with copy.open("rb") as plain:
                _write(sealed, seal.sealed(plain, key))
            with sealed.open("rb") as stream:
                for _ in seal.opened(stream, key):
                    """Each piece proves itself."""
            return _settle(sealed, target.with_name(f"{target.name}.sealed"))


def _copy(source: Path, copy: Path) -> None:
    with closing(_read_only(source)) as conn:
        conn.execute("VACUUM INTO ?", (str(copy),))


def _rotate(folder: Path, made: Path, keep: int, oldest: datetime) -> None:
    """What was just made is the last good one, whatever the clock says, and stays."""
    dated = sorted(backups(folder), reverse=True)
    for number, (at, file) in enumerate(dated):
        if file != made and (number >= keep or at < oldest):
            file.unlink()


def backups(folder: Path) -> list[tuple[datetime, Path]]:
    """The good backups in a folder, oldest first, each with its moment (UTC)."""
    if not folder.is_dir():
        return []
    named = ((_NAME.fullmatch(file.name), file) for file in folder.iterdir())
    return sorted(
        (datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC), file)
        for found, file in named
        if found
    )


def last_at(folder: Path) -> datetime | None:
    """When the newest good backup was made (UTC); None when there is none."""
    return max((at for at, _ in backups(folder)), default=None)


# --- the way back ------------------------------------------------------------------------------------


def restore(
    file: Path, into: Path, now: datetime, *, key_file: Path | None = None, overwrite: bool = False
) -> Restored:
    """Bring a backup back as the database file `into`, which no bot may be using.

    A file that is there is refused, or with `overwrite` set aside under a name of its own.
    Nothing is migrated: the bot does that when it starts. Raises BackupError, with `into` untouched.
    """
    there = [part for part in _parts(into) if part.exists()]
    if there and not overwrite:
        raise BackupError(
            f"{there[0]} is there already: name a new file, or add --overwrite, which sets it aside."
        )
    try:
        with _part(into.parent) as part:
            _write(part, _content(file, key_file))
            schema = check(part)
            aside = _set_aside(into, now) if there else None
            _settle(part, into)
    except OSError as error:
        raise BackupError(f"{file} was not restored into {into}: {error.strerror}.") from error
    except seal.SealError as error:
        raise BackupError(f"{file} was not restored: {error}") from error
    return Restored(schema, aside)


def _content(file: Path, key_file: Path | None) -> Iterator[bytes]:
    with file.open("rb") as stream:
        if not seal.is_sealed(file):
            while chunk := stream.read(seal.CHUNK_BYTES):
                yield chunk
        elif key_file is None:
            raise seal.SealError("it is encrypted: let BACKUP_KEY_FILE name the key.")
        else:
            yield from seal.opened(stream, seal.read_key(key_file))


def _parts(database: Path) -> list[Path]:
    """A database's files, its log first: without its log it is still one of its own states."""
    return [*(database.with_name(database.name + end) for end in _BESIDE), database]


def _set_aside(into: Path, now: datetime) -> Path:
    aside = into.with_name(f"{into.name}.old-{now.astimezone(UTC):{_STAMP}}")
    for part, kept in zip(_parts(into), _parts(aside), strict=True):
        if part.exists():
            part.rename(kept)
    return aside


# --- checking one ------------------------------------------------------------------------------------


def check(file: Path) -> str:
    """The schema version of a database file that nobody writes. Raises BackupError when it is
    damaged, not this bot's, made by a newer bot, or when its totals differ from a recount.

    The totals of an older schema are not looked at: they may have been kept in another way.
    """
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: _read_only(file, "&immutable=1"),
        poolclass=NullPool,
        hide_parameters=True,
    )
    try:
        with engine.connect() as conn:
            return _checked(conn)
    except DBAPIError as error:
        raise BackupError(f"The file is damaged, or no database: {error.orig}.") from error


def _checked(conn: Connection) -> str:
    if conn.execute(text("PRAGMA integrity_check(1)")).scalar_one() != "ok":
        raise BackupError("The file is damaged: PRAGMA integrity_check finds errors.")
    if conn.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise BackupError("The file is damaged: PRAGMA foreign_key_check finds lost references.")
    version = _known_version(conn)
    if version == migrate.newest() and totals.verify(conn):
        raise BackupError(
            "The live totals differ from a recount: see `python -m bot totals verify`, and mend "
            "them with `python -m bot totals rebuild`."
        )
    return version


def _known_version(conn: Connection) -> str:
    version = migrate.current(conn)
    if version is None:
        raise BackupError("This is no database of this bot: it has no schema version.")
    if version not in migrate.versions():
        raise BackupError(
            f"It was made by a newer bot: its schema is {version}, this bot knows schemas up to "
            f"{migrate.newest()}. Update the bot first."
        )
    return version


# --- files -------------------------------------------------------------------------------------------


def _read_only(file: Path, options: str = "") -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro{options}", uri=True)


@contextmanager
def _part(folder: Path) -> Iterator[Path]:
    """A file on its way, readable by its owner only, and gone unless it gets its name."""
    handle, name = tempfile.mkstemp(prefix=_PART, suffix=".part", dir=folder)
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    with file.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)


def _settle(part: Path, target: Path) -> Path:
    """Give a whole file its name, once its content is on the disk for good."""
    _sync(part)
    part.replace(target)
    _sync(target.parent)
    return target


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folders: Iterable[Path], now: datetime) -> None:
    """Remove what a backup left that was killed half-way."""
    for folder in folders:
        for part in folder.glob(f"{_PART}*.part"):
            if datetime.fromtimestamp(part.stat().st_mtime, UTC) < now - LEFTOVER:
                part.unlink(missing_ok=True)
