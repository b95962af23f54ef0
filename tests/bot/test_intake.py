"""What of an update is kept: enough for every handler, and nothing that the screen stops."""

import json
from typing import Any

import pytest

from bot import intake
from domain.privacy import Finding
from handlers.desk import stopped_marker
from storage.invitation import hash_of

NAME, PHONE = "Trần Văn Khuất", "0987654321"
STOPPED = f"Ông {NAME} ở thôn nói xấu cán bộ"
MASKED = f"Bà con đề nghị sửa đường, liên hệ {PHONE}"
CLEAR = "3 buổi 45 đv 60 qc hôm qua"
TOKEN = "Zx81-token_token-Zx81"
PERSON: dict[str, Any] = {"id": 100, "is_bot": False, "first_name": "Lan"}
PRIVATE: dict[str, Any] = {"id": 100, "type": "private", "first_name": "Lan"}
GROUP: dict[str, Any] = {"id": -5002, "type": "group", "title": "Ban Thường vụ"}


def a_message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    head = {"message_id": 5, "date": 1_763_600_000, "chat": chat, "from": PERSON}
    return {"update_id": 7, "message": head | content}


def kept(raw: dict[str, Any], **how: bool) -> dict[str, Any]:
    """What is kept of a message beside who said it when and where."""
    message = dict(intake.incoming(raw, **how).payload["message"])
    return {k: v for k, v in message.items() if k not in {"message_id", "date", "chat", "from"}}


def written(raw: dict[str, Any]) -> str:
    """All that would be written down of an update."""
    return json.dumps(dict(intake.incoming(raw).payload), ensure_ascii=False)


def a_command(text: str) -> list[dict[str, Any]]:
    return [{"type": "bot_command", "offset": 0, "length": len(text)}]


# --- texts ---------------------------------------------------------------------------------------


def test_a_clear_text_is_kept_with_its_commands() -> None:
    entities = a_command("/baocao")
    raw = a_message(text=f"/baocao {CLEAR}", entities=entities)
    assert kept(raw) == {"text": f"/baocao {CLEAR}", "entities": entities}
    assert not intake.altered(raw, intake.incoming(raw))


def test_who_said_it_when_and_where_is_kept() -> None:
    item = intake.incoming(a_message(text=CLEAR))
    assert (item.update_id, item.chat) == (7, "100")
    message = item.payload["message"]
    assert (message["message_id"], message["date"]) == (5, 1_763_600_000)
    assert (message["chat"], message["from"]) == (PRIVATE, PERSON)


@pytest.mark.parametrize("text", [STOPPED, f"/duluan {STOPPED}", f"{CLEAR}. {STOPPED}"])
def test_of_a_stopped_text_only_the_reasons_are_kept(text: str) -> None:
    raw = a_message(text=text, entities=a_command("/duluan"))
    assert kept(raw) == {"text": stopped_marker([Finding.NAMED_PERSON])}
    assert NAME not in written(raw)
    assert intake.altered(raw, intake.incoming(raw))


def test_a_masked_text_is_kept_masked_and_stays_a_command() -> None:
    link = {"type": "phone_number", "offset": 40, "length": len(PHONE)}
    raw = a_message(text=f"/duluan {MASKED}", entities=[*a_command("/duluan"), link])
    assert kept(raw) == {
        "text": f"/duluan {MASKED}".replace(PHONE, "[SỐ ĐIỆN THOẠI]"),
        "entities": a_command("/duluan"),
    }
    assert intake.altered(raw, intake.incoming(raw))


def test_an_edited_text_is_screened_as_a_new_one_is() -> None:
    raw = {"update_id": 8, "edited_message": a_message(text=STOPPED)["message"]}
    item = intake.incoming(raw)
    assert NAME not in json.dumps(dict(item.payload), ensure_ascii=False)
    assert item.chat == "100"
    assert intake.altered(raw, item)


def test_somebody_who_is_asked_for_their_own_name_may_give_it() -> None:
    raw = a_message(text=f"Ông {NAME}")
    assert kept(raw)["text"] == stopped_marker([Finding.NAMED_PERSON])
    assert kept(raw, asked_for_name=True)["text"] == f"Ông {NAME}"


# --- everything that is not text -----------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{"file_id": "x", "file_unique_id": "y"}]},
        {"photo": [{"file_id": "x", "file_unique_id": "y"}], "caption": "/baocao 3 buổi"},
        {"document": {"file_id": "x", "file_name": f"{NAME}.docx"}},
        {"contact": {"phone_number": PHONE, "first_name": NAME}},
        {"location": {"latitude": 22.4, "longitude": 105.2}},
        {"voice": {"file_id": "x", "duration": 7}},
        {"sticker": {"file_id": "x", "emoji": "👍"}},
        {"poll": {"id": "1", "question": STOPPED}},
    ],
)
def test_of_anything_but_text_only_its_coming_is_kept(content: dict[str, Any]) -> None:
    raw = a_message(**content)
    assert kept(raw) == {}
    assert not intake.altered(raw, intake.incoming(raw))


