"""The Zalo side, strict: what the platform takes, and what it refuses."""

import pytest

from tests.sandbox.rig import Rig
from tests.sandbox.zalo_rig import ZaloRig

BAD = "Bad Request: "


@pytest.fixture
def zalo(rig: Rig) -> ZaloRig:
    return ZaloRig(rig)


async def test_the_bot_learns_its_id_as_a_string_and_a_name_that_begins_with_bot(
    zalo: ZaloRig,
) -> None:
    me = await zalo.ok("getMe")
    assert (me["id"].isdecimal(), me["account_type"]) == (True, "BASIC")
    assert me["display_name"].startswith("Bot ")


async def test_a_message_may_be_sent_with_get_and_query_too(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    path = f"/zalo/bot{zalo.token}/sendMessage"
    reply = await zalo.rig.http.get(path, params={"chat_id": chat, "text": "chào"})
    assert reply.json()["ok"]
    assert (await zalo.shown(person))[-1]["text"] == "chào"


async def test_a_sent_message_is_told_by_a_string_id_and_milliseconds(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    sent = await zalo.ok("sendMessage", chat_id=chat, text="x")
    seen = (await zalo.shown(person))[-1]
    assert sent == {"message_id": seen["zalo_id"], "date": seen["date_ms"]}
    assert len(sent["message_id"]) == 20


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"text": ""}, "text must have 1 to 2000 characters"),
        ({"text": "ộ" * 2001}, "text must have 1 to 2000 characters"),
        ({"text": "🙂" * 1001}, "text must have 1 to 2000 characters"),
        ({"text": "x", "reply_markup": {}}, "unknown parameter reply_markup"),
        ({"text": "x", "parse_mode": "HTML", "text_styles": []}, "parse_mode and text_styles"),
        ({"text": "x", "parse_mode": "MarkdownV2"}, "parse_mode must be markdown or html"),
        ({"text": "x", "text_styles": [{"start": 0, "len": 2, "st": ["b"]}]}, "reach beyond"),
        ({"text": "x", "text_styles": [{"start": 0, "len": 1, "st": ["x"]}]}, "unknown style"),
        ({"text": "x", "text_styles": [{"start": 0, "length": 1}]}, "list of {start, len, st}"),
        ({"text": "<b>x", "parse_mode": "html"}, "can't parse entities"),
    ],
)
async def test_a_message_that_the_platform_would_not_take_is_refused(
    zalo: ZaloRig, params: dict[str, object], refusal: str
) -> None:
    person, chat = await zalo.started()
    code, description = await zalo.refused("sendMessage", chat_id=chat, **params)
    assert (code, description.startswith(BAD), refusal in description) == (400, True, True)
    assert len(await zalo.shown(person)) == 1


