"""A year of invented but plausible entries, the same every time for the same seed and day.

Sizes follow the field reference §2.2: 20–70 lượt a session, 5–15 sessions a unit and month, some
totals that nobody split, some only approximate.
"""

import calendar
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, literal, select

from domain.period import bucket_of
from domain.tally import Approximation, Figures, Precision, TallyKind
from storage import totals
from storage.schema import audit_event, tally, tally_version
from storage.tally import ACTIVE
from wording.format import VIETNAM

TOPICS = (
    "Nghị quyết Đại hội XIV của Đảng",
    "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh",
    "Chuyển đổi số, bình dân học vụ số",
    "Bầu cử đại biểu Quốc hội và Hội đồng nhân dân các cấp",
    "Xây dựng nông thôn mới",
    "Phòng, chống thiên tai, bảo vệ rừng",
    "An ninh mạng, phòng, chống lừa đảo trực tuyến",
    "Phòng, chống ma túy",
)
_ORAL_KINDS = {
    TallyKind.ORAL_SESSION: 70,
    TallyKind.THEMATIC_TALK: 10,
    TallyKind.CURRENT_AFFAIRS_BRIEFING: 10,
    TallyKind.RESOLUTION_STUDY: 10,
}
# Kinds counted in items: how many of ten units report them in a month, and how many items then.
_ITEMS = {
    TallyKind.OPINION_REPORT: (6, (1, 1)),
    TallyKind.ONLINE_POST: (5, (4, 30)),
    TallyKind.BROADCAST: (3, (8, 60)),
}
_MOST_SESSIONS_AN_ENTRY = 3
_UNSPLIT = 0.12
_APPROXIMATE = 0.06
_WITH_TOPIC = 0.7
_CLASS = 0.03


@dataclass(frozen=True, slots=True)
class Desk:
    """A unit with whoever reports for it; a committee reports more than a cell."""

    unit_id: int
    reporter_id: int
    is_cell: bool


@dataclass(frozen=True, slots=True)
class Entry:
    unit_id: int
    reporter_id: int
    figures: Figures
    origin: str
    created_at: datetime


def entries(
    desks: Sequence[Desk], quiet: Collection[int], until: date, rng: Random
) -> Iterator[Entry]:
    """What the desks report for the year that ends with `until`, desk by desk.

    The units in `quiet` have sent nothing yet in the month of `until`.
    """
    since = until - timedelta(days=364)
    this_month = until.replace(day=1)
    for desk in desks:
        last = this_month - timedelta(days=1) if desk.unit_id in quiet else until
        for number, figures in enumerate(_of_desk(desk, since, rng)):
            if since <= figures.date_from and figures.date_to <= last:
                yield Entry(
                    desk.unit_id,
                    desk.reporter_id,
                    figures,
                    f"demo:{desk.unit_id}:{number}",
                    _in_the_evening(figures.date_to, rng),
                )


def _in_the_evening(day: date, rng: Random) -> datetime:
    clock = time(rng.randint(16, 20), rng.randint(0, 59))
    return datetime.combine(day, clock, VIETNAM)


def _of_desk(desk: Desk, since: date, rng: Random) -> Iterator[Figures]:
    """Thirteen calendar months from that of `since` on: a year touches as many."""
    for offset in range(13):
        year, month = divmod(since.month - 1 + offset, 12)
        first = date(since.year + year, month + 1, 1)
        yield from _of_cell(first, rng) if desk.is_cell else _of_committee(first, rng)


def _of_cell(first: date, rng: Random) -> Iterator[Figures]:
    yield _oral(_day(first, rng), 1, rng)


def _of_committee(first: date, rng: Random) -> Iterator[Figures]:
    left = rng.randint(5, 15)
    while left:
        sessions = min(left, rng.randint(1, _MOST_SESSIONS_AN_ENTRY))
        yield _oral(_day(first, rng), sessions, rng)
        left -= sessions
    for kind, (of_ten, (fewest, most)) in _ITEMS.items():
        if rng.randrange(10) < of_ten:
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            yield Figures(kind, first, last, Precision.MONTH, items=rng.randint(fewest, most))
    if rng.random() < _CLASS:
        day = _day(first, rng)
        yield Figures(
            TallyKind.TRAINING_CLASS,
            day,
            day,
            Precision.DAY,
            sessions=1,
            learners=rng.randint(30, 80),
            topic="Bồi dưỡng đảng viên mới",
        )


def _day(first: date, rng: Random) -> date:
    return first.replace(day=rng.randint(1, calendar.monthrange(first.year, first.month)[1]))


def _oral(day: date, sessions: int, rng: Random) -> Figures:
    kind = rng.choices(list(_ORAL_KINDS), list(_ORAL_KINDS.values()))[0]
    attendance = sum(rng.randint(20, 70) for _ in range(sessions))
    topic = rng.choice(TOPICS) if rng.random() < _WITH_TOPIC else None
    hedge: Approximation | None = None
    party_members: int | None = round(attendance * rng.uniform(0.25, 0.5))
    draw = rng.random()
    if draw < _UNSPLIT + _APPROXIMATE:
        party_members = None
    if draw < _APPROXIMATE:
        hedge, attendance = rng.choice(list(Approximation)), round(attendance, -1)
    return Figures(
        kind,
        day,
        day,
        Precision.DAY,
        sessions=sessions,
        party_members=party_members,
        public=None if party_members is None else attendance - party_members,
        audience_total=attendance if party_members is None else None,
        approximation=hedge,
        topic=topic,
    )


def store(conn: Connection, year: Sequence[Entry]) -> None:
    """Do all at once what `storage.tally.record` does one by one, on a database without tallies."""
    conn.execute(insert(tally), [_row(entry) for entry in year])
    follow(conn)


def follow(conn: Connection) -> None:
    """What follows from tallies that were stored all at once: versions, audit lines and totals."""
    _copy(
        conn,
        tally_version,
        {
            **{c.name: tally.c[c.name] for c in tally_version.c if c.name in tally.c},
            "tally_id": tally.c.id,
            "author_id": tally.c.reporter_id,
            "at": tally.c.created_at,
        },
    )
    _copy(
        conn,
        audit_event,
        {
            "at": tally.c.created_at,
            "actor_id": tally.c.reporter_id,
            "action": literal("report"),
            "subject": literal("tally"),
            "subject_id": tally.c.id,
            "details": literal({}, audit_event.c.details.type),
        },
    )
    totals.rebuild(conn)


def _copy(conn: Connection, into: Table, columns: Mapping[str, ColumnElement[Any]]) -> None:
    """Derive the rows of a table from the tallies, in their order."""
    rows = select(*columns.values()).order_by(tally.c.id)
    conn.execute(insert(into).from_select(list(columns), rows))


def _row(entry: Entry) -> dict[str, object]:
    values = asdict(entry.figures)
    del values["unit_text"]
    bucket = bucket_of(entry.figures.date_from, entry.figures.date_to)
    return values | {
        "unit_id": entry.unit_id,
        "reporter_id": entry.reporter_id,
        "version": 1,
        "dates": [day.isoformat() for day in entry.figures.dates],
        "state": ACTIVE,
        "bucket": bucket.code,
        "origin": entry.origin,
        "created_at": entry.created_at,
    }
