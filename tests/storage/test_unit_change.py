"""Units that merge, split, move, close: figures stay where they were and add up where they belong."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from domain.period import Period, same_period_last_year
from domain.unit import UnitType
from domain.unit_change import (
    Change,
    ChangeRefused,
    Ending,
    Founding,
    Moving,
    Obstacle,
    Renaming,
    merged,
)
from storage import status, totals, unit, unit_change
from storage.db import Database
from storage.unit_change import State
from tests.storage import build
from tests.storage.build import NOW, RULES, TODAY
from tests.storage.province import (
    CLOSURE,
    JULY,
    JUNE,
    MERGER,
    SINCE,
    province,
    report,
    roles,
    sessions,
)

# --- mergers -------------------------------------------------------------------------------------


async def test_the_successor_has_the_figures_of_both_before_and_after_the_merger(
    db: Database,
) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.cell, date(2026, 7, 3), 1)
        report(conn, of.old, date(2026, 7, 4), 10)
        report(conn, of.new, date(2026, 7, 5), 100)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        report(conn, of.cell, TODAY, 1000)
        assert totals.verify(conn) == []
        assert unit.name_above(conn, of.cell) == "Đảng ủy xã Mới"
        return [sessions(conn, unit_id, JULY) for unit_id in (of.new, of.old, of.cell, of.top)]

    assert await db.write(story) == [1111, 1011, 1001, 1111]


async def test_the_same_period_last_year_compares_like_with_like(db: Database) -> None:
    last_july = same_period_last_year(JULY)

    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.old, last_july.start, 5)
        report(conn, of.new, last_july.start, 7)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        report(conn, of.new, TODAY, 13)
        return [sessions(conn, of.new, period) for period in (JULY, last_july)]

    assert await db.write(story) == [13, 12]


async def test_after_a_merger_amid_the_month_the_successor_alone_owes_the_report(
    db: Database,
) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        june, july = (status.of_units(conn, of.top, month, RULES) for month in (JUNE, JULY))
        assert {each.unit_id for each in june} == {of.old, of.new}
        assert {each.unit_id for each in july} == {of.new}

    await db.write(story)


async def test_a_report_of_before_the_merger_stays_the_old_units_and_one_since_is_the_successors(
    db: Database,
) -> None:
    def story(conn: Connection) -> list[list[str]]:
        of = province(conn)
        report(conn, of.cell, JUNE.end, 1)
        before = states(conn, of.top, JUNE)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        assert states(conn, of.top, JUNE) == before
        report(conn, of.cell, TODAY, 1)
        return [before, states(conn, of.top, JULY), states(conn, of.new, JULY)]

    late = ["late", "missing"]
    assert await db.write(story) == [late, ["on_time"], ["on_time"]]


def states(conn: Connection, unit_id: int, month: Period) -> list[str]:
    return [each.status.value for each in status.of_units(conn, unit_id, month, RULES)]


async def test_a_merger_may_found_the_unit_that_goes_on(db: Database) -> None:
    def story(conn: Connection) -> tuple[str, UnitType, int]:
        of = province(conn)
        report(conn, of.old, date(2026, 7, 4), 3)
        report(conn, of.new, date(2026, 7, 4), 4)
        change = merged(("old", "new"), "both", Founding("both", "Đảng ủy xã Cả Hai"))
        unit_change.undertake(conn, change, SINCE, NOW)
        both = unit.by_code(conn, "both")
        assert both is not None
        assert unit.name_above(conn, both.id) == "Tỉnh ủy"
        return both.name, both.type, sessions(conn, both.id, JULY)

    assert await db.write(story) == ("Đảng ủy xã Cả Hai", UnitType.COMMUNE_COMMITTEE, 7)


async def test_a_unit_that_merges_on_takes_along_what_it_took_over(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        last = unit.add(conn, "last", "Xã Sau", UnitType.COMMUNE_COMMITTEE, of.top)
        report(conn, of.cell, date(2026, 7, 4), 3)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        unit_change.undertake(conn, merged(("new",), "last"), TODAY, NOW)
        assert totals.verify(conn) == []
        return [sessions(conn, each, JULY) for each in (last, of.new, of.old, of.top)]

    assert await db.write(story) == [3, 3, 3, 3]


async def test_the_old_name_leads_to_the_successor_from_its_day_on(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        for name in ("Đảng ủy xã Cũ", "dang uy xa cu", "Cũ"):
            before, after = (unit.named(conn, name, on=day) for day in (date(2026, 7, 14), SINCE))
            assert [each.id for each in before] == [of.old]
            assert [each.id for each in after] == [of.new]
            assert [each.id for each in unit.named(conn, name)] == [of.old]

    await db.write(story)


async def test_a_name_that_a_standing_unit_bears_means_that_one(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        change = merged(("old", "new"), "both", Founding("both", "Đảng ủy xã Cũ"))
        unit_change.undertake(conn, change, SINCE, NOW)
        both = unit.by_code(conn, "both")
        assert both is not None
        assert [each.id for each in unit.named(conn, "Đảng ủy xã Cũ")] == [both.id]
        before = unit.named(conn, "Đảng ủy xã Cũ", on=JUNE.end)
        return [of.old in {each.id for each in before}, len(before)]

    assert await db.write(story) == [True, 2]


# --- splits, closures, moves, names --------------------------------------------------------------


async def test_after_a_split_the_history_stays_with_the_unit_that_was(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        who = build.reporter(conn, of.old)
        report(conn, of.old, date(2026, 7, 4), 3)
        parts = (Founding("a", "Đảng ủy xã A"), Founding("b", "Đảng ủy xã B"))
        change = Ending(("old",), ("a", "b"), "a", parts)
        unit_change.undertake(conn, change, SINCE, NOW)
        a, b = (unit.by_code(conn, code) for code in ("a", "b"))
        assert a is not None
        assert b is not None
        assert unit.name_above(conn, of.cell) == a.name
        assert [each[0] for each in roles(conn, who)] == [of.old, a.id]
        assert [each.id for each in unit.named(conn, "Cũ", on=SINCE)] == [a.id, b.id]
        return [sessions(conn, each, JULY) for each in (of.old, a.id, b.id, of.top)]

    assert await db.write(story) == [3, 0, 0, 3]


async def test_units_that_came_with_a_merger_go_on_with_the_heir_of_a_split(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        with pytest.raises(ChangeRefused) as refused:
            unit_change.undertake(conn, Ending(("new",)), TODAY, NOW)
        assert refused.value.obstacle is Obstacle.UNITS_BELOW
        parts = (Founding("a", "Đảng ủy xã A"), Founding("b", "Đảng ủy xã B"))
        unit_change.undertake(conn, Ending(("new",), ("a", "b"), "a", parts), TODAY, NOW)
        assert unit.name_above(conn, of.cell) == "Đảng ủy xã A"

    await db.write(story)


async def test_a_unit_that_moves_takes_its_history_along(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.cell, date(2026, 7, 4), 3)
        unit_change.undertake(conn, Moving("cell", "new"), SINCE, NOW)
        assert totals.verify(conn) == []
        return [sessions(conn, each, JULY) for each in (of.old, of.new, of.top)]

    assert await db.write(story) == [0, 3, 3]


async def test_a_renamed_unit_is_still_found_by_its_old_name(db: Database) -> None:
    def story(conn: Connection) -> list[list[int]]:
        of = province(conn)
        unit_change.undertake(conn, Renaming("old", "Đảng ủy phường Cũ"), SINCE, NOW)
        assert unit.get(conn, of.old).name == "Đảng ủy phường Cũ"
        names = ("Đảng ủy xã Cũ", "dang uy phuong cu", "Cũ")
        found = [[each.id for each in unit.named(conn, name, on=SINCE)] for name in names]
        return [[each - of.old for each in ids] for ids in found]

    assert await db.write(story) == [[0], [0], [0]]


REFUSED: list[tuple[Change, Obstacle, str]] = [
    (merged(("gone",), "new"), Obstacle.UNKNOWN, "gone"),
    (merged(("old",), "gone"), Obstacle.UNKNOWN, "gone"),
    (merged(("top",), "new"), Obstacle.IS_ROOT, "top"),
    (merged(("old", "new"), "new"), Obstacle.GOES_ON_ITSELF, "new"),
    (merged(("old",), "cell"), Obstacle.BELOW_ITSELF, "cell"),
    (merged(("old",), "cell", Founding("cell", "Xã")), Obstacle.CODE_TAKEN, "cell"),
    (merged(("cell", "old"), "x", Founding("x", "Xã")), Obstacle.BELOW_ITSELF, "x"),
    (Ending(("old",), ("new",), "cell"), Obstacle.NO_SUCCESSOR, "cell"),
    (CLOSURE, Obstacle.UNITS_BELOW, "old"),
    (Moving("old", "cell"), Obstacle.BELOW_ITSELF, "cell"),
    (Moving("old", "old"), Obstacle.BELOW_ITSELF, "old"),
    (Moving("top", "old"), Obstacle.IS_ROOT, "top"),
    (Renaming("gone", "Xã"), Obstacle.UNKNOWN, "gone"),
    (merged(("later",), "new"), Obstacle.BEGINS_LATER, "later"),
    (merged(("old",), "later"), Obstacle.BEGINS_LATER, "later"),
    (merged(("ended",), "new"), Obstacle.NOT_IN_FORCE, "ended"),
    (merged(("old",), "ended"), Obstacle.NOT_IN_FORCE, "ended"),
]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("change", "obstacle", "about"), REFUSED)
async def test_what_cannot_be_is_refused_and_nothing_is_changed(
    db: Database, change: Change, obstacle: Obstacle, about: str
) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        kind = UnitType.COMMUNE_COMMITTEE
        unit.add(conn, "later", "Xã", kind, of.top, valid_from=date(2026, 8, 1))
        unit.add(conn, "ended", "Xã", kind, of.top, valid_to=date(2026, 6, 30))
        before = build.audit_lines(conn), unit.count(conn)
        with pytest.raises(ChangeRefused) as refused:
            unit_change.undertake(conn, change, SINCE, NOW)
        assert (refused.value.obstacle, refused.value.unit) == (obstacle, about)
        assert (build.audit_lines(conn), unit.count(conn)) == before

    await db.write(story)


async def test_every_change_leaves_an_audit_line(db: Database) -> None:
    def story(conn: Connection) -> list[str]:
        province(conn)
        changes: list[Change] = [Renaming("old", "Xã"), Moving("cell", "new"), CLOSURE]
        for change in changes:
            unit_change.undertake(conn, change, SINCE, NOW)
        return [action for action, *_ in build.audit_lines(conn)]

    assert await db.write(story) == ["rename", "move", "end"]


# --- days to come --------------------------------------------------------------------------------


async def test_a_change_of_a_day_to_come_waits_and_is_carried_out_once(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.old, TODAY, 3)
        since = TODAY + timedelta(days=10)
        assert unit_change.undertake(conn, MERGER, since, NOW) is None
        seen = []
        for days in (0, 9, 13, 14):
            unit_change.carry_out_due(conn, NOW + timedelta(days=days))
            seen.append(sessions(conn, of.new, JULY))
        assert unit_change.planned(conn) == []
        owing = [each.unit_id for each in status.of_units(conn, of.top, JULY, RULES)]
        assert owing == [of.new]
        return seen

    assert await db.write(story) == [0, 0, 3, 3]


async def test_what_has_become_impossible_by_its_day_is_kept_with_the_reason(db: Database) -> None:
    def story(conn: Connection) -> None:
        province(conn)
        unit_change.undertake(conn, MERGER, TODAY + timedelta(days=2), NOW)
        unit_change.undertake(conn, Renaming("new", "Xã"), TODAY + timedelta(days=3), NOW)
        unit_change.undertake(conn, merged(("old",), "new"), TODAY, NOW)
        unit_change.carry_out_due(conn, NOW + timedelta(days=5))
        (refused,) = unit_change.planned(conn)
        assert (refused.change, refused.state) == (MERGER, State.REFUSED)
        assert refused.reason == "not_in_force old"
        assert unit_change.cancel(conn, refused.id, NOW)
        assert not unit_change.cancel(conn, refused.id, NOW)
        assert unit_change.planned(conn) == []

    await db.write(story)
