"""Targets: planned against done, or as a document declares it."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from domain.period import Period
from domain.tally import Approximation
from storage import target
from storage.db import Database
from storage.target import Target
from tests.storage import build

YEAR = Period.year_of(date(2021, 1, 1))
CLASSES = Target("Lớp bồi dưỡng", 28, 30, None, None, "Báo cáo 1")
DECLARED = Target("Học nghị quyết", None, None, Decimal("102.6"), Approximation.OVER, "Báo cáo 2")


async def test_targets_of_a_unit_and_below_are_read_back_exactly(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int]:
        top = build.province(conn)
        below = build.commune(conn, top)
        target.record(conn, top, YEAR, CLASSES)
        target.record(conn, below, Period.month_of(date(2021, 5, 1)), DECLARED)
        return top, below

    top, below = await db.write(story)
    assert await db.read(target.within, top, YEAR) == [CLASSES, DECLARED]
    assert await db.read(target.within, below, YEAR) == [DECLARED]
    assert await db.read(target.within, top, Period.year_of(date(2022, 1, 1))) == []


async def test_importing_a_target_again_adds_nothing(db: Database) -> None:
    top = await db.write(build.province)
    assert await db.write(target.record, top, YEAR, CLASSES) is True
    assert await db.write(target.record, top, YEAR, CLASSES) is False
    assert await db.read(target.within, top, YEAR) == [CLASSES]


def test_a_percentage_may_pass_a_hundred_and_is_unknown_without_a_plan() -> None:
    assert CLASSES.percent is not None
    assert round(CLASSES.percent) == 107
    assert DECLARED.percent == Decimal("102.6")
    assert Target("x", None, 30, None, None, "y").percent is None
    assert Target("x", 28, None, None, None, "y").percent is None
    assert Target("x", 28, 0, None, None, "y").percent == 0
