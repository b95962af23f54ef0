"""What comes in: webhooks, bodies of both shapes, refusals of both forms."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update

from channels.zalo_http import Refused, as_bot_api, result_of
from channels.zalo_updates import SECRET_HEADER, is_genuine, message_update, read_webhook
from tests.channels.zalo_desk import Office, office
from tests.sandbox.rig import over_http

SECRET = "bi-mat-cua-webhook"
EVENT: dict[str, Any] = {
    "event_name": "message.text.received",
    "message": {
        "from": {"id": "6ede9afa66b88fe6d6a9", "display_name": "Ted", "is_bot": False},
        "chat": {"id": "6ede9afa66b88fe6d6a9", "chat_type": "PRIVATE"},
        "text": "Xin chào",
        "message_id": "2d758cb5e222177a4e35",
        "date": 1750316131602,
    },
}


# --- bodies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [EVENT, {"ok": True, "result": EVENT}])
def test_a_body_is_read_flat_and_wrapped(body: dict[str, Any]) -> None:
    event = read_webhook(json.dumps(body).encode())
    raw = message_update(7, event, 1001, 1001, event.message.text)
    update = Update.de_json(raw)
    assert update.message
    assert (update.update_id, update.message.text) == (7, "Xin chào")
    assert update.message.date.timestamp() == 1750316131


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b'"x"',
        b"{}",
        b'{"event_name": "x"}',
        b'{"ok": true, "result": []}',
        b"\xff",
        json.dumps({**EVENT, "message": {**EVENT["message"], "message_id": ""}}).encode(),
    ],
)
def test_a_body_that_is_no_event_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        read_webhook(body)


@pytest.mark.parametrize("name", ["photo", "photo_url"])
def test_a_pictures_address_has_one_of_two_names(name: str) -> None:
    picture = {**EVENT["message"], "text": None, name: "https://x.vn/a", "caption": "Ảnh"}
    event = read_webhook(json.dumps({**EVENT, "message": picture}).encode())
    update = Update.de_json(message_update(7, event, 1001, 1001, None))
    assert update.message
    assert update.message.photo[0].file_id == "https://x.vn/a"
    assert update.message.caption == "Ảnh"


def test_a_command_is_marked_as_one_so_that_handlers_hear_it() -> None:
    event = read_webhook(json.dumps(EVENT).encode())
    update = Update.de_json(message_update(7, event, 1001, 1001, "/tongket tháng 10"))
    assert update.message
    [entity] = update.message.entities
    assert (entity.type, entity.offset, entity.length) == ("bot_command", 0, 8)


@pytest.mark.parametrize(
    ("header", "is_ours"),
    [(SECRET, True), (f"{SECRET}x", False), ("", False), (None, False), ("đ", False)],
)
def test_only_our_secret_is_genuine(header: str | None, is_ours: bool) -> None:
    assert is_genuine(header, SECRET) is is_ours


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b'{"ok": false, "error_code": 408, "description": "x"}', 408),
        (408, b'{"ok": false, "error_code": 408}', 408),
        (408, b"", 408),
        (200, b'{"ok": false}', 500),
        (404, b'{"ok": false}', 404),
        (502, b"<h1>Bad Gateway</h1>", 502),
        (200, b"<h1>OK</h1>", 502),
        (200, b"[]", 502),
        (500, b'{"ok": true, "result": {}}', 500),
    ],
)
def test_a_refusal_is_known_in_every_form(status: int, body: bytes, code: int) -> None:
    with pytest.raises(Refused) as refused:
        result_of(status, body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("code", "status"),
    [(400, 400), (401, 401), (403, 500), (404, 400), (408, 504), (429, 429), (502, 502)],
)
def test_the_library_is_told_what_does_not_end_it(code: int, status: int) -> None:
    told, body = as_bot_api(Refused(code, "x"), 30)
    assert told == status
    assert json.loads(body).get("parameters") == ({"retry_after": 30} if code == 429 else None)


# --- webhooks ------------------------------------------------------------------------------------


@asynccontextmanager
async def hooked() -> AsyncIterator[tuple[Office, list[int]]]:
    """A bot with a webhook instead of polling, and the statuses with which it answered."""
    statuses: list[int] = []
    async with office(polls=False) as bot:

        async def receive(request: Request) -> Response:
            if not is_genuine(request.headers.get(SECRET_HEADER), SECRET):
                statuses.append(403)
            else:
                await bot.incoming.receive(read_webhook(await request.body()))
                statuses.append(200)
            return Response(status_code=statuses[-1])

        app = Starlette(routes=[Route("/zalo", receive, methods=["POST"])])
        async with over_http(app) as server:
            url = f"{str(server.http.base_url).rstrip('/')}/zalo"
            await bot.app.bot.set_webhook(url, secret_token=SECRET)
            yield bot, statuses
            await bot.app.bot.delete_webhook()


@pytest.mark.parametrize("body", ["flat", "wrapped"])
async def test_a_webhook_brings_what_people_say_and_answers_are_sent(body: str) -> None:
    async with hooked() as (bot, _):
        await bot.zalo.quirks(body=body)
        person = await bot.zalo.rig.person("Lan")
        assert await bot.ask(person, "báo cáo") == (
            "Bao nhiêu buổi?\n\n1 · 2\na. Hủy\n(trả lời bằng chữ cái)"
        )
        assert (await bot.app.bot.get_webhook_info()).url.endswith("/zalo")


async def test_a_webhook_that_brings_a_message_twice_is_heard_once() -> None:
    async with hooked() as (bot, statuses):
        await bot.zalo.quirks(replays=1)
        person = await bot.zalo.rig.person("Lan")
        for text in ("một", "hai"):
            await bot.ask(person, text)
    assert bot.heard == ["một", "hai"]
    assert len(statuses) >= 3


async def test_a_forged_call_is_refused() -> None:
    async with hooked() as (bot, statuses):
        await bot.app.bot.set_webhook(
            (await bot.app.bot.get_webhook_info()).url, secret_token="another-secret"
        )
        person = await bot.zalo.rig.person("Lan")
        await bot.zalo.say(person, "chào")
        while (await bot.zalo.bot_facts())["pending"]:
            assert bot.came == []
    assert statuses == [403, 403, 403]
