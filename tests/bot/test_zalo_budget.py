"""A Zalo bot's month runs short: the officers hear of it in time, once at each level."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from bot.check import Finding
from bot.zalo_budget import LAST_WORD, findings, warn
from domain.quota import Quota, Usage
from domain.role import Role
from storage import zalo
from storage.db import Database
from storage.schema import delivery
from tests.storage import build
from tests.storage.build import NOW
from wording.format import VIETNAM
from wording.say import say

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

BOT, OTHER = "77", "88"
QUOTA = Quota(10, counts_received=False)
EARLY = "zalo.quota_warning"
MONTH = timedelta(days=31)


def staff(conn: Connection) -> tuple[int, int]:
    """An officer and an administrator; beside them those who do not announce briefings."""
    province = build.province(conn)
    commune = build.commune(conn, province)
    build.reporter(conn, commune, Role.UNIT_LEAD)
    build.reporter(conn, province)
    build.reporter(conn, commune, Role.OFFICER)
    return build.reporter(conn, province, Role.OFFICER), build.reporter(conn, province, Role.ADMIN)


def spend(conn: Connection, bot: str, messages: int, at: datetime = NOW) -> None:
    for _ in range(messages):
        zalo.sent(conn, bot, at.astimezone(VIETNAM), unasked=True)


def words(conn: Connection) -> list[tuple[int, str]]:
    """Who is to hear what, oldest first."""
    rows = select(delivery.c.person_id, delivery.c.message).order_by(delivery.c.id)
    return [(row.person_id, row.message) for row in conn.execute(rows)]


async def test_at_70_and_at_90_percent_officers_hear_of_it_once(db: Database) -> None:
    officer, admin = await db.write(staff)
    heard: list[tuple[int, str]] = []
    for spent, word in enumerate([None] * 6 + [EARLY, None, LAST_WORD, None, None], 1):
        await db.write(spend, BOT, 1)
        for _ in range(2):
            await db.write(warn, BOT, QUOTA, NOW)
        heard += [(officer, word), (admin, word)] if word else []
        assert await db.read(words) == heard, spent


async def test_each_bot_and_each_month_has_words_of_its_own(db: Database) -> None:
    await db.write(staff)
    for bot, at in ((BOT, NOW), (OTHER, NOW), (BOT, NOW + MONTH)):
        await db.write(spend, bot, 7, at)
        await db.write(warn, bot, QUOTA, at)
    assert [word for _, word in await db.read(words)] == [EARLY] * 6


async def test_before_there_are_units_nobody_is_told(db: Database) -> None:
    await db.write(spend, BOT, 10)
    await db.write(warn, BOT, QUOTA, NOW)
    assert await db.read(words) == []


def test_the_words_name_the_shares_at_which_they_come(engine: str) -> None:
    assert f"{QUOTA.warning:.0%}".replace("%", " %") in say(EARLY, about=BOT)
    assert f"{QUOTA.scarce:.0%}".replace("%", " %") in say(LAST_WORD, about=BOT)


@pytest.mark.parametrize(
    ("used", "ok", "text"),
    [
        (0, True, "plenty, 0 of 3,000 messages of 2026-07 (0%)"),
        (1302, True, "plenty, 1,302 of 3,000 messages of 2026-07 (43%)"),
        (2100, False, "warning, 2,100 of 3,000 messages of 2026-07 (70%): the month runs short"),
        (2700, False, "scarce, 2,700 of 3,000 messages of 2026-07 (90%): only replies go out"),
        (3000, False, "spent, 3,000 of 3,000 messages of 2026-07 (100%): Zalo may refuse replies"),
    ],
)
def test_doctor_has_a_line_for_each_bot(engine: str, used: int, ok: bool, text: str) -> None:
    quota = Quota(3000, counts_received=False)
    one, other = findings([BOT, OTHER], quota, {BOT: Usage(replies=used)}, NOW)
    assert (one.ok, one.subject) == (ok, "zalo 77")
    assert one.text.startswith(text)
    assert other == Finding(True, "zalo 88", "plenty, 0 of 3,000 messages of 2026-07 (0%)")
