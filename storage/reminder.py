"""Time as data: due rows, and the ledger of what went to whom.

A due reminder is expanded into one delivery per recipient under a unique key, so expanding it
again is a no-op. A delivery is marked `sending` before it is sent: if the process dies in
between, it becomes `unknown` and is not sent a second time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.briefing import VIETNAM, Answer, Rung
from domain.role import Role
from storage import person
from storage.schema import (
    account,
    briefing,
    briefing_answer,
    delivery,
    membership,
    reminder,
    unit_path,
)

# The message of a day of the ladder, which goes out in push hours only.
LADDER = "ladder.reminder"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class DueRow:
    id: int
    briefing_id: int
    rung: Rung
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one person; `message` names the template, an id or the day of the ladder what it
    is about. `addresses` are (messenger, address) in the order in which they are tried.
    """

    id: int
    person_id: int
    addresses: tuple[tuple[str, str], ...]
    message: str
    briefing_id: int | None
    request_id: int | None
    rest_id: int | None
    nudged_on: date | None
    enrolment_id: int | None
    leave_id: int | None
    membership_id: int | None
    about: str | None


def next_due(conn: Connection) -> datetime | None:
    """When the next reminder falls due, or the next message that has a time of its own."""
    times = (
        select(func.min(reminder.c.due_at)).where(reminder.c.state == "waiting"),
        select(func.min(delivery.c.not_before)).where(delivery.c.state == DeliveryState.QUEUED),
    )
    found = [conn.execute(earliest).scalar_one_or_none() for earliest in times]
    return min(filter(None, found), default=None)


def expand_due(conn: Connection, now: datetime) -> int:
    """Turn every due reminder of a briefing into deliveries, or let it expire; returns how many were
    due.
    """
    rows = conn.execute(
        select(reminder)
        .where(
            reminder.c.state == "waiting",
            reminder.c.due_at <= now,
            reminder.c.briefing_id.is_not(None),
        )
        .order_by(reminder.c.due_at)
    ).all()
    for row in rows:
        due = DueRow(row.id, row.briefing_id, Rung(row.rung), row.expires_at)
        state = "expired" if due.expires_at <= now else "expanded"
        if state == "expanded":
            _expand(conn, due, now)
        conn.execute(update(reminder).where(reminder.c.id == due.id).values(state=state))
    return len(rows)


def _expand(conn: Connection, due: DueRow, now: datetime) -> None:
    queue(
        conn,
        _recipients(conn, due, now.astimezone(VIETNAM).date()),
        key=f"briefing:{due.briefing_id}:{due.rung}",
        message=f"briefing.{due.rung}",
        at=now,
        expires_at=due.expires_at,
        briefing_id=due.briefing_id,
    )


# Whom a rung concerns: the count of attendance is asked of unit leads, the rest of everybody.
_ROLES = {Rung.ATTENDANCE: (Role.UNIT_LEAD,)}
# Those who said that they cannot come are not reminded of the day.
_ONLY_WITHOUT = {
    Rung.CONFIRM: (Answer.ATTENDING, Answer.ABSENT, Answer.SUBSTITUTE),
    Rung.TODAY: (Answer.ABSENT,),
}


def _recipients(conn: Connection, due: DueRow, today: date) -> list[int]:
    answered = select(briefing_answer.c.person_id).where(
        briefing_answer.c.briefing_id == due.briefing_id,
        briefing_answer.c.answer.in_(_ONLY_WITHOUT.get(due.rung, ())),
    )
    people = (
        select(membership.c.person_id)
        .join(unit_path, unit_path.c.unit_id == membership.c.unit_id)
        .join(briefing, briefing.c.unit_id == unit_path.c.ancestor_id)
        .where(
            briefing.c.id == due.briefing_id,
            membership.c.role.in_(_ROLES.get(due.rung, tuple(Role))),
            membership.c.valid_from <= today,
            or_(membership.c.valid_to.is_(None), membership.c.valid_to >= today),
            membership.c.person_id.not_in(answered),
        )
        .distinct()
        .order_by(membership.c.person_id)
    )
    return list(conn.execute(people).scalars())


