"""A post to a group whose answer was lost: whether it is out, found by asking for the edit of it.

A bot cannot read a group's history. But messages of a supergroup are numbered one after the other,
and the messenger refuses an edit to the same text with words of its own: what it calls not modified
is our post. What others wrote cannot be edited, and what is not there is not found. Basic groups
share one numbering with all the bot's other chats, so nothing can be told there.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from telegram.error import BadRequest, NetworkError

from channels.telegram import NotSent

# The ids of supergroups. Those of basic groups lie above; our own numbers of Zalo's groups far below.
SUPERGROUPS = range(-1_999_999_999_999, -1_000_000_000_000)
# How many messages next to the place where the post should be are tried.
LOOK = 10

_SAME = "message is not modified"
_OF_THE_TEXT = ("chat_id", "text", "parse_mode", "entities", "link_preview_options", "reply_markup")

Call = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


def is_supergroup(chat_id: object) -> bool:
    return isinstance(chat_id, int) and chat_id in SUPERGROUPS


def may_be_out(error: NetworkError) -> bool:
    """Whether the messenger may have done what was asked of it in spite of the error."""
    return not isinstance(error, BadRequest | NotSent)


async def find(call: Call, post: Mapping[str, Any], numbers: Iterable[int]) -> int | None:
    """Which of these messages is our post; None when none of them is.

    `call(method, data)` asks the messenger, `post` is what was to be sent. Another post of ours
    among them would be overwritten: there must be none.
    """
    text = {name: post[name] for name in _OF_THE_TEXT if name in post}
    for number in numbers:
        try:
            await call("editMessageText", text | {"message_id": number})
        except BadRequest as refusal:
            if _SAME in refusal.message.lower():
                return number
    return None


async def settle(call: Call, post: Mapping[str, Any], newest: int) -> int:
    """Recognise a post of which no answer came, or send it again; returns its number.

    `newest` is the newest message known from before it. When many wrote in between, the first one
    is found only from the second one, which is taken away then.
    """
    out = await find(call, post, range(newest + 1, newest + 1 + LOOK))
    if out is not None:
        return out
    sent: int = (await call("sendMessage", post))["message_id"]
    out = await find(call, post, range(sent - 1, max(newest, sent - 1 - LOOK), -1))
    if out is None:
        return sent
    with suppress(BadRequest):
        await call("deleteMessage", {"chat_id": post["chat_id"], "message_id": sent})
    return out
