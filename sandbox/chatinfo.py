"""Methods about chats, members and files."""

from sandbox.access import Ask, chat_to_read, chat_to_write
from sandbox.errors import bad_request
from sandbox.files import MAX_DOWNLOAD
from sandbox.jsons import JsonDict
from sandbox.membership import bot_left, member_object
from sandbox.state import IN_CHAT


def get_me(ask: Ask) -> JsonDict:
    """The bot about itself."""
    return {
        **ask.bot.user(),
        "can_join_groups": True,
        "can_read_all_group_messages": not ask.world.options.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(ask: Ask) -> JsonDict:
    """A chat in full."""
    chat = chat_to_read(ask)
    shown: JsonDict = {
        **ask.world.chat_object(chat),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if not chat.private:
        shown["permissions"] = {"can_send_messages": True}
    if chat.pinned in chat.messages:
        shown["pinned_message"] = chat.messages[chat.pinned].payload
    return shown


def get_chat_member(ask: Ask) -> JsonDict:
    """One member; somebody whom the chat never saw has left it."""
    chat = chat_to_read(ask)
    user_id = ask.params.integer("user_id")
    user = ask.world.user(user_id)
    if user is None:
        raise bad_request("invalid user_id specified" if user_id <= 0 else "user not found")
    if chat.private:
        present = user_id in {chat.id, ask.bot.id}
        return member_object(user, "member" if present else "left")
    return member_object(user, chat.members.get(user_id, "left"))


def get_chat_administrators(ask: Ask) -> list[JsonDict]:
    """The owner and the administrators."""
    chat = chat_to_read(ask)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    return [
        member_object(user, status)
        for user_id, status in chat.members.items()
        if status in {"creator", "administrator"} and (user := ask.world.user(user_id))
    ]


def get_chat_member_count(ask: Ask) -> int:
    """How many are in the chat, bots included."""
    chat = chat_to_read(ask)
    if chat.private:
        return 2
    return sum(status in IN_CHAT for status in chat.members.values())


def leave_chat(ask: Ask) -> bool:
    """The bot goes."""
    chat = chat_to_write(ask)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    bot_left(ask.world, ask.bot, chat)
    return True


def get_file(ask: Ask) -> JsonDict:
    """Where to download a file of at most 20 MB."""
    wanted = ask.params.text("file_id")
    if not wanted:
        raise bad_request("file_id not specified")
    stored = ask.world.files.by_id.get(wanted)
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.size > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.facts(), "file_path": stored.path}
