"""What of an update may be kept: screened and bare, before anything of it is stored.

A text that the privacy screen stops is replaced by a marker with the reasons; one that it masks,
by the masked text. A caption is a text that came with a picture or file; of the picture or file
itself nothing is kept, unless photos are received. Quoted messages, contacts, places, file names and the like are left out:
no handler needs them, and they may repeat what was stopped.
"""

import re
from collections.abc import Mapping
from typing import Any

from domain.privacy import Finding, Verdict, screen, screen_file
from handlers.desk import stopped_marker
from storage.inbox import Incoming
from storage.invitation import hash_of

Json = Mapping[str, Any]

_WHO = ("message_id", "date", "edit_date", "chat", "from", "sender_chat")
_SERVICE = (
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "group_chat_created",
    "supergroup_chat_created",
    "new_chat_members",
    "left_chat_member",
)
# However it is typed, the library takes it for /start.
_WITH_SECRET = re.compile(r"/(start|lienket)(?:@\w+)?\s+(\S.*)", re.IGNORECASE | re.DOTALL)
# A link with a token, pasted into the chat instead of opened.
_LINK_TOKEN = re.compile(r"(?<=[?&]start=)[A-Za-z0-9_-]+")
_MESSAGES = ("message", "edited_message")
_PHOTO = ("file_id", "file_unique_id", "width", "height")


def incoming(raw: Json, *, asked_for_name: bool = False, photos: bool = False) -> Incoming:
    """The update as it may be kept. `asked_for_name`: the chat is being asked for the person's own
    name, which the screen would otherwise stop. `photos`: by what name the messenger keeps a photo
    is kept as well.
    """
    payload = dict(raw)
    for kind in _MESSAGES:
        if kind in raw:
            payload[kind] = _message(
                raw[kind], screens=not asked_for_name, photos=photos and kind == "message"
            )
    if "callback_query" in raw:
        query = raw["callback_query"]
        message = _tapped(query.get("message", {}), photos=photos)
        payload["callback_query"] = {**query, "message": message}
    return Incoming(raw["update_id"], _chat(raw), payload)


def altered(raw: Json, kept: Incoming) -> bool:
    """Whether the screen has stopped or masked something of the update."""
    return any(
        _words(kept.payload[kind]) not in (None, _words(raw[kind]))
        for kind in _MESSAGES
        if kind in raw
    )


def _words(message: Json) -> object:
    return message.get("text", message.get("caption"))


def _chat(raw: Json) -> str:
    """The chat whose order the update belongs to; "" for one that has none."""
    for value in raw.values():
        if isinstance(value, Mapping):
            holder = value if "chat" in value else value.get("message", {})
            if "chat" in holder:
                return str(holder["chat"]["id"])
    return ""


def _message(message: Json, *, screens: bool, photos: bool) -> dict[str, Any]:
    kept = {k: v for k, v in message.items() if k in _WHO or k in _SERVICE}
    text = message.get("text")
    if text is None:
        return kept | _beside_file(message, screens=screens, photos=photos)
    if (start := _secret_by_hash(text)) is not None:
        return kept | {"text": start, "entities": _commands(message)}
    text = _LINK_TOKEN.sub("…", text)
    screening = screen(text) if screens else None
    if screening is None or screening.verdict is Verdict.CLEAR:
        return kept | {"text": text, "entities": message.get("entities", [])}
    if screening.verdict is Verdict.STOP:
        return kept | {"text": stopped_marker(screening.findings)}
    return kept | {"text": screening.text, "entities": _commands(message)}


def _tapped(message: Json, *, photos: bool) -> dict[str, Any]:
    """The message that carries the button; with the photo that it answers, if it answers one."""
    kept = {k: v for k, v in message.items() if k in _WHO}
    if not photos or "reply_to_message" not in message:
        return kept
    answered = message["reply_to_message"]
    quoted = {k: v for k, v in answered.items() if k in _WHO}
    return kept | {"reply_to_message": quoted | _photo(answered)}


def _beside_file(message: Json, *, screens: bool, photos: bool) -> dict[str, Any]:
    """What somebody says in private with a picture, a file, a voice; of that itself nothing, but
    where a photo is kept.

    The file's name may stop it as well; without a caption, only by a secrecy mark. No command is
    given in a caption.
    """
    if message["chat"]["type"] != "private":
        return {}
    caption = _LINK_TOKEN.sub("…", message.get("caption", ""))
    screening = screen_file(_file_name(message), caption)
    stopped = screens and screening.verdict is Verdict.STOP
    if stopped and (caption or Finding.SECRECY_MARK in screening.findings):
        return {"caption": stopped_marker(screening.findings)}
    if caption.startswith("/"):
        return {}
    said = {"caption": screen(caption).text if screens else caption} if caption else {}
    return said | (_photo(message) if photos else {})


def _photo(message: Json) -> dict[str, Any]:
    """By what name the messenger keeps a photo in its largest size."""
    if "photo" not in message:
        return {}
    largest = message["photo"][-1]
    return {"photo": [{name: largest[name] for name in _PHOTO}]}


def _file_name(message: Json) -> str | None:
    parts = (part for part in message.values() if isinstance(part, Mapping))
    return next((part["file_name"] for part in parts if "file_name" in part), None)


def _secret_by_hash(text: str) -> str | None:
    """An invitation's token is kept as its hash only, here too; None for any other text."""
    found = _WITH_SECRET.match(text)
    return f"/{found[1].lower()} {hash_of(_secret(found))}" if found else None


def _secret(found: re.Match[str]) -> str:
    """A code for linking is read aloud and typed, so its case does not matter; a token's does."""
    typed = found[2].strip()
    return typed.upper() if found[1].lower() == "lienket" else typed


def _commands(message: Json) -> list[Any]:
    """The entities that a masked text keeps: a command at its beginning stays one."""
    return [
        entity
        for entity in message.get("entities", [])
        if entity["type"] == "bot_command" and entity["offset"] == 0
    ]
