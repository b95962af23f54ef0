"""/moi where the bot runs on both messengers: one invitation, a way in on each, a picture to scan."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection

from domain.role import Role
from sandbox.app import create_app
from storage import person
from storage.db import Database
from tests.handlers.test_link import Phones, on_both_messengers
from tests.sandbox.rig import over_http
from tests.storage import build
from tests.storage.build import NOW

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

TOKEN_IN_LINK = re.compile(r"https://t\.me/\w+\?start=([\w-]+)")


@pytest.fixture
async def both(db: Database, db_url: str) -> AsyncIterator[Phones]:
    async with (
        over_http(create_app(limits=False, now=NOW)) as rig,
        on_both_messengers(rig, db_url),
    ):
        yield Phones(db, rig)


def lead(conn: Connection, address: str) -> None:
    place = build.commune(conn, build.province(conn), "Đảng uỷ xã Hàm Yên")
    person_id = person.add(conn, "Lan", NOW)
    person.add_account(conn, person_id, "telegram", address)
    person.add_membership(conn, person_id, place, Role.UNIT_LEAD, build.TODAY)


async def invitation(both: Phones) -> list[dict[str, Any]]:
    """What a lead gets on Telegram in the end: the message that was tapped, and what came behind."""
    chat = await both.rig.person()
    await both.db.write(lead, str(chat))
    asked = (await both.telegram(chat, "/moi"))["message_id"]
    for label in ("Báo cáo viên, tuyên truyền viên", "Đảng uỷ xã Hàm Yên", "10 người"):
        tap = {"from": chat, "chat": chat, "message_id": asked, "button": label}
        await both.rig.post("/sim/tap", wait=20, **tap)
    path = f"/sim/chats/{chat}/messages"
    await both.rig.get(path, after=asked, wait=20)
    messages = (await both.rig.get(path))["messages"]
    return [message for message in messages if message["message_id"] >= asked]


async def test_one_invitation_shows_the_way_in_on_each_messenger(both: Phones) -> None:
    words, sheet = await invitation(both)
    link = TOKEN_IN_LINK.search(words["text"])
    assert link
    assert f"Nhắn cho bot trên Zalo: bắt đầu {link[1]}" in words["text"]
    assert sheet["photo"]
    assert link[0] in sheet["caption"]
    assert "Đảng uỷ xã Hàm Yên" in sheet["caption"]
    assert "Báo cáo viên, tuyên truyền viên" in sheet["caption"]


async def test_what_was_made_on_telegram_lets_in_on_zalo(both: Phones) -> None:
    words, _ = await invitation(both)
    link = TOKEN_IN_LINK.search(words["text"])
    assert link
    newcomer = await both.rig.person()
    asked = await both.zalo(newcomer, f"bắt đầu {link[1]}")
    assert "Đăng ký tham gia" in asked["text"]
    agreed = await both.zalo(newcomer, "a")
    assert "Đồng chí đã được đăng ký" in agreed["text"]
