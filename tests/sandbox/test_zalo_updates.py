"""The Zalo side's updates: polled one by one, replayed, lost, or brought to a webhook."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.app import create_app
from tests.sandbox.rig import Rig, in_process, over_http
from tests.sandbox.zalo_rig import ZaloRig

SECRET = "bi-mat-cua-webhook"


@pytest.fixture
def zalo(rig: Rig) -> ZaloRig:
    return ZaloRig(rig)


# --- polling


async def test_a_poll_brings_one_update_and_it_is_gone(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    for text in ("một", "hai"):
        await zalo.say(person, text)
    event = await zalo.update()
    assert event["event_name"] == "message.text.received"
    assert event["message"] == {
        "from": {"id": chat, "display_name": "Lan", "is_bot": False},
        "chat": {"id": chat, "chat_type": "PRIVATE"},
        "message_id": event["message"]["message_id"],
        "date": 1795222800000 + event["message"]["date"] % 60_000,
        "text": "một",
    }
    assert (await zalo.update())["message"]["text"] == "hai"
    assert await zalo.idle()


async def test_a_poll_waits_for_a_message(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    polled = asyncio.create_task(zalo.update(20))
    await asyncio.sleep(0)
    await zalo.say(person, "đây")
    assert (await polled)["message"]["text"] == "đây"


async def test_offsets_and_limits_are_unknown(zalo: ZaloRig) -> None:
    assert (await zalo.refused("getUpdates", offset="5"))[0] == 400


async def test_what_was_fetched_comes_again_as_often_as_the_quirk_says(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    await zalo.quirks(replays=1)
    await zalo.say(person, "một")
    await zalo.say(person, "hai")
    got = [(await zalo.update())["message"]["text"] for _ in range(4)]
    assert got == ["một", "hai", "một", "hai"]
    assert await zalo.idle()


async def test_what_is_sent_while_nobody_polls_is_lost_under_the_quirk(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    await zalo.quirks(offline_seconds=0)
    await zalo.say(person, "mất")
    assert await zalo.idle()
    assert (await zalo.shown(person))[-1]["text"] == "mất"
    await zalo.quirks(offline_seconds=60)
    await zalo.say(person, "còn")
    assert (await zalo.update())["message"]["text"] == "còn"


async def test_pictures_stickers_voices_and_files_each_come_as_their_own_event(
    zalo: ZaloRig,
) -> None:
    person, _ = await zalo.started()
    for body in ({"photo": True}, {"sticker": True}, {"voice": True}, {"document": True}):
        await zalo.sim("/sim/message", **{"from": person, **body})
    events = [await zalo.update() for _ in range(4)]
    kinds = [event["event_name"].split(".")[1] for event in events]
    assert kinds == ["image", "sticker", "voice", "unsupported"]
    assert events[1]["message"]["sticker"]
    assert events[2]["message"]["voice_url"].endswith(".aac")
    assert not events[3]["message"].keys() & {"text", "document", "file"}


async def test_a_picture_has_one_of_two_names_and_its_address_expires(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    await zalo.sim("/sim/message", **{"from": person, "photo": True, "caption": "Ảnh"})
    message = (await zalo.update())["message"]
    assert (await zalo.rig.http.get(message["photo_url"])).content.startswith(b"\x89PNG")
    await zalo.rig.post("/sim/clock", advance=3700)
    assert (await zalo.rig.http.get(message["photo_url"])).status_code == 404
    await zalo.quirks(photo_key="photo")
    await zalo.sim("/sim/message", **{"from": person, "photo": True})
    assert "photo" in (await zalo.update())["message"]


# --- people and groups


async def test_the_51st_person_cannot_use_the_bot(zalo: ZaloRig) -> None:
    await zalo.quirks(users=1)
    lan, _ = await zalo.started()
    minh = await zalo.rig.person("Minh")
    refusal = await zalo.sim_error("/sim/message", **{"from": minh, "text": "chào"})
    assert refusal == "the bot has its 1 users already"
    await zalo.say(lan, "vẫn được")


async def test_in_a_group_the_bot_sees_only_what_is_meant_for_it(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    made = await zalo.sim("/sim/chats", type="group", title="Ban", members=[person])
    group = made["id"]
    await zalo.say(person, "nói với nhau", chat=group)
    assert await zalo.idle()
    name = (await zalo.ok("getMe"))["display_name"]
    await zalo.say(person, f"@{name} tổng kết", chat=group)
    event = await zalo.update()
    assert event["message"]["chat"] == {"id": made["zalo_id"], "chat_type": "GROUP"}
    await zalo.ok("sendMessage", chat_id=made["zalo_id"], text="Đây")
    answer = (await zalo.shown(group))[-1]["message_id"]
    await zalo.say(person, "cảm ơn", chat=group, reply_to=answer)
    assert (await zalo.update())["message"]["text"] == "cảm ơn"


async def test_a_bot_joins_three_groups_at_most_and_only_members_write_there(
    zalo: ZaloRig,
) -> None:
    lan, minh = await zalo.rig.person(), await zalo.rig.person("Minh")
    groups = [
        (await zalo.sim("/sim/chats", type="group", title=title, members=[lan]))["id"]
        for title in ("Một", "Hai", "Ba")
    ]
    fourth = {"type": "group", "title": "Bốn", "members": [lan]}
    assert "in 3 groups already" in await zalo.sim_error("/sim/chats", **fourth)
    say = {"from": minh, "chat": groups[0], "text": "chào"}
    assert "is not in chat" in await zalo.sim_error("/sim/message", **say)
    await zalo.sim("/sim/member", chat=groups[0], user=minh, status="join")
    await zalo.sim("/sim/message", **say)


async def test_there_is_nothing_to_tap_or_to_edit_on_zalo(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    for path, body in (
        ("/sim/tap", {"message_id": 1, "button": "Đúng"}),
        ("/sim/edit", {"message_id": 1, "text": "khác"}),
    ):
        assert await zalo.sim_error(path, **{"from": person, **body}) == (
            "there is no such thing on Zalo"
        )


async def test_a_long_text_is_split_as_the_app_does_or_refused(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    long = {"from": person, "text": "x" * 2001}
    assert "longer than 2000" in await zalo.sim_error("/sim/message", **long)
    await zalo.sim("/sim/message", **long, split=True)
    assert [len((await zalo.update())["message"]["text"]) for _ in range(2)] == [2000, 1]


async def test_a_platform_that_nobody_knows_is_a_mistake(zalo: ZaloRig) -> None:
    refusal = await zalo.rig.sim_error("/sim/message", platform="viber")
    assert refusal == "platform must be telegram or zalo"


async def test_telegram_hears_nothing_of_what_is_said_on_zalo(zalo: ZaloRig) -> None:
    person, _ = await zalo.started()
    assert await zalo.rig.updates() == []
    assert await zalo.rig.shown(person) == []


async def test_all_of_it_is_there_again_after_a_restart(tmp_path: Path) -> None:
    app = create_app(data=tmp_path)
    zalo = ZaloRig(in_process(app))
    person, chat = await zalo.started()
    group = await zalo.sim("/sim/chats", type="group", title="Ban", members=[person])
    await zalo.quirks(replays=2)
    await zalo.say(person, "đang chờ")
    app.state.world.close()
    again = create_app(data=tmp_path)
    zalo = ZaloRig(in_process(again))
    assert (await zalo.update())["message"]["text"] == "đang chờ"
    await zalo.ok("sendMessage", chat_id=chat, text="đã thấy")
    assert [m["text"] for m in await zalo.shown(person)] == ["Xin chào", "đang chờ", "đã thấy"]
    assert (await zalo.rig.get("/sim/people", platform="zalo"))["groups"] == [group]
    assert (await zalo.rig.get("/sim/quirks"))["replays"] == 2
    again.state.world.close()


# --- webhooks


@dataclass
class Hook:
    """A bot's webhook that refuses its first calls."""

    url: str = ""
    refusals: int = 0
    attempts: int = 0
    received: "asyncio.Queue[tuple[str | None, dict[str, Any]]]" = field(
        default_factory=asyncio.Queue
    )

    async def take(self, request: Request) -> Response:
        self.attempts += 1
        if self.attempts <= self.refusals:
            return Response(status_code=503)
        secret = request.headers.get("X-Bot-Api-Secret-Token")
        self.received.put_nowait((secret, json.loads(await request.body())))
        return Response()

    async def next(self) -> tuple[str | None, dict[str, Any]]:
        return await asyncio.wait_for(self.received.get(), 10)


