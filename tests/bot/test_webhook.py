"""The webhook of the Telegram bot: an update is answered 200 once it is in the inbox."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from telegram import Update

from bot.web import BODY_LIMIT, HOST, SECRET_HEADER, create_app, serving
from sandbox.app import create_app as create_sandbox
from tests.bot.served import HEADERS, SECRET, Served, an_update, locked
from tests.sandbox.rig import Rig as Sandbox
from tests.sandbox.rig import over_http as serve_sandbox

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


# --- what comes in ---------------------------------------------------------------------------------


async def test_an_update_is_committed_and_handed_on(served: Served) -> None:
    assert await served.post(an_update(1, "5 buổi")) == 200
    assert await served.stored() == [1]
    assert served.waiting() == ["5 buổi"]


async def test_the_same_update_again_is_welcome_and_changes_nothing(served: Served) -> None:
    statuses = [await served.post(an_update(1)) for _ in range(2)]
    statuses += await asyncio.gather(*(served.post(an_update(2)) for _ in range(5)))
    assert set(statuses) == {200}
    assert await served.stored() == [1, 2]
    assert len(served.waiting()) == 2


async def test_what_the_screen_stops_reaches_neither_the_database_nor_a_handler(
    served: Served,
) -> None:
    assert await served.post(an_update(1, "Công văn TUYỆT MẬT số 5, gọi 0912 345 678")) == 200
    [text] = served.waiting()
    assert "345" not in text and "TUYỆT" not in text


@pytest.mark.parametrize("secret", ["", "sai", SECRET[:-1], SECRET + "x", "bí-mật"])
async def test_a_call_without_the_secret_is_refused(served: Served, secret: str) -> None:
    headers = {SECRET_HEADER.encode(): secret.encode(), b"Content-Type": b"application/json"}
    content = json.dumps(an_update(1))
    reply = await served.http.post("/telegram", content=content, headers=headers)
    assert (reply.status_code, reply.content) == (403, b"")
    assert await served.stored() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"7",
        b"null",
        b"[" * 500_000,
        b"{}",
        b'{"update_id": "1"}',
        b'{"update_id": 1, "message": 5}',
        b'{"update_id": 1, "message": {}}',
    ],
)
async def test_what_is_no_update_is_refused_without_detail(served: Served, body: bytes) -> None:
    reply = await served.http.post("/telegram", content=body, headers=HEADERS)
    assert (reply.status_code, reply.content) == (400, b"")
    assert await served.stored() == []


async def test_another_content_type_is_refused(served: Served) -> None:
    assert await served.post(an_update(1), **{"Content-Type": "text/plain"}) == 400
    assert await served.post(an_update(2), **{"Content-Type": "application/json; x=y"}) == 200
    assert await served.stored() == [2]


async def test_a_body_that_is_too_long_is_not_read_to_its_end(served: Served) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent <= 3 * BODY_LIMIT:
            sent += 100_000
            yield b" " * 100_000

    reply = await served.http.post("/telegram", content=endless(), headers=HEADERS)
    assert (reply.status_code, reply.content) == (413, b"")
    assert sent <= BODY_LIMIT + 100_000


async def test_without_a_webhook_there_is_no_such_address(served: Served) -> None:
    transport = httpx.ASGITransport(create_app(served.watch))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        reply = await http.post("/telegram", json=an_update(1), headers=HEADERS)
        assert reply.status_code == 404


async def test_an_update_that_the_database_does_not_take_is_asked_for_again(
    hasty: Served, db_url: str
) -> None:
    with locked(db_url):
        assert await hasty.post(an_update(1)) == 503
        assert hasty.waiting() == []
    assert await hasty.post(an_update(1)) == 200
    assert hasty.waiting() == ["chào"]


async def test_a_full_disk_is_no_loss_and_is_over_when_there_is_room_again(served: Served) -> None:
    async def allow(pages: int) -> None:
        """SQLite may not grow beyond so many pages; it never shrinks to fewer than it has."""
        await served.watch.db.write(
            lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}").close()
        )

    await allow(1)
    statuses = [await served.post(an_update(n, chat=n)) for n in range(1, 40)]
    kept = statuses.index(503)
    assert set(statuses[:kept]) == {200} and await served.stored() == list(range(1, kept + 1))
    await allow(1_000_000)
    assert await served.post(an_update(kept + 1, chat=kept + 1)) == 200
    assert len(served.waiting()) == kept + 1


# --- from a messenger ------------------------------------------------------------------------------


@asynccontextmanager
async def a_messenger(served: Served, secret: str = SECRET) -> AsyncIterator[tuple[Sandbox, int]]:
    """The sandbox with somebody in it, delivering to the bot's own server."""
    app = create_sandbox(limits=False, webhook_retry_seconds=0.01)
    async with serve_sandbox(app) as sandbox, serving(served.app, 0) as port:
        person = await sandbox.started()
        url = f"http://{HOST}:{port}/telegram"
        await sandbox.ok("setWebhook", url=url, secret_token=secret)
        yield sandbox, person
        await sandbox.ok("deleteWebhook")


async def _nothing() -> None:
    """What a handler does here."""


async def handled(served: Served, count: int) -> list[str]:
    """The texts of the next updates that are handed on, each of them handled to its end."""
    texts = []
    for _ in range(count):
        update = await asyncio.wait_for(served.queue.get(), 10)
        assert isinstance(update, Update) and update.message is not None
        texts.append(update.message.text or "")
        await served.inbox.handle(update, _nothing(), _nothing)
    return texts


async def problem(sandbox: Sandbox) -> str:
    """What the messenger says about the last delivery that failed."""
    info: dict[str, Any] = {}
    while "last_error_message" not in info:
        info = await sandbox.ok("getWebhookInfo")
    return str(info["last_error_message"])


async def test_a_messenger_s_updates_arrive_in_their_order(served: Served) -> None:
    texts = [f"buổi {number}" for number in range(20)]
    async with a_messenger(served) as (sandbox, person):
        for text in texts:
            await sandbox.say(person, text)
        assert await handled(served, 20) == texts
        assert "last_error_message" not in await sandbox.ok("getWebhookInfo")
    assert len(await served.stored()) == 20


async def test_a_locked_database_delays_an_update_and_loses_none(
    hasty: Served, db_url: str
) -> None:
    async with a_messenger(hasty) as (sandbox, person):
        with locked(db_url):
            await sandbox.say(person, "một")
            await sandbox.say(person, "hai")
            assert "503" in await problem(sandbox)
            assert hasty.queue.empty()
        assert await handled(hasty, 2) == ["một", "hai"]
    assert len(await hasty.stored()) == 2


async def test_a_messenger_with_another_secret_gets_nowhere(served: Served) -> None:
    async with a_messenger(served, secret="another-secret-of-old") as (sandbox, person):
        await sandbox.say(person, "chào")
        assert "403" in await problem(sandbox)
    assert await served.stored() == []
