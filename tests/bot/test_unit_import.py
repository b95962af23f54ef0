"""A table of units brought into the tree: whole or not at all, and once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, select

from bot.table import ImportProblem, explained
from bot.unit_diff import TreeProblem
from bot.unit_import import UnitImport, compare, described, import_units
from bot.unit_rows import stored_units, tree_lines
from bot.unit_table import UnitTableProblem, read_units, write_units
from domain.role import Role
from domain.unit_change import Moving, Obstacle, merged
from storage import totals, unit, unit_change
from storage.db import Database
from storage.schema import audit_event, membership, org_unit, unit_path
from tests.storage import build
from tests.storage.land import Land, Step, steps

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
HEADER = "code,name,type,parent,position,valid_from,valid_to,member_count,aliases,successor\n"
TREE = HEADER + (
    "p,Tỉnh ủy,province_committee,,,,,,,\n"
    "a,Đảng ủy xã A,commune_committee,p,1,2025-07-01,,120,xã A; A,\n"
    "b,Đảng ủy xã B,commune_committee,p,2,2025-07-01,,,,\n"
    "a1,Chi bộ 1,cell,a,,,,,,\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


async def bring(db: Database, folder: Path, content: str, dry_run: bool = False) -> UnitImport:
    file = folder / "units.csv"
    file.write_text(content, "utf-8")
    return await import_units(db, file, AT, dry_run)


def said(result: UnitImport) -> list[str]:
    assert result.problems == ()
    return [described(change) for change in result.changes]


def everything(conn: Connection) -> list[list[tuple[object, ...]]]:
    tables = (org_unit, unit_path, membership, audit_event)
    return [[tuple(row) for row in conn.execute(select(table))] for table in tables]


async def test_a_table_founds_the_whole_tree_in_any_order(db: Database, folder: Path) -> None:
    header, *rows = TREE.splitlines(keepends=True)
    result = await bring(db, folder, header + "".join(reversed(rows)))
    assert said(result) == [
        "Dòng 2: Chi bộ 1: thêm mới, dưới Đảng ủy xã A",
        "Dòng 3: Đảng ủy xã B: thêm mới, dưới Tỉnh ủy",
        "Dòng 4: Đảng ủy xã A: thêm mới, dưới Tỉnh ủy",
        "Dòng 5: Tỉnh ủy: thêm mới",
    ]
    stored = await db.read(stored_units)
    assert list(stored) == ["p", "a", "a1", "b"]
    assert list(tree_lines(stored, None)) == [
        "p  Tỉnh ủy",
        "  a  Đảng ủy xã A (120 đảng viên)",
        "    a1  Chi bộ 1",
        "  b  Đảng ủy xã B",
    ]
    assert list(tree_lines(stored, "a")) == ["a  Đảng ủy xã A (120 đảng viên)", "  a1  Chi bộ 1"]
    assert len(await db.read(unit.path, stored["a1"].id)) == 3


async def test_the_same_table_again_changes_nothing(db: Database, folder: Path) -> None:
    await bring(db, folder, TREE)
    before = await db.read(everything)
    again = await bring(db, folder, TREE)
    assert (said(again), again.unchanged) == ([], 4)
    assert await db.read(everything) == before


CHANGED = HEADER + (
    "a,Đảng ủy phường A,direct_party_committee,,3,2025-08-01,,130,khu A,\n"
    "a1,,,b,,,,,,\n"
    "b,,,,,,30/06/2026,,,a\n"
)


async def test_every_change_is_listed_and_carried_out(db: Database, folder: Path) -> None:
    await bring(db, folder, TREE)
    result = await bring(db, folder, CHANGED)
    assert said(result) == [
        "Dòng 2: Đảng ủy phường A: đổi tên thành Đảng ủy phường A",
        "Dòng 2: Đảng ủy phường A: loại Đảng ủy xã, phường → Đảng ủy trực thuộc tỉnh",
        "Dòng 2: Đảng ủy phường A: thứ tự 1 → 3",
        "Dòng 2: Đảng ủy phường A: hoạt động từ ngày 1/8/2025",
        "Dòng 2: Đảng ủy phường A: số đảng viên 120 → 130",
        "Dòng 2: Đảng ủy phường A: tên gọi khác: khu A",
        "Dòng 3: Chi bộ 1: chuyển về Đảng ủy xã B",
        "Dòng 4: Đảng ủy xã B: kết thúc sau ngày 30/6/2026, kế tiếp: a",
    ]
    found = {code: each.row for code, each in (await db.read(stored_units)).items()}
    assert (found["a"].name, found["a"].type) == ("Đảng ủy phường A", "direct_party_committee")
    assert (found["a"].position, found["a"].member_count) == (3, 130)
    assert found["a1"].parent == "b"
    assert (found["b"].valid_to, found["b"].successor) == (date(2026, 6, 30), ("a",))
    for name in ("Đảng ủy xã A", "phuong a", "khu A", "A"):
        units = await db.read(unit.named, name)
        assert len(units) == (name != "phuong a")
    assert said(await bring(db, folder, CHANGED)) == []


async def test_a_dry_run_says_the_same_and_stores_nothing(db: Database, folder: Path) -> None:
    await bring(db, folder, TREE)
    before = await db.read(everything)
    dry = await bring(db, folder, CHANGED, dry_run=True)
    assert await db.read(everything) == before
    assert said(dry) == said(await bring(db, folder, CHANGED))


async def test_people_follow_a_unit_that_merges_by_the_table(db: Database, folder: Path) -> None:
    await bring(db, folder, TREE)
    found = await db.read(stored_units)

    def enrol(conn: Connection) -> None:
        for code in ("b", "a1"):
            build.reporter(conn, found[code].id, Role.REPORTER)

    await db.write(enrol)
    content = HEADER + "b,,,,,,30/06/2026,,,a\na1,,,,,,30/06/2026,,,\n"
    assert (await bring(db, folder, content)).without_unit == 1


async def test_an_end_that_is_to_come_waits_for_its_day(db: Database, folder: Path) -> None:
    await bring(db, folder, TREE)
    coming = HEADER + "b,,,,,,31/12/2026,,,a\n"
    assert len(said(await bring(db, folder, coming))) == 1
    assert said(await bring(db, folder, coming)) == []
    (waiting,) = await db.read(unit_change.planned)
    assert waiting.since == date(2027, 1, 1)
    await db.write(unit_change.carry_out_due, datetime(2027, 1, 1, tzinfo=UTC))
    assert said(await bring(db, folder, coming)) == []
    assert await db.read(unit_change.planned) == []


async def test_units_may_change_places(db: Database, folder: Path) -> None:
    await bring(db, folder, TREE)
    await bring(db, folder, HEADER + "a1,,,p,,,,,,\na,,,a1,,,,,,\n")
    found = await db.read(stored_units)
    assert [found[code].row.parent for code in ("a1", "a")] == ["p", "a1"]
    assert await db.read(totals.verify) == []


@dataclass(frozen=True)
class Wrong:
    rows: str
    where: tuple[int, str]
    code: str


WRONG = [
    Wrong("c,,cell,a,,,,,,\n", (2, "name"), TreeProblem.NEW_NEEDS),
    Wrong("c,Chi bộ,,a,,,,,,\n", (2, "type"), TreeProblem.NEW_NEEDS),
    Wrong("c,Chi bộ,cell,,,,,,,\n", (2, "parent"), TreeProblem.SECOND_ROOT),
    Wrong("c,Chi bộ,cell,x,,,,,,\n", (2, "parent"), Obstacle.UNKNOWN),
    Wrong("a,,,a,,,,,,\n", (2, "parent"), TreeProblem.CIRCLE),
    Wrong("b,,,,7,,,,,\na,,,a1,,,,,,\n", (3, "parent"), TreeProblem.CIRCLE),
    Wrong("b,,,,7,,,,,\nb,,,,8,,,,,\n", (3, "code"), TreeProblem.TWICE_IN_FILE),
    Wrong("b,,,,,,01/06/2025,,,\n", (2, "valid_to"), UnitTableProblem.DATES_REVERSED),
    Wrong("p,,,,,,01/06/2026,,,\n", (2, "valid_to"), Obstacle.IS_ROOT),
    Wrong("b,,,,,,01/06/2026,,,x\n", (2, "successor"), Obstacle.UNKNOWN),
    Wrong("b,,,,,,01/06/2026,,,b\n", (2, "successor"), Obstacle.GOES_ON_ITSELF),
    Wrong("a,,,,,,01/06/2026,,,a1\n", (2, "successor"), Obstacle.BELOW_ITSELF),
    Wrong("a,,,,,,01/06/2026,,,\n", (2, "valid_to"), Obstacle.UNITS_BELOW),
    Wrong("a1,,,,,,01/06/2026,,,old\n", (2, "successor"), Obstacle.NOT_IN_FORCE),
    Wrong("old,,,,,,01/06/2026,,,\n", (2, "valid_to"), TreeProblem.ENDED_OTHERWISE),
    Wrong("old,,,,,,30/06/2025,,,a\n", (2, "valid_to"), TreeProblem.ENDED_OTHERWISE),
    Wrong("old,,,,,2025-08-01,,,,\n", (2, "valid_to"), UnitTableProblem.DATES_REVERSED),
    Wrong("gone,,,p,,,,,,\na,,,gone,,,,,,\n", (3, "parent"), TreeProblem.CIRCLE),
    Wrong("c,Chi bộ,cell,old,,,,,,\n", (2, "parent"), TreeProblem.PARENT_ENDED),
    Wrong(
        "c,Xã,cell,p,,01/09/2026,,,,\nb,,,,,,01/06/2026,,,c\n",
        (3, "successor"),
        Obstacle.BEGINS_LATER,
    ),
    Wrong(
        "a1,,,,,,01/06/2026,,,b\nb,,,,,,01/06/2026,,,a\n", (2, "successor"), Obstacle.NOT_IN_FORCE
    ),
]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.where} {wrong.code}")
async def test_what_does_not_fit_is_told_and_nothing_is_imported(
    db: Database, folder: Path, wrong: Wrong
) -> None:
    ended = (
        "old,Xã Cũ,commune_committee,p,,,30/06/2025,,,\n"
        "gone,Xã Gộp,commune_committee,b,,,30/06/2026,,,a1\n"
    )
    await bring(db, folder, TREE + ended)
    before = await db.read(everything)
    content = HEADER + wrong.rows + "z,Chi bộ mới,cell,a,,,,,,\n"
    results = [await bring(db, folder, content, dry_run=dry) for dry in (True, False)]
    first = results[0].problems[0]
    assert ((first.row, first.column), first.code) == (wrong.where, wrong.code)
    assert results[1] == results[0]
    assert await db.read(everything) == before


@pytest.mark.parametrize("code", [*TreeProblem, *Obstacle])
def test_every_problem_of_the_tree_has_its_sentence(code: str) -> None:
    assert explained(ImportProblem(7, "code", code, "ba"), "units").startswith("Dòng 7, cột Mã")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_ten_thousand_rows_are_compared_at_once(db: Database, folder: Path) -> None:
    rows = "".join(f"c{n},Chi bộ {n},cell,{'a' if n % 2 else 'b'},,,,,,\n" for n in range(10_000))
    result = await bring(db, folder, TREE + rows + "c5,Chi bộ,cell,p,,,,,,\n", dry_run=True)
    (problem,) = result.problems
    assert (problem.row, problem.code) == (10_006, TreeProblem.TWICE_IN_FILE)


# --- any tree ------------------------------------------------------------------------------------


class Undo(Exception):
    """Leaves nothing of an example behind."""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_what_is_exported_changes_nothing_when_it_is_imported(
    db: Database, folder: Path, story: list[Step]
) -> None:
    def run(conn: Connection) -> None:
        land = Land(conn)
        for step in story:
            land.take(step)
        at = datetime(2027, 1, 1, tzinfo=UTC)
        standing = [code for code in land.ids if code not in land.ended][1:]
        if len(standing) > 1:
            day = date(2027, 2, 1)
            unit_change.undertake(conn, merged((standing[0],), standing[1]), day, at)
            unit_change.undertake(conn, Moving(standing[0], standing[1]), day, at)
        file = folder / "units.csv"
        stored = stored_units(conn)
        assert len(stored) == len(land.ids)
        write_units(file, [each.row for each in stored.values()])
        rows, found = read_units(file)
        assert found == []
        assert compare(conn, rows) == UnitImport(unchanged=len(stored))
        raise Undo

    with pytest.raises(Undo):
        await db.write(run)


async def test_other_names_are_kept_as_written_and_a_new_spelling_takes_their_place(
    db: Database, folder: Path
) -> None:
    await bring(db, folder, TREE)
    assert (await db.read(stored_units))["a"].row.aliases == ("A", "xã A")
    spelt = "code,aliases\na,XÃ A; xa a; Đảng uy xa A; Á\n"
    assert said(await bring(db, folder, spelt)) == ["Dòng 2: Đảng ủy xã A: tên gọi khác: XÃ A, Á"]
    assert (await db.read(stored_units))["a"].row.aliases == ("Á", "XÃ A")
    assert said(await bring(db, folder, spelt)) == []
