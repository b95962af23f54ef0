"""What messages of the ladder spoke of is forgotten once it can no longer matter."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from domain.briefing import VIETNAM
from domain.ladder import Nudge
from domain.period import Period
from storage import ladder, nudge
from storage.db import Database
from storage.schema import nudge as nudges
from tests.storage import build
from tests.storage.build import LADDER

NOVEMBER = Period.from_code("2026-11")
DUE = date(2026, 12, 7)
SAID = date(2026, 12, 4)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=VIETNAM)


def remind(conn: Connection, day: date, due: date, rung: int | None) -> None:
    """Somebody gets a message of that day about their unit."""
    unit_id = build.province(conn)
    about = Nudge(build.reporter(conn, unit_id), unit_id, NOVEMBER, due, rung)
    ladder.queue(conn, [about], at(day), LADDER)


@pytest.mark.parametrize(
    ("day", "due", "rung", "today", "rows"),
    [
        (SAID, DUE, 2, SAID + timedelta(days=30), 1),
        (SAID, DUE, 2, SAID + timedelta(days=31), 0),
        # A round that was called long after the ladder was over.
        (date(2027, 3, 1), DUE, None, date(2027, 3, 31), 1),
        (date(2027, 3, 1), DUE, None, date(2027, 4, 1), 0),
        # An officer gave them a later day, which the ladder still leads to.
        (SAID, date(2027, 2, 15), None, date(2027, 3, 11), 1),
        (SAID, date(2027, 2, 15), None, date(2027, 3, 12), 0),
    ],
)
async def test_a_message_s_units_are_forgotten_a_month_later_when_the_ladder_is_over(
    db: Database, day: date, due: date, rung: int | None, today: date, rows: int
) -> None:
    def story(conn: Connection) -> int:
        remind(conn, day, due, rung)
        nudge.forget_over(conn, at(today), LADDER)
        return conn.execute(select(func.count()).select_from(nudges)).scalar_one()

    assert await db.write(story) == rows
