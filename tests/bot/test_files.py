"""Files that people of Zalo fetch: real HTTP, from the bot's own request to the browser's download."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from sqlalchemy import Connection, select
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.files import DOCUMENT, MOST_BYTES, PICTURE, LinkedFiles
from bot.messenger import _wording
from bot.metrics import Metrics
from bot.web import HOST, Watch, create_app, serving
from bot.zalo_memory import ZaloMemory
from channels.zalo import ZaloRequest
from channels.zalo_line import Chats
from domain.quota import Quota
from domain.role import Role
from sandbox.app import create_app as create_sandbox
from storage import person, zalo
from storage.db import Database
from storage.schema import audit_event
from tests.bot.served import locked
from tests.channels.zalo_desk import LIMITS
from tests.sandbox.rig import over_http
from tests.sandbox.zalo_rig import ZaloRig
from tests.storage import build
from tests.storage.build import NOW

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
XLSX = b"PK\x03\x04" + bytes(100)
NAME = "Báo cáo tháng 7 – Đảng ủy xã.xlsx"


@dataclass
class Shop:
    """The bot's web side on a real port, and somebody on Zalo for whom it puts files away."""

    db: Database
    http: httpx.AsyncClient
    files: LinkedFiles
    chat: int
    clock: dict[str, datetime] = field(default_factory=lambda: {"now": NOW})

    async def link(self, name: str = NAME, content: bytes = XLSX) -> str:
        """The path of a new link."""
        url = await self.files.publish(self.chat, name, content)
        assert url is not None
        return httpx.URL(url).path

    async def downloads(self) -> int:
        rows = select(audit_event.c.id).where(audit_event.c.action == "download")
        return len(await self.db.read(lambda conn: conn.execute(rows).all()))


def _join(conn: Connection) -> int:
    who = build.reporter(conn, build.province(conn), Role.OFFICER)
    chat = zalo.number_of(conn, "77", "6ede", is_group=False)
    person.add_account(conn, who, "zalo", str(chat))
    return chat


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    clock = {"now": NOW}
    watch = Watch(db, Metrics(), lambda: clock["now"], lambda: None)
    async with serving(create_app(watch), 0) as port:
        root = f"http://{HOST}:{port}"
        files = LinkedFiles(db, root, lambda: clock["now"])
        async with httpx.AsyncClient(base_url=root) as http:
            yield Shop(db, http, files, await db.write(_join), clock)


async def test_a_document_is_downloaded_under_its_vietnamese_name(shop: Shop) -> None:
    reply = await shop.http.get(await shop.link())
    assert (reply.status_code, reply.content) == (200, XLSX)
    disposition = reply.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="tep.xlsx"; ')
    assert unquote(disposition.partition("UTF-8''")[2]) == NAME
    assert await shop.downloads() == 1


async def test_no_browser_keeps_or_reinterprets_what_it_gets(shop: Shop) -> None:
    for path in (await shop.link(), "/tep/x"):
        headers = (await shop.http.get(path)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Referrer-Policy"] == "no-referrer"


async def test_a_picture_without_a_name_is_shown_in_its_place(shop: Shop) -> None:
    path = await shop.link("application.octet-stream", PNG)
    reply = await shop.http.get(path)
    assert path.endswith(".png")
    assert reply.headers["Content-Type"] == "image/png"
    disposition = unquote(reply.headers["Content-Disposition"])
    assert disposition.startswith("inline; ")
    assert disposition.endswith("Ảnh.png")


async def test_a_preview_may_look_without_using_the_link_up(shop: Shop) -> None:
    path = await shop.link()
    for _ in range(3 * DOCUMENT.times):
        reply = await shop.http.head(path)
        assert (reply.status_code, reply.content) == (200, b"")
        assert reply.headers["Content-Length"] == str(len(XLSX))
    assert await shop.downloads() == 0
    assert (await shop.http.get(path)).status_code == 200


async def test_a_document_can_be_fetched_a_few_times_and_no_more(shop: Shop) -> None:
    path = await shop.link()
    replies = [(await shop.http.get(path)).status_code for _ in range(DOCUMENT.times + 2)]
    assert replies == [200] * DOCUMENT.times + [404, 404]
    assert (await shop.http.head(path)).status_code == 404
    assert await shop.downloads() == DOCUMENT.times


async def test_many_fetches_at_once_are_counted_as_well(shop: Shop) -> None:
    path = await shop.link()
    replies = await asyncio.gather(*(shop.http.get(path) for _ in range(4 * DOCUMENT.times)))
    assert sum(reply.status_code == 200 for reply in replies) == DOCUMENT.times


@pytest.mark.parametrize(
    ("name", "content", "lifetime"),
    [(NAME, XLSX, DOCUMENT.lifetime), ("bieu-do.png", PNG, PICTURE.lifetime)],
)
async def test_a_link_expires(shop: Shop, name: str, content: bytes, lifetime: timedelta) -> None:
    path = await shop.link(name, content)
    shop.clock["now"] = NOW + lifetime - timedelta(seconds=1)
    assert (await shop.http.get(path)).status_code == 200
    shop.clock["now"] = NOW + lifetime
    assert (await shop.http.get(path)).status_code == 404


async def test_a_link_is_no_good_to_whoever_lost_their_account(shop: Shop) -> None:
    elsewhere = LinkedFiles(shop.db, str(shop.http.base_url), lambda: NOW)
    url = await elsewhere.publish(shop.chat + 1, NAME, XLSX)
    assert url is not None
    assert (await shop.http.get(url)).status_code == 404
    assert await shop.downloads() == 0


async def test_forged_links_learn_nothing(shop: Shop) -> None:
    path = await shop.link()
    key = path.removeprefix("/tep/")
    told = {
        (await shop.http.get(f"/tep/{wrong}")).text
        for wrong in (key[:-1], key[1:], key.swapcase(), key + "x", f"{key}.xlsx", "a" * 43, "%00")
    }
    assert len(told) == 1
    assert "không còn dùng được" in told.pop()
    assert await shop.downloads() == 0


@pytest.mark.parametrize(
    "path",
    [
        "/tep/../health",
        "/tep/..%2f..%2fbot.db",
        "/tep/%2e%2e/%2e%2e/bot.db",
        "/tep/..%5c..%5cbot.db",
        "/tep//etc/passwd",
        "/tep/%2fetc%2fpasswd",
        "/tep/file:%2f%2f%2fetc%2fpasswd",
        "/tep/",
        "/tep",
    ],
)
async def test_paths_lead_nowhere(shop: Shop, path: str) -> None:
    reader, writer = await asyncio.open_connection(HOST, shop.http.base_url.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    status = await reader.readline()
    writer.close()
    assert status.split()[1] == b"404"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_files_can_be_fetched_and_nothing_else(shop: Shop, method: str) -> None:
    assert (await shop.http.request(method, await shop.link())).status_code == 405


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bang.xlsx", b"<html><script>"),
        ("trang.html", b"<html><script>"),
        ("anh.svg", b"<svg onload='x'/>"),
        ("bang.xlsx", b""),
        ("bang", XLSX),
        ("bang.png", XLSX),
        ("bang.xlsx", XLSX + bytes(MOST_BYTES)),
    ],
)
async def test_what_is_of_another_kind_or_size_gets_no_link(
    shop: Shop, name: str, content: bytes
) -> None:
    assert await shop.files.publish(shop.chat, name, content) is None


