"""Drafts: one dialogue per chat, and an old keyboard that stays old."""

import asyncio
from datetime import timedelta

from sqlalchemy import Connection

from storage import draft
from storage.db import Database
from storage.draft import Draft
from tests.storage.build import CHANNEL, NOW

LATER = NOW + timedelta(minutes=5)


def start(conn: Connection, dialogue: str = "tally", address: str = "1") -> Draft:
    return draft.start(conn, CHANNEL, address, dialogue, "sessions", {"buổi": 3, "none": None}, NOW)


async def test_a_dialogue_goes_on_where_it_was_left(db: Database) -> None:
    begun = await db.write(start)
    assert await db.read(draft.get, CHANNEL, "1") == begun
    assert begun.data == {"buổi": 3, "none": None}
    saved = await db.write(draft.save, begun, "audience", {"buổi": 4}, LATER)
    assert await db.read(draft.get, CHANNEL, "1") == saved
    assert (saved.id, saved.step, saved.data) == (begun.id, "audience", {"buổi": 4})


async def test_every_change_is_a_new_version(db: Database) -> None:
    kept = await db.write(start)
    versions = [kept.version]
    for _ in range(3):
        kept = await db.write(draft.save, kept, kept.step, kept.data, LATER)
        versions.append(kept.version)
    assert versions == [1, 2, 3, 4]


async def test_a_new_dialogue_replaces_the_one_before(db: Database) -> None:
    old = await db.write(start)
    new = await db.write(start, "note")
    assert await db.read(draft.get, CHANNEL, "1") == new
    assert new.id != old.id


async def test_the_number_of_a_draft_that_is_gone_never_comes_back(db: Database) -> None:
    """The buttons of an old message carry it; they must not drive a later draft."""
    seen = set()
    for _ in range(5):
        seen.add((await db.write(start)).id)
        await db.write(draft.discard, CHANNEL, "1")
    assert len(seen) == 5
    assert await db.read(draft.get, CHANNEL, "1") is None


async def test_chats_do_not_touch_each_other(db: Database) -> None:
    mine, yours = await db.write(start, "tally", "1"), await db.write(start, "tally", "2")
    await db.write(draft.discard, CHANNEL, "2")
    assert await db.read(draft.get, CHANNEL, "1") == mine
    assert await db.read(draft.get, "zalo", "1") is None
    assert yours.id != mine.id


async def test_dialogues_begun_at_once_in_one_chat_leave_one(db: Database) -> None:
    begun = await asyncio.gather(*(db.write(start) for _ in range(5)))
    kept = await db.read(draft.get, CHANNEL, "1")
    assert kept in begun


async def test_after_a_start_the_open_dialogues_are_known(db: Database) -> None:
    for address, dialogue in (("1", "tally"), ("2", "note"), ("3", "tally"), ("4", "tally")):
        await db.write(start, dialogue, address)
    await db.write(draft.discard, CHANNEL, "4")
    assert sorted(await db.read(draft.open_dialogues, CHANNEL, "tally")) == ["1", "3"]
    assert await db.read(draft.open_dialogues, "zalo", "tally") == []
