"""Odd figures that were kept carry a flag, version by version."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, select

from domain.oddity import OddFlag, OddityCode, OddReason
from domain.period import Period
from domain.tally import Precision
from storage import oddity, tally
from storage.db import Database
from storage.schema import tally_version
from storage.tally import StoredTally
from tests.storage import build
from tests.storage.build import NOW

MANY = build.figures(sessions=1, audience_total=400)
JULY = Period.month_of(MANY.date_from)
CROWD = OddFlag((OddityCode.CROWDED, OddityCode.UNUSUAL_COUNT), OddReason.LARGE_EVENT)


def stored(conn: Connection, flag: OddFlag | None = None) -> StoredTally:
    unit_id = build.commune(conn, build.province(conn))
    person_id = build.reporter(conn, unit_id)
    return tally.record(conn, unit_id, person_id, MANY, "telegram:1", NOW, odd=flag)


def reasons(conn: Connection, tally_id: int) -> list[str | None]:
    """The reason kept with each version."""
    version = tally_version.c
    rows = select(version.odd_reason).where(version.tally_id == tally_id).order_by(version.version)
    return list(conn.execute(rows).scalars())


@pytest.mark.parametrize("flag", [None, CROWD, replace(CROWD, reason=None)])
async def test_what_was_odd_and_why_it_is_right_is_kept(db: Database, flag: OddFlag | None) -> None:
    entry = await db.write(stored, flag)
    assert await db.read(oddity.flag_of, entry.id) == flag


async def test_a_correction_to_ordinary_figures_leaves_the_flag_with_the_old_version(
    db: Database,
) -> None:
    entry = await db.write(stored, CROWD)
    ordinary = replace(MANY, audience_total=40)
    await db.write(tally.correct, entry.id, entry.reporter_id or 0, ordinary, NOW)
    assert await db.read(oddity.flag_of, entry.id) is None
    assert await db.read(reasons, entry.id) == ["large_event", None]


async def test_an_officer_finds_the_odd_entries_of_a_subtree_and_a_period(db: Database) -> None:
    def story(conn: Connection) -> tuple[list[tuple[int, OddFlag]], list[tuple[int, OddFlag]]]:
        top = build.province(conn)
        here, there = build.commune(conn, top), build.commune(conn, top)
        june = date(2026, 6, 30)

        def keep(unit_id: int, number: int, day: date, odd: OddFlag | None = CROWD) -> int:
            figures = replace(MANY, date_from=day, date_to=day)
            return tally.record(conn, unit_id, None, figures, f"t:{number}", NOW, odd=odd).id

        first = keep(here, 1, date(2026, 7, 1))
        keep(here, 2, date(2026, 7, 2), None)
        keep(here, 3, june)
        last = keep(there, 4, date(2026, 7, 31), replace(CROWD, reason=None))
        tally.withdraw(conn, keep(here, 5, date(2026, 7, 3)), build.reporter(conn), NOW)
        over_both = replace(
            MANY, precision=Precision.RANGE, date_from=june, date_to=date(2026, 7, 4)
        )
        tally.record(conn, here, None, over_both, "t:6", NOW, odd=CROWD)
        assert oddity.flagged(conn, here, JULY, 10) == [(first, CROWD)]
        found = oddity.flagged(conn, top, JULY, 10)
        assert oddity.flagged(conn, top, JULY, 1, 1) == found[1:]
        return found, [(last, replace(CROWD, reason=None)), (first, CROWD)]

    found, expected = await db.write(story)
    assert found == expected