@asynccontextmanager
async def hook(served: Rig, refusals: int = 0) -> AsyncIterator[tuple[ZaloRig, Hook, int]]:
    """A bot whose webhook is set, and a person."""
    zalo, made = ZaloRig(served), Hook(refusals=refusals)
    person, _ = await zalo.started()
    async with over_http(Starlette(routes=[Route("/", made.take, methods=["POST"])])) as server:
        made.url = str(server.http.base_url)
        await zalo.ok("setWebhook", url=made.url, secret_token=SECRET)
        yield zalo, made, person
        await zalo.ok("deleteWebhook")


async def test_a_webhook_gets_each_update_flat_or_wrapped_with_the_secret(served: Rig) -> None:
    async with hook(served) as (zalo, mine, person):
        await zalo.say(person, "một")
        secret, flat = await mine.next()
        await zalo.quirks(body="wrapped")
        await zalo.say(person, "hai")
        _, wrapped = await mine.next()
    assert (secret, flat["message"]["text"]) == (SECRET, "một")
    assert (wrapped["ok"], wrapped["result"]["message"]["text"]) == (True, "hai")


async def test_while_a_webhook_is_set_polling_is_refused(served: Rig) -> None:
    async with hook(served) as (zalo, mine, _):
        assert (await zalo.refused("getUpdates", timeout="0"))[0] == 400
        info = await zalo.ok("getWebhookInfo")
        assert info["url"] == mine.url
    assert await zalo.refused("getWebhookInfo") == (404, "Not Found")


