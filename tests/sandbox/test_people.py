"""What simulated users can do, and what the control interface explains."""

import asyncio

import pytest

from tests.sandbox.rig import Rig


async def test_people_and_groups_are_listed_with_role_and_unit(rig: Rig) -> None:
    await rig.person("Lan", last_name="Nguyễn", role="Báo cáo viên", unit="Xã Tân Trào")
    await rig.person("Ẩn", hidden=True)
    listed = await rig.get("/sim/people")
    [person] = listed["people"]
    assert {name: person[name] for name in ("id", "name", "role", "unit", "chat_id")} == {
        "id": 1001,
        "name": "Lan Nguyễn",
        "role": "Báo cáo viên",
        "unit": "Xã Tân Trào",
        "chat_id": 1001,
    }
    assert listed["bots"][0]["username"] == "bao_cao_sandbox_bot"
    assert len((await rig.get("/sim/people", hidden=1))["people"]) == 2


async def test_what_users_wrote_before_the_bot_first_called_waits_for_it(rig: Rig) -> None:
    person = await rig.person()
    await rig.say(person, "/start moi-1")
    group = (await rig.post("/sim/chats", type="group", title="Ban", members=[person]))["id"]
    message, added = await rig.updates()
    assert message["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert added["my_chat_member"]["new_chat_member"]["user"]["id"] == 123456
    await rig.ok("sendMessage", chat_id=group, text="x")
    assert (await rig.ok("sendMessage", chat_id=person, text="x"))["message_id"] == 2


async def test_a_long_text_is_refused_as_the_app_does_or_split(rig: Rig) -> None:
    person = await rig.person()
    body = {"from": person, "text": "a" * 5000}
    assert "4096" in await rig.sim_error("/sim/message", **body)
    sent = await rig.post("/sim/message", split=True, **body)
    assert len(sent["message_ids"]) == 2
    assert [len(u["message"]["text"]) for u in await rig.updates()] == [4096, 904]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"sticker": "😀"}, "sticker"),
        ({"voice": 7}, "voice"),
        ({"location": {"latitude": 21.8, "longitude": 105.2}}, "location"),
        ({"contact": True}, "contact"),
        ({"text": "chuyển", "forward_from": 1001}, "forward_origin"),
    ],
)
async def test_users_send_other_things_too(rig: Rig, fields: dict[str, object], kind: str) -> None:
    person = await rig.person()
    await rig.post("/sim/message", **{"from": person, **fields})
    assert kind in (await rig.updates())[0]["message"]


async def test_only_own_messages_can_be_edited(rig: Rig) -> None:
    person, other = await rig.started(), await rig.started("Minh")
    group = await rig.group(person, other)
    number = await rig.say(person, "/x", group)
    body = {"from": other, "chat": group, "message_id": number, "text": "y"}
    assert "own" in await rig.sim_error("/sim/edit", **body)


@pytest.mark.parametrize(
    ("path", "body", "explanation"),
    [
        ("/sim/message", {"from": 9, "text": "x"}, "no user 9"),
        ("/sim/message", {"from": 1001, "chat": -9, "text": "x"}, "no chat -9"),
        ("/sim/message", {"from": 1001}, "say what to send"),
        ("/sim/message", {"from": 1001, "text": " "}, "empty"),
        ("/sim/message", {"text": "x"}, "from"),
        ("/sim/message", {"from": 1001, "photo": "!"}, "base64"),
        ("/sim/tap", {"from": 1001, "message_id": 1, "button": "x"}, "no button"),
        ("/sim/member", {"chat": 1001, "user": 1001, "status": "dance"}, "status"),
        ("/sim/chats", {"type": "group", "title": "x", "members": [9]}, "no user 9"),
        ("/sim/chats/1001/migrate", {}, "only a group"),
    ],
)
async def test_mistakes_are_explained(
    rig: Rig, path: str, body: dict[str, object], explanation: str
) -> None:
    await rig.say(await rig.person(), "/start")
    assert explanation in await rig.sim_error(path, **body)


