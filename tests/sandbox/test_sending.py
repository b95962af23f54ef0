"""What the sandbox refuses when a bot sends, in the real server's words."""

import pytest

from tests.sandbox.rig import Rig

KEYBOARD = {"inline_keyboard": [[{"text": "Đúng", "callback_data": "yes"}]]}


async def test_a_text_of_4096_utf16_units_goes_out_and_one_more_is_too_long(rig: Rig) -> None:
    person = await rig.started()
    await rig.ok("sendMessage", chat_id=person, text="😀" * 2048)
    refusal = await rig.refused("sendMessage", chat_id=person, text="😀" * 2048 + "a")
    assert refusal == "Bad Request: message is too long"


async def test_markup_does_not_count_towards_the_limit(rig: Rig) -> None:
    person = await rig.started()
    text = f"<b>{'a' * 4096}</b>"
    sent = await rig.ok("sendMessage", chat_id=person, text=text, parse_mode="HTML")
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_a_caption_ends_at_1024_units(rig: Rig) -> None:
    person = await rig.started()
    file_id = await _document(rig, person)
    await rig.ok("sendDocument", chat_id=person, document=file_id, caption="ă" * 1024)
    refusal = await rig.refused(
        "sendDocument", chat_id=person, document=file_id, caption="ă" * 1025
    )
    assert refusal == "Bad Request: message caption is too long"


async def _document(rig: Rig, person: int) -> str:
    said = await rig.post(
        "/sim/message", **{"from": person, "chat": person, "document": {"text": "x"}}
    )
    return str(said["message"]["document"]["file_id"])


@pytest.mark.parametrize("data", ["", "đ" * 33])
async def test_callback_data_of_more_than_64_bytes_or_none_is_invalid(rig: Rig, data: str) -> None:
    person = await rig.started()
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
    refusal = await rig.refused("sendMessage", chat_id=person, text="x", reply_markup=markup)
    assert refusal == "Bad Request: BUTTON_DATA_INVALID"


async def test_callback_data_of_64_bytes_is_taken(rig: Rig) -> None:
    person = await rig.started()
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "đ" * 32}]]}
    sent = await rig.ok("sendMessage", chat_id=person, text="x", reply_markup=markup)
    assert sent["reply_markup"] == markup


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", "Bad Request: message text is empty"), (" \n ", "Bad Request: text must be non-empty")],
)
async def test_an_empty_text_is_refused(rig: Rig, text: str, refusal: str) -> None:
    person = await rig.started()
    assert await rig.refused("sendMessage", chat_id=person, text=text) == refusal


async def test_an_unknown_chat_is_not_found(rig: Rig) -> None:
    assert await rig.refused("sendMessage", chat_id=99, text="x") == "Bad Request: chat not found"
    assert await rig.refused("sendMessage", chat_id=-99, text="x") == "Bad Request: chat not found"
    assert await rig.refused("sendMessage", text="x") == "Bad Request: chat_id is empty"


async def test_a_bot_cannot_write_first(rig: Rig) -> None:
    person = await rig.person()
    refusal = await rig.refused("sendMessage", chat_id=person, text="x")
    assert refusal == "Forbidden: bot can't initiate conversation with a user"


async def test_a_blocked_bot_is_refused_until_it_is_unblocked(rig: Rig) -> None:
    person = await rig.started()
    await rig.post("/sim/member", chat=person, user=person, status="block")
    refusal = await rig.refused("sendMessage", chat_id=person, text="x")
    assert refusal == "Forbidden: bot was blocked by the user"
    await rig.post("/sim/member", chat=person, user=person, status="unblock")
    await rig.ok("sendMessage", chat_id=person, text="x")
    changes = [u["my_chat_member"]["new_chat_member"]["status"] for u in await rig.updates()]
    assert changes == ["kicked", "member"]


