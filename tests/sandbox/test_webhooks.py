"""Webhook delivery over real HTTP: in order, with the secret, again after a failure."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.app import create_app
from tests.sandbox.conftest import START
from tests.sandbox.rig import Rig, over_http


@dataclass
class Hook:
    """A bot's webhook that refuses its first calls."""

    url: str = ""
    refusals: int = 0
    reply: dict[str, Any] | None = None
    attempts: int = 0
    received: "asyncio.Queue[tuple[str | None, dict[str, Any]]]" = field(
        default_factory=asyncio.Queue
    )

    async def take(self, request: Request) -> Response:
        self.attempts += 1
        if self.attempts <= self.refusals:
            return Response(status_code=503)
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.received.put_nowait((secret, json.loads(await request.body())))
        return JSONResponse(self.reply) if self.reply else Response()

    async def next(self) -> tuple[str | None, dict[str, Any]]:
        return await asyncio.wait_for(self.received.get(), 10)


@asynccontextmanager
async def hook(**options: Any) -> AsyncIterator[Hook]:
    made = Hook(**options)
    async with over_http(Starlette(routes=[Route("/", made.take, methods=["POST"])])) as server:
        made.url = str(server.http.base_url)
        yield made


async def test_updates_arrive_in_order_with_the_secret(served: Rig) -> None:
    person = await served.started()
    async with hook() as mine:
        await served.ok("setWebhook", url=mine.url, secret_token="bi-mat_1")
        for text in ("một", "hai", "ba"):
            await served.say(person, text)
        got = [await mine.next() for _ in range(3)]
        assert [(secret, update["message"]["text"]) for secret, update in got] == [
            ("bi-mat_1", "một"),
            ("bi-mat_1", "hai"),
            ("bi-mat_1", "ba"),
        ]
        await served.ok("deleteWebhook")


async def test_a_refused_update_is_sent_again_before_the_next(served: Rig) -> None:
    person = await served.started()
    await served.say(person, "một")
    await served.say(person, "hai")
    async with hook(refusals=3) as mine:
        await served.ok("setWebhook", url=mine.url)
        texts = [(await mine.next())[1]["message"]["text"] for _ in range(2)]
        assert texts == ["một", "hai"]
        assert mine.attempts == 5
        info = await served.ok("getWebhookInfo")
        assert info["last_error_message"] == (
            "Wrong response from the webhook: 503 Service Unavailable"
        )
        await served.ok("deleteWebhook")


async def test_a_delayed_update_is_overtaken_by_other_chats_and_not_by_its_own(
    served: Rig,
) -> None:
    lan, hoa = await served.started("Lan"), await served.started("Hoa")
    await served.post("/sim/faults", method="webhook", chat=lan, delay_ms=200)
    async with hook() as mine:
        await served.ok("setWebhook", url=mine.url)
        for person, text in ((lan, "một"), (lan, "hai"), (hoa, "ba"), (hoa, "bốn")):
            await served.say(person, text)
        texts = [(await mine.next())[1]["message"]["text"] for _ in range(4)]
        assert texts == ["ba", "bốn", "một", "hai"]
        await served.ok("deleteWebhook")


async def test_with_one_connection_the_updates_come_one_by_one(served: Rig) -> None:
    lan, hoa = await served.started("Lan"), await served.started("Hoa")
    await served.post("/sim/faults", method="webhook", chat=lan, delay_ms=200)
    async with hook() as mine:
        await served.ok("setWebhook", url=mine.url, max_connections=1)
        await served.say(lan, "một")
        await served.say(hoa, "hai")
        texts = [(await mine.next())[1]["message"]["text"] for _ in range(2)]
        assert texts == ["một", "hai"]
        await served.ok("deleteWebhook")


@pytest.mark.parametrize(
    ("fault", "attempts", "told"),
    [
        ({"drop_reply": True}, 2, "Read timeout expired"),
        ({"disconnect": True}, 1, "Connection reset by peer"),
        ({"status": 502}, 1, "Wrong response from the webhook: 502 Bad Gateway"),
    ],
)
async def test_a_delivery_that_goes_wrong_is_repeated(
    served: Rig, fault: dict[str, object], attempts: int, told: str
) -> None:
    person = await served.started()
    await served.post("/sim/faults", method="webhook", **fault)
    async with hook() as mine:
        await served.ok("setWebhook", url=mine.url)
        await served.say(person, "một")
        await served.say(person, "hai")
        texts = [(await mine.next())[1]["message"]["text"] for _ in range(attempts + 1)]
        assert texts == ["một"] * attempts + ["hai"]
        assert (await served.ok("getWebhookInfo"))["last_error_message"] == told
        await served.ok("deleteWebhook")


async def test_a_method_in_the_reply_is_carried_out(served: Rig) -> None:
    person = await served.started()
    async with hook(reply={"method": "sendMessage", "chat_id": person, "text": "đã nhận"}) as mine:
        await served.ok("setWebhook", url=mine.url)
        last = await served.say(person, "chào")
        path = f"/sim/chats/{person}/messages"
        answer = (await served.get(path, after=last, wait=10))["messages"]
        assert [message["text"] for message in answer] == ["đã nhận"]
        await served.ok("deleteWebhook")


async def test_pending_updates_can_be_dropped(rig: Rig) -> None:
    person = await rig.started()
    await rig.say(person, "chào")
    assert (await rig.ok("getWebhookInfo"))["pending_update_count"] == 1
    await rig.ok("deleteWebhook", drop_pending_updates=True)
    assert await rig.ok("getUpdates") == []


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (
            {"url": "http://bot.example.vn/"},
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ),
        ({"url": "nonsense"}, "Bad Request: invalid webhook URL specified"),
        (
            {"url": "https://bot.example.vn/", "secret_token": "có dấu"},
            "Bad Request: secret token contains unallowed characters",
        ),
    ],
)
async def test_a_bad_webhook_is_refused(
    rig: Rig, arguments: dict[str, object], refusal: str
) -> None:
    assert await rig.refused("setWebhook", **arguments) == refusal


async def test_an_unreachable_webhook_keeps_its_updates() -> None:
    async with over_http(create_app(now=START, webhook_retry_seconds=30)) as served:
        person = await served.started()
        await served.ok("setWebhook", url="http://127.0.0.1:9/")
        await served.say(person, "chào")
        info = await served.ok("getWebhookInfo")
        while "last_error_message" not in info:
            info = await served.ok("getWebhookInfo")
        assert (info["last_error_message"], info["pending_update_count"]) == (
            "Connection refused",
            1,
        )
