"""What the bot answers over HTTP: is it well, what it measures, and the messenger's webhook."""

import asyncio
import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from telegram import Bot, Update

from bot.inbox import Inbox, Raw
from bot.metrics import Metrics
from bot.run import run
from bot.settings import Settings
from bot.single import CannotStartError
from bot.web import (
    BODY_LIMIT,
    HOST,
    SECRET_HEADER,
    Health,
    PortTakenError,
    Problem,
    Watch,
    Webhook,
    create_app,
    serving,
)
from handlers.desk import Say
from sandbox.app import create_app as create_sandbox
from storage import inbox
from storage.db import Database
from storage.inbox import Incoming
from storage.schema import inbox as inbox_table
from tests.sandbox.rig import TOKEN
from tests.sandbox.rig import Rig as Sandbox
from tests.sandbox.rig import over_http as serve_sandbox
from tests.storage.build import NOW

WATCHING = (Path(__file__).parents[2] / "docs/watching.md").read_text("utf-8")
BOT = "telegram 123"
SECRET = "bi-mat_cua-bot_2026"
HEADERS = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


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
        rows = select(inbox_table.c.update_id).order_by(inbox_table.c.id)
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


async def _nothing() -> None:
    """What a handler does here."""


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


@contextmanager
def locked(db_url: str) -> Iterator[None]:
    """Another program that keeps the database's write lock."""
    other = sqlite3.connect(db_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


# --- health and metrics ----------------------------------------------------------------------------


async def test_a_bot_that_works_is_well(served: Served) -> None:
    served.seconds.now += 3
    status, found = await served.health()
    assert status == 200
    assert found == Health(
        problems=[],
        inbox_waiting=0,
        inbox_oldest_seconds=0,
        last_poll_seconds={BOT: 3},
        last_tick_seconds=3,
    )


async def test_a_messenger_that_is_silent_for_a_minute_is_a_problem(served: Served) -> None:
    served.seconds.now += 61
    status, found = await served.health()
    assert (status, found.problems) == (503, [Problem.POLL])
    served.watch.metrics.polled(BOT)
    assert (await served.health())[0] == 200


async def test_a_bot_with_a_webhook_is_well_while_nobody_writes(db: Database) -> None:
    async with a_bot(db, polls=False) as served:
        served.seconds.now += 3600
        served.watch.metrics.ticked()
        status, found = await served.health()
        assert (status, found.last_poll_seconds) == (200, {})


async def test_reminders_that_nobody_looks_at_are_a_problem(served: Served) -> None:
    served.seconds.now += 121
    served.watch.metrics.polled(BOT)
    status, found = await served.health()
    assert (status, found.problems) == (503, [Problem.TICK])


async def test_an_update_that_waits_too_long_is_a_problem(served: Served) -> None:
    async def arrive(number: int, at: datetime) -> None:
        item = Incoming(number, "7", {"update_id": number})
        await served.watch.db.write(inbox.take_in, "1", [item], at)

    await arrive(1, NOW - timedelta(seconds=300))
    assert (await served.health())[0] == 200
    await arrive(2, NOW - timedelta(seconds=301))
    status, found = await served.health()
    assert (status, found.problems) == (503, [Problem.INBOX])
    assert (found.inbox_waiting, found.inbox_oldest_seconds) == (2, 301)


async def test_a_database_that_takes_no_write_is_a_problem_until_it_does(
    hasty: Served, db_url: str
) -> None:
    with locked(db_url):
        status, found = await hasty.health()
        assert (status, found.problems, found.inbox_waiting) == (503, [Problem.DATABASE], 0)
    assert (await hasty.health())[0] == 200


async def test_a_long_lock_does_not_keep_the_question_waiting(
    served: Served, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.WRITE_SECONDS", 0.01)
    with locked(db_url):
        async with asyncio.timeout(5):
            status, found = await served.health()
    assert (status, found.problems) == (503, [Problem.DATABASE])


async def test_a_database_that_is_gone_is_a_problem(served: Served, tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path / 'nowhere' / 'bot.db'}") as nowhere:
        app = create_app(replace(served.watch, db=nowhere))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            found = Health.model_validate_json((await http.get("/health")).content)
            assert (found.problems, found.inbox_waiting) == ([Problem.DATABASE], None)
            assert (await http.get("/metrics")).status_code == 503


async def test_the_measures_are_there_for_prometheus(served: Served) -> None:
    await served.post(an_update(1))
    reply = await served.http.get("/metrics")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    assert "baocao_inbox_waiting 1.0" in reply.text.splitlines()


def test_every_field_and_problem_of_the_health_is_explained(engine: str) -> None:
    for name in (*Health.model_fields, *Problem):
        assert f"\n| `{name}` |" in WATCHING


# --- the webhook -----------------------------------------------------------------------------------


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


# --- the webhook and a messenger -------------------------------------------------------------------


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


# --- serving ---------------------------------------------------------------------------------------


async def test_the_pages_are_served_on_loopback_and_the_port_is_free_afterwards(
    served: Served,
) -> None:
    async with serving(served.app, 0) as port, httpx.AsyncClient() as http:
        assert (await http.get(f"http://{HOST}:{port}/health")).status_code == 200
    with socket.create_server((HOST, port)):
        pass


async def test_a_port_that_is_taken_is_named(served: Served) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} on {HOST} cannot be used"):
            async with serving(served.app, port):
                pass


async def refuses(port: int) -> None:
    """Until the server at this port takes no more connections."""
    with suppress(ConnectionError):
        while True:
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()


async def test_what_is_in_hand_is_finished_when_the_bot_stops(served: Served) -> None:
    begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def slowly(raws: list[Raw]) -> None:
        begun.set_result(None)
        await refuses(port)
        await served.webhook.take_in(raws)

    app = create_app(served.watch, replace(served.webhook, take_in=slowly))
    async with httpx.AsyncClient() as http:
        async with serving(app, 0) as port:
            url = f"http://{HOST}:{port}/telegram"
            content = json.dumps(an_update(1))
            call = asyncio.create_task(http.post(url, content=content, headers=HEADERS))
            await begun
        assert (await call).status_code == 200
    assert served.waiting() == ["chào"]


# --- the whole bot ---------------------------------------------------------------------------------


def settings(sandbox: Sandbox, db_url: str, port: int, *, by_webhook: bool = False) -> Settings:
    webhook = {"webhook_url": f"http://{HOST}:{port}/telegram", "webhook_secret": SECRET}
    given = {
        "telegram_token": TOKEN,
        "telegram_base_url": str(sandbox.http.base_url),
        "database_url": db_url,
        "web_port": port,
    }
    return Settings.model_validate(given | (webhook if by_webhook else {}))


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def nobody_else() -> asyncio.Future[None]:
    """The look for another bot, which has found none."""
    looked = asyncio.get_running_loop().create_future()
    looked.set_result(None)
    return looked


@asynccontextmanager
async def running(how: Settings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    bot = asyncio.create_task(run(how, stop, nobody_else()))
    yield
    stop.set()
    await bot


async def answered(sandbox: Sandbox, person: int, text: str) -> bool:
    """Whether the bot answers this message."""
    last = await sandbox.say(person, text)
    path = f"/sim/chats/{person}/messages"
    return bool((await sandbox.get(path, after=last, wait=10))["messages"])


async def test_the_bot_answers_by_webhook_and_takes_it_away_when_it_polls_again(
    db_url: str,
) -> None:
    port = free_port()
    url = f"http://{HOST}:{port}/telegram"
    async with serve_sandbox(create_sandbox(limits=False, webhook_retry_seconds=0.01)) as sandbox:
        polls = settings(sandbox, db_url, port)
        by_webhook = settings(sandbox, db_url, port, by_webhook=True)
        person = await sandbox.person()

        async with running(by_webhook), httpx.AsyncClient() as http:
            assert await answered(sandbox, person, "/start")
            assert (await sandbox.ok("getWebhookInfo"))["url"] == url
            assert (await http.get(f"http://{HOST}:{port}/health")).status_code == 200
            async with asyncio.timeout(10):
                measures = ""
                while "baocao_answer_seconds_count 1.0" not in measures.splitlines():
                    measures = (await http.get(f"http://{HOST}:{port}/metrics")).text

        await sandbox.say(person, "/start")
        assert (await sandbox.ok("getWebhookInfo"))["url"] == url

        async with running(polls), httpx.AsyncClient() as http:
            assert await answered(sandbox, person, "/start")
            assert (await sandbox.ok("getWebhookInfo"))["url"] == ""
            assert (await http.get(f"http://{HOST}:{port}/health")).status_code == 200
            assert (await http.post(url, headers=HEADERS)).status_code == 404


async def test_a_bot_whose_port_is_taken_runs_unwatched_but_not_by_webhook(
    db_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_sandbox(limits=False)
    async with serve_sandbox(app) as sandbox:
        with socket.create_server((HOST, 0)) as other:
            port = other.getsockname()[1]
            person = await sandbox.person()
            async with running(settings(sandbox, db_url, port)):
                assert await answered(sandbox, person, "/start")
            assert f"port {port} on {HOST} cannot be used" in caplog.text
            with pytest.raises(CannotStartError, match=f"port {port} .*: choose another WEB_PORT"):
                await run(
                    settings(sandbox, db_url, port, by_webhook=True), asyncio.Event(), nobody_else()
                )
        assert (await sandbox.ok("getWebhookInfo"))["url"] == ""