async def test_a_database_that_takes_nothing_is_no_answer_about_the_link(
    shop: Shop, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.db.BUSY_TIMEOUT_MS", 1)
    path = await shop.link()
    async with Database(db_url) as impatient:
        watch = Watch(impatient, Metrics(), lambda: NOW, lambda: None)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(watch)), base_url="http://bot"
        ) as http:
            with locked(db_url):
                assert (await http.get(path)).status_code == 503
                assert (await http.get("/tep/forged")).status_code == 404
    assert (await shop.http.get(path)).content == XLSX


# --- through the messenger -------------------------------------------------------------------------


@dataclass
class Phone:
    """Somebody's Zalo in a sandbox that fetches pictures, and the bot that speaks to it."""

    zalo: ZaloRig
    who: int
    bot: ExtBot[None]
    chat: int

    async def newest(self) -> dict[str, Any]:
        return (await self.zalo.shown(self.who))[-1]


@pytest.fixture
async def phone(shop: Shop) -> AsyncIterator[Phone]:
    memory = ZaloMemory(shop.db, "987654", Quota(3000, counts_received=False), lambda: NOW)
    request = ZaloRequest(Chats(memory), shop.files, _wording(), LIMITS)
    async with over_http(create_sandbox()) as rig, request:
        zalo = ZaloRig(rig)
        who, zalo_id = await zalo.started()
        await zalo.quirks(fetches_photos=True)
        chat = await memory.number_of(zalo_id, is_group=False)
        await shop.db.write(_second_account, shop.chat, chat)
        root = f"{str(rig.http.base_url).rstrip('/')}/zalo/bot"
        yield Phone(zalo, who, ExtBot(zalo.token, base_url=root, request=request), chat)


def _second_account(conn: Connection, known: int, chat: int) -> None:
    officer = person.actor(conn, "zalo", str(known), build.TODAY)
    assert officer
    person.add_account(conn, officer.person_id, "zalo", str(chat))


async def test_the_messenger_and_the_phone_fetch_the_picture(shop: Shop, phone: Phone) -> None:
    await phone.bot.send_photo(phone.chat, PNG, caption="Bảng màu")
    shown = await phone.newest()
    assert shown["caption"] == "Bảng màu"
    assert (await shop.http.get(shown["photo_url"])).content == PNG
    assert await shop.downloads() == 2


async def test_the_messenger_refuses_what_is_no_picture(shop: Shop, phone: Phone) -> None:
    with pytest.raises(BadRequest, match="cannot be fetched"):
        await phone.bot.send_photo(phone.chat, f"{shop.http.base_url}/health")


async def test_a_document_comes_as_a_message_with_its_link(shop: Shop, phone: Phone) -> None:
    await phone.bot.send_document(phone.chat, XLSX, filename=NAME, caption="Tổng hợp")
    text = (await phone.newest())["text"]
    assert text.startswith(f"Tổng hợp\n\n📎 {NAME}: {shop.http.base_url}")
    url = text.partition(f"{NAME}: ")[2].split()[0]
    assert (await shop.http.get(url)).content == XLSX


async def test_the_phone_is_told_of_a_file_that_cannot_be_served(phone: Phone) -> None:
    await phone.bot.send_document(phone.chat, b"<html>", filename="trang.html")
    assert (await phone.newest())["text"].startswith("Tệp trang.html chưa gửi được qua Zalo.")
