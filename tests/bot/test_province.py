from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, func, select

from bot.province import UnknownProvinceError, build
from domain.unit import REPORTING_TYPES
from storage import unit
from storage.db import Database
from storage.schema import org_unit, unit_alias, unit_path

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)


# Storage's own tests try both engines; the tree is the same on either.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def everything(conn: Connection) -> list[list[tuple[object, ...]]]:
    return [
        [tuple(row) for row in conn.execute(select(table))]
        for table in (org_unit, unit_path, unit_alias)
    ]


def reporting_names(conn: Connection) -> list[str]:
    rows = conn.execute(
        select(org_unit.c.name)
        .where(org_unit.c.type.in_(REPORTING_TYPES))
        .order_by(org_unit.c.position)
    )
    return list(rows.scalars())


async def test_tuyen_quang_has_128_units_that_report(db: Database) -> None:
    root = await db.write(build, "Tuyên Quang", AT)
    names = await db.read(reporting_names)
    assert len(names) == 4 + 124
    assert (await db.read(unit.get, root)).name == "Tỉnh ủy Tuyên Quang"


async def test_units_stand_in_official_order(db: Database) -> None:
    await db.write(build, "Tuyên Quang", AT)
    names = await db.read(reporting_names)
    assert names[:4] == [
        "Đảng ủy các cơ quan Đảng tỉnh",
        "Đảng ủy UBND tỉnh",
        "Đảng ủy Quân sự tỉnh",
        "Đảng ủy Công an tỉnh",
    ]
    assert names[4:6] == ["Đảng ủy phường Mỹ Lâm", "Đảng ủy phường Minh Xuân"]
    assert names[11:13] == ["Đảng ủy xã Thượng Lâm", "Đảng ủy xã Lâm Bình"]


async def test_building_twice_changes_nothing(db: Database) -> None:
    root = await db.write(build, "Tuyên Quang", AT)
    before = await db.read(everything)
    assert await db.write(build, "08", AT) == root
    assert await db.read(everything) == before


@pytest.mark.parametrize(
    "spoken",
    [
        "Đảng ủy xã Lâm Bình",
        "đảng bộ xã lâm bình",
        "xa lam binh",
        "Lâm Bình",
        "DANG UY XA LAM BINH",
    ],
)
async def test_a_commune_is_found_by_any_of_its_names(db: Database, spoken: str) -> None:
    await db.write(build, "Tuyên Quang", AT)
    assert [u.name for u in await db.read(unit.named, spoken)] == ["Đảng ủy xã Lâm Bình"]


@pytest.mark.parametrize("spoken", ["UBND tỉnh", "Đảng bộ UBND tỉnh", "uy ban nhan dan tinh"])
async def test_a_direct_committee_is_found_by_any_of_its_names(db: Database, spoken: str) -> None:
    await db.write(build, "Tuyên Quang", AT)
    assert [u.name for u in await db.read(unit.named, spoken)] == ["Đảng ủy UBND tỉnh"]


async def test_names_are_written_in_one_tone_mark_style(db: Database) -> None:
    await db.write(build, "Tuyên Quang", AT)
    assert "Đảng ủy xã Chiêm Hóa" in await db.read(reporting_names)


async def test_a_city_has_a_city_committee(db: Database) -> None:
    root = await db.write(build, "tp ha noi", AT)
    assert (await db.read(unit.get, root)).name == "Thành ủy Hà Nội"
    assert "Đảng ủy UBND thành phố" in await db.read(reporting_names)


async def test_a_special_zone_stands_last(db: Database) -> None:
    await db.write(build, "Quảng Trị", AT)
    assert (await db.read(reporting_names))[-1] == "Đảng ủy đặc khu Cồn Cỏ"


@pytest.mark.parametrize("text", ["Hà Giang", "", "99", "8"])
async def test_what_is_no_province_of_today_is_refused(db: Database, text: str) -> None:
    with pytest.raises(UnknownProvinceError):
        await db.write(build, text, AT)
    assert await db.read(lambda conn: conn.execute(select(func.count(org_unit.c.id))).scalar()) == 0
