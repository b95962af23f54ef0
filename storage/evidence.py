"""Photos that go with an entry: only by what name the messenger keeps them and how large they are.

Nobody's photo is attached before the person has agreed to the notice about secrecy and privacy.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from storage import audit
from storage.schema import evidence, evidence_consent


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as the messenger keeps it; width and height in pixels."""

    file_id: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A photo that is attached to an entry."""

    id: int
    tally_id: int
    photo: Photo
    sent_at: datetime


def has_agreed(conn: Connection, person_id: int) -> bool:
    """Whether the person has agreed to the notice, in whatever version."""
    known = select(evidence_consent.c.person_id).where(evidence_consent.c.person_id == person_id)
    return conn.execute(known).first() is not None


def agree(conn: Connection, person_id: int, version: str, at: datetime) -> None:
    """The person agrees to this version of the notice; a second time changes nothing."""
    if not has_agreed(conn, person_id):
        conn.execute(
            insert(evidence_consent).values(person_id=person_id, version=version, agreed_at=at)
        )
        audit.record(conn, at, person_id, "agree_to_photos", "person", person_id, version=version)


def attach(conn: Connection, tally_id: int, person_id: int, photo: Photo, at: datetime) -> int:
    """Attach a photo that this person has sent; returns its number. A second time changes nothing."""
    known = [kept.id for kept in of_tally(conn, tally_id) if kept.photo == photo]
    if known:
        return known[0]
    photo_id: int = conn.execute(
        insert(evidence)
        .values(
            tally_id=tally_id,
            file_id=photo.file_id,
            width=photo.width,
            height=photo.height,
            sent_at=at,
        )
        .returning(evidence.c.id)
    ).scalar_one()
    audit.record(conn, at, person_id, "attach_photo", "tally", tally_id)
    return photo_id


def find(conn: Connection, photo_id: int) -> Evidence | None:
    row = conn.execute(select(evidence).where(evidence.c.id == photo_id)).one_or_none()
    return None if row is None else _evidence(row)


def of_tally(conn: Connection, tally_id: int) -> list[Evidence]:
    """The photos of an entry, in the order in which they were attached."""
    rows = conn.execute(
        select(evidence).where(evidence.c.tally_id == tally_id).order_by(evidence.c.id)
    )
    return [_evidence(row) for row in rows]


def count(conn: Connection, tally_id: int) -> int:
    counted = select(func.count()).where(evidence.c.tally_id == tally_id)
    return conn.execute(counted).scalar_one()


def take_off(conn: Connection, photo: Evidence, person_id: int, at: datetime) -> None:
    """Forget one photo."""
    conn.execute(delete(evidence).where(evidence.c.id == photo.id))
    audit.record(conn, at, person_id, "take_off_photo", "tally", photo.tally_id)


def remove(conn: Connection, tally_id: int) -> None:
    """Forget all photos of an entry."""
    conn.execute(delete(evidence).where(evidence.c.tally_id == tally_id))


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(row.id, row.tally_id, Photo(row.file_id, row.width, row.height), row.sent_at)
