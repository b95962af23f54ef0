"""Editing, deleting and answering taps, with the real server's refusals."""

import asyncio

import pytest

from sandbox.editing import NOT_MODIFIED
from tests.sandbox.rig import Rig

KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Đúng", "callback_data": "yes"}, {"text": "Trang", "url": "https://x.vn"}]
    ]
}


async def _asked(rig: Rig) -> tuple[int, int]:
    """A person and the bot's question with a keyboard."""
    person = await rig.started()
    sent = await rig.ok("sendMessage", chat_id=person, text="Đúng chứ?", reply_markup=KEYBOARD)
    return person, sent["message_id"]


async def test_an_edit_changes_text_and_takes_the_keyboard_away(rig: Rig) -> None:
    person, question = await _asked(rig)
    edited = await rig.ok("editMessageText", chat_id=person, message_id=question, text="Đã ghi")
    assert edited["text"] == "Đã ghi"
    assert "edit_date" in edited
    assert "reply_markup" not in edited


async def test_the_same_text_and_keyboard_again_are_not_modified(rig: Rig) -> None:
    person, question = await _asked(rig)
    same = {"chat_id": person, "message_id": question, "reply_markup": KEYBOARD}
    refusal = await rig.refused("editMessageText", text="Đúng chứ?", **same)
    assert refusal == f"Bad Request: {NOT_MODIFIED}"
    assert await rig.refused("editMessageReplyMarkup", **same) == f"Bad Request: {NOT_MODIFIED}"


async def test_a_users_message_cannot_be_edited_and_a_missing_one_is_not_found(rig: Rig) -> None:
    person, _ = await _asked(rig)
    refusal = await rig.refused("editMessageText", chat_id=person, message_id=1, text="x")
    assert refusal == "Bad Request: message can't be edited"
    refusal = await rig.refused("editMessageText", chat_id=person, message_id=99, text="x")
    assert refusal == "Bad Request: message to edit not found"


async def test_a_file_has_a_caption_to_edit_but_no_text(rig: Rig) -> None:
    person = await rig.started()
    files = {"document": ("a.txt", b"abc", "text/plain")}
    path = f"/bot{rig.token}/sendDocument"
    sent = (await rig.http.post(path, data={"chat_id": str(person)}, files=files)).json()["result"]
    where = {"chat_id": person, "message_id": sent["message_id"]}
    refusal = await rig.refused("editMessageText", text="x", **where)
    assert refusal == "Bad Request: there is no text in the message to edit"
    edited = await rig.ok("editMessageCaption", caption="Biên bản", **where)
    assert edited["caption"] == "Biên bản"


async def test_a_deleted_message_is_marked_and_gone_for_the_bot(rig: Rig) -> None:
    person, question = await _asked(rig)
    await rig.ok("deleteMessage", chat_id=person, message_id=question)
    assert (await rig.shown(person))[-1]["deleted"] is True
    refusal = await rig.refused("deleteMessage", chat_id=person, message_id=question)
    assert refusal == "Bad Request: message to delete not found"


async def test_a_message_older_than_two_days_cannot_be_deleted(rig: Rig) -> None:
    person, question = await _asked(rig)
    await rig.post("/sim/clock", advance=3 * 86_400)
    refusal = await rig.refused("deleteMessage", chat_id=person, message_id=question)
    assert refusal == "Bad Request: message can't be deleted for everyone"


async def test_other_peoples_messages_in_a_group_stay_unless_the_bot_administers(rig: Rig) -> None:
    person = await rig.started()
    group = await rig.group(person)
    number = await rig.say(person, "/tongket", group)
    refusal = await rig.refused("deleteMessage", chat_id=group, message_id=number)
    assert refusal == "Bad Request: message can't be deleted"
    await rig.post("/sim/member", chat=group, user=123456, status="administrator")
    assert await rig.ok("deleteMessages", chat_id=group, message_ids=[number, 77]) is True
    assert (await rig.shown(group))[number - 1]["deleted"] is True


@pytest.mark.parametrize("button", ["Đúng", "yes"])
async def test_a_tap_reaches_the_bot_and_its_answer_the_person(rig: Rig, button: str) -> None:
    person, question = await _asked(rig)
    body = {"from": person, "chat": person, "message_id": question, "button": button}
    tapping = asyncio.create_task(rig.post("/sim/tap", **body))
    [update] = await rig.updates(timeout=5)
    query = update["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("yes", question)
    await rig.ok("answerCallbackQuery", callback_query_id=query["id"], text="Đã ghi")
    assert await tapping == {
        "callback_query_id": query["id"],
        "answer": {"text": "Đã ghi", "show_alert": False},
    }


async def test_an_unanswered_tap_comes_back_without_an_answer(rig: Rig) -> None:
    person, question = await _asked(rig)
    body = {"from": person, "chat": person, "message_id": question, "button": "yes", "wait": 0}
    assert (await rig.post("/sim/tap", **body))["answer"] is None


async def test_a_link_button_opens_its_address_without_the_bot(rig: Rig) -> None:
    person, question = await _asked(rig)
    body = {"from": person, "chat": person, "message_id": question, "button": "Trang"}
    assert await rig.post("/sim/tap", **body) == {"url": "https://x.vn"}
    assert await rig.updates() == []


async def test_a_reply_key_writes_its_label(rig: Rig) -> None:
    person = await rig.started()
    keyboard = {"keyboard": [["Báo cáo"]]}
    sent = await rig.ok("sendMessage", chat_id=person, text="Chọn", reply_markup=keyboard)
    body = {"from": person, "message_id": sent["message_id"], "button": "Báo cáo"}
    await rig.post("/sim/tap", **body)
    assert (await rig.updates())[0]["message"]["text"] == "Báo cáo"


async def test_a_tap_grows_old_after_a_minute(rig: Rig) -> None:
    person, question = await _asked(rig)
    body = {"from": person, "chat": person, "message_id": question, "button": "yes", "wait": 0}
    query = (await rig.post("/sim/tap", **body))["callback_query_id"]
    await rig.post("/sim/clock", advance=61)
    old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await rig.refused("answerCallbackQuery", callback_query_id=query) == old
    assert await rig.refused("answerCallbackQuery", callback_query_id="1") == old
