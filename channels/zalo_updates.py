"""What Zalo delivers, read at the border and told as Bot API updates."""

import json
import secrets
from hashlib import sha256
from typing import Any

from pydantic import AliasChoices, BaseModel, Field

from channels.zalo_menu import Choice, Menu

SECRET_HEADER = "X-Bot-Api-Secret-Token"
BotApi = dict[str, Any]


class _User(BaseModel):
    id: str = Field(min_length=1)
    display_name: str = ""


class _Chat(BaseModel):
    id: str = Field(min_length=1)
    chat_type: str = "PRIVATE"

    @property
    def is_group(self) -> bool:
        return self.chat_type.upper() != "PRIVATE"


class _Message(BaseModel):
    sender: _User = Field(alias="from")
    chat: _Chat
    message_id: str = Field(min_length=1)
    date: int
    text: str | None = None
    caption: str | None = None
    picture: str | None = Field(default=None, validation_alias=AliasChoices("photo_url", "photo"))
    sticker: str | None = None
    voice_url: str | None = None


class Event(BaseModel):
    """One update of the platform; fields that nobody needs are left out."""

    event_name: str
    message: _Message


def event_in(body: Any) -> Event:
    """The event of a poll's result or of a webhook's body, flat or wrapped. Raises ValueError."""
    inner = body.get("result", body) if isinstance(body, dict) else body
    return Event.model_validate(inner)


def read_webhook(body: bytes) -> Event:
    """The event of a webhook's body. Raises ValueError for anything else."""
    try:
        return event_in(json.loads(body))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_genuine(header: str | None, secret: str) -> bool:
    """Whether a webhook's call carries our secret; the comparison takes as long either way."""
    return secrets.compare_digest((header or "").encode(), secret.encode())


def message_update(number: int, event: Event, chat: int, sender: int, text: str | None) -> BotApi:
    """A message; `text` as the handlers are to read it."""
    said = event.message
    message = {
        "message_id": number,
        "date": said.date // 1000,
        "chat": _chat(said, chat),
        "from": _user(said, sender),
        **(_worded(text) if text else {}),
        **_content(said),
    }
    return {"update_id": number, "message": message}


def tap_update(
    number: int, event: Event, chat: int, sender: int, menu: Menu, choice: Choice, bot: BotApi
) -> BotApi:
    """The answer to a menu, as a tap on the button that it stands for."""
    said = event.message
    query = {
        # The chat is in the name, because an answer to a tap names nothing else.
        "id": f"{chat}:{number}",
        "from": _user(said, sender),
        "chat_instance": str(chat),
        "data": choice.data,
        "message": {
            "message_id": menu.message_id,
            "date": said.date // 1000,
            "chat": _chat(said, chat),
            "from": bot,
        },
    }
    return {"update_id": number, "callback_query": query}


def _chat(said: _Message, chat: int) -> BotApi:
    if said.chat.is_group:
        return {"id": chat, "type": "group", "title": ""}
    return {"id": chat, "type": "private", "first_name": said.sender.display_name}


def _user(said: _Message, sender: int) -> BotApi:
    return {"id": sender, "is_bot": False, "first_name": said.sender.display_name}


def _worded(text: str) -> BotApi:
    """A text; a command at its beginning is marked as one, as Telegram does it."""
    command = text.split(maxsplit=1)[0]
    if not command.startswith("/"):
        return {"text": text}
    return {
        "text": text,
        "entities": [{"type": "bot_command", "offset": 0, "length": len(command)}],
    }


def _content(said: _Message) -> BotApi:
    """What is no text: that it is there, and where to get it while its address lasts."""
    if said.picture:
        caption = {"caption": said.caption} if said.caption else {}
        return {"photo": [{**_file(said.picture), "width": 0, "height": 0}], **caption}
    if said.sticker:
        shape = {"type": "regular", "width": 512, "height": 512}
        return {
            "sticker": {**_file(said.sticker), **shape, "is_animated": False, "is_video": False}
        }
    if said.voice_url:
        return {"voice": {**_file(said.voice_url), "duration": 0}}
    return {} if said.text else {"document": _file(said.message_id)}


def _file(name: str) -> BotApi:
    return {"file_id": name, "file_unique_id": sha256(name.encode()).hexdigest()[:16]}
