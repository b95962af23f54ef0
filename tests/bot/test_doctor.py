"""`doctor`: what is wrong is said in plain English, with what to do; what is well is said too."""

import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.check import Finding
from bot.doctor import doctor
from bot.metrics import Metrics
from bot.settings import Settings
from bot.web import Watch, create_app, serving
from domain.briefing import Briefing, DueReminder, Rung
from domain.unit_change import Renaming
from storage import briefing, inbox, migrate, person, reminder, tally, unit_change, zalo
from storage.db import Database
from storage.inbox import Incoming
from storage.reminder import DeliveryState
from storage.schema import delivery, period_total
from tests.storage import build
from tests.storage.build import CHANNEL, NOW
from wording.format import VIETNAM

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

Usage = namedtuple("Usage", "total used free")
BOT = "telegram 123"
DAY = timedelta(days=1)
BACKUP = NOW - timedelta(hours=6)


def free_space(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**10, 10**10 - free, free))


@pytest.fixture(autouse=True)
def enough_space(monkeypatch: pytest.MonkeyPatch) -> None:
    free_space(monkeypatch, 10**9)


async def findings(
    db_url: str, *, port: int = 0, last_backup: datetime | None = BACKUP
) -> list[Finding]:
    settings = Settings(database_url=db_url, web_port=port)
    return await doctor(settings, NOW, last_backup)


async def wrong(
    db_url: str, *, port: int = 0, last_backup: datetime | None = BACKUP
) -> list[tuple[str, str]]:
    """Subject and text of what is to be mended."""
    found = await findings(db_url, port=port, last_backup=last_backup)
    return [(finding.subject, finding.text) for finding in found if not finding.ok]


async def test_all_is_well_with_a_new_database(db_url: str) -> None:
    found = await findings(db_url)
    assert all(finding.ok for finding in found)
    assert [finding.subject for finding in found] == [
        "bot",
        "database",
        "inbox",
        "reminders",
        "people",
        "totals",
        "disk",
        "backup",
    ]


async def test_the_month_of_each_zalo_bot_is_looked_at(db_url: str) -> None:
    settings = Settings.model_validate(
        {"database_url": db_url, "web_port": 0, "zalo_token": "77:a 88:b", "zalo_quota": 2}
    )
    async with Database(db_url) as db:
        await db.write(zalo.sent, "88", NOW.astimezone(VIETNAM), unasked=False)
        await db.write(zalo.sent, "88", NOW.astimezone(VIETNAM), unasked=True)
    found = await doctor(settings, NOW, BACKUP)
    assert [(f.subject, f.ok) for f in found if f.subject.startswith("zalo")] == [
        ("zalo 77", True),
        ("zalo 88", False),
    ]


# --- the running bot -------------------------------------------------------------------------------


@asynccontextmanager
async def a_running_bot(db_url: str, silent_for: float = 0) -> AsyncIterator[int]:
    """The web side of a bot that heard its messenger and looked at its reminders so long ago."""
    seconds = iter([0.0])
    async with Database(db_url) as db:
        metrics = Metrics([BOT], seconds=lambda: next(seconds, silent_for))
        watch = Watch(db, metrics, lambda: NOW, lambda: None)
        async with serving(create_app(watch), 0) as port:
            yield port


async def test_a_running_bot_is_asked(db_url: str) -> None:
    async with a_running_bot(db_url) as port:
        found = await findings(db_url, port=port)
    assert found[0] == Finding(True, "bot", "runs")


async def test_a_bot_that_does_not_answer_is_to_be_started(db_url: str) -> None:
    async with a_running_bot(db_url) as port:
        pass
    [(subject, text)] = await wrong(db_url, port=port)
    assert subject == "bot"
    assert text.startswith(f"does not answer on port {port}: start it with `python -m bot run`")


async def test_another_program_on_the_port_is_not_taken_for_the_bot(db_url: str) -> None:
    async def hello(_: Request) -> Response:
        return PlainTextResponse("hello")

    async with serving(Starlette(routes=[Route("/health", hello)]), 0) as port:
        [(subject, text)] = await wrong(db_url, port=port)
    assert (subject, text) == (
        "bot",
        f"port {port} belongs to another program: choose another WEB_PORT and restart",
    )


