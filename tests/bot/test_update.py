"""What handlers are given is what the library itself would make of the message."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update
from telegram.ext import Defaults, ExtBot

from bot.update import as_update
from wording.format import VIETNAM

BOT: ExtBot[None] = ExtBot("1:x", defaults=Defaults(tzinfo=VIETNAM))
PERSON = {"id": 7, "is_bot": False, "first_name": "An", "language_code": "vi"}
CHAT = {"id": 7, "type": "private", "first_name": "An"}
GROUP = {"id": -100, "type": "supergroup", "title": "Tổ"}
SAID = {"message_id": 5, "date": 1_784_000_000, "chat": CHAT, "from": PERSON, "text": "3 buổi"}
COMMAND = {"type": "bot_command", "offset": 0, "length": 7}
ANSWERED = {**SAID, "message_id": 4}
TAPPED = {"id": "9", "from": PERSON, "chat_instance": "7", "message": SAID, "data": "a:1"}


def assert_as_the_library_reads_it(payload: Mapping[str, Any]) -> None:
    ours, theirs = as_update(payload, BOT), Update.de_json(dict(payload), BOT)
    assert ours.to_dict() == theirs.to_dict()
    assert repr(ours) == repr(theirs)
    assert ours.get_bot() is BOT
    message = ours.effective_message
    if message is not None:
        assert message.get_bot() is message.chat.get_bot() is BOT


@pytest.mark.parametrize(
    "message",
    [
        SAID,
        {**SAID, "entities": []},
        {**SAID, "text": "/baocao", "entities": [COMMAND]},
        {**SAID, "chat": GROUP},
        {**SAID, "reply_to_message": ANSWERED},
        {k: v for k, v in SAID.items() if k != "text"} | {"caption": "3 buổi"},
        {k: v for k, v in SAID.items() if k != "from"} | {"sender_chat": GROUP},
        {k: v for k, v in SAID.items() if k not in ("from", "text")} | {"left_chat_member": PERSON},
    ],
)
def test_a_message_reaches_the_handlers_whole(message: Mapping[str, Any]) -> None:
    assert_as_the_library_reads_it({"update_id": 3, "message": message})


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": {**SAID, "edit_date": 1_784_000_060}},
        {"callback_query": TAPPED},
        {"message": SAID, "callback_query": TAPPED},
        {},
    ],
)
def test_so_does_everything_else(update: Mapping[str, Any]) -> None:
    assert_as_the_library_reads_it({"update_id": 3, **update})


@settings(derandomize=True)
@given(text=st.text(min_size=1), date=st.integers(0, 2**31), name=st.text(min_size=1))
def test_so_does_any_text_of_anybody_at_any_time(text: str, date: int, name: str) -> None:
    person = {**PERSON, "first_name": name, "username": name, "is_premium": True}
    message = {**SAID, "text": text, "date": date, "from": person}
    assert_as_the_library_reads_it({"update_id": 3, "message": message})


@pytest.mark.parametrize("missing", ["id", "type"])
def test_what_the_library_cannot_read_is_an_error_here_too(missing: str) -> None:
    chat = {k: v for k, v in CHAT.items() if k != missing}
    with pytest.raises(TypeError):
        as_update({"update_id": 3, "message": {**SAID, "chat": chat}}, BOT)
