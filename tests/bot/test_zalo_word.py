"""The monthly word on Zalo: once, in its afternoon, with what the bot has by then."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from bot.zalo_word import tell
from domain.period import Period
from handlers.delivery import delivery_message
from handlers.monthly import SHOWN
from storage import person, reminder, tally, unit_report
from storage.db import Database
from storage.schema import delivery
from tests.storage import build
from tests.storage.build import RULES
from wording.format import VIETNAM

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

# The first working day after June 2026; its reports are due on Monday the 6th.
FIRST = datetime(2026, 7, 1, 14, 30, tzinfo=VIETNAM)
DAY = timedelta(days=1)


def _lan(conn: Connection) -> int:
    who = build.reporter(conn, build.province(conn))
    person.add_account(conn, who, "zalo", "lan")
    return who


def _report(conn: Connection, who: int, day: int, sessions: int) -> None:
    figures = build.figures(date(2026, 6, day), sessions=sessions, party_members=45, public=60)
    tally.record(conn, 1, who, figures, f"zalo:{day}:{sessions}", FIRST)


def _queued(conn: Connection) -> list[tuple[int, str | None, datetime]]:
    columns = (delivery.c.person_id, delivery.c.about, delivery.c.expires_at)
    return [(who, period, at) for who, period, at in conn.execute(select(*columns))]


async def _words(db: Database) -> list[str]:
    """What is sent when the outbox takes what is queued."""
    claimed = await db.write(reminder.take, ["zalo"], FIRST, 10)
    said = [await db.read(delivery_message, each, FIRST) for each in claimed]
    return [message.text() for message in said if message]


async def test_each_person_hears_once_of_the_month_that_is_over(db: Database) -> None:
    lan = await db.write(_lan)
    for later in range(6):
        await db.write(tell, RULES, 1, FIRST + later * DAY / 24)
        await db.write(tell, RULES, 1, FIRST + later * DAY)
    end = FIRST.replace(hour=16, minute=30)
    assert await db.read(_queued) == [(lan, "2026-06", end)]


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        (datetime(2026, 6, 30, 15, 0, tzinfo=VIETNAM), False),
        (datetime(2026, 7, 1, 13, 59, tzinfo=VIETNAM), False),
        (datetime(2026, 7, 1, 14, 0, tzinfo=VIETNAM), True),
        (datetime(2026, 7, 1, 16, 29, tzinfo=VIETNAM), True),
        (datetime(2026, 7, 1, 16, 30, tzinfo=VIETNAM), False),
        (datetime(2026, 7, 4, 15, 0, tzinfo=VIETNAM), False),
        (datetime(2026, 7, 6, 15, 0, tzinfo=VIETNAM), True),
        (datetime(2026, 7, 7, 15, 0, tzinfo=VIETNAM), False),
    ],
)
async def test_it_comes_in_working_hours_between_the_months_end_and_the_due_date(
    db: Database, now: datetime, is_told: bool
) -> None:
    await db.write(_lan)
    await db.write(tell, RULES, 1, now)
    assert bool(await db.read(_queued)) == is_told


async def test_the_department_chooses_the_day_or_none(db: Database) -> None:
    await db.write(_lan)
    for days in range(6):
        await db.write(tell, RULES, 0, FIRST + days * DAY)
    await db.write(tell, RULES, 3, FIRST + DAY)
    assert await db.read(_queued) == []
    await db.write(tell, RULES, 3, FIRST + 2 * DAY)
    assert len(await db.read(_queued)) == 1


async def test_the_word_lists_what_is_stored_when_it_is_sent(db: Database) -> None:
    lan = await db.write(_lan)
    await db.write(_report, lan, 12, 3)
    await db.write(tell, RULES, 1, FIRST)
    await db.write(_report, lan, 30, 1)
    [word] = await _words(db)
    assert word == (
        "<b>Bot đã nhận của đồng chí</b> – tháng 6/2026\n"
        "• Thứ Ba 30/6/2026 – 1 buổi – 45 đảng viên – 60 quần chúng\n"
        "• Thứ Sáu 12/6/2026 – 3 buổi – 45 đảng viên – 60 quần chúng\n\n"
        "Zalo có thể làm thất lạc tin nhắn: thiếu báo cáo nào, đồng chí gửi lại báo cáo đó. "
        "Đủ rồi thì không cần trả lời."
    )


async def test_who_has_nothing_stored_is_asked_to_send_it_again(db: Database) -> None:
    await db.write(_lan)
    await db.write(tell, RULES, 1, FIRST)
    [word] = await _words(db)
    assert "chưa nhận được báo cáo nào của đồng chí trong tháng 6/2026" in word
    assert "nhắn “không phát sinh tháng 6/2026”" in word


async def test_that_nothing_took_place_was_received_too(db: Database) -> None:
    lan = await db.write(_lan)
    june = Period.month_of(date(2026, 6, 1))
    await db.write(unit_report.record_nil, 1, june, lan, FIRST)
    await db.write(tell, RULES, 1, FIRST)
    [word] = await _words(db)
    assert "• Đã báo không phát sinh.\n" in word


async def test_a_long_list_is_cut_short_and_fits_one_message(db: Database) -> None:
    lan = await db.write(_lan)
    for day in range(1, SHOWN + 3):
        await db.write(_report, lan, day, 100 + day)
    await db.write(tell, RULES, 1, FIRST)
    [word] = await _words(db)
    assert word.count("•") == SHOWN
    assert "còn nữa, đồng chí nhắn “của tôi” để xem hết" in word
    assert len(word) < 1900
