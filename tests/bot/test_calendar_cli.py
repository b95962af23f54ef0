"""`python -m bot calendar`: an operator enters what a decree says, and a running bot follows."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.books import open_books
from bot.cli import app
from bot.settings import Settings
from domain.period import Cutoff
from storage import day_off
from storage.day_off import DecreedDay
from storage.db import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TET = date(2027, 2, 11)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_file: Path) -> str:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'bot.db')}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def calendar(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["calendar", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_days_are_entered_listed_and_forgotten(url: str) -> None:
    calendar("add", "2027-02-10..2027-02-11", "--note", "QĐ 12")
    calendar("add", "2027-02-20", "--working")
    assert calendar("list").splitlines() == [
        "Wed 2027-02-10  day off  QĐ 12",
        "Thu 2027-02-11  day off  QĐ 12",
        "Sat 2027-02-20  working day",
    ]
    assert calendar("remove", "2027-02-10", "2027-03-01").splitlines() == [
        "2027-02-10  forgotten",
        "2027-03-01  was not entered",
    ]
    assert "2027-02-10" not in calendar("list")


def test_a_year_is_listed_with_its_holidays_and_swapped_saturdays(url: str) -> None:
    calendar("add", "2026-11-23", "--note", "QĐ 7")
    listed = calendar("list", "--year", "2026")
    assert "Sat 2026-08-22  working day" in listed
    assert "Tue 2026-11-24  day off" in listed
    assert "Mon 2026-11-23  day off  QĐ 7" in listed
    assert "2026-11-25" not in listed


@pytest.mark.parametrize("days", ["10/2/2027", "2027-02-30", "2027-02-11..2027-02-10", "2027"])
def test_what_is_no_day_is_named_and_nothing_is_entered(url: str, days: str) -> None:
    result = CliRunner().invoke(app, ["calendar", "add", "2027-02-09", days])
    assert result.exit_code == 2
    assert days in result.output
    assert calendar("list") == ""


async def test_a_running_bot_follows_what_is_entered(url: str) -> None:
    async with Database(url) as db:
        books = await open_books(Settings(), db, lambda: NOW)
        seen = [books.deadlines.calendar.is_working_day(TET)]
        await db.write(day_off.say, [DecreedDay(TET, False, None)], NOW)
        await books.tick()
        seen.append(books.deadlines.calendar.is_working_day(TET))
        await db.write(day_off.remove, [TET], NOW)
        await books.tick()
        seen.append(books.deadlines.calendar.is_working_day(TET))
    assert seen == [True, False, True]


async def test_another_cut_off_is_followed_at_the_start_with_a_line_in_the_log(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(month_cutoff=Cutoff.DAY_15)
    async with Database(url) as db:
        for _ in range(2):
            await open_books(settings, db, lambda: NOW)
    assert [line.getMessage() for line in caplog.records if line.name == "bot.books"] == [
        "MONTH_CUTOFF is day15 now: all totals were counted anew"
    ]