async def test_an_update_is_tried_three_times_and_then_lost(served: Rig) -> None:
    async with hook(served, refusals=4) as (zalo, mine, person):
        await zalo.say(person, "mất")
        await zalo.say(person, "đến")
        _, update = await mine.next()
        assert (update["message"]["text"], mine.attempts) == ("đến", 5)


@pytest.mark.parametrize(
    "params",
    [
        {"url": "https://bot.example.vn/"},
        {"url": "https://bot.example.vn/", "secret_token": "ngan"},
        {"url": "https://bot.example.vn/", "secret_token": "x" * 257},
        {"url": "http://bot.example.vn/", "secret_token": SECRET},
        {"url": "nonsense", "secret_token": SECRET},
        {"secret_token": SECRET},
    ],
)
async def test_a_webhook_without_https_or_a_fit_secret_is_refused(
    zalo: ZaloRig, params: dict[str, object]
) -> None:
    assert (await zalo.refused("setWebhook", **params))[0] == 400


async def test_a_poll_whose_asker_went_away_takes_an_update_with_it(served: Rig) -> None:
    zalo = ZaloRig(served)
    person, _ = await zalo.started()
    with pytest.raises(httpx.ReadTimeout):
        await served.http.get(f"/zalo/bot{zalo.token}/getUpdates?timeout=20", timeout=0.05)
    await zalo.say(person, "mất")
    assert await zalo.idle()


@pytest.mark.parametrize("path", ["/zalo", "/static/zalo.js"])
async def test_the_page_is_served_and_never_old(rig: Rig, path: str) -> None:
    reply = await rig.http.get(path)
    assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-cache")
