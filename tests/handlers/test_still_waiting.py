"""Newcomers who wait for days: whoever decides is reminded, in working hours and once a week."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from domain.briefing import VIETNAM
from domain.ladder import Nudge
from domain.period import Period
from domain.role import Approval, Role
from handlers.delivery import delivery_message
from handlers.still_waiting import STILL_WAITING, remind_deciders
from storage import enrolment, invitation, ladder, leave, reminder
from storage.db import Database
from tests.storage import build
from tests.storage.build import CHANNEL, LADDER

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

# A Thursday; three days later it is Sunday, so that Monday is the first day to remind.
ASKED = datetime(2026, 7, 16, 9, 30, tzinfo=VIETNAM)
MONDAY = datetime(2026, 7, 20, 9, 0, tzinfo=VIETNAM)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def _cast(conn: Connection) -> tuple[int, int, int]:
    """The officer, the lead, and the newcomer's enrolment into the lead's commune."""
    top = build.province(conn)
    commune = build.commune(conn, top)
    officer = build.reporter(conn, top, Role.OFFICER)
    lead = build.reporter(conn, commune, Role.UNIT_LEAD)
    token = invitation.create(conn, commune, Role.REPORTER, lead, ASKED, ASKED + 7 * DAY)
    by = invitation.find(conn, invitation.hash_of(token), ASKED)
    assert isinstance(by, invitation.Invitation)
    asked = enrolment.ask(conn, build.reporter(conn), by, ASKED)
    return officer, lead, asked.id


def _reminded(conn: Connection, now: datetime, approval: Approval = Approval.LEAD) -> list[int]:
    """Whom the reminder goes to now."""
    remind_deciders(conn, approval, LADDER, now)
    taken = reminder.take(conn, [CHANNEL], now, 10)
    return [each.person_id for each in taken if each.message == STILL_WAITING]


@pytest.mark.parametrize(
    ("now", "is_reminded"),
    [
        (ASKED + DAY, False),
        (ASKED + 3 * DAY, False),
        (MONDAY.replace(hour=7), False),
        (MONDAY, True),
        (MONDAY.replace(hour=12), False),
        (MONDAY.replace(hour=20), False),
    ],
)
async def test_whoever_decides_is_reminded_after_three_days_in_working_hours(
    db: Database, now: datetime, is_reminded: bool
) -> None:
    def story(conn: Connection) -> bool:
        _, lead, _ = _cast(conn)
        return _reminded(conn, now) == ([lead] if is_reminded else [])

    assert await db.write(story)


async def test_where_officers_let_newcomers_in_the_officer_is_reminded(db: Database) -> None:
    def story(conn: Connection) -> bool:
        officer, _, _ = _cast(conn)
        return _reminded(conn, MONDAY, Approval.OFFICER) == [officer]

    assert await db.write(story)


async def test_nobody_is_reminded_again_within_a_week(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        _cast(conn)
        hours = (MONDAY + hour * HOUR for hour in range(15 * 24))
        return [(at.date() - MONDAY.date()).days for at in hours if _reminded(conn, at)]

    assert await db.write(story) == [0, 7, 14]


async def test_who_is_reminded_to_report_that_day_hears_of_newcomers_on_another(
    db: Database,
) -> None:
    def story(conn: Connection) -> tuple[list[int], list[int], int]:
        _, lead, _ = _cast(conn)
        june = Period.month_of(date(2026, 6, 1))
        nudged = Nudge(lead, 1, june, date(2026, 7, 6), None)
        ladder.queue(conn, [nudged], MONDAY, LADDER)
        return _reminded(conn, MONDAY), _reminded(conn, MONDAY + DAY), lead

    first, second, lead = await db.write(story)
    assert (first, second) == ([], [lead])


async def test_what_is_due_by_the_ladder_goes_first(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        _cast(conn)
        due = datetime(2026, 8, 3, 8, 0, tzinfo=VIETNAM)
        ladder.schedule(conn, due - HOUR, LADDER)
        assert reminder.next_due(conn) == due
        return _reminded(conn, due)

    assert await db.write(story) == []


async def test_who_is_away_is_not_reminded(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        _, lead, _ = _cast(conn)
        leave.take(conn, lead, ASKED.date(), MONDAY.date(), None, lead, ASKED)
        return _reminded(conn, MONDAY)

    assert await db.write(story) == []


async def test_the_reminder_names_who_waits_and_leads_to_the_decisions(db: Database) -> None:
    def story(conn: Connection) -> None:
        _cast(conn)
        remind_deciders(conn, Approval.LEAD, LADDER, MONDAY)
        [queued] = reminder.take(conn, [CHANNEL], MONDAY, 10)
        said = delivery_message(conn, queued, MONDAY)
        assert said is not None
        assert said.text().startswith(
            "⏳ <b>Còn 1 người chờ đồng chí đồng ý</b>\n"
            "• Báo cáo viên – Báo cáo viên, tuyên truyền viên, Đảng uỷ xã Hàm Yên, "
            "gửi 09:30 Thứ Năm 16/7/2026\n"
        )
        [[button]] = said.keyboard
        assert (button.text, button.data) == ("⏳ Chờ đồng ý: 1 người", "enrol:waiting")

    await db.write(story)


async def test_nothing_is_said_when_they_have_been_let_in_meanwhile(db: Database) -> None:
    def story(conn: Connection) -> None:
        _, lead, asked = _cast(conn)
        remind_deciders(conn, Approval.LEAD, LADDER, MONDAY)
        [queued] = reminder.take(conn, [CHANNEL], MONDAY, 10)
        enrolment.decide(conn, asked, lead, MONDAY, MONDAY.date(), accept=True)
        assert delivery_message(conn, queued, MONDAY) is None

    await db.write(story)