def queue(
    conn: Connection,
    people: Iterable[int],
    *,
    key: str,
    message: str,
    at: datetime,
    expires_at: datetime,
    briefing_id: int | None = None,
    request_id: int | None = None,
    rest_id: int | None = None,
    nudged_on: date | None = None,
    enrolment_id: int | None = None,
    leave_id: int | None = None,
    membership_id: int | None = None,
    about: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """One queued delivery per person; a person who has this key already gets no second one."""
    rows = [
        {
            "key": f"{key}:{person_id}",
            "person_id": person_id,
            "message": message,
            "briefing_id": briefing_id,
            "request_id": request_id,
            "rest_id": rest_id,
            "nudged_on": nudged_on,
            "enrolment_id": enrolment_id,
            "leave_id": leave_id,
            "membership_id": membership_id,
            "about": about,
            "state": DeliveryState.QUEUED,
            "created_at": at,
            "not_before": not_before,
            "expires_at": expires_at,
        }
        for person_id in people
    ]
    if rows:
        conn.execute(_QUEUE[conn.dialect.name], rows)


_QUEUE = {
    "sqlite": sqlite.insert(delivery).on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(delivery).on_conflict_do_nothing(index_elements=["key"]),
}


def had(conn: Connection, message: str, since: datetime) -> set[int]:
    """Who has had this message, or was to have it, since then."""
    rows = select(delivery.c.person_id).where(
        delivery.c.message == message, delivery.c.created_at >= since
    )
    return set(conn.execute(rows).scalars())


def take(
    conn: Connection,
    channels: Sequence[str],
    now: datetime,
    limit: int,
    paused: Sequence[str] = (),
    *,
    holds_ladder: bool = False,
) -> list[Delivery]:
    """Claim the oldest queued deliveries whose time has come, at most `limit`.

    Stale and unreachable ones are closed on the way; an empty list means that nothing waits but for
    those of `channels` that are `paused`, and those of the ladder when it is held back.
    """
    conn.execute(
        update(delivery)
        .where(delivery.c.state == DeliveryState.QUEUED, delivery.c.expires_at <= now)
        .values(state=DeliveryState.EXPIRED)
    )
    queued = _queued(now)
    if paused:
        queued = queued.where(_goes_by(channels).not_in(paused))
    if holds_ladder:
        queued = queued.where(delivery.c.message != LADDER)
    claimed: list[Delivery] = []
    while wanted := limit - len(claimed):
        rows = conn.execute(queued.limit(wanted)).all()
        if not rows:
            break
        claimed += _claim(conn, channels, rows)
    return claimed


def _claim(conn: Connection, channels: Sequence[str], rows: Sequence[Row[Any]]) -> list[Delivery]:
    addresses = person.addresses_of(conn, [row.person_id for row in rows], channels)
    reachable = [row for row in rows if row.person_id in addresses]
    lost = [row.id for row in rows if row.person_id not in addresses]
    _mark(conn, [row.id for row in reachable], DeliveryState.SENDING)
    _mark(conn, lost, DeliveryState.UNREACHABLE)
    return [
        Delivery(
            row.id,
            row.person_id,
            tuple(addresses[row.person_id]),
            row.message,
            row.briefing_id,
            row.request_id,
            row.rest_id,
            row.nudged_on,
            row.enrolment_id,
            row.leave_id,
            row.membership_id,
            row.about,
        )
        for row in reachable
    ]


def settle(
    conn: Connection,
    delivery_id: int,
    state: DeliveryState,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Write down what became of a claimed delivery."""
    sent_at = at if state is DeliveryState.SENT else None
    conn.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(state=state, reason=reason, sent_at=sent_at)
    )


def abandon_claimed(conn: Connection) -> int:
    """At start: what was being sent when the process died may be out, so it is never repeated."""
    result = conn.execute(
        update(delivery)
        .where(delivery.c.state == DeliveryState.SENDING)
        .values(state=DeliveryState.UNKNOWN)
    )
    return result.rowcount


def _goes_by(channels: Sequence[str]) -> ScalarSelect[str]:
    """The messenger by which a delivery is tried first; NULL when its person cannot be reached."""
    accounts = person.reachable(channels).with_only_columns(account.c.channel)
    first = accounts.where(account.c.person_id == delivery.c.person_id).limit(1)
    return first.correlate(delivery).scalar_subquery()


def _queued(now: datetime) -> Select[Any]:
    to_many = or_(delivery.c.briefing_id.is_not(None), delivery.c.nudged_on.is_not(None))
    return (
        select(delivery)
        .where(
            delivery.c.state == DeliveryState.QUEUED,
            or_(delivery.c.not_before.is_(None), delivery.c.not_before <= now),
        )
        # What somebody waits for (a request, an alert) goes before a mass send to everybody.
        .order_by(to_many, delivery.c.id)
        .with_for_update(skip_locked=True)
    )


def _mark(conn: Connection, delivery_ids: list[int], state: DeliveryState) -> None:
    if delivery_ids:
        conn.execute(update(delivery).where(delivery.c.id.in_(delivery_ids)).values(state=state))