A_PHOTO: dict[str, Any] = {
    "photo": [{"file_id": "x", "file_unique_id": "y", "width": 90, "height": 60}]
}
A_FILE: dict[str, Any] = {
    "document": {"file_id": "x", "file_unique_id": "y", "file_name": "bao-cao.docx"}
}
A_VIDEO: dict[str, Any] = {"video": {"file_id": "x", "file_unique_id": "y", "file_name": "hop.mp4"}}


@pytest.mark.parametrize("content", [A_PHOTO, A_FILE, A_VIDEO])
def test_of_a_picture_or_file_with_a_caption_only_the_caption_is_kept(
    content: dict[str, Any],
) -> None:
    raw = a_message(**content, caption=CLEAR, caption_entities=[], has_media_spoiler=True)
    assert kept(raw) == {"caption": CLEAR}
    assert not intake.altered(raw, intake.incoming(raw))


def test_a_caption_is_masked_as_a_text_is() -> None:
    raw = a_message(**A_PHOTO, caption=MASKED)
    assert kept(raw) == {"caption": MASKED.replace(PHONE, "[SỐ ĐIỆN THOẠI]")}
    assert intake.altered(raw, intake.incoming(raw))


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (A_PHOTO | {"caption": STOPPED}, Finding.NAMED_PERSON),
        (A_PHOTO | {"caption": f"{CLEAR}, kèm tài liệu MẬT"}, Finding.SECRECY_MARK),
        ({"document": {"file_name": "ke_hoach_tuyet_mat.pdf"}}, Finding.SECRECY_MARK),
        (
            {"document": {"file_id": "x", "file_name": "Toi-mat.pdf"}, "caption": CLEAR},
            Finding.SECRECY_MARK,
        ),
        (
            {"document": {"file_id": "x", "file_name": f"{NAME}.docx"}, "caption": CLEAR},
            Finding.NAMED_PERSON,
        ),
    ],
)
def test_a_caption_or_the_name_of_a_file_stops_all_of_it(
    content: dict[str, Any], finding: Finding
) -> None:
    raw = a_message(**content)
    assert kept(raw) == {"caption": stopped_marker([finding])}
    assert NAME not in written(raw)
    assert intake.altered(raw, intake.incoming(raw))


def test_a_link_in_a_caption_loses_its_token() -> None:
    raw = a_message(**A_PHOTO, caption=f"https://t.me/bot?start={TOKEN}")
    assert TOKEN not in written(raw)


def test_an_edited_caption_is_screened_as_a_new_one_is() -> None:
    raw = {"update_id": 8, "edited_message": a_message(**A_PHOTO, caption=STOPPED)["message"]}
    assert NAME not in json.dumps(dict(intake.incoming(raw).payload), ensure_ascii=False)


def test_somebody_who_is_asked_for_their_own_name_may_give_it_in_a_caption() -> None:
    raw = a_message(**A_PHOTO, caption=f"Ông {NAME}")
    assert kept(raw, asked_for_name=True) == {"caption": f"Ông {NAME}"}


def test_of_a_picture_in_a_group_not_even_the_caption_is_kept() -> None:
    raw = a_message(GROUP, **A_PHOTO, caption=STOPPED)
    assert kept(raw) == {}
    assert not intake.altered(raw, intake.incoming(raw))


@pytest.mark.parametrize(
    "around",
    [
        {"reply_to_message": a_message(text=STOPPED)["message"]},
        {"external_reply": {"origin": {"type": "hidden_user", "sender_user_name": NAME}}},
        {"quote": {"text": STOPPED, "position": 0}},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": NAME, "date": 1}},
        {"pinned_message": a_message(text=STOPPED)["message"]},
        {"link_preview_options": {"url": f"https://example.vn/{PHONE}"}},
    ],
)
def test_what_a_text_quotes_or_was_forwarded_from_is_left_out(around: dict[str, Any]) -> None:
    raw = a_message(text=CLEAR, **around)
    assert kept(raw) == {"text": CLEAR, "entities": []}
    assert NAME not in written(raw)
    assert PHONE not in written(raw)


# --- photos, where the department receives them --------------------------------------------------

SIZES: list[dict[str, Any]] = [
    {"file_id": "s", "file_unique_id": "t", "width": 90, "height": 60, "file_size": 900},
    {"file_id": "x", "file_unique_id": "y", "width": 1280, "height": 960, "file_size": 90_000},
]
LARGEST = {"file_id": "x", "file_unique_id": "y", "width": 1280, "height": 960}


def test_a_photo_is_kept_by_its_name_with_its_caption() -> None:
    raw = a_message(photo=SIZES, caption=CLEAR, has_media_spoiler=True)
    assert kept(raw, photos=True) == {"caption": CLEAR, "photo": [LARGEST]}
    assert kept(a_message(photo=SIZES), photos=True) == {"photo": [LARGEST]}