async def test_a_reply_to_a_missing_message_is_refused_unless_allowed(rig: Rig) -> None:
    person = await rig.started()
    reply = {"message_id": 99}
    refusal = await rig.refused("sendMessage", chat_id=person, text="x", reply_parameters=reply)
    assert refusal == "Bad Request: message to be replied not found"
    lenient = {**reply, "allow_sending_without_reply": True}
    sent = await rig.ok("sendMessage", chat_id=person, text="x", reply_parameters=lenient)
    assert "reply_to_message" not in sent


async def test_a_reply_shows_the_message_that_it_answers(rig: Rig) -> None:
    person = await rig.started()
    sent = await rig.ok("sendMessage", chat_id=person, text="x", reply_parameters={"message_id": 1})
    assert sent["reply_to_message"]["text"] == "/start"


async def test_a_reply_keyboard_is_shown_in_the_chat_but_not_in_the_bot_api(rig: Rig) -> None:
    person = await rig.started()
    keyboard = {"keyboard": [["Báo cáo", {"text": "Huỷ"}]], "resize_keyboard": True}
    sent = await rig.ok("sendMessage", chat_id=person, text="x", reply_markup=keyboard)
    assert "reply_markup" not in sent
    shown = (await rig.shown(person))[-1]
    assert shown["reply_markup"]["keyboard"] == [[{"text": "Báo cáo"}, {"text": "Huỷ"}]]


@pytest.mark.parametrize(
    ("markup", "refusal"),
    [
        ("{", "Bad Request: can't parse reply keyboard markup JSON object"),
        ("[1]", "Bad Request: object expected as reply markup"),
        (
            {"inline_keyboard": [[{"text": "x"}]]},
            "Bad Request: can't parse inline keyboard button: "
            "Text buttons are unallowed in the inline keyboard",
        ),
    ],
)
async def test_a_broken_keyboard_is_refused(rig: Rig, markup: object, refusal: str) -> None:
    person = await rig.started()
    answer = await rig.refused("sendMessage", chat_id=person, text="x", reply_markup=markup)
    assert answer == refusal


async def test_a_forwarded_message_names_its_origin_and_a_copy_does_not(rig: Rig) -> None:
    person = await rig.started()
    number = await rig.say(person, "3 buổi 45 đv")
    where = {"chat_id": person, "from_chat_id": person, "message_id": number}
    forwarded = await rig.ok("forwardMessage", **where)
    assert forwarded["forward_origin"]["sender_user"]["id"] == person
    copied = await rig.ok("copyMessage", **where)
    shown = (await rig.shown(person))[-1]
    assert (shown["message_id"], shown["text"]) == (copied["message_id"], "3 buổi 45 đv")
    assert "forward_origin" not in shown


async def test_a_chat_action_must_be_a_known_one(rig: Rig) -> None:
    person = await rig.started()
    assert await rig.ok("sendChatAction", chat_id=person, action="typing") is True
    refusal = await rig.refused("sendChatAction", chat_id=person, action="dance")
    assert refusal == "Bad Request: wrong parameter action in request"


async def test_arguments_come_by_query_form_or_json(rig: Rig) -> None:
    person = await rig.started()
    path = f"/bot{rig.token}/sendMessage"
    arguments = {"chat_id": str(person), "text": "chào đồng chí"}
    for reply in (
        await rig.http.get(path, params=arguments),
        await rig.http.post(path, data=arguments),
        await rig.http.post(path, json=arguments),
        await rig.http.post(path, data=arguments, files={"unused": b"x"}),
        await rig.http.post(path.replace("sendMessage", "SENDMESSAGE"), data=arguments),
    ):
        assert reply.json()["result"]["text"] == "chào đồng chí"


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [("abc", 404, "Not Found"), ("123:x", 401, "Unauthorized")],
)
async def test_a_malformed_token_is_turned_away(
    rig: Rig, token: str, status: int, description: str
) -> None:
    reply = await rig.http.get(f"/bot{token}/getMe")
    assert (reply.status_code, reply.json()["description"]) == (status, description)


async def test_an_unknown_method_is_not_found(rig: Rig) -> None:
    assert await rig.bot("sendTelepathy") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found",
    }
