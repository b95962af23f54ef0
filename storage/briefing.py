"""Briefings, what people answered, and the reminder ladder as due rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from domain.briefing import Answer, Briefing, BriefingStatus, DueReminder
from storage import audit
from storage.schema import briefing, briefing_answer, reminder


@dataclass(frozen=True, slots=True)
class StoredBriefing:
    id: int
    unit_id: int
    details: Briefing


def announce(
    conn: Connection,
    unit_id: int,
    created_by: int,
    details: Briefing,
    rungs: Iterable[DueReminder],
    origin: str,
    at: datetime,
) -> StoredBriefing:
    """Store a briefing with its whole ladder; the same `origin` again changes nothing."""
    known = conn.execute(
        select(briefing.c.id).where(briefing.c.origin == origin)
    ).scalar_one_or_none()
    if known is not None:
        return get(conn, known)
    briefing_id: int = conn.execute(
        insert(briefing)
        .values(
            unit_id=unit_id,
            title=details.title,
            topic=details.topic,
            starts_at=details.starts_at,
            place=details.place,
            link=details.link,
            note=details.note,
            status=details.status,
            created_by=created_by,
            created_at=at,
            origin=origin,
        )
        .returning(briefing.c.id)
    ).scalar_one()
    for rung in rungs:
        conn.execute(
            insert(reminder).values(
                briefing_id=briefing_id,
                rung=rung.rung,
                due_at=rung.due_at,
                expires_at=rung.expires_at,
                state="waiting",
            )
        )
    audit.record(conn, at, created_by, "announce", "briefing", briefing_id)
    return get(conn, briefing_id)


def get(conn: Connection, briefing_id: int) -> StoredBriefing:
    return _stored(conn.execute(select(briefing).where(briefing.c.id == briefing_id)).one())


def find(conn: Connection, briefing_id: int) -> StoredBriefing | None:
    row = conn.execute(select(briefing).where(briefing.c.id == briefing_id)).one_or_none()
    return None if row is None else _stored(row)


def upcoming(conn: Connection, unit_path: frozenset[int], now: datetime) -> list[StoredBriefing]:
    """What units of this path are invited to and has not begun, soonest first."""
    rows = conn.execute(
        select(briefing)
        .where(
            briefing.c.unit_id.in_(unit_path),
            briefing.c.starts_at > now,
            briefing.c.status != BriefingStatus.CANCELLED,
        )
        .order_by(briefing.c.starts_at)
    )
    return [_stored(row) for row in rows]


def answer(
    conn: Connection, briefing_id: int, person_id: int, choice: Answer, at: datetime
) -> None:
    """Keep the person's latest answer to the invitation."""
    key = (
        briefing_answer.c.briefing_id == briefing_id,
        briefing_answer.c.person_id == person_id,
    )
    conn.execute(delete(briefing_answer).where(*key))
    conn.execute(
        insert(briefing_answer).values(
            briefing_id=briefing_id, person_id=person_id, answer=choice, answered_at=at
        )
    )
    audit.record(conn, at, person_id, "answer", "briefing", briefing_id, answer=choice)


def answer_of(conn: Connection, briefing_id: int, person_id: int) -> Answer | None:
    choice = conn.execute(
        select(briefing_answer.c.answer).where(
            briefing_answer.c.briefing_id == briefing_id,
            briefing_answer.c.person_id == person_id,
        )
    ).scalar_one_or_none()
    return None if choice is None else Answer(choice)


def answers(conn: Connection, briefing_id: int) -> dict[Answer, int]:
    """How many gave each answer."""
    rows = conn.execute(
        select(briefing_answer.c.answer, func.count())
        .where(briefing_answer.c.briefing_id == briefing_id)
        .group_by(briefing_answer.c.answer)
    )
    return {Answer(choice): count for choice, count in rows}


def _stored(row: Row[Any]) -> StoredBriefing:
    details = Briefing(
        title=row.title,
        starts_at=row.starts_at,
        topic=row.topic,
        place=row.place,
        link=row.link,
        note=row.note,
        status=BriefingStatus(row.status),
    )
    return StoredBriefing(row.id, row.unit_id, details)
