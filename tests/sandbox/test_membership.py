"""Groups: membership, administrators, being removed, and the upgrade to a supergroup."""

import pytest

from tests.sandbox.rig import Rig

BOT = 123456


async def test_a_new_group_has_an_owner_and_the_bot(rig: Rig) -> None:
    owner, guest = await rig.started(), await rig.person("Minh")
    made = await rig.post("/sim/chats", type="group", title="Ban", members=[owner, guest])
    assert made["members"] == [owner, guest, BOT]
    [update] = await rig.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "member"
    group = made["id"]
    assert group < 0
    assert await rig.ok("getChatMemberCount", chat_id=group) == 3
    [owned] = await rig.ok("getChatAdministrators", chat_id=group)
    assert (owned["user"]["id"], owned["status"]) == (owner, "creator")
    assert (await rig.ok("getChatMember", chat_id=group, user_id=guest))["status"] == "member"
    assert (await rig.ok("getChat", chat_id=group))["title"] == "Ban"


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_removed_bot_is_told_so(rig: Rig, kind: str) -> None:
    group = await rig.group(await rig.started(), kind=kind)
    await rig.post("/sim/member", chat=group, user=BOT, status="kicked")
    refusal = await rig.refused("sendMessage", chat_id=group, text="x")
    assert refusal == f"Forbidden: bot was kicked from the {kind} chat"
    [update] = await rig.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_a_bot_that_left_is_no_member(rig: Rig) -> None:
    group = await rig.group(await rig.started())
    assert await rig.ok("leaveChat", chat_id=group) is True
    refusal = await rig.refused("sendMessage", chat_id=group, text="x")
    assert refusal == "Forbidden: bot is not a member of the group chat"


async def test_an_upgraded_group_answers_with_its_new_id(rig: Rig) -> None:
    person = await rig.started()
    group = await rig.group(person)
    moved = (await rig.post(f"/sim/chats/{group}/migrate"))["migrate_to_chat_id"]
    assert str(moved).startswith("-100")
    assert await rig.bot("sendMessage", chat_id=group, text="x") == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": moved},
    }
    messages = [update["message"] for update in await rig.updates()]
    assert [(m["chat"]["id"], m.get("migrate_to_chat_id")) for m in messages] == [
        (group, moved),
        (moved, None),
    ]
    assert messages[1]["migrate_from_chat_id"] == group
    assert (await rig.ok("sendMessage", chat_id=moved, text="x"))["chat"]["type"] == "supergroup"
    listed = (await rig.get("/sim/people"))["groups"]
    assert [(g["id"], g["type"]) for g in listed] == [(moved, "supergroup")]


async def test_private_chats_have_no_administrators(rig: Rig) -> None:
    person = await rig.started()
    refusal = await rig.refused("getChatAdministrators", chat_id=person)
    assert refusal == "Bad Request: there are no administrators in the private chat"


async def test_pinning_shows_in_the_chat(rig: Rig) -> None:
    person = await rig.started()
    await rig.ok("pinChatMessage", chat_id=person, message_id=1)
    assert (await rig.ok("getChat", chat_id=person))["pinned_message"]["message_id"] == 1
    await rig.ok("unpinChatMessage", chat_id=person)
    refusal = await rig.refused("unpinChatMessage", chat_id=person)
    assert refusal == "Bad Request: message to unpin not found"
