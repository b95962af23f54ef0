"""The whole bot in one process on Telegram: by webhook and polling, with a port that is taken."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import Connection, func, insert, select

from bot.run import run
from bot.settings import Settings
from bot.single import CannotStartError
from bot.web import HOST
from sandbox.app import create_app as create_sandbox
from storage.db import Database
from storage.schema import nudge
from tests.bot.running import free_port, nobody_else, running
from tests.bot.served import HEADERS, SECRET
from tests.sandbox.rig import TOKEN
from tests.sandbox.rig import Rig as Sandbox
from tests.sandbox.rig import over_http as serve_sandbox
from tests.storage import build

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def settings(sandbox: Sandbox, db_url: str, port: int, *, by_webhook: bool = False) -> Settings:
    webhook = {"webhook_url": f"http://{HOST}:{port}/telegram", "webhook_secret": SECRET}
    given = {
        "telegram_token": TOKEN,
        "telegram_base_url": str(sandbox.http.base_url),
        "database_url": db_url,
        "web_port": port,
    }
    return Settings.model_validate(given | (webhook if by_webhook else {}))


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


def a_reminder_of_a_year_ago(conn: Connection) -> None:
    now = datetime.now(UTC)
    day, unit_id = now.date() - timedelta(days=365), build.province(conn)
    about = {"day": day, "unit_id": unit_id, "period": "2020-01", "due": day, "told": False}
    conn.execute(insert(nudge).values(person_id=build.reporter(conn, unit_id), **about))


async def test_what_reminders_spoke_of_a_year_ago_is_forgotten(db_url: str) -> None:
    left = select(func.count()).select_from(nudge)
    async with serve_sandbox(create_sandbox(limits=False)) as sandbox, Database(db_url) as db:
        await db.write(a_reminder_of_a_year_ago)
        async with running(settings(sandbox, db_url, free_port())), asyncio.timeout(10):
            while await db.read(lambda conn: conn.execute(left).scalar_one()):
                pass
