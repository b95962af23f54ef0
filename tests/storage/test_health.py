"""How the bot is doing, read from its database, on both engines."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import OperationalError

from domain.briefing import Briefing, DueReminder, Rung
from storage import briefing, health, inbox, migrate, person, reminder
from storage.db import Database
from storage.health import LATE_AFTER, State
from storage.inbox import Incoming
from storage.reminder import DeliveryState
from storage.schema import delivery, org_unit
from tests.storage import build
from tests.storage.build import CHANNEL, NOW

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def a_briefing(conn: Connection, *due: timedelta) -> int:
    """A briefing for one reporter, with a rung due at each of these times after NOW."""
    top = build.province(conn)
    officer = build.reporter(conn, top)
    ladder = [
        DueReminder(rung, NOW + after, NOW + after + HOUR)
        for rung, after in zip(Rung, due, strict=False)
    ]
    details = Briefing("Hội nghị tháng 7", NOW + 24 * HOUR)
    return briefing.announce(conn, top, officer, details, ladder, "b1", NOW).id


async def state(db: Database) -> State:
    return await db.read(health.state, NOW)


async def test_an_empty_database_has_nothing_that_waits(db: Database) -> None:
    found = await state(db)
    assert (found.waiting, found.parked, found.oldest) == (0, 0, None)
    assert (found.due, found.late, found.accounts, found.unreachable) == (0, 0, 0, 0)
    assert found.deliveries == dict.fromkeys(DeliveryState, 0)


async def test_the_inbox_is_as_deep_as_what_is_not_done_and_as_old_as_its_oldest(
    db: Database,
) -> None:
    def fill(conn: Connection) -> None:
        for number in range(1, 6):
            item = Incoming(number, "7", {"update_id": number})
            inbox.take_in(conn, "1", [item], NOW - timedelta(minutes=10 - number))
        inbox.finish(conn, "1", 1)
        inbox.fail(conn, "1", 2, "KeyError", 1)

    await db.write(fill)
    found = await state(db)
    assert (found.waiting, found.parked) == (3, 1)
    assert found.oldest == NOW - timedelta(minutes=7)


async def test_a_reminder_is_due_at_its_moment_and_late_when_it_was_overlooked(
    db: Database,
) -> None:
    await db.write(a_briefing, -LATE_AFTER, SECOND - LATE_AFTER, 0 * SECOND, SECOND)
    found = await state(db)
    assert (found.due, found.late) == (3, 1)
    await db.write(reminder.expand_due, NOW)
    found = await state(db)
    assert (found.due, found.late) == (0, 0)


async def test_deliveries_are_counted_by_state_and_since_a_moment(db: Database) -> None:
    def fill(conn: Connection) -> None:
        briefing_id = a_briefing(conn)
        to = build.reporter(conn)
        for number, (outcome, at) in enumerate(
            [
                (DeliveryState.SENT, NOW - 2 * HOUR),
                (DeliveryState.SENT, NOW - HOUR),
                (DeliveryState.UNKNOWN, NOW - 2 * HOUR),
                (DeliveryState.QUEUED, NOW),
            ]
        ):
            reminder.queue(
                conn, [to], key=f"k{number}", message="m", at=at, expires_at=NOW + HOUR,
                briefing_id=briefing_id,
            )  # fmt: skip
            row = delivery.c.key == f"k{number}:{to}"
            conn.execute(update(delivery).where(row).values(state=outcome))

    await db.write(fill)
    found = (await state(db)).deliveries
    assert found == dict.fromkeys(DeliveryState, 0) | {
        DeliveryState.SENT: 2,
        DeliveryState.UNKNOWN: 1,
        DeliveryState.QUEUED: 1,
    }
    recent = await db.read(health.deliveries, NOW - HOUR)
    assert recent == dict.fromkeys(DeliveryState, 0) | {
        DeliveryState.SENT: 1,
        DeliveryState.QUEUED: 1,
    }


async def test_who_blocked_the_bot_counts_as_unreachable_until_they_return(db: Database) -> None:
    def fill(conn: Connection) -> str:
        chats = [f"chat {build.reporter(conn)}" for _ in range(3)]
        person.set_reachable(conn, CHANNEL, chats[0], NOW)
        return chats[0]

    chat = await db.write(fill)
    found = await state(db)
    assert (found.accounts, found.unreachable) == (3, 1)
    await db.write(person.set_reachable, CHANNEL, chat, None)
    assert (await state(db)).unreachable == 0


async def test_the_size_grows_with_what_is_stored(db: Database) -> None:
    def fill(conn: Connection) -> None:
        name = "Đảng uỷ xã" * 50
        rows = [{"code": f"c{n}", "name": f"{name} {n}", "type": "cell"} for n in range(500)]
        conn.execute(insert(org_unit), rows)

    before = (await state(db)).size
    await db.write(fill)
    assert (await state(db)).size >= before + 200_000


async def test_a_touch_changes_nothing(db: Database) -> None:
    before = await db.read(migrate.current)
    await db.write(health.touch)
    assert await db.read(migrate.current) == before == migrate.newest()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program that keeps the database's write lock."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_touch_fails_while_nothing_can_be_written_and_then_works_again(
    db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.db.BUSY_TIMEOUT_MS", 1)
    async with Database(db_url) as db:
        with locked(Path(db_url.removeprefix("sqlite:///"))):
            with pytest.raises(OperationalError, match="locked"):
                await db.write(health.touch)
            assert (await state(db)).waiting == 0
        await db.write(health.touch)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_touch_fails_on_a_database_that_can_only_be_read(db: Database) -> None:
    def make_read_only(conn: Connection) -> None:
        conn.exec_driver_sql("PRAGMA query_only=ON")

    await db.write(make_read_only)
    with pytest.raises(OperationalError, match="readonly"):
        await db.write(health.touch)
