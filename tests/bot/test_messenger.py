"""Which bots run, and what differs between the messengers."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Connection
from telegram.ext import ExtBot

from bot.messenger import Wires, configured
from bot.settings import Settings
from channels.telegram import AiohttpRequest
from channels.zalo_updates import Event
from storage import person
from storage.db import Database
from storage.zalo import FIRST_NUMBER
from tests.storage import build
from tests.storage.build import NOW, RULES

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

TELEGRAM = {"telegram_token": "123:abc"}
ZALO = {"zalo_token": "77:one 88:two"}
PUBLIC = {
    "webhook_url": "https://bot.example.vn/telegram",
    "zalo_webhook_url": "https://bot.example.vn/zalo/",
    "webhook_secret": "0123456789abcdef",
}


def settings(**given: object) -> Settings:
    return Settings.model_validate({"telegram_token": None, "zalo_token": None} | given)


def bots(db: Database, **given: object) -> list[tuple[str, str, str | None]]:
    """Messenger, public part of the token and webhook of each."""
    made = configured(settings(**given), db, lambda: NOW, RULES)
    return [(bot.channel, bot.digits, bot.webhook) for bot in made]


async def test_the_tokens_say_which_bots_run_and_telegram_comes_first(db: Database) -> None:
    telegram = [("telegram", "123", None)]
    zalo = [("zalo", "77", None), ("zalo", "88", None)]
    assert bots(db) == []
    assert bots(db, **TELEGRAM) == telegram
    assert bots(db, **ZALO) == zalo
    assert bots(db, **TELEGRAM, **ZALO) == telegram + zalo


async def test_what_is_done_for_all_messengers_is_done_once(db: Database) -> None:
    def chores(**given: object) -> list[int]:
        return [len(bot.chores) for bot in configured(settings(**given), db, lambda: NOW, RULES)]

    assert chores(**TELEGRAM) == [1]
    of_zalo = chores(**ZALO)
    assert of_zalo[0] == of_zalo[1] + 1
    assert chores(**TELEGRAM, **ZALO) == [1, of_zalo[1], of_zalo[1]]


async def test_each_zalo_bot_has_a_webhook_of_its_own(db: Database) -> None:
    assert bots(db, **TELEGRAM, **ZALO, **PUBLIC) == [
        ("telegram", "123", "https://bot.example.vn/telegram"),
        ("zalo", "77", "https://bot.example.vn/zalo/77"),
        ("zalo", "88", "https://bot.example.vn/zalo/88"),
    ]


async def test_one_messenger_may_be_called_while_the_other_polls(db: Database) -> None:
    only = PUBLIC | {"webhook_url": None}
    assert [webhook for *_, webhook in bots(db, **TELEGRAM, **ZALO, **only)] == [
        None,
        "https://bot.example.vn/zalo/77",
        "https://bot.example.vn/zalo/88",
    ]


async def test_an_invitation_is_a_link_on_telegram_and_words_on_zalo(db: Database) -> None:
    telegram, zalo, _ = configured(settings(**TELEGRAM, **ZALO), db, lambda: NOW, RULES)
    bot: ExtBot[None] = ExtBot("123:abc", request=AiohttpRequest())
    assert zalo.link(bot, "AbC-1") == "Nhắn cho bot trên Zalo: bắt đầu AbC-1"
    assert telegram.unasked == {}
    assert zalo.unasked == {"unasked": True}


async def test_an_account_that_could_not_be_reached_can_be_when_its_person_writes(
    db: Database,
) -> None:
    address = str(FIRST_NUMBER + 1)

    def block(conn: Connection) -> int:
        lan = build.reporter(conn)
        person.add_account(conn, lan, "zalo", address)
        person.set_reachable(conn, "zalo", address, NOW)
        person.set_reachable(conn, "telegram", f"chat {lan}", NOW)
        return lan

    lan = await db.write(block)
    both = ["telegram", "zalo"]
    assert await db.read(person.addresses_of, [lan], both) == {}
    assert await _heard(db, "chào") == "chào"
    assert await db.read(person.addresses_of, [lan], both) == {lan: [("zalo", address)]}


# --- what is typed on Zalo without a slash -----------------------------------------------------------


async def _heard(db: Database, text: str) -> str:
    """How the handlers read what is typed to a Zalo bot."""
    came: list[Mapping[str, Any]] = []

    async def take_in(updates: list[Mapping[str, Any]]) -> None:
        came.extend(updates)

    wires: Wires = configured(settings(**ZALO), db, lambda: NOW, RULES)[0].connect(take_in)
    assert wires.incoming is not None
    message = {
        "from": {"id": "6ede", "display_name": "Lan"},
        "chat": {"id": "6ede", "chat_type": "PRIVATE"},
        "message_id": "m1",
        "date": 1_784_000_000_000,
        "text": text,
    }
    event = {"event_name": "message.text.received", "message": message}
    await wires.incoming.receive(Event.model_validate(event))
    return str(came[0]["message"]["text"])


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("Bắt đầu AbC-1", "/start AbC-1"),
        ("báo cáo", "/baocao"),
        ("Bao cao", "/baocao"),
        ("TỔNG KẾT tháng 10", "/tongket tháng 10"),
        ("Hướng dẫn", "/trogiup"),
        ("giúp", "/trogiup"),
        ("Lịch họp", "/lich"),
        ("quyền riêng tư", "/quyenrieng"),
        ("hủy", "/huy"),
        ("Liên kết AB2CD3EF", "/lienket AB2CD3EF"),
        ("miễn báo tháng 10", "/mienbao tháng 10"),
        ("gia hạn 10/2026 xã Hàm Yên", "/giahan 10/2026 xã Hàm Yên"),
        ("Thiếu tháng 10 xã Hàm Yên", "/thieu tháng 10 xã Hàm Yên"),
        ("tổng kết 6 tháng đầu năm", "/tongket 6 tháng đầu năm"),
        ("Tổng kết 2021", "/tongket 2021"),
        ("Thiếu nước sạch", "Thiếu nước sạch"),
        ("Thiếu 3 phòng học", "Thiếu 3 phòng học"),
        ("nhắc dân không đốt rác", "nhắc dân không đốt rác"),
        ("báo cáo 3 buổi 45 đv 60 qc", "báo cáo 3 buổi 45 đv 60 qc"),
        ("Lịch họp ở xã mình dân hỏi nhiều", "Lịch họp ở xã mình dân hỏi nhiều"),
    ],
)
async def test_commands_need_no_slash_and_sentences_are_none(
    db: Database, typed: str, heard: str
) -> None:
    assert await _heard(db, typed) == heard
