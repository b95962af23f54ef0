"""What the bot answers over HTTP: is it well, what it measures; and how it serves its pages."""

import asyncio
import json
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.inbox import Raw
from bot.web import HOST, Health, PortTakenError, Problem, create_app, serving
from storage import inbox
from storage.db import Database
from storage.inbox import Incoming
from tests.bot.served import BOT, HEADERS, Served, a_bot, an_update, locked
from tests.storage.build import NOW

WATCHING = (Path(__file__).parents[2] / "docs/watching.md").read_text("utf-8")

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


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
