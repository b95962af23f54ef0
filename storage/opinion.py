"""Opinion notes. Only text that passed the privacy screen reaches this module."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from domain.opinion import Category, OpinionStatus, Suggestion
from storage import audit
from storage.schema import opinion_note, unit_path


def record(
    conn: Connection,
    unit_id: int,
    sender_id: int,
    text: str,
    fields: Suggestion,
    origin: str,
    at: datetime,
) -> int:
    """Store a screened note; the same `origin` again changes nothing. Returns its number."""
    known = conn.execute(
        select(opinion_note.c.id).where(opinion_note.c.origin == origin)
    ).scalar_one_or_none()
    if known is not None:
        return int(known)
    note_id: int = conn.execute(
        insert(opinion_note)
        .values(
            unit_id=unit_id,
            sender_id=sender_id,
            text=text,
            category=fields.category,
            urgency=fields.urgency,
            stance=fields.stance,
            breadth=fields.breadth,
            place_text=fields.place_text,
            is_proposal=fields.is_proposal,
            status=OpinionStatus.NEW,
            origin=origin,
            created_at=at,
        )
        .returning(opinion_note.c.id)
    ).scalar_one()
    audit.record(
        conn, at, sender_id, "send_note", "opinion_note", note_id, category=fields.category
    )
    return note_id


def count_by_category(
    conn: Connection, unit_id: int, since: datetime, until: datetime
) -> Mapping[Category, int]:
    """How many notes came from a unit and below, by field, most first; never their texts."""
    rows = conn.execute(
        select(opinion_note.c.category, func.count().label("notes"))
        .join(unit_path, unit_path.c.unit_id == opinion_note.c.unit_id)
        .where(
            unit_path.c.ancestor_id == unit_id,
            opinion_note.c.created_at >= since,
            opinion_note.c.created_at < until,
        )
        .group_by(opinion_note.c.category)
        .order_by(func.count().desc(), opinion_note.c.category)
    )
    return {Category(row.category): row.notes for row in rows}
