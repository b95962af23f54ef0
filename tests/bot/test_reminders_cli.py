"""`python -m bot reminders plan`: whom the ladder would ask of what, and why; no names."""

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.reminders_cli import lines
from bot.settings import Settings
from domain.briefing import VIETNAM
from domain.period import Period
from domain.role import Role
from storage import ladder, leave, reminder, rest, unit_report
from storage.db import Database
from storage.reminder import DeliveryState
from tests.storage import build
from tests.storage.build import CHANNEL, LADDER

NOVEMBER = Period.from_code("2026-11")
T5, T = date(2026, 12, 2), date(2026, 12, 7)
NOON = datetime(2026, 11, 30, 12, tzinfo=VIETNAM)


def furnish(conn: Connection) -> tuple[int, int, int]:
    """A province with an officer, and a commune with a reporter and somebody to stand in."""
    top = build.province(conn)
    commune = build.commune(conn, top)
    build.reporter(conn, top, Role.OFFICER)
    return commune, build.reporter(conn, commune), build.reporter(conn)


def planned(conn: Connection, first: date, last: date) -> list[str]:
    return list(lines(conn, first, last, LADDER))


pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def test_each_day_says_whom_of_what_and_why(db: Database) -> None:
    _, reporter, _ = await db.write(furnish)
    officer = reporter - 1
    missing = "Đảng uỷ xã Hàm Yên 2026-11 (missing, due 2026-12-07, rung"
    who = f"person {reporter} (reporter in Đảng uỷ xã Hàm Yên)"
    assert await db.read(planned, date(2026, 12, 1), T) == [
        "2026-12-02 Wed",
        f"  {who}: asked for {missing} 1)",
        "2026-12-04 Fri",
        f"  {who}: asked for {missing} 2)",
        "2026-12-07 Mon",
        f"  person {officer} (officer in Tỉnh uỷ): told of {missing} 3)",
        f"  {who}: asked for {missing} 3)",
        "4 messages, if nobody reports until then.",
    ]


async def test_who_is_left_out_is_there_with_the_reason(db: Database) -> None:
    _, reporter, other = await db.write(furnish)
    await db.write(leave.take, reporter, T5, T5, other, reporter, NOON)
    away = await db.read(planned, T5, T5)
    assert away[1].startswith(f"  person {other} (reporter in Đảng uỷ xã Hàm Yên): asked for")
    assert away[2] == f"  left out: person {reporter}, away, person {other} stands in"
    await db.write(rest.begin, reporter, None, T, NOON)
    resting = await db.read(planned, date(2026, 12, 4), date(2026, 12, 4))
    assert resting[1] == f"  left out: person {reporter}, wants no reminders"


async def test_who_gave_the_unit_up_or_had_the_message_is_left_out(db: Database) -> None:
    commune, reporter, _ = await db.write(furnish)
    await db.write(rest.begin, reporter, commune, None, NOON)
    day = f"  left out: person {reporter}, has given the unit up"
    assert day in await db.read(planned, T5, T5)
    await db.write(rest.end, reporter, NOON, NOON.date())

    def send(conn: Connection) -> None:
        now = datetime(2026, 12, 2, 8, tzinfo=VIETNAM)
        ladder.schedule(conn, now, LADDER)
        ladder.expand_due(conn, now, LADDER)
        for each in reminder.take(conn, [CHANNEL], now, 9):
            reminder.settle(conn, each.id, DeliveryState.SENT, now)

    await db.write(send)
    assert f"  left out: person {reporter}, has had the message of the day" in await db.read(
        planned, T5, T5
    )


async def test_a_day_on_which_all_have_reported_has_nobody(db: Database) -> None:
    commune, reporter, _ = await db.write(furnish)
    await db.write(unit_report.record_nil, commune, NOVEMBER, reporter, NOON)
    assert await db.read(planned, T5, T5) == [
        "2026-12-02 Wed  nobody",
        "0 messages, if nobody reports until then.",
    ]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["reminders", "plan", *arguments])


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_file: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'bot.db')}"
    monkeypatch.setenv("DATABASE_URL", url)


def test_the_command_prints_the_plan_of_an_empty_province(database: None, engine: str) -> None:
    done = run("--from", "2026-12-01", "--to", "2026-12-31")
    assert done.exit_code == 0
    assert "2026-12-02 Wed  nobody" in done.stdout


def test_a_day_that_is_none_is_refused_by_name(database: None, engine: str) -> None:
    done = run("--from", "1.12.2026", "--to", "2026-12-31")
    assert done.exit_code == 2
    assert "no day like 2026-12-01" in done.output
