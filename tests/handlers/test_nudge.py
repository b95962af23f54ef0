"""The message of a day of the ladder: everything of a person in one, and short enough to be sent."""

from datetime import date

import pytest
from sqlalchemy import Connection
from telegram.constants import MessageLimit

from domain.briefing import VIETNAM
from domain.ladder import opening
from domain.role import Role
from domain.unit import UnitType
from handlers.desk import Say
from handlers.nudge import nudge_messages
from storage import ladder, reminder, unit
from storage.db import Database
from tests.storage import build
from tests.storage.build import CHANNEL, LADDER

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

T5, T = date(2026, 12, 2), date(2026, 12, 7)
NAME = "Đảng ủy các cơ quan Đảng tỉnh và các đơn vị sự nghiệp trực thuộc số"


def province(conn: Connection) -> dict[str, int]:
    """128 units with a lead each, an officer, and somebody who reports for two cells."""
    top = build.province(conn)
    communes = [
        unit.add(conn, f"big{n}", f"{NAME} {n}", UnitType.COMMUNE_COMMITTEE, top, position=n)
        for n in range(128)
    ]
    for commune in communes:
        build.reporter(conn, commune, Role.UNIT_LEAD)
    busy = build.reporter(conn, build.cell(conn, communes[0]))
    build.also(conn, busy, build.cell(conn, communes[1]))
    return {"officer": build.reporter(conn, top, Role.OFFICER), "busy": busy}


def said(conn: Connection, who: int, day: date) -> Say:
    """What this person is told on that day."""
    now = opening(day, LADDER)
    ladder.schedule(conn, now, LADDER)
    ladder.expand_due(conn, now, LADDER)
    taken = reminder.take(conn, [CHANNEL], now, 1000)
    (own,) = [each for each in taken if each.person_id == who]
    return nudge_messages(conn, taken, now.astimezone(VIETNAM), LADDER)[own.id]


def labels(message: Say) -> list[str]:
    return [button.text for row in message.keyboard for button in row]


async def test_an_officer_gets_one_list_that_fits_with_somebody_to_write_to(db: Database) -> None:
    who = (await db.write(province))["officer"]
    message = await db.write(said, who, T)
    text = message.text()
    assert len(text) <= MessageLimit.MAX_TEXT_LENGTH
    assert f"20. {NAME} 19 – tháng 11/2026, hôm nay là hạn cuối" in text
    assert "… và 108 đơn vị nữa." in text
    assert text.count('<a href="tg://user?id=chat ') == 20
    assert labels(message) == []


async def test_who_reports_for_several_units_has_a_button_for_each(db: Database) -> None:
    who = (await db.write(province))["busy"]
    message = await db.write(said, who, T5)
    text = message.text()
    assert f"{NAME} 0</b> – tháng 11/2026" in text
    assert f"{NAME} 1</b> – tháng 11/2026" in text
    assert labels(message) == [
        "✍️ Báo cáo ngay",
        "Không phát sinh: Chi bộ thôn, tháng 11/2026",
        "Không phát sinh: Chi bộ thôn, tháng 11/2026",
        "🌙 Nhắc tối nay",
        "Không còn là việc của tôi",
    ]
    assert all(len(b.data.encode()) <= 64 for row in message.keyboard for b in row)
