"""Which chat and message a call means, and whether this bot may touch them."""

from dataclasses import dataclass

from sandbox.errors import ApiError, bad_request, forbidden
from sandbox.params import Params
from sandbox.state import Bot, Chat, Message
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Ask:
    """One Bot API call: who asks, and what."""

    world: World
    bot: Bot
    params: Params


def chat_to_write(ask: Ask, name: str = "chat_id") -> Chat:
    """The chat of a call that sends or changes something."""
    chat = _find(ask, name)
    if chat.private:
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat
    if chat.migrated_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.migrated_to,
        )
    _check_member(ask.bot, chat)
    return chat


def chat_to_read(ask: Ask, name: str = "chat_id") -> Chat:
    """The chat of a call that only looks."""
    chat = _find(ask, name)
    if chat.private and not chat.started:
        raise bad_request("chat not found")
    if chat.type == "supergroup":
        _check_member(ask.bot, chat)
    return chat


def _check_member(bot: Bot, chat: Chat) -> None:
    if not chat.has(bot.id):
        kicked = chat.members.get(bot.id) == "kicked"
        what = "was kicked from" if kicked else "is not a member of"
        raise forbidden(f"bot {what} the {chat.type} chat")


def _find(ask: Ask, name: str) -> Chat:
    wanted = ask.params.text(name)
    if not wanted:
        raise bad_request(f"{name} is empty")
    if wanted.startswith("@"):
        return _by_username(ask, wanted[1:].lower())
    try:
        chat_id = int(wanted)
    except ValueError as error:
        raise bad_request("chat not found") from error
    if chat_id in ask.world.persons:
        return ask.world.private(ask.bot, chat_id)
    chat = ask.world.chats.get((0, chat_id))
    if chat is None or ask.bot.id not in chat.members:
        raise bad_request("chat not found")
    return chat


def _by_username(ask: Ask, username: str) -> Chat:
    for chat in ask.world.groups():
        if (chat.username or "").lower() == username and ask.bot.id in chat.members:
            return chat
    raise bad_request("chat not found")


def message_in(chat: Chat, number: int, what: str) -> Message:
    """A message that is still there; `what` begins the error, as in "message to edit"."""
    message = chat.messages.get(number)
    if message is None or message.deleted:
        raise bad_request(f"{what} not found")
    return message


def named_message(ask: Ask, chat: Chat, what: str) -> Message:
    """The message that `message_id` means."""
    if not ask.params.text("message_id"):
        raise bad_request("message identifier is not specified")
    return message_in(chat, ask.params.integer("message_id"), what)
