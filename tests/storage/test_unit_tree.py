"""Whatever becomes of units: paths, totals and statuses add up by the tree as it stands."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, select

from domain.period import Period
from domain.status import Status
from storage import status, totals, unit_change
from storage.db import Database
from storage.schema import unit_path
from tests.storage.build import NOW, RULES
from tests.storage.land import Land, Step, steps
from tests.storage.province import JULY, JUNE, MERGER, SINCE, province, sessions
from tests.storage.undo import undone


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_totals_and_statuses_add_up_whatever_becomes_of_the_units(
    db: Database, story: list[Step]
) -> None:
    def run(conn: Connection) -> None:
        land = Land(conn)
        for step in story:
            land.take(step)
        assert totals.verify(conn) == []
        for month in (JUNE, JULY, Period.month_of(date(2026, 8, 1))):
            for code, unit_id in land.ids.items():
                below = land.below(code)
                assert sessions(conn, unit_id, month) == land.counted(below, month)
                found = status.of_units(conn, unit_id, month, RULES)
                assert {each.unit_id: each.status is not Status.MISSING for each in found} == {
                    land.ids[each]: land.has_reported(each, month)
                    for each in below
                    if land.owes(each, month)
                }
                _a_parent_is_its_own_and_its_children(conn, land, code, month)

    await undone(db, run)


def _a_parent_is_its_own_and_its_children(
    conn: Connection, land: Land, code: str, month: Period
) -> None:
    children = [each for each in land.ids if each != code and land.place(each) == code]
    parts = [sessions(conn, land.ids[each], month) for each in children]
    own = land.counted({code}, month)
    assert sessions(conn, land.ids[code], month) == own + sum(parts)
    owing = sum(land.owing(each, month) for each in children)
    assert land.owing(code, month) == owing + land.owes(code, month)


async def test_paths_of_units_that_merge_say_what_is_inherited(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[int, int, int, bool]]:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        rows = conn.execute(select(unit_path).where(unit_path.c.unit_id.in_([of.old, of.cell])))
        names = {of.top: 0, of.old: 1, of.cell: 2, of.new: 3}
        return sorted((names[r.unit_id], names[r.ancestor_id], r.depth, r.inherited) for r in rows)

    assert await db.write(story) == [
        (1, 0, 2, False),
        (1, 1, 0, False),
        (1, 3, 1, True),
        (2, 0, 3, False),
        (2, 1, 1, False),
        (2, 2, 0, False),
        (2, 3, 2, True),
    ]
