"""A bot's web side over its real inbox, as the messenger's calls and a watcher's questions find it."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select
from starlette.applications import Starlette
from telegram import Bot, Update

from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.web import SECRET_HEADER, Health, Watch, Webhook, create_app
from handlers.desk import Say
from storage.db import Database
from storage.schema import inbox
from tests.sandbox.rig import TOKEN
from tests.storage.build import NOW

BOT = "telegram 123"
SECRET = "bi-mat_cua-bot_2026"
HEADERS = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}


class Seconds:
    """A clock that stands until it is moved on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Served:
    """A bot's web side over its real inbox, spoken to without a network."""

    watch: Watch
    webhook: Webhook
    queue: "asyncio.Queue[object]"
    inbox: Inbox
    seconds: Seconds
    app: Starlette
    http: httpx.AsyncClient

    async def health(self) -> tuple[int, Health]:
        reply = await self.http.get("/health")
        return reply.status_code, Health.model_validate_json(reply.content)

    async def post(self, update: object, **headers: str) -> int:
        """The status of a call of the messenger's."""
        reply = await self.http.post(
            "/telegram", content=json.dumps(update), headers=HEADERS | headers
        )
        assert reply.content == b""
        return reply.status_code

    def waiting(self) -> list[str]:
        """The texts of what was handed on to be handled, in its order."""
        texts = []
        while not self.queue.empty():
            update = self.queue.get_nowait()
            assert isinstance(update, Update) and update.message is not None
            texts.append(update.message.text or "")
        return texts

    async def stored(self) -> list[int]:
        rows = select(inbox.c.update_id).order_by(inbox.c.id)
        return await self.watch.db.read(lambda conn: list(conn.execute(rows).scalars()))


def an_update(number: int, text: str = "chào", chat: int = 7) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": "Lan"}
    message = {
        "message_id": number,
        "date": 1_784_000_000,
        "chat": {"id": chat, "type": "private", "first_name": "Lan"},
        "from": person,
        "text": text,
    }
    return {"update_id": number, "message": message}


async def _only_told_to_wait(_: str, message: Say) -> None:
    assert message.key == "common.database_down"


@asynccontextmanager
async def a_bot(db: Database, *, polls: bool = True) -> AsyncIterator[Served]:
    seconds = Seconds()
    metrics = Metrics([BOT] if polls else [], seconds=seconds)
    watch = Watch(db, metrics, lambda: NOW, lambda: NOW - timedelta(hours=3))
    queue: asyncio.Queue[object] = asyncio.Queue()
    bot = Bot(TOKEN)
    taking = Inbox(db, bot, "telegram", lambda: NOW, queue, _only_told_to_wait, metrics.answered)
    webhook = Webhook(SECRET, taking.take_in, bot)
    app = create_app(watch, webhook)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        yield Served(watch, webhook, queue, taking, seconds, app, http)


@contextmanager
def locked(db_url: str) -> Iterator[None]:
    """Another program that keeps the database's write lock."""
    other = sqlite3.connect(db_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()
