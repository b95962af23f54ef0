"""The bot's web side for tests: `served` as it is, `hasty` when it may not wait for the database."""

from collections.abc import AsyncIterator

import pytest

from storage.db import Database
from tests.bot.served import Served, a_bot


@pytest.fixture
async def served(db: Database) -> AsyncIterator[Served]:
    async with a_bot(db) as made:
        yield made


@pytest.fixture
async def hasty(db_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """The same, but it does not wait for locks."""
    monkeypatch.setattr("storage.db.BUSY_TIMEOUT_MS", 1)
    async with Database(db_url) as db, a_bot(db) as made:
        yield made
