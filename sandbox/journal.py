"""Keeping the sandbox's state: changed records are written in batches to one SQLite table."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.jsons import JsonDict, dumps

FLUSH_SECONDS = 0.05


class Journal:
    """Collects changes; does nothing without a folder."""

    def __init__(self, folder: Path | None) -> None:
        self._changes: dict[tuple[str, str], Callable[[], JsonDict] | None] = {}
        self._connection = _connect(folder) if folder else None

    @property
    def active(self) -> bool:
        """Whether anything is kept at all."""
        return self._connection is not None

    def put(self, kind: str, key: object, record: Callable[[], JsonDict]) -> None:
        """Note that a record is new or changed; `record` gives its fields at writing time."""
        if self._connection is not None:
            self._changes[kind, str(key)] = record

    def drop(self, kind: str, key: object) -> None:
        """Note that a record is gone."""
        if self._connection is not None:
            self._changes[kind, str(key)] = None

    def load(self, kind: str) -> Iterator[tuple[str, JsonDict]]:
        """All kept records of a kind, in the order in which they came."""
        if self._connection is not None:
            rows = self._connection.execute(
                "SELECT key, body FROM record WHERE kind = ? ORDER BY rowid", (kind,)
            )
            for key, body in rows:
                yield key, json.loads(body)

    def flush(self) -> None:
        """Write all changes in one transaction."""
        if self._connection is None or not self._changes:
            return
        changes, self._changes = self._changes, {}
        kept = [(*key, dumps(record())) for key, record in changes.items() if record]
        gone = [key for key, record in changes.items() if record is None]
        with self._connection as connection:
            connection.executemany(
                "INSERT INTO record VALUES (?, ?, ?) "
                "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                kept,
            )
            connection.executemany("DELETE FROM record WHERE kind = ? AND key = ?", gone)

    async def keep_flushing(self) -> None:
        """Flush for ever, so that a killed sandbox loses at most FLUSH_SECONDS."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self.flush()

    def close(self) -> None:
        """Write what is left and let go of the database."""
        self.flush()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connect(folder: Path) -> sqlite3.Connection:
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / "sandbox.sqlite3", check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS record "
        "(kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key))"
    )
    connection.commit()
    return connection