async def test_2000_characters_are_taken(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    await zalo.ok("sendMessage", chat_id=chat, text="ộ" * 2000)
    assert len((await zalo.shown(person))[-1]["text"]) == 2000


async def test_styles_are_shown_however_they_were_given(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    bold = [{"start": 2, "len": 2, "st": ["b"]}]
    await zalo.ok("sendMessage", chat_id=chat, text="🙂Lan", text_styles=bold)
    await zalo.ok("sendMessage", chat_id=chat, text="🙂<b>La</b>n", parse_mode="html")
    first, second = (await zalo.shown(person))[-2:]
    assert (first["text"], first["text_styles"]) == ("🙂Lan", bold)
    assert (second["text"], second["text_styles"]) == ("🙂Lan", bold)


async def test_an_id_that_is_a_number_is_refused(zalo: ZaloRig) -> None:
    await zalo.started()
    assert await zalo.refused("sendMessage", chat_id=1001, text="x") == (
        400,
        f"{BAD}chat_id must be a string",
    )


async def test_somebody_who_never_wrote_or_has_blocked_the_bot_cannot_be_reached(
    zalo: ZaloRig,
) -> None:
    lan, lans_chat = await zalo.started()
    await zalo.rig.person("Minh")
    [minh] = [
        each["zalo_id"]
        for each in (await zalo.rig.get("/sim/people", platform="zalo"))["people"]
        if not each["writes"]
    ]
    await zalo.sim("/sim/member", chat=lan, user=lan, status="block")
    for chat in (lans_chat, minh, "0" * 20):
        assert await zalo.refused("sendMessage", chat_id=chat, text="x") == (
            400,
            f"{BAD}chat not found",
        )
    await zalo.sim("/sim/member", chat=lan, user=lan, status="unblock")
    await zalo.ok("sendMessage", chat_id=lans_chat, text="x")


async def test_each_bot_knows_a_person_by_another_id(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    second = ZaloRig(zalo.rig, "55:second")
    await second.ok("getMe")
    await second.say(person, "chào", bot=55)
    assert (await second.update())["message"]["chat"]["id"] != chat
    assert (await second.refused("sendMessage", chat_id=chat, text="x"))[0] == 400


async def test_photos_go_by_address_only(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    await zalo.ok("sendPhoto", chat_id=chat, photo="https://bot.example.vn/a.png", caption="Ảnh")
    shown = (await zalo.shown(person))[-1]
    assert (shown["photo_url"], shown["caption"]) == ("https://bot.example.vn/a.png", "Ảnh")
    refusals = [
        await zalo.refused("sendPhoto", chat_id=chat, photo="AgACAgUAAx"),
        await zalo.refused("sendPhoto", chat_id=chat, photo="https://x.vn/a", caption="x" * 2001),
    ]
    assert [code for code, _ in refusals] == [400, 400]
    upload = await zalo.rig.http.post(
        f"/zalo/bot{zalo.token}/sendPhoto",
        data={"chat_id": chat},
        files={"photo": ("a.png", b"x", "image/png")},
    )
    assert upload.json()["error_code"] == 400


async def test_an_address_where_nothing_is_is_refused_when_the_quirk_says_so(
    zalo: ZaloRig,
) -> None:
    _, chat = await zalo.started()
    await zalo.quirks(fetches_photos=True)
    refused = await zalo.refused("sendPhoto", chat_id=chat, photo="http://127.0.0.1:9/a.png")
    assert refused == (400, "Bad Request: photo cannot be fetched")


async def test_stickers_and_voices_go_to_people_only_and_voices_are_aac(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    group = (await zalo.sim("/sim/chats", type="group", title="Ban", members=[person]))["zalo_id"]
    await zalo.ok("sendSticker", chat_id=chat, sticker="bfe458bf64fa8da4d4eb")
    await zalo.ok("sendVoice", chat_id=chat, voice_url="https://x.vn/a.aac")
    for method, params in (
        ("sendSticker", {"chat_id": group, "sticker": "x"}),
        ("sendSticker", {"chat_id": chat}),
        ("sendVoice", {"chat_id": group, "voice_url": "https://x.vn/a.aac"}),
        ("sendVoice", {"chat_id": chat, "voice_url": "https://x.vn/a.ogg"}),
    ):
        assert (await zalo.refused(method, **params))[0] == 400


async def test_typing_is_the_only_action(zalo: ZaloRig) -> None:
    _, chat = await zalo.started()
    assert await zalo.ok("sendChatAction", chat_id=chat, action="typing") == {"ok": True}
    assert (await zalo.refused("sendChatAction", chat_id=chat, action="upload_photo"))[0] == 400


@pytest.mark.parametrize(
    "method", ["sendDocument", "editMessageText", "answerCallbackQuery", "setMyCommands", "getFile"]
)
async def test_what_zalo_does_not_have_is_not_found(zalo: ZaloRig, method: str) -> None:
    assert await zalo.refused(method) == (404, "Not Found")


@pytest.mark.parametrize("token", ["nonsense", "12345", "12:x"])
async def test_a_token_that_is_none_is_unauthorized(zalo: ZaloRig, token: str) -> None:
    zalo.token = token
    assert await zalo.refused("getMe") == (401, "Unauthorized")


async def test_a_refusal_comes_within_a_200_or_as_a_status(zalo: ZaloRig) -> None:
    assert (await zalo.call("getFile")).status_code == 200
    await zalo.quirks(refusals="status")
    assert (await zalo.call("getFile")).status_code == 404
    assert (await zalo.call("getUpdates", timeout="0")).status_code == 200
    await zalo.quirks(idle="status")
    assert (await zalo.call("getUpdates", timeout="0")).status_code == 408


async def test_a_platform_that_is_down_answers_with_a_page_until_it_is_up(zalo: ZaloRig) -> None:
    _, chat = await zalo.started()
    await zalo.quirks(down=True)
    for _ in range(3):
        reply = await zalo.call("sendMessage", chat_id=chat, text="x")
        assert (reply.status_code, reply.text) == (502, "<h1>Bad Gateway</h1>")
    await zalo.quirks(down=False)
    await zalo.ok("sendMessage", chat_id=chat, text="x")


async def test_over_the_months_quota_nothing_goes_out_and_no_time_to_wait_is_named(
    zalo: ZaloRig,
) -> None:
    person, chat = await zalo.started()
    await zalo.quirks(quota=2)
    for _ in range(2):
        await zalo.ok("sendMessage", chat_id=chat, text="x")
    body = (await zalo.call("sendMessage", chat_id=chat, text="x")).json()
    assert body == {"ok": False, "error_code": 429, "description": "Quota exceeded"}
    assert len(await zalo.shown(person)) == 3
    await zalo.rig.post("/sim/clock", now="2026-12-01T00:00:00+07:00")
    await zalo.ok("sendMessage", chat_id=chat, text="x")


async def test_what_people_write_counts_only_when_the_quirk_says_so(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    await zalo.say(person, "hai")
    await zalo.quirks(quota=2)
    await zalo.ok("sendMessage", chat_id=chat, text="x")
    assert (await zalo.bot_facts())["month"] == {"in": 2, "out": 1}
    await zalo.quirks(counts_inbound=True)
    assert (await zalo.refused("sendMessage", chat_id=chat, text="x"))[0] == 429


async def test_a_planted_fault_speaks_as_zalo_does_and_touches_zalo_only(zalo: ZaloRig) -> None:
    person, chat = await zalo.started()
    await zalo.sim("/sim/faults", method="sendMessage", chat=person, status=403, times=1)
    await zalo.rig.ok("getMe")
    assert await zalo.refused("sendMessage", chat_id=chat, text="x") == (
        403,
        "Internal server error",
    )
    await zalo.sim("/sim/faults", status=429)
    body = (await zalo.call("getMe")).json()
    assert body == {"ok": False, "error_code": 429, "description": "Quota exceeded"}
    assert (await zalo.rig.get("/sim/faults", platform="zalo"))["faults"] == []
    call = (await zalo.rig.get("/sim/calls", method="getMe"))[-1]
    assert (call["platform"], call["bot"], call["ok"]) == ("zalo", 987654, False)