async def test_what_the_running_bot_suffers_from_comes_with_advice(db_url: str) -> None:
    async with a_running_bot(db_url, silent_for=600) as port:
        found = await wrong(db_url, port=port)
    assert [subject for subject, _ in found] == ["bot", "bot"]
    assert (
        "messenger has not answered telegram 123 for 10 minutes: look at the network" in found[0][1]
    )
    assert "has not looked at the reminders for 10 minutes" in found[1][1]


async def _public(db_url: str, port: int, url: str) -> list[tuple[bool, str]]:
    settings = Settings.model_validate(
        {"database_url": db_url, "web_port": port, "public_url": url}
    )
    found = await doctor(settings, NOW, BACKUP)
    return [(finding.ok, finding.text) for finding in found if finding.subject == "PUBLIC_URL"]


async def test_the_address_of_files_must_lead_to_this_bot(db_url: str) -> None:
    async with a_running_bot(db_url) as port:
        here = f"http://127.0.0.1:{port}"
        assert await _public(db_url, port, here) == [(True, "leads to this bot")]
        elsewhere = [f"{here}/health", "http://127.0.0.1:9"]
        for url in elsewhere:
            [(is_well, text)] = await _public(db_url, port, url)
            assert not is_well
            assert text.startswith("does not lead to this bot: look at the proxy")


# --- the database ----------------------------------------------------------------------------------


async def test_a_missing_file_is_named_and_not_made(db_url: str, tmp_path: Path) -> None:
    file = tmp_path / "nowhere.db"
    [(subject, text)] = await wrong(f"sqlite:///{file}")
    assert (subject, text) == ("database", f"{file} is missing: mend DATABASE_URL")
    assert not file.exists()


async def test_an_address_that_is_none_is_told(engine: str) -> None:
    [(subject, text)] = await wrong("bot.db")
    assert subject == "database" and "DATABASE_URL" in text


async def test_a_damaged_file_is_told_with_the_way_back(db_url: str, tmp_path: Path) -> None:
    file = tmp_path / "damaged.db"
    file.write_bytes(b"this is no database" * 1000)
    [(subject, text)] = await wrong(f"sqlite:///{file}")
    assert subject == "database"
    assert "damaged" in text and "`python -m bot restore" in text


async def test_an_old_schema_is_to_be_migrated(db_url: str) -> None:
    def age_it(conn: Connection) -> None:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    async with Database(db_url) as db:
        await db.write(age_it)
    [(subject, said)] = await wrong(db_url)
    assert subject == "database"
    assert said == (f"schema 0001, this bot needs {migrate.newest()}: run `python -m bot migrate`")


async def test_updates_that_wait_too_long_are_told(db: Database, db_url: str) -> None:
    async def arrive(number: int, at: datetime) -> None:
        item = Incoming(number, "7", {"update_id": number})
        await db.write(inbox.take_in, "1", [item], at)

    await arrive(1, NOW - timedelta(minutes=5))
    assert await wrong(db_url) == []
    await arrive(2, NOW - timedelta(minutes=50))
    [(subject, text)] = await wrong(db_url)
    assert subject == "inbox"
    assert text.startswith("2 waiting, the oldest for 50 minutes: ")


async def test_parked_updates_are_told(db: Database, db_url: str) -> None:
    def park(conn: Connection) -> None:
        inbox.take_in(conn, "1", [Incoming(1, "7", {"update_id": 1})], NOW - DAY)
        inbox.fail(conn, "1", 1, "KeyError", 1)

    await db.write(park)
    assert await wrong(db_url) == [
        ("inbox", "1 parked after repeated failure: see `python -m bot inbox list`")
    ]


async def test_changes_of_units_that_could_not_be_carried_out_are_told(
    db: Database, db_url: str
) -> None:
    def plan(conn: Connection) -> None:
        unit_change.undertake(conn, Renaming("gone", "Xã"), NOW.date() + DAY, NOW)
        unit_change.carry_out_due(conn, NOW + 2 * DAY)

    await db.write(plan)
    assert await wrong(db_url) == [
        ("units", "1 could not be carried out on their day: see `python -m bot units planned`")
    ]


