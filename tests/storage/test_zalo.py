"""What the Zalo channel remembers: ids, messages, menus, months."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.quota import Usage
from storage import zalo
from storage.db import Database
from storage.zalo import FIRST_NUMBER

BOT, OTHER = "12345", "67890"
LAN, GROUP = "6ede9afa66b88fe6d6a9", "00de9afa66b88fe6d6a9"
NOW = datetime(2026, 11, 30, 23, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


async def test_a_person_has_one_number_per_bot_and_a_group_a_negative_one(db: Database) -> None:
    lan = await db.write(zalo.number_of, BOT, LAN, is_group=False)
    again = await db.write(zalo.number_of, BOT, LAN, is_group=False)
    elsewhere = await db.write(zalo.number_of, OTHER, LAN, is_group=False)
    group = await db.write(zalo.number_of, BOT, GROUP, is_group=True)
    assert lan == again
    assert len({lan, elsewhere, -group}) == 3
    assert group < -FIRST_NUMBER < FIRST_NUMBER < lan


async def test_a_number_leads_back_to_its_id_for_the_bot_that_knows_it(db: Database) -> None:
    lan = await db.write(zalo.number_of, BOT, LAN, is_group=False)
    group = await db.write(zalo.number_of, BOT, GROUP, is_group=True)
    assert await db.read(zalo.zalo_id_of, BOT, lan) == LAN
    assert await db.read(zalo.zalo_id_of, BOT, group) == GROUP
    assert await db.read(zalo.zalo_id_of, OTHER, lan) is None
    assert await db.read(zalo.zalo_id_of, BOT, 1001) is None
    assert await db.read(zalo.bot_of, lan) == BOT
    assert await db.read(zalo.bot_of, 1001) is None


async def test_a_message_keeps_its_number_and_another_bot_s_is_another(db: Database) -> None:
    number = await db.write(zalo.arrive, BOT, "2d758cb5", NOW)
    assert await db.write(zalo.arrive, BOT, "2d758cb5", NOW) == number
    other = await db.write(zalo.arrive, OTHER, "2d758cb5", NOW)
    assert other != number


async def test_a_message_that_comes_again_counts_once(db: Database) -> None:
    for _ in range(3):
        await db.write(zalo.arrive, BOT, "2d758cb5", NOW)
    assert await db.read(zalo.usage, BOT, NOW) == Usage(received=1)


async def test_old_messages_are_forgotten_and_their_numbers_never_used_again(
    db: Database,
) -> None:
    old = await db.write(zalo.arrive, BOT, "old", NOW)
    late = NOW + timedelta(days=8)
    assert await db.write(zalo.forget_arrivals, late - timedelta(days=7)) == 1
    new = await db.write(zalo.arrive, BOT, "new", late)
    assert new > old


async def test_a_chat_has_the_menus_that_were_kept_last(db: Database) -> None:
    chat = FIRST_NUMBER + 1
    assert await db.read(zalo.menus, chat) == {}
    await db.write(zalo.keep_menus, chat, {"asked": None})
    await db.write(zalo.keep_menus, chat, {"asked": {"choices": []}})
    assert await db.read(zalo.menus, chat) == {"asked": {"choices": []}}


async def test_the_meter_counts_each_way_by_month_and_bot(db: Database) -> None:
    await db.write(zalo.sent, BOT, NOW, unasked=False)
    await db.write(zalo.sent, BOT, NOW, unasked=False)
    await db.write(zalo.sent, BOT, NOW, unasked=True)
    await db.write(zalo.arrive, BOT, "m", NOW)
    assert await db.read(zalo.usage, BOT, NOW) == Usage(replies=2, unasked=1, received=1)
    assert await db.read(zalo.usage, OTHER, NOW) == Usage()
    await db.write(zalo.sent, OTHER, NOW, unasked=True)
    assert await db.read(zalo.months, NOW) == {
        BOT: Usage(replies=2, unasked=1, received=1),
        OTHER: Usage(unasked=1),
    }
    assert await db.read(zalo.months, NOW + timedelta(hours=1)) == {}
    assert await db.read(zalo.usage, BOT, NOW + timedelta(hours=1)) == Usage()
