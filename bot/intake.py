"""What of an update may be kept: screened and bare, before anything of it is stored.

A text that the privacy screen stops is replaced by a marker with the reasons; one that it masks,
by the masked text. Quoted messages, contacts, places, file names and the like are left out: no
handler needs them, and they may repeat what was stopped.
"""

import re
from collections.abc import Mapping
from typing import Any

from domain.privacy import Verdict, screen
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
_START = re.compile(r"/start(?:@\w+)?\s+(\S.*)", re.IGNORECASE | re.DOTALL)
# A link with a token, pasted into the chat instead of opened.
_LINK_TOKEN = re.compile(r"(?<=[?&]start=)[A-Za-z0-9_-]+")
_MESSAGES = ("message", "edited_message")


def incoming(raw: Json, *, asked_for_name: bool = False) -> Incoming:
    """The update as it may be kept. `asked_for_name`: the chat is being asked for the person's own
    name, which the screen would otherwise stop.
    """
    payload = dict(raw)
    for kind in _MESSAGES:
        if kind in raw:
            payload[kind] = _message(raw[kind], screens=not asked_for_name)
    if "callback_query" in raw:
        query = raw["callback_query"]
        message = {k: v for k, v in query.get("message", {}).items() if k in _WHO}
        payload["callback_query"] = {**query, "message": message}
    return Incoming(raw["update_id"], _chat(raw), payload)


def altered(raw: Json, kept: Incoming) -> bool:
    """Whether the screen has stopped or masked something of the update."""
    return any(
        raw[kind].get("text") != kept.payload[kind].get("text") for kind in _MESSAGES if kind in raw
    )


def _chat(raw: Json) -> str:
    """The chat whose order the update belongs to; "" for one that has none."""
    for value in raw.values():
        if isinstance(value, Mapping):
            holder = value if "chat" in value else value.get("message", {})
            if "chat" in holder:
                return str(holder["chat"]["id"])
    return ""


def _message(message: Json, *, screens: bool) -> dict[str, Any]:
    kept = {k: v for k, v in message.items() if k in _WHO or k in _SERVICE}
    text = message.get("text")
    if text is None:
        # A picture, a file, a voice: that there was something, and nothing of it.
        return kept
    if (start := _start_by_hash(text)) is not None:
        return kept | {"text": start, "entities": _commands(message)}
    text = _LINK_TOKEN.sub("…", text)
    screening = screen(text) if screens else None
    if screening is None or screening.verdict is Verdict.CLEAR:
        return kept | {"text": text, "entities": message.get("entities", [])}
    if screening.verdict is Verdict.STOP:
        return kept | {"text": stopped_marker(screening.findings)}
    return kept | {"text": screening.text, "entities": _commands(message)}


def _start_by_hash(text: str) -> str | None:
    """An invitation's token is kept as its hash only, here too; None for any other text."""
    found = _START.match(text)
    return f"/start {hash_of(found[1].strip())}" if found else None


def _commands(message: Json) -> list[Any]:
    """The entities that a masked text keeps: a command at its beginning stays one."""
    return [
        entity
        for entity in message.get("entities", [])
        if entity["type"] == "bot_command" and entity["offset"] == 0
    ]