def a_briefing(conn: Connection, due: datetime) -> int:
    officer = build.reporter(conn, build.province(conn))
    ladder = [DueReminder(Rung.TODAY, due, due + DAY)]
    details = Briefing("Hội nghị tháng 7", NOW + DAY)
    return briefing.announce(conn, 1, officer, details, ladder, "b1", NOW).id


async def test_overdue_reminders_are_told(db: Database, db_url: str) -> None:
    await db.write(a_briefing, NOW - timedelta(minutes=10))
    [(subject, text)] = await wrong(db_url)
    assert (subject, text.split(":")[0]) == ("reminders", "1 overdue and not sent")


@pytest.mark.parametrize("outcome", [DeliveryState.UNKNOWN, DeliveryState.FAILED])
async def test_lost_deliveries_of_the_last_day_are_told(
    db: Database, db_url: str, outcome: DeliveryState
) -> None:
    def lose(conn: Connection, at: datetime, key: str) -> None:
        to = build.reporter(conn)
        reminder.queue(conn, [to], key=key, message="m", at=at, expires_at=NOW + DAY, briefing_id=1)
        conn.execute(update(delivery).values(state=outcome))

    await db.write(a_briefing, NOW + DAY)
    await db.write(lose, NOW - DAY - timedelta(seconds=1), "old")
    assert await wrong(db_url) == []
    await db.write(lose, NOW - DAY, "new")
    [(subject, text)] = await wrong(db_url)
    assert subject == "deliveries" and text.startswith("1 of the last 24 hours ")


async def test_people_who_cannot_be_reached_are_told_when_they_are_many(
    db: Database, db_url: str
) -> None:
    def people(conn: Connection) -> list[str]:
        return [f"chat {build.reporter(conn)}" for _ in range(10)]

    chats = await db.write(people)
    await db.write(person.set_reachable, CHANNEL, chats[0], NOW)
    assert await wrong(db_url) == []
    await db.write(person.set_reachable, CHANNEL, chats[1], NOW)
    [(subject, text)] = await wrong(db_url)
    assert (subject, text.split(":")[0]) == ("people", "2 of 10 cannot be reached")


async def test_totals_that_are_wrong_are_told_with_the_command_that_mends_them(
    db: Database, db_url: str
) -> None:
    def enter(conn: Connection) -> None:
        unit_id = build.province(conn)
        officer = build.reporter(conn, unit_id)
        tally.record(conn, unit_id, officer, build.figures(sessions=3), "t1", NOW)

    def spoil(conn: Connection) -> None:
        conn.execute(update(period_total).values(sessions=4))

    await db.write(enter)
    assert await wrong(db_url) == []
    await db.write(spoil)
    [(subject, text)] = await wrong(db_url)
    assert subject == "totals"
    assert (
        text.startswith("not equal to a recount in 1 rows")
        and "`python -m bot totals rebuild`" in text
    )


# --- around it -------------------------------------------------------------------------------------


async def test_a_disk_that_is_nearly_full_is_told(
    db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_space(monkeypatch, 499_999_999)
    [(subject, text)] = await wrong(db_url)
    assert subject == "disk"
    assert text.startswith("500.0 MB free, 500.0 MB are needed")


async def test_no_backup_and_an_old_backup_are_told(db_url: str) -> None:
    [(subject, text)] = await wrong(db_url, last_backup=None)
    assert subject == "backup" and "`python -m bot backup`" in text
    assert await wrong(db_url, last_backup=NOW - timedelta(hours=36)) == []
    [(subject, text)] = await wrong(db_url, last_backup=NOW - timedelta(days=3))
    assert subject == "backup" and text.startswith("the last one is 3 days old: ")


async def test_one_thing_that_is_wrong_does_not_hide_another(db_url: str, tmp_path: Path) -> None:
    async with a_running_bot(db_url) as port:
        pass
    found = await wrong(f"sqlite:///{tmp_path / 'nowhere.db'}", port=port, last_backup=None)
    assert [subject for subject, _ in found] == ["bot", "database", "backup"]
