"""The picture under /thieu over many units: its pages, and a year where a month was asked for."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import Connection

from domain.period import Period
from domain.unit import UnitType
from handlers.desk import Say
from handlers.heat_map import heat_map
from handlers.scope import Scope
from storage import tally, unit
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW, RULES

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

TODAY = date(2026, 7, 20)
JULY = Period.from_code("2026-07")


def province(conn: Connection) -> int:
    """90 communes, of which the first has reported in July."""
    top = build.province(conn)
    units = [build.commune(conn, top, f"Đảng ủy xã {number}") for number in range(90)]
    tally.record(conn, units[0], None, build.figures(JULY.start, sessions=1), "one", NOW)
    return top


def page(conn: Connection, top: int, period: Period, number: int) -> Say:
    return heat_map(conn, TODAY, Scope(period, unit.get(conn, top)), RULES, number)


def labels(said: Say) -> list[str]:
    return [button.text for row in said.keyboard for button in row]


async def test_many_units_are_shown_on_pages_that_lead_to_each_other(db: Database) -> None:
    top = await db.write(province)
    pages = [await db.read(page, top, JULY, number) for number in range(3)]
    assert [labels(said) for said in pages] == [
        ["Trang sau ›"],
        ["‹ Trang trước", "Trang sau ›"],
        ["‹ Trang trước"],
    ]
    assert [said.text() for said in pages] == [
        f"<b>Bảng màu nộp báo cáo năm 2026</b> – Tỉnh uỷ (trang {number}/3)" for number in (1, 2, 3)
    ]
    for said in pages:
        assert said.picture is not None
        assert Image.open(BytesIO(said.picture.draw())).format == "PNG"


@pytest.mark.parametrize(("code", "months"), [("2026-07", 7), ("2026-Q3", 1), ("2026", 7)])
async def test_the_months_that_have_begun_are_the_columns(
    db: Database, code: str, months: int
) -> None:
    said = await db.read(page, await db.write(province), Period.from_code(code), 0)
    assert len(said.values["map"].months) == months


async def test_a_cell_owes_no_report_so_it_has_no_picture(db: Database) -> None:
    def cell(conn: Connection) -> Say:
        commune = build.commune(conn, build.province(conn))
        unit_id = unit.add(conn, "cell", "Chi bộ thôn 2", UnitType.CELL, commune)
        return page(conn, unit_id, JULY, 0)

    said = await db.write(cell)
    assert said.picture is None
    assert "không phải nộp báo cáo riêng" in said.text()
