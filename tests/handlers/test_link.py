"""/lienket as people see it: one person, two phones, the real bot on both messengers."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.run import run
from bot.settings import Settings
from domain.role import Role
from sandbox.app import create_app
from storage import person, reminder, unit
from storage.db import Database
from storage.link import LIFETIME
from tests.sandbox.rig import TOKEN, Rig, over_http
from tests.sandbox.zalo_rig import TOKEN as ZALO_TOKEN
from tests.storage import build
from tests.storage.build import NOW

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

WRONG = (
    "Mã liên kết không đúng hoặc đã hết hạn. "
    "Đồng chí nhắn “liên kết” ở ứng dụng đã đăng ký để lấy mã mới."
)
TAKEN = (
    "Tài khoản này đã đăng ký cho người khác nên không liên kết được. "
    "Vui lòng liên hệ phụ trách đơn vị."
)


@dataclass
class Phones:
    """The real bot on both messengers; people have a phone for each."""

    db: Database
    rig: Rig

    async def reporter(self) -> int:
        """Somebody enrolled on Telegram."""
        chat = await self.rig.person()
        await self.db.write(_enrol, str(chat))
        return chat

    async def telegram(self, who: int, text: str) -> dict[str, Any]:
        """The bot's answer to what is typed there."""
        return await self._answer(who, text)

    async def zalo(self, who: int, text: str) -> dict[str, Any]:
        return await self._answer(who, text, platform="zalo")

    async def code(self, who: int) -> str:
        """What /lienket shows on Telegram."""
        text = (await self.telegram(who, "/lienket"))["text"]
        found = re.search(r"nhắn cho bot: liên kết ([2-9A-Z]{8})", text)
        assert found and "Trong 15 phút" in text and "dùng được một lần" in text
        return found[1]

    async def later(self, seconds: float) -> None:
        await self.rig.post("/sim/clock", advance=seconds)

    async def reminded(self, who: int, platform: str) -> bool:
        """Whether a reminder that is queued now comes to this phone."""
        path = f"/sim/chats/{who}/messages"
        last = (await self.rig.get(path, platform=platform))["messages"][-1]["message_id"]
        await self.db.write(_remind, str(who))
        found = await self.rig.get(path, platform=platform, after=last, wait=10)
        return bool(found["messages"])

    async def _answer(self, who: int, text: str, **where: str) -> dict[str, Any]:
        body = {"from": who, "text": text, **where}
        last = (await self.rig.post("/sim/message", **body))["message_id"]
        path = f"/sim/chats/{who}/messages"
        shown = (await self.rig.get(path, after=last, wait=20, **where))["messages"]
        answer: dict[str, Any] = shown[0]
        return answer


def _enrol(conn: Connection, address: str) -> None:
    top = unit.root(conn)
    person_id = person.add(conn, "Lan", NOW)
    person.add_account(conn, person_id, "telegram", address)
    unit_id = top.id if top else build.province(conn)
    person.add_membership(conn, person_id, unit_id, Role.REPORTER, build.TODAY)


def _remind(conn: Connection, address: str) -> None:
    actor = person.actor(conn, "telegram", address, build.TODAY)
    assert actor
    reminder.queue(
        conn,
        [actor.person_id],
        key="word",
        message="common.update_parked",
        at=NOW,
        expires_at=NOW + 2 * LIFETIME,
    )


@pytest.fixture
async def phones(db: Database, db_url: str) -> AsyncIterator[Phones]:
    async with over_http(create_app(limits=False, now=NOW)) as rig, on_both_messengers(rig, db_url):
        yield Phones(db, rig)


@asynccontextmanager
async def on_both_messengers(rig: Rig, db_url: str) -> AsyncIterator[None]:
    address = str(rig.http.base_url).rstrip("/")
    settings = Settings.model_validate(
        {
            "telegram_token": TOKEN,
            "telegram_base_url": address,
            "zalo_token": ZALO_TOKEN,
            "zalo_base_url": f"{address}/zalo",
            "zalo_poll_seconds": 1,
            "zalo_poll_floor": 0,
            "clock_url": f"{address}/sim/clock",
            "database_url": db_url,
            "web_port": 0,
        }
    )
    alone = asyncio.get_running_loop().create_future()
    alone.set_result(None)
    stop = asyncio.Event()
    bot = asyncio.create_task(run(settings, stop, alone))
    try:
        yield
    finally:
        stop.set()
        await bot


async def test_a_code_from_one_phone_links_the_other_where_reports_then_work(
    phones: Phones,
) -> None:
    lan = await phones.reporter()
    code = await phones.code(lan)
    done = await phones.zalo(lan, f"Liên kết {code.lower()}")
    assert done["text"].startswith("✅ Đã liên kết.")
    assert "a. Nhắc tôi ở đây" in done["text"]
    assert "✅ Đã ghi" in (await phones.zalo(lan, "3 buổi 45 đv 60 qc hôm qua"))["text"]
    assert "3 buổi" in (await phones.telegram(lan, "/cuatoi"))["text"]


async def test_reminders_come_to_the_phone_where_they_are_wanted(phones: Phones) -> None:
    lan = await phones.reporter()
    await phones.zalo(lan, f"liên kết {await phones.code(lan)}")
    answer = (await phones.zalo(lan, "a"))["text"]
    assert answer == ("Giấy mời và nhắc việc từ nay gửi ở đây; khi không gửi được thì gửi nơi kia.")
    assert await phones.reminded(lan, "zalo")


async def test_without_asking_for_it_reminders_stay_where_they_were(phones: Phones) -> None:
    lan = await phones.reporter()
    await phones.zalo(lan, f"liên kết {await phones.code(lan)}")
    assert await phones.reminded(lan, "telegram")


async def test_a_wrong_code_is_refused_with_the_way_to_a_new_one(phones: Phones) -> None:
    lan = await phones.reporter()
    await phones.code(lan)
    assert (await phones.zalo(lan, "liên kết ABCDEFGH"))["text"] == WRONG


async def test_a_used_code_is_refused(phones: Phones) -> None:
    lan, minh = await phones.reporter(), await phones.rig.person("Minh")
    code = await phones.code(lan)
    await phones.zalo(lan, f"liên kết {code}")
    assert (await phones.zalo(minh, f"liên kết {code}"))["text"] == WRONG


async def test_an_expired_code_is_refused(phones: Phones) -> None:
    lan = await phones.reporter()
    code = await phones.code(lan)
    await phones.later(LIFETIME.total_seconds())
    assert (await phones.zalo(lan, f"liên kết {code}"))["text"] == WRONG


async def test_an_account_of_somebody_else_is_not_taken_over(phones: Phones) -> None:
    lan, minh = await phones.reporter(), await phones.reporter()
    await phones.zalo(minh, f"liên kết {await phones.code(minh)}")
    assert (await phones.zalo(minh, f"liên kết {await phones.code(lan)}"))["text"] == TAKEN


async def test_who_is_not_enrolled_gets_no_code(phones: Phones) -> None:
    stranger = await phones.rig.person("Khách")
    answer = (await phones.zalo(stranger, "liên kết"))["text"]
    assert answer.startswith("Đồng chí chưa được đăng ký.")
