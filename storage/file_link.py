"""Files that a person of Zalo fetches by a link, and who may fetch them how often.

The link ends in a random key of which only the hash is kept: there is no signing secret to lose, none can
be made up, and taking the row away takes the link back. The file itself is encrypted with that key, so
neither the database nor its backups show it to anybody. It is gone when it expires.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePath

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select, update

from storage import audit, group, person
from storage.invitation import hash_of
from storage.schema import zalo_file

CHANNEL = "zalo"
# A key seals one file and never another, so it needs no number that is used once.
_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class File:
    """What is fetched."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a link lasts, and how often its file may be fetched: previews fetch too."""

    lifetime: timedelta
    times: int


def keep(conn: Connection, chat: int, file: File, terms: Terms, at: datetime) -> str:
    """Put a file away for a chat; returns the key that ends its link, which is stored nowhere.

    It ends as the file's name does, so that a phone knows what comes.
    """
    key = secrets.token_urlsafe(32) + PurePath(file.name).suffix
    conn.execute(
        insert(zalo_file).values(
            key_hash=hash_of(key),
            chat=chat,
            name=file.name,
            media_type=file.media_type,
            content=_cipher(key).encrypt(_NONCE, file.content, None),
            expires_at=at + terms.lifetime,
            times_left=terms.times,
        )
    )
    return key


def look(conn: Connection, key: str, at: datetime) -> File | None:
    """The file behind a link, while it lasts and its chat may still have it; `at` in Vietnam's time."""
    held = _held(conn, key, at)
    return held.file if held else None


def fetch(conn: Connection, key: str, at: datetime) -> File | None:
    """The same, counted and written into the audit log."""
    held = _held(conn, key, at)
    if held is None:
        return None
    counted = conn.execute(
        update(zalo_file)
        .where(zalo_file.c.id == held.id, zalo_file.c.times_left > 0)
        .values(times_left=zalo_file.c.times_left - 1)
    )
    if not counted.rowcount:
        return None
    audit.record(conn, at, held.person_id, "download", "file", held.id)
    return held.file


def forget_expired(conn: Connection, now: datetime) -> None:
    """Remove what nobody can fetch any more."""
    spent = (zalo_file.c.expires_at <= now) | (zalo_file.c.times_left <= 0)
    conn.execute(delete(zalo_file).where(spent))


@dataclass(frozen=True, slots=True)
class _Held:
    """A file that may be fetched; `person_id` is None for one that went into a group."""

    id: int
    person_id: int | None
    file: File


def _held(conn: Connection, key: str, at: datetime) -> _Held | None:
    row = conn.execute(
        select(zalo_file).where(
            zalo_file.c.key_hash == hash_of(key),
            zalo_file.c.expires_at > at,
            zalo_file.c.times_left > 0,
        )
    ).one_or_none()
    if row is None:
        return None
    file = File(row.name, row.media_type, _cipher(key).decrypt(_NONCE, row.content, None))
    if row.chat < 0:
        known = group.unit_of(conn, CHANNEL, str(row.chat)) is not None
        return _Held(row.id, None, file) if known else None
    reader = person.actor(conn, CHANNEL, str(row.chat), at.date())
    holds_role = reader is not None and reader.memberships
    return _Held(row.id, reader.person_id, file) if reader and holds_role else None


def _cipher(key: str) -> AESGCM:
    """Not by the hash that is kept, but by another one of the same key."""
    return AESGCM(sha256(f"file:{key}".encode()).digest())
