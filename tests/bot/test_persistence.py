"""After a restart each chat is in the dialogue whose draft is open, and in no other."""

import pytest
from sqlalchemy import Connection, func, select

from bot.persistence import DraftPersistence
from handlers.dialogue import OPEN
from storage import draft, schema
from storage.db import Database
from tests.storage.build import CHANNEL, NOW


def _some_drafts(conn: Connection) -> None:
    draft.start(conn, CHANNEL, "11", "tally", "sessions", {"number": 1}, NOW)
    draft.start(conn, CHANNEL, "12", "tally", "confirm", {}, NOW)
    draft.start(conn, CHANNEL, "13", "opinion", "text", {}, NOW)
    draft.start(conn, "zalo", "z-14", "tally", "day", {}, NOW)


def _drafts(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(schema.draft)).scalar_one()


async def test_open_drafts_are_open_dialogues_of_their_person(db: Database) -> None:
    await db.write(_some_drafts)
    kept = DraftPersistence(db, CHANNEL)
    assert await kept.get_conversations("tally") == {(11, 11): OPEN, (12, 12): OPEN}
    assert await kept.get_conversations("opinion") == {(13, 13): OPEN}
    assert await kept.get_conversations("invite") == {}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_finished_dialogue_is_not_open_any_more(db: Database) -> None:
    await db.write(_some_drafts)
    await db.write(draft.discard, CHANNEL, "11")
    assert await DraftPersistence(db, CHANNEL).get_conversations("tally") == {(12, 12): OPEN}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_library_cannot_change_the_drafts(db: Database) -> None:
    """The handler has written the row with the facts; what the library says later is nothing."""
    await db.write(_some_drafts)
    kept = DraftPersistence(db, CHANNEL)
    await kept.update_conversation("tally", (11, 11), None)
    await kept.update_conversation("tally", (99, 99), OPEN)
    await kept.flush()
    assert await db.read(_drafts) == 4
    assert set(await kept.get_conversations("tally")) == {(11, 11), (12, 12)}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_nothing_else_is_kept_by_the_library(db: Database) -> None:
    kept = DraftPersistence(db, CHANNEL)
    wanted = kept.store_data
    assert not (wanted.bot_data or wanted.chat_data or wanted.user_data or wanted.callback_data)
    await kept.update_user_data(11, {"name": "Lan"})
    await kept.update_chat_data(11, {"text": "x"})
    await kept.update_bot_data({"text": "x"})
    assert await kept.get_user_data() == {}
    assert await kept.get_chat_data() == {}
    assert await kept.get_bot_data() == {}
    assert await kept.get_callback_data() is None
