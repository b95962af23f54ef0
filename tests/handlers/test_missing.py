"""/thieu over many units: pages that fit into a message, and every unit on one of them."""

from datetime import date

import pytest
from sqlalchemy import Connection
from telegram.constants import MessageLimit

from domain.period import Period
from domain.unit import UnitType
from handlers.desk import Say
from handlers.missing import overview
from handlers.scope import Scope
from storage import tally, unit
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW, RULES

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

TODAY = date(2026, 12, 31)
NOVEMBER = Period.from_code("2026-11")
NAMES = [f"Đảng ủy xã Trung Thành Đông số {number}" for number in range(1, 129)]


def province(conn: Connection) -> int:
    """128 communes; the first one has reported in November."""
    top = build.province(conn)
    for position, name in enumerate(NAMES):
        kind = UnitType.COMMUNE_COMMITTEE
        unit_id = unit.add(conn, f"x{position}", name, kind, top, position=position)
        if position == 0:
            figures = build.figures(NOVEMBER.start, sessions=1)
            tally.record(conn, unit_id, None, figures, "one", NOW)
    return top


def page(conn: Connection, top: int, period: Period, number: int) -> Say:
    return overview(conn, TODAY, Scope(period, unit.get(conn, top)), RULES, number)


def labels(said: Say) -> list[str]:
    return [button.text for row in said.keyboard for button in row]


async def test_every_missing_unit_stands_once_in_the_official_order_on_some_page(
    db: Database,
) -> None:
    top = await db.write(province)
    pages = [await db.read(page, top, NOVEMBER, number) for number in range(5)]
    listed = [line for said in pages for line in said.text().splitlines() if line[:1].isdigit()]
    assert listed == [f"{n}. {name}" for n, name in enumerate(NAMES[1:], start=1)]
    assert ["Trang sau ›" in labels(said) for said in pages] == [True] * 4 + [False]
    assert ["‹ Trang trước" in labels(said) for said in pages] == [False] + [True] * 4
    assert "chưa có 127 trên tổng 128 đơn vị" in pages[4].text()


async def test_a_year_is_shown_by_its_months_and_still_fits_into_a_message(db: Database) -> None:
    top = await db.write(province)
    said = await db.read(page, top, Period.from_code("2026"), 0)
    text = said.text()
    assert len(text) <= MessageLimit.MAX_TEXT_LENGTH
    assert f"1. {NAMES[0]}: tháng 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12" in text
    assert "• Tháng 11/2026: đúng hạn 1, chậm 0, không phát sinh 0, chưa có 127" in text


async def test_months_that_have_not_begun_are_not_missing(db: Database) -> None:
    def first_quarter(conn: Connection, top: int) -> Say:
        scope = Scope(Period.from_code("2027-Q1"), unit.get(conn, top))
        return overview(conn, date(2027, 2, 1), scope, RULES, 0)

    text = (await db.read(first_quarter, await db.write(province))).text()
    assert f"{NAMES[1]}: tháng 1, 2\n" in text
    assert "Tháng 3/2027" not in text
