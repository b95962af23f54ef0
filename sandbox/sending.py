"""Methods that put new messages into a chat."""

from sandbox.access import Ask, chat_to_read, chat_to_write, named_message
from sandbox.content import quoted, read_caption, read_media, read_reply, read_text
from sandbox.errors import bad_request
from sandbox.jsons import JsonDict
from sandbox.keyboards import read_markup
from sandbox.params import Params
from sandbox.state import Chat, Message

_HEAD = frozenset({"message_id", "from", "chat", "date", "edit_date", "reply_to_message"})
_CHAT_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def _options(params: Params) -> JsonDict:
    shown: JsonDict = {}
    if params.flag("protect_content"):
        shown["has_protected_content"] = True
    preview = params.json("link_preview_options", "link preview options")
    if preview is not None:
        if not isinstance(preview, dict):
            raise bad_request("object expected as link preview options")
        shown["link_preview_options"] = preview
    return shown


def _send(ask: Ask, content: JsonDict) -> JsonDict:
    markup = read_markup(ask.params)
    chat = chat_to_write(ask)
    content |= {**read_reply(ask, chat), **_options(ask.params)}
    ask.world.limits.take(ask.bot.id, chat.id)
    return ask.world.post(chat, ask.bot.user(), content, markup).payload


def send_message(ask: Ask) -> JsonDict:
    """Text."""
    return _send(ask, read_text(ask.params))


def send_photo(ask: Ask) -> JsonDict:
    """One picture with a caption."""
    return _send_media(ask, "photo")


def send_document(ask: Ask) -> JsonDict:
    """One file with a caption."""
    return _send_media(ask, "document")


def _send_media(ask: Ask, kind: str) -> JsonDict:
    caption = read_caption(ask.params)
    chat_to_write(ask)
    return _send(ask, {**read_media(ask, kind, ask.params.values.get(kind)), **caption})


def send_media_group(ask: Ask) -> list[JsonDict]:
    """An album of 2–10 photos or of 2–10 documents."""
    items = ask.params.json("media", "media")
    if not isinstance(items, list):
        raise bad_request("expected an Array of InputMedia")
    if not 2 <= len(items) <= 10:
        raise bad_request("group send failed" if items else "there are no messages to send")
    chat = chat_to_write(ask)
    contents = [_album_item(ask, item) for item in items]
    if len({"photo" in content for content in contents}) > 1:
        raise bad_request("can't use the media of the specified type in the album")
    common = {**read_reply(ask, chat), **_options(ask.params)}
    ask.world.limits.take(ask.bot.id, chat.id, len(items))
    common["media_group_id"] = str(chat.id * -1_000_000 + chat.last_message_id + 1).lstrip("-")
    sender = ask.bot.user()
    return [ask.world.post(chat, sender, {**content, **common}).payload for content in contents]


def _album_item(ask: Ask, item: object) -> JsonDict:
    if not isinstance(item, dict) or item.get("type") not in {"photo", "document"}:
        raise bad_request("can't parse InputMedia: type must be photo or document")
    return {**read_media(ask, item["type"], item.get("media")), **read_caption(Params(item))}


def _original(ask: Ask, what: str) -> tuple[Chat, Message]:
    source = chat_to_read(ask, "from_chat_id")
    return source, named_message(ask, source, what)


def forward_message(ask: Ask) -> JsonDict:
    """A message again, with its origin named."""
    _, original = _original(ask, "message to forward")
    payload = original.payload
    origin = {"type": "user", "sender_user": payload["from"], "date": payload["date"]}
    content = _body(payload) | {"forward_origin": payload.get("forward_origin", origin)}
    content.pop("reply_markup", None)
    return _send(ask, content)


def copy_message(ask: Ask) -> JsonDict:
    """A message again, as the bot's own."""
    _, original = _original(ask, "message to copy")
    content = _body(original.payload)
    content.pop("reply_markup", None)
    if "caption" in ask.params.values and "text" not in content:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= read_caption(ask.params)
    return {"message_id": _send(ask, content)["message_id"]}


def _body(payload: JsonDict) -> JsonDict:
    return {name: value for name, value in payload.items() if name not in _HEAD}


def send_chat_action(ask: Ask) -> bool:
    """typing and its like; shown nowhere, but refused where the real server refuses it."""
    if ask.params.text("action") not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat_to_write(ask)
    return True


def pin_chat_message(ask: Ask) -> bool:
    """Pin, with the service message that a chat shows."""
    chat = chat_to_write(ask)
    message = named_message(ask, chat, "message to pin")
    chat.pinned = message.payload["message_id"]
    ask.world.post(chat, ask.bot.user(), {"pinned_message": quoted(message.payload)})
    return True


def unpin_chat_message(ask: Ask) -> bool:
    """Unpin the named message or the pinned one."""
    chat = chat_to_write(ask)
    if chat.pinned is None or ask.params.integer("message_id", chat.pinned) != chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned = None
    ask.world.save_chat(chat)
    return True
