"""The library's update, from what the inbox holds of it."""

from datetime import datetime

from telegram import Bot, Chat, Message, Update, User

from storage.inbox import Payload
from wording.format import VIETNAM

_PLAIN = {"message_id", "date", "chat", "from", "text"}
_NOTHING_ELSE = {"update_id", "message"}


def as_update(payload: Payload, bot: Bot) -> Update:
    """The update for the handlers; raises what the library raises where it cannot read one.

    A message that is a text and nothing else, as nearly all are, is put together here: the library
    asks every message for a hundred fields, which takes twice as long (docs/decisions.md).
    """
    message = payload.get("message")
    if message is None or payload.keys() != _NOTHING_ELSE or not _is_plain(message):
        return Update.de_json(dict(payload), bot)
    text = Message(
        message["message_id"],
        datetime.fromtimestamp(message["date"], VIETNAM),
        Chat.de_json(message["chat"], bot),
        from_user=User.de_json(message["from"], bot),
        text=message["text"],
    )
    text.set_bot(bot)
    update = Update(payload["update_id"], message=text)
    update.set_bot(bot)
    return update


def _is_plain(message: Payload) -> bool:
    """Without entities it has no command and no link; without a date it is one that was deleted."""
    is_text = message.keys() - {"entities"} == _PLAIN
    return is_text and bool(message["date"]) and not message.get("entities")
