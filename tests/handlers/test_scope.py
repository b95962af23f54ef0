"""A period and a unit after a command, however they are typed."""

from datetime import date

import pytest
from sqlalchemy import Connection

from domain.period import Period
from domain.role import Action, Actor, Membership, Role
from domain.unit import UnitType
from handlers.desk import Say
from handlers.scope import Reach, Scope, find_scope, reach_of, read_scope
from storage import unit
from storage.db import Database
from tests.storage import build
from tests.storage.build import RULES

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

TODAY = date(2026, 11, 20)
DEFAULT = Period.from_code("2026-11")


def tree(conn: Connection) -> tuple[int, Reach]:
    """Two communes, a cell of the same name in each; and what a lead of the province reaches."""
    top = build.province(conn)
    for name in ("Lâm Bình", "Năm Căn"):
        kind = UnitType.COMMUNE_COMMITTEE
        commune = unit.add(conn, name, f"Đảng ủy xã {name}", kind, top, aliases=(name,))
        for cell in ("Chi bộ thôn 2", f"Chi bộ trường {name}"):
            unit.add(conn, f"{name} {cell}", cell, UnitType.CELL, commune)
    return top, Reach(top, lambda path: top in path)


def read(conn: Connection, reach: Reach, text: str) -> Scope | Say:
    return read_scope(conn, reach, text, TODAY, RULES, lambda p, of: f"{p.code}:{of}")


async def named(db: Database, text: str) -> tuple[str, str] | str:
    """The code of the period and the name of the unit; or the message that asks back."""
    _, reach = await db.write(tree)
    found = await db.read(read, reach, text)
    return found.key if isinstance(found, Say) else (found.period.code, found.unit.name)


@pytest.mark.parametrize(
    ("text", "period", "name"),
    [
        ("", "2026-11", "Tỉnh uỷ"),
        ("tháng 10", "2026-10", "Tỉnh uỷ"),
        ("quý 3", "2026-Q3", "Tỉnh uỷ"),
        ("Lâm Bình", "2026-11", "Đảng ủy xã Lâm Bình"),
        ("lam binh", "2026-11", "Đảng ủy xã Lâm Bình"),
        ("tháng 10 Lâm Bình", "2026-10", "Đảng ủy xã Lâm Bình"),
        ("Lâm Bình tháng 10", "2026-10", "Đảng ủy xã Lâm Bình"),
        ("10/2025 Đảng ủy xã Lâm Bình", "2025-10", "Đảng ủy xã Lâm Bình"),
        ("6 tháng đầu năm 2026 Năm Căn", "2026-H1", "Đảng ủy xã Năm Căn"),
        ("năm 2025 Năm Căn", "2025", "Đảng ủy xã Năm Căn"),
    ],
)
async def test_a_period_and_a_unit_are_read_in_either_order(
    db: Database, text: str, period: str, name: str
) -> None:
    assert await named(db, text) == (period, name)


@pytest.mark.parametrize("text", ["tháng 13", "xã Không Có", "tháng 10 xã Không Có", "/", "12345"])
async def test_what_names_neither_is_asked_back(db: Database, text: str) -> None:
    assert await named(db, text) == "scope.unknown"


@pytest.mark.parametrize(
    ("text", "code"), [("Chi bộ thôn 2", "2026-11"), ("tháng 10 chi bộ thôn 2", "2026-10")]
)
async def test_units_of_one_name_are_told_apart_by_the_unit_above(
    db: Database, text: str, code: str
) -> None:
    _, reach = await db.write(tree)
    asked = await db.read(read, reach, text)
    assert isinstance(asked, Say)
    assert "Chi bộ thôn 2" in asked.text()
    buttons = [button for (button,) in asked.keyboard]
    assert [button.text for button in buttons] == [
        "Chi bộ thôn 2 – Đảng ủy xã Lâm Bình",
        "Chi bộ thôn 2 – Đảng ủy xã Năm Căn",
    ]
    assert all(button.data.startswith(f"{code}:") for button in buttons)


async def test_a_lead_asks_about_their_own_units_only(db: Database) -> None:
    def asked(conn: Connection) -> list[object]:
        top, _ = tree(conn)
        (home,) = unit.named(conn, "Lâm Bình")
        actor = Actor(1, "Lan", (Membership(home.id, home.name, Role.UNIT_LEAD),))
        reach = reach_of(actor, Action.SEE_SUMMARY)
        assert reach is not None
        cell = read(conn, reach, "Chi bộ thôn 2")
        return [
            reach_of(actor, Action.LOCK_PERIOD),
            read(conn, reach, "Năm Căn"),
            find_scope(conn, reach, "2026-10", str(top)),
            cell.unit.name if isinstance(cell, Scope) else cell,
            find_scope(conn, reach, "2026-10", str(home.id)),
            Scope(Period.from_code("2026-10"), home),
        ]

    nowhere, other, above, cell, own, expected = await db.write(asked)
    assert nowhere is None
    assert other == Say("scope.unknown")
    assert above == Say("scope.not_yours")
    assert cell == "Chi bộ thôn 2"
    assert own == expected
