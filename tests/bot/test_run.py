"""The whole bot in one process on Zalo: by webhook, with a wrong token, with a port that is taken."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection

from bot.run import run
from bot.settings import Settings
from bot.single import CannotStartError
from bot.web import HOST
from domain.role import Role
from sandbox.app import create_app
from storage import person
from storage.db import Database
from storage.zalo import FIRST_NUMBER
from tests.bot.running import free_port, nobody_else, running
from tests.bot.served import SECRET
from tests.sandbox.rig import over_http
from tests.sandbox.zalo_rig import TOKEN, ZaloRig
from tests.storage import build
from wording.format import VIETNAM

START = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloRig]:
    async with over_http(create_app(webhook_retry_seconds=0.01, now=START)) as rig:
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


@dataclass
class Officer:
    """An officer of a province with one commune, on Zalo; the bot runs with a public address."""

    zalo: ZaloRig
    who: int

    async def hears(self, text: str, *, has: str = "text") -> dict[str, Any]:
        """Say something; the first message of the answer that has this field."""
        last = await self.zalo.say(self.who, text)
        while True:
            path = f"/sim/chats/{self.who}/messages"
            found = await self.zalo.rig.get(path, platform="zalo", after=last, wait=20)
            assert found["messages"], "the bot said nothing more"
            for message in found["messages"]:
                if has in message:
                    return dict(message)
            last = found["messages"][-1]["message_id"]


def _make_officer(conn: Connection) -> None:
    root = build.province(conn)
    build.commune(conn, root)
    who = build.reporter(conn, root, Role.OFFICER)
    person.add_account(conn, who, "zalo", str(FIRST_NUMBER + 1))


@pytest.fixture
async def officer(zalo: ZaloRig, db: Database, db_url: str) -> AsyncIterator[Officer]:
    port = free_port()
    given = settings(zalo, db_url, port).model_dump() | {
        "public_url": f"http://{HOST}:{port}",
        "clock_url": f"{zalo.rig.http.base_url}/sim/clock",
    }
    await zalo.quirks(fetches_photos=True)
    async with running(Settings.model_validate(given)):
        made = Officer(zalo, await zalo.rig.person())
        await made.hears("chào")
        await db.write(_make_officer)
        yield made


async def test_a_picture_that_was_asked_for_can_be_fetched(officer: Officer) -> None:
    listed = (await officer.hears("thiếu"))["text"]
    [letter] = re.findall(r"^(\w)\. Xem dạng bảng màu$", listed, re.MULTILINE)
    url = (await officer.hears(letter, has="photo_url"))["photo_url"]
    async with httpx.AsyncClient() as http:
        picture = await http.get(url)
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


async def test_when_the_month_is_over_people_hear_what_the_bot_has_from_them(
    officer: Officer,
) -> None:
    assert "✅ Đã ghi" in (await officer.hears("3 buổi 45 đv 60 qc hôm qua"))["text"]
    last = (await officer.zalo.shown(officer.who))[-1]["message_id"]
    await officer.zalo.rig.post("/sim/clock", now="2026-12-01T14:10:00+07:00")
    path = f"/sim/chats/{officer.who}/messages"
    found = await officer.zalo.rig.get(path, platform="zalo", after=last, wait=20)
    assert found["messages"][0]["text"].startswith(
        "Bot đã nhận của đồng chí – tháng 11/2026\n• Thứ Năm 19/11/2026 – 3 buổi"
    )


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
