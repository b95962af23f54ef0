"""The webhook of a Zalo bot: answered 200 once the message is in the inbox, and to nobody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from telegram import Bot, Update

from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.web import BODY_LIMIT, Watch, ZaloHook, create_app
from bot.zalo_memory import ZaloMemory
from channels.zalo import Incoming, Speech
from channels.zalo_line import Chats
from channels.zalo_updates import SECRET_HEADER
from domain.quota import Quota, Usage
from handlers.desk import Say
from storage import zalo
from storage.db import Database
from storage.schema import inbox
from storage.zalo import FIRST_NUMBER
from tests.bot.served import locked
from tests.storage.build import NOW
from wording.format import VIETNAM

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

TOKEN, BOT = "987654:zalo-test", "987654"
SECRET = "bi-mat_cua-bot_2026"
PATH = f"/zalo/{BOT}"


@dataclass
class Hooked:
    """A Zalo bot's web side over its real inbox, spoken to without a network."""

    db: Database
    queue: "asyncio.Queue[object]"
    http: httpx.AsyncClient

    async def post(self, body: object, secret: str | None = SECRET) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {SECRET_HEADER.encode(): secret.encode()}
        reply = await self.http.post(PATH, content=content, headers=headers)
        assert reply.content == b""
        return reply.status_code

    def handed_on(self) -> list[str]:
        texts = []
        while not self.queue.empty():
            update = self.queue.get_nowait()
            assert isinstance(update, Update) and update.message
            texts.append(update.message.text or "")
        return texts

    async def stored(self) -> int:
        rows = select(inbox.c.payload)
        return len(await self.db.read(lambda conn: conn.execute(rows).all()))


def event(number: int, text: str = "chào") -> dict[str, Any]:
    message = {
        "from": {"id": "6ede", "display_name": "Lan", "is_bot": False},
        "chat": {"id": "6ede", "chat_type": "PRIVATE"},
        "message_id": f"m{number}",
        "date": 1_784_000_000_000,
        "text": text,
    }
    return {"event_name": "message.text.received", "message": message}


async def _only_told_to_wait(_: str, message: Say) -> None:
    assert message.key == "common.database_down"


@asynccontextmanager
async def a_hook(db: Database) -> AsyncIterator[Hooked]:
    metrics = Metrics()
    queue: asyncio.Queue[object] = asyncio.Queue()
    taking = Inbox(db, Bot(TOKEN), "zalo", lambda: NOW, queue, _only_told_to_wait, metrics.answered)
    memory = ZaloMemory(db, BOT, Quota(3000, counts_received=True), lambda: NOW)
    incoming = Incoming(Chats(memory), taking.take_in, Speech({}, {}, "trogiup"))
    watch = Watch(db, metrics, lambda: NOW, lambda: None)
    app = create_app(watch, None, [ZaloHook(BOT, SECRET, incoming)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        yield Hooked(db, queue, http)


@pytest.fixture
async def hook(db: Database) -> AsyncIterator[Hooked]:
    async with a_hook(db) as made:
        yield made


async def test_a_message_is_committed_and_handed_on_flat_or_wrapped(hook: Hooked) -> None:
    assert await hook.post(event(1, "một")) == 200
    assert await hook.post({"ok": True, "result": event(2, "hai")}) == 200
    assert await hook.stored() == 2
    assert hook.handed_on() == ["một", "hai"]


async def test_the_same_message_again_is_welcome_and_changes_nothing(hook: Hooked) -> None:
    statuses = [await hook.post(event(1)) for _ in range(2)]
    statuses += await asyncio.gather(*(hook.post(event(2)) for _ in range(5)))
    assert set(statuses) == {200}
    assert len(hook.handed_on()) == await hook.stored() == 2
    assert await hook.db.read(zalo.usage, BOT, NOW.astimezone(VIETNAM)) == Usage(received=2)


@pytest.mark.parametrize("secret", [None, "", "sai", SECRET[:-1], SECRET + "x", "bí-mật"])
async def test_a_call_without_the_secret_is_refused(hook: Hooked, secret: str | None) -> None:
    assert await hook.post(event(1), secret) == 403
    assert await hook.stored() == 0


async def test_a_body_that_is_too_long_is_refused(hook: Hooked) -> None:
    assert await hook.post(event(1, "a" * BODY_LIMIT)) == 413
    assert await hook.stored() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b"[" * 500_000,
        b'{"ok": true, "result": 5}',
        b'{"event_name": "message.text.received", "message": {}}',
    ],
)
async def test_what_is_no_update_is_refused_without_detail(hook: Hooked, body: bytes) -> None:
    assert await hook.post(body) == 400
    assert await hook.stored() == 0


async def test_a_message_that_the_database_does_not_take_is_asked_for_again(
    db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.db.BUSY_TIMEOUT_MS", 1)
    async with Database(db_url) as db, a_hook(db) as hook:
        with locked(db_url):
            assert await hook.post(event(1)) == 503
            assert hook.handed_on() == []
        assert await hook.post(event(1)) == 200
        assert hook.handed_on() == ["chào"]


async def test_a_person_has_one_number_whatever_they_write(hook: Hooked) -> None:
    for number in (1, 2):
        await hook.post(event(number))
    updates = [hook.queue.get_nowait() for _ in range(2)]
    chats = {u.effective_chat.id for u in updates if isinstance(u, Update) and u.effective_chat}
    assert chats == {FIRST_NUMBER + 1}


async def test_another_bot_has_another_address(hook: Hooked) -> None:
    headers = {SECRET_HEADER: SECRET}
    for path in ("/zalo", "/zalo/1", f"{PATH}/x", "/telegram"):
        assert (await hook.http.post(path, json=event(1), headers=headers)).status_code == 404
