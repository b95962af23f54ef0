"""Methods that change or take away messages, and answers to taps."""

from sandbox.access import Ask, chat_to_write, message_in, named_message
from sandbox.content import read_caption, read_text
from sandbox.errors import ApiError, bad_request
from sandbox.jsons import JsonDict
from sandbox.keyboards import read_markup
from sandbox.state import Chat, Message

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup "
    "are exactly the same as a current content and reply markup of the message"
)
DELETABLE_SECONDS = 48 * 3600
QUERY_SECONDS = 60


def edit_message_text(ask: Ask) -> JsonDict:
    """New text, and a new keyboard or none."""
    content = read_text(ask.params)
    chat, message = _own(ask)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    return _replace(ask, chat, message, ("text", "entities"), content)


def edit_message_caption(ask: Ask) -> JsonDict:
    """New caption, and a new keyboard or none."""
    content = read_caption(ask.params)
    chat, message = _own(ask)
    if not message.payload.keys() & {"photo", "document"}:
        raise bad_request("there is no caption in the message to edit")
    return _replace(ask, chat, message, ("caption", "caption_entities"), content)


def edit_message_reply_markup(ask: Ask) -> JsonDict:
    """A new keyboard or none."""
    chat, message = _own(ask)
    return _replace(ask, chat, message, (), {})


def _own(ask: Ask) -> tuple[Chat, Message]:
    if ask.params.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = chat_to_write(ask)
    message = named_message(ask, chat, "message to edit")
    payload = message.payload
    keyboard_is_inline = message.markup is None or "inline_keyboard" in message.markup
    if payload["from"]["id"] != ask.bot.id or "forward_origin" in payload or not keyboard_is_inline:
        raise bad_request("message can't be edited")
    return chat, message


def _replace(
    ask: Ask, chat: Chat, message: Message, parts: tuple[str, ...], content: JsonDict
) -> JsonDict:
    markup = read_markup(ask.params)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    if markup is not None and not markup["inline_keyboard"]:
        markup = None
    old = message.payload
    same = all(old.get(part) == content.get(part) for part in parts)
    if same and old.get("reply_markup") == markup:
        raise bad_request(NOT_MODIFIED)
    kept = {name: value for name, value in old.items() if name not in (*parts, "reply_markup")}
    kept |= content
    kept["edit_date"] = ask.world.clock.timestamp()
    if markup is not None:
        kept["reply_markup"] = markup
    message.payload, message.markup = kept, markup
    ask.world.changed(chat, message)
    return kept


def delete_message(ask: Ask) -> bool:
    """Take one message away."""
    chat = chat_to_write(ask)
    _delete(ask, chat, named_message(ask, chat, "message to delete"))
    return True


def delete_messages(ask: Ask) -> bool:
    """Take several messages away; those that cannot be are skipped, as on the server."""
    chat = chat_to_write(ask)
    numbers = ask.params.json("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
        raise bad_request("message identifiers are not specified")
    for number in numbers:
        try:
            _delete(ask, chat, message_in(chat, int(number), "message to delete"))
        except ApiError:
            continue
    return True


def _delete(ask: Ask, chat: Chat, message: Message) -> None:
    own = message.payload["from"]["id"] == ask.bot.id
    administers = chat.members.get(ask.bot.id) == "administrator"
    if not (own or chat.private or administers):
        raise bad_request("message can't be deleted")
    age = ask.world.clock.timestamp() - message.payload["date"]
    if age > DELETABLE_SECONDS and not administers:
        raise bad_request("message can't be deleted for everyone")
    message.deleted = True
    ask.world.changed(chat, message)


def answer_callback_query(ask: Ask) -> bool:
    """What a tap shows; a tap older than a minute has timed out."""
    query = ask.world.queries.get(ask.params.text("callback_query_id"))
    expired = query is not None and ask.world.clock.timestamp() - query.at > QUERY_SECONDS
    if query is None or expired or query.bot_id != ask.bot.id:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = ask.params.text("text")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if query.answer is None:
        query.answer = {"text": text, "show_alert": ask.params.flag("show_alert")}
        if url := ask.params.text("url"):
            query.answer["url"] = url
        ask.world.save_query(query)
        query.bell.ring()
    return True
