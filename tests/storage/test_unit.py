"""The tree of units: paths, names that people type, and what is refused."""

from datetime import date

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from domain.unit import UnitType
from storage import unit
from storage.db import Database
from storage.schema import unit_alias
from tests.storage import build


def chain(conn: Connection) -> list[int]:
    top = build.province(conn)
    middle = build.commune(conn, top)
    return [top, middle, build.commune(conn, middle)]


async def test_a_units_path_is_itself_and_all_above(db: Database) -> None:
    top, middle, leaf = await db.write(chain)
    assert await db.read(unit.path, leaf) == {top, middle, leaf}
    assert await db.read(unit.path, top) == {top}
    assert (await db.read(unit.get, middle)).path == {top, middle}


async def test_the_unit_above_is_named(db: Database) -> None:
    top, middle, _ = await db.write(chain)
    assert await db.read(unit.name_above, middle) == "Tỉnh uỷ"
    assert await db.read(unit.name_above, top) is None


async def test_the_root_is_the_unit_without_a_parent(db: Database) -> None:
    assert await db.read(unit.root) is None
    top, *_ = await db.write(chain)
    root = await db.read(unit.root)
    assert root is not None
    assert root.id == top
    assert await db.read(unit.count) == 3


@pytest.mark.parametrize(
    "typed", ["Đảng uỷ xã Hàm Yên", "dang uy xa ham yen", "  ĐẢNG UỶ XÃ HÀM YÊN ", "Ham Yen"]
)
async def test_a_unit_is_found_by_its_name_or_alias_however_it_is_typed(
    db: Database, typed: str
) -> None:
    def story(conn: Connection) -> int:
        name, kind = "Đảng uỷ xã Hàm Yên", UnitType.COMMUNE_COMMITTEE
        return unit.add(conn, "c", name, kind, aliases=["Hàm Yên", "hàm yên"])

    unit_id = await db.write(story)
    assert [found.id for found in await db.read(unit.named, typed)] == [unit_id]
    assert await db.read(unit.named, "Hàm") == []


async def test_a_name_is_kept_as_it_was_written_first_or_last_told(db: Database) -> None:
    def story(conn: Connection) -> list[dict[str, str]]:
        kind = UnitType.COMMUNE_COMMITTEE
        unit_id = unit.add(
            conn, "c", "Xã Hàm Yên", kind, aliases=["Hàm  Yên", "HAM YEN", "xa ham yen"]
        )
        of_unit = select(unit_alias.c.folded, unit_alias.c.written).order_by(unit_alias.c.folded)
        first = {row.folded: row.written for row in conn.execute(of_unit)}
        unit.add_aliases(conn, unit_id, ["HÀM YÊN"])
        return [first, {row.folded: row.written for row in conn.execute(of_unit)}]

    assert await db.write(story) == [
        {"ham yen": "Hàm Yên", "xa ham yen": "Xã Hàm Yên"},
        {"ham yen": "HÀM YÊN", "xa ham yen": "Xã Hàm Yên"},
    ]


async def test_a_name_that_is_taken_away_finds_the_unit_no_more(db: Database) -> None:
    def story(conn: Connection) -> list[bool]:
        kind = UnitType.COMMUNE_COMMITTEE
        unit_id = unit.add(conn, "c", "Xã Hàm Yên", kind, aliases=["Hàm Yên"])
        other = unit.add(conn, "d", "Xã Khác", kind, aliases=["Hàm Yên"])
        names = ("ham yen", "Hàm Yên", "xã Hàm Yên", "Hàm")
        taken = [unit.remove_alias(conn, unit_id, name, build.NOW) for name in names]
        assert [found.id for found in unit.named(conn, "Hàm Yên")] == [other]
        assert [found.id for found in unit.named(conn, "Xã Hàm Yên")] == [unit_id]
        assert build.audit_lines(conn) == [("remove_alias", "org_unit", unit_id, None)]
        return taken

    assert await db.write(story) == [True, False, False, False]


async def test_two_units_of_one_name_are_both_found(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        top = build.province(conn)
        return [build.commune(conn, top, "Chi bộ 1") for _ in range(2)]

    both = await db.write(story)
    assert [found.id for found in await db.read(unit.named, "chi bộ 1")] == both


async def test_a_code_names_one_unit(db: Database) -> None:
    def add(conn: Connection) -> int:
        return unit.add(
            conn, "c", "Xã", UnitType.COMMUNE_COMMITTEE, valid_from=date(2025, 7, 1), position=2
        )

    unit_id = await db.write(add)
    with pytest.raises(IntegrityError):
        await db.write(add)
    found = await db.read(unit.by_code, "c")
    assert found is not None
    assert (found.id, found.name, found.type) == (unit_id, "Xã", UnitType.COMMUNE_COMMITTEE)
    assert await db.read(unit.by_code, "d") is None


async def test_a_unit_below_nobody_is_refused(db: Database) -> None:
    with pytest.raises(IntegrityError):
        await db.write(build.commune, 999_999)
    assert await db.read(unit.count) == 0


async def test_an_operator_means_a_unit_by_its_code_or_its_name(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        kind = UnitType.COMMUNE_COMMITTEE
        one = unit.add(conn, "08", "Xã A", kind)
        unit.add(conn, "09", "08", kind)
        found = [unit.called(conn, text) for text in ("08", "xa a", "10")]
        assert unit.code(conn, one) == "08"
        return [len([each for each in units if each.id == one]) for units in found]

    assert await db.write(story) == [1, 1, 0]


async def test_an_amended_unit_leaves_an_audit_line(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[str, str, int | None, int | None]]:
        unit_id = unit.add(conn, "08", "Xã A", UnitType.COMMUNE_COMMITTEE)
        unit.amend(conn, unit_id, build.NOW, {"name": "Xã B", "member_count": 12})
        assert unit.get(conn, unit_id).name == "Xã B"
        return build.audit_lines(conn)

    [(action, subject, _, actor)] = await db.write(story)
    assert (action, subject, actor) == ("amend", "org_unit", None)
