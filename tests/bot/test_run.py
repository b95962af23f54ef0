"""The whole bot in one process on Zalo: by webhook, with a wrong token, with a port that is taken."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from bot.run import run
from bot.settings import Settings
from bot.single import CannotStartError
from sandbox.app import create_app
from tests.bot.test_web import SECRET, free_port, nobody_else, running
from tests.sandbox.rig import over_http
from tests.sandbox.zalo_rig import TOKEN, ZaloRig

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloRig]:
    async with over_http(create_app(webhook_retry_seconds=0.01)) as rig:
        yield ZaloRig(rig)


def settings(zalo: ZaloRig, db_url: str, port: int) -> Settings:
    return Settings.model_validate(
        {
            "telegram_token": None,
            "zalo_token": TOKEN,
            "zalo_base_url": f"{zalo.rig.http.base_url}/zalo",
            "zalo_webhook_url": f"http://127.0.0.1:{port}/zalo",
            "webhook_secret": SECRET,
            "database_url": db_url,
            "web_port": port,
        }
    )


async def test_by_webhook_a_message_is_answered_once(zalo: ZaloRig, db_url: str) -> None:
    person = await zalo.rig.person()
    last = await zalo.say(person, "chào")
    async with running(settings(zalo, db_url, free_port())):
        path = f"/sim/chats/{person}/messages"
        shown = await zalo.rig.get(path, platform="zalo", after=last, wait=20)
        assert len(shown["messages"]) == 1
    assert (await zalo.bot_facts())["month"] == {"in": 1, "out": 1}


async def test_a_token_that_is_refused_is_named_by_its_bot(zalo: ZaloRig, db_url: str) -> None:
    await zalo.sim("/sim/faults", method="getMe", status=401)
    with pytest.raises(CannotStartError, match="ZALO_TOKEN of bot 987654 is refused by") as refused:
        await run(settings(zalo, db_url, free_port()), asyncio.Event(), nobody_else())
    assert "zalo-test" not in str(refused.value)


async def test_a_bot_that_is_called_does_not_run_without_its_port(
    zalo: ZaloRig, db_url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStartError, match=f"port {port} .*: choose another WEB_PORT"):
            await run(settings(zalo, db_url, port), asyncio.Event(), nobody_else())
