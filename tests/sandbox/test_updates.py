"""getUpdates: offsets, long polls, two pollers, allowed kinds, privacy."""

import asyncio

from tests.sandbox.rig import Rig


async def test_updates_stay_until_an_offset_acknowledges_them(rig: Rig) -> None:
    person = await rig.started()
    for text in ("một", "hai", "ba"):
        await rig.say(person, text)
    first = await rig.ok("getUpdates", limit=2)
    assert [u["message"]["text"] for u in first] == ["một", "hai"]
    assert await rig.ok("getUpdates", limit=2) == first
    rest = await rig.ok("getUpdates", offset=first[-1]["update_id"] + 1)
    assert [u["message"]["text"] for u in rest] == ["ba"]


async def test_a_negative_offset_keeps_only_the_newest(rig: Rig) -> None:
    person = await rig.started()
    for text in ("một", "hai", "ba"):
        await rig.say(person, text)
    assert [u["message"]["text"] for u in await rig.ok("getUpdates", offset=-1)] == ["ba"]
    assert len(await rig.ok("getUpdates")) == 1


async def test_a_long_poll_ends_when_something_comes(rig: Rig) -> None:
    person = await rig.started()
    polling = asyncio.create_task(rig.ok("getUpdates", timeout=30))
    await rig.say(person, "chào")
    assert [u["message"]["text"] for u in await polling] == ["chào"]


async def test_a_second_poller_ends_the_first_with_a_conflict(rig: Rig) -> None:
    person = await rig.started()
    older = asyncio.create_task(rig.bot("getUpdates", timeout=30))
    await _under_way(rig, 1)
    newer = asyncio.create_task(rig.ok("getUpdates", timeout=30))
    assert await older == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }
    await rig.say(person, "chào")
    assert len(await newer) == 1


async def _under_way(rig: Rig, count: int) -> None:
    """Until so many polls wait at the server."""
    while True:
        await asyncio.sleep(0)
        calls = await rig.get("/sim/calls", method="getUpdates")
        if sum(call["status"] is None for call in calls) == count:
            return


async def test_a_webhook_forbids_polling(rig: Rig) -> None:
    polling = asyncio.create_task(rig.refused("getUpdates", timeout=30))
    await _under_way(rig, 1)
    await rig.ok("setWebhook", url="https://bot.example.vn/hook")
    assert await polling == "Conflict: terminated by setWebhook request"
    assert await rig.refused("getUpdates") == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    await rig.ok("deleteWebhook")
    assert await rig.ok("getUpdates") == []


async def test_only_allowed_kinds_are_queued_and_the_choice_is_remembered(rig: Rig) -> None:
    person = await rig.started()
    await rig.ok("getUpdates", allowed_updates=["edited_message"])
    number = await rig.say(person, "chào")
    await rig.post("/sim/edit", **{"from": person, "message_id": number, "text": "chào bot"})
    [update] = await rig.updates()
    assert update["edited_message"]["text"] == "chào bot"
    await rig.ok("getUpdates", allowed_updates=[])
    await rig.say(person, "lại")
    assert len(await rig.updates()) == 1


async def test_member_changes_come_only_when_asked_for(rig: Rig) -> None:
    owner, guest = await rig.started(), await rig.person("Minh")
    group = await rig.group(owner)
    await rig.post("/sim/member", chat=group, user=guest, status="join")
    assert [u["message"]["new_chat_members"][0]["id"] for u in await rig.updates()] == [guest]
    await rig.ok("getUpdates", allowed_updates=["chat_member"])
    await rig.post("/sim/member", chat=group, user=guest, status="leave")
    [update] = await rig.updates()
    assert update["chat_member"]["new_chat_member"]["status"] == "left"


async def test_privacy_mode_hides_small_talk_in_groups(rig: Rig) -> None:
    person = await rig.started()
    group = await rig.group(person)
    sent = await rig.ok("sendMessage", chat_id=group, text="Tổng hợp")
    await rig.say(person, "ăn cơm chưa", group)
    await rig.say(person, "/tongket@other_bot", group)
    await rig.say(person, "/tongket", group)
    await rig.say(person, "/tongket@bao_cao_sandbox_bot 2021", group)
    await rig.say(person, "nhờ @bao_cao_sandbox_bot", group)
    await rig.say(person, "cảm ơn", group, reply_to=sent["message_id"])
    heard = [update["message"]["text"] for update in await rig.updates()]
    assert heard == [
        "/tongket",
        "/tongket@bao_cao_sandbox_bot 2021",
        "nhờ @bao_cao_sandbox_bot",
        "cảm ơn",
    ]


async def test_an_administrator_bot_hears_everything(rig: Rig) -> None:
    person = await rig.started()
    group = await rig.group(person)
    await rig.post("/sim/member", chat=group, user=123456, status="administrator")
    await rig.say(person, "ăn cơm chưa", group)
    assert (await rig.updates())[-1]["message"]["text"] == "ăn cơm chưa"


async def test_an_edit_does_not_alter_an_update_that_still_waits(rig: Rig) -> None:
    person = await rig.started()
    number = await rig.say(person, "3 buổi")
    await rig.post("/sim/edit", **{"from": person, "message_id": number, "text": "4 buổi"})
    said, edited = await rig.updates()
    assert (said["message"]["text"], edited["edited_message"]["text"]) == ("3 buổi", "4 buổi")


async def test_two_bots_have_their_own_chats_and_updates(rig: Rig) -> None:
    person = await rig.started()
    rig.token = "777:another-bot"
    assert (await rig.ok("getMe"))["username"] == "bao_cao_sandbox_777_bot"
    refusal = await rig.refused("sendMessage", chat_id=person, text="x")
    assert refusal == "Forbidden: bot can't initiate conversation with a user"
    await rig.say(person, "chào", bot=777)
    assert len(await rig.updates()) == 1
    assert len((await rig.get(f"/sim/chats/{person}/messages", bot=777))["messages"]) == 1
    assert [m["text"] for m in await rig.shown(person)] == ["/start"]