async def test_somebody_who_blocked_the_bot_cannot_write(rig: Rig) -> None:
    person = await rig.started()
    await rig.post("/sim/member", chat=person, user=person, status="kicked")
    assert "blocked" in await rig.sim_error("/sim/message", **{"from": person, "text": "x"})


async def test_a_chat_can_be_followed_by_id_or_revision(rig: Rig) -> None:
    person = await rig.started()
    path = f"/sim/chats/{person}/messages"
    before = (await rig.get(path))["revision"]
    waiting = asyncio.create_task(rig.get(path, after=1, wait=30))
    await asyncio.sleep(0)
    sent = await rig.ok("sendMessage", chat_id=person, text="một")
    assert [m["message_id"] for m in (await waiting)["messages"]] == [2]
    await rig.ok("editMessageText", chat_id=person, message_id=sent["message_id"], text="hai")
    assert (await rig.get(path, after=2))["messages"] == []
    changed = await rig.get(path, after_revision=before)
    assert [m["text"] for m in changed["messages"]] == ["hai"]
    assert (await rig.get(path, after_revision=changed["revision"]))["messages"] == []


async def test_the_pages_events_tell_what_changed(rig: Rig) -> None:
    last = (await rig.get("/sim/events"))["last"]
    person = await rig.started()
    await rig.post("/sim/clock", advance=1)
    events = (await rig.get("/sim/events", after=last))["events"]
    assert [(e["type"], e.get("chat_id")) for e in events] == [
        ("people", None),
        ("message", person),
        ("clock", None),
    ]


async def test_the_menu_shows_the_commands_of_the_narrowest_scope(rig: Rig) -> None:
    person = await rig.started()
    group = await rig.group(person)
    start = [{"command": "start", "description": "Bắt đầu"}]
    total = [{"command": "tongket", "description": "Tổng kết"}]
    await rig.ok("setMyCommands", commands=start)
    await rig.ok("setMyCommands", commands=total, scope={"type": "all_group_chats"})
    assert (await rig.get(f"/sim/chats/{person}/commands"))["commands"] == start
    assert (await rig.get(f"/sim/chats/{group}/commands", user=person))["commands"] == total
    assert await rig.ok("getMyCommands", scope={"type": "all_group_chats"}) == total
    assert await rig.ok("getMyCommands", language_code="en") == []
    await rig.ok("deleteMyCommands")
    assert await rig.ok("getMyCommands") == []
    bad = [{"command": "Báo", "description": "x"}]
    assert await rig.refused("setMyCommands", commands=bad) == "Bad Request: BOT_COMMAND_INVALID"


async def test_the_bots_profile_is_kept(rig: Rig) -> None:
    await rig.ok("setMyName", name="Báo cáo")
    await rig.ok("setMyDescription", description="Dài")
    await rig.ok("setMyShortDescription", short_description="Ngắn")
    await rig.ok("setChatMenuButton", menu_button={"type": "commands"})
    assert await rig.ok("getMyName") == {"name": "Báo cáo"}
    assert await rig.ok("getMyDescription", language_code="vi") == {"description": "Dài"}
    assert await rig.ok("getMyShortDescription") == {"short_description": "Ngắn"}
    assert await rig.ok("getChatMenuButton") == {"type": "commands"}


async def test_the_list_says_who_blocked_the_bot(rig: Rig) -> None:
    person, other = await rig.started(), await rig.started("Minh")

    async def blocked() -> dict[int, bool]:
        return {p["id"]: p["blocked"] for p in (await rig.get("/sim/people"))["people"]}

    await rig.post("/sim/member", chat=person, user=person, status="block")
    assert await blocked() == {person: True, other: False}
    await rig.post("/sim/member", chat=person, user=person, status="unblock")
    assert await blocked() == {person: False, other: False}
