"""What is wrong when the database itself, and not what was asked of it, is at fault.

Only such an error is worth waiting for: space is freed, a lock is given up, a server comes back.
A broken rule or a broken statement fails again, however often it is tried.
"""

import socket
import sqlite3
from enum import StrEnum

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError


class Trouble(StrEnum):
    FULL = "full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"
    DISK = "disk"


_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNREACHABLE,
    sqlite3.SQLITE_IOERR: Trouble.DISK,
}
# PostgreSQL's codes, the more telling ones first; the rest of a class by its first two digits.
_POSTGRESQL = {
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "55P03": Trouble.LOCKED,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
    "58030": Trouble.DISK,
    "3D000": Trouble.UNREACHABLE,
    "08": Trouble.UNREACHABLE,
    "28": Trouble.UNREACHABLE,
    "53": Trouble.UNREACHABLE,
    "57P": Trouble.UNREACHABLE,
}

_WHAT_TO_DO = {
    Trouble.FULL: "The disk is full: free some space there.",
    Trouble.READ_ONLY: (
        "It can be read but not written: give the bot's user the right to write the file and its "
        "folder, and see whether the disk is mounted read-only."
    ),
    Trouble.LOCKED: (
        "Another program keeps it locked: end that program (a database browser, a copy in progress)."
    ),
    Trouble.DAMAGED: (
        "It is damaged, or no database at all. Keep it as it is, and bring back the last backup "
        "into a new file: `python -m bot restore BACKUP NEW_FILE`, then let DATABASE_URL name that."
    ),
    Trouble.UNREACHABLE: (
        "It cannot be opened: see that DATABASE_URL is right, that the folder exists and the bot's "
        "user may write there, or that the database server answers."
    ),
    Trouble.DISK: "The disk does not read or write as it should: look at the system's log.",
}


def trouble(error: BaseException) -> Trouble | None:
    """What is wrong with the database; None when the error is not the database's fault."""
    if isinstance(error, DBAPIError):
        return _of_driver(error.orig) or (
            Trouble.UNREACHABLE if error.connection_invalidated else None
        )
    if isinstance(error, SQLAlchemyError):
        return None
    return _of_driver(error)


def _of_driver(error: BaseException | None) -> Trouble | None:
    if isinstance(error, sqlite3.Error):
        # Errors that the driver itself makes up have no code.
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return next(
            (_POSTGRESQL[s] for s in (state, state[:3], state[:2]) if s in _POSTGRESQL), None
        )
    # A server that does not answer at all is told as the network's own error.
    return Trouble.UNREACHABLE if isinstance(error, ConnectionError | socket.gaierror) else None


def explained(what: Trouble, database_url: str) -> str:
    """Which database, what is wrong, and what the operator can do; never its password."""
    url = make_url(database_url)
    place = url.database if url.get_backend_name() == "sqlite" else url.render_as_string()
    return f"The database {place} (DATABASE_URL): {_WHAT_TO_DO[what]}"