@pytest.mark.parametrize(
    "content",
    [
        {"photo": SIZES, "caption": "/duluan Bà con khen đường mới"},
        {"document": {"file_id": "x", "file_unique_id": "y", "thumbnail": SIZES[0]}},
        {"video": {"file_id": "x", "file_unique_id": "y", "cover": SIZES}},
        {"chat": GROUP, "photo": SIZES, "caption": CLEAR},
    ],
)
def test_no_other_picture_is_kept(content: dict[str, Any]) -> None:
    assert kept(a_message() | {"message": a_message()["message"] | content}, photos=True) == {}


def test_a_caption_that_is_stopped_stops_its_photo() -> None:
    raw = a_message(photo=SIZES, caption=STOPPED)
    assert kept(raw, photos=True) == {"caption": stopped_marker([Finding.NAMED_PERSON])}


def test_of_an_edited_message_no_photo_is_kept() -> None:
    raw = {
        "update_id": 8,
        "edited_message": a_message(photo=SIZES, caption=CLEAR)["message"],
    }
    assert "photo" not in intake.incoming(raw, photos=True).payload["edited_message"]


@pytest.mark.parametrize(("photos", "expected"), [(True, {"photo": [LARGEST]}), (False, None)])
def test_a_tap_under_the_notice_brings_back_the_photo_and_nothing_else_of_it(
    photos: bool, expected: dict[str, Any] | None
) -> None:
    answered = a_message(photo=SIZES, caption=CLEAR)["message"]
    shown = a_message(text="📷", reply_to_message=answered)["message"]
    query = {"id": "1", "from": PERSON, "data": "photos:agree:caption", "message": shown}
    item = intake.incoming({"update_id": 9, "callback_query": query}, photos=photos)
    quoted = item.payload["callback_query"]["message"].get("reply_to_message")
    head = {k: answered[k] for k in ("message_id", "date", "chat", "from")}
    assert quoted == (None if expected is None else head | expected)


# --- taps ----------------------------------------------------------------------------------------


def test_a_tap_is_kept_without_the_message_it_was_made_on() -> None:
    shown = a_message(text=STOPPED, reply_markup={"inline_keyboard": []})["message"]
    query = {"id": "1", "from": PERSON, "data": "tally:1:2:ok", "chat_instance": "9"}
    raw = {"update_id": 9, "callback_query": query | {"message": shown}}
    item = intake.incoming(raw)
    assert item.chat == "100"
    assert item.payload["callback_query"] == query | {
        "message": {k: shown[k] for k in ("message_id", "date", "chat", "from")}
    }


def test_a_tap_on_a_message_that_is_too_old_to_be_shown_belongs_to_no_chat() -> None:
    query = {"id": "1", "from": PERSON, "data": "tally:1:2:ok", "chat_instance": "9"}
    item = intake.incoming({"update_id": 9, "callback_query": query})
    assert item.chat == ""


# --- invitations ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"/start {TOKEN}",
        f"/start  {TOKEN} ",
        f"/start@bao_cao_bot {TOKEN}",
        f"/START {TOKEN}",
        f"/start\n{TOKEN}",
    ],
)
def test_an_invitation_is_kept_as_the_hash_of_its_token(text: str) -> None:
    raw = a_message(text=text, entities=a_command(text.split()[0]))
    assert TOKEN not in written(raw)
    command, _, argument = kept(raw)["text"].partition(" ")
    assert command.lower().startswith("/start")
    assert argument == hash_of(TOKEN)


def test_a_start_without_an_invitation_stays_as_it_is() -> None:
    raw = a_message(text="/start", entities=a_command("/start"))
    assert kept(raw) == {"text": "/start", "entities": a_command("/start")}


# --- groups --------------------------------------------------------------------------------------


def test_a_group_is_a_chat_of_its_own() -> None:
    item = intake.incoming(a_message(GROUP, text="/tongket"))
    assert item.chat == "-5002"
    assert item.payload["message"]["chat"] == GROUP


@pytest.mark.parametrize(
    "event",
    [
        {"migrate_to_chat_id": -1_000_000_005_002},
        {"migrate_from_chat_id": -5002},
        {"group_chat_created": True},
        {"supergroup_chat_created": True},
        {"new_chat_members": [PERSON]},
        {"left_chat_member": PERSON},
    ],
)
def test_what_happens_to_a_group_is_kept(event: dict[str, Any]) -> None:
    assert kept(a_message(GROUP, **event)) == event


def test_that_somebody_blocked_the_bot_is_kept_whole() -> None:
    change = {"chat": PRIVATE, "from": PERSON, "new_chat_member": {"status": "kicked"}}
    raw = {"update_id": 10, "my_chat_member": change}
    item = intake.incoming(raw)
    assert (item.chat, item.payload) == ("100", raw)
