"""Methods about the bot's own commands, texts and menu button."""

import re

from sandbox.access import Ask, chat_to_read
from sandbox.errors import bad_request
from sandbox.jsons import JsonDict
from sandbox.params import Params
from sandbox.state import Bot, Chat

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPE_FIELDS = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def _scope_key(ask: Ask) -> str:
    scope = ask.params.json("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("BotCommandScope must be an Object")
    names = _SCOPE_FIELDS.get(str(scope.get("type")))
    if names is None:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    parts = [str(scope["type"])]
    if names:
        parts.append(str(chat_to_read(Ask(ask.world, ask.bot, Params(scope))).id))
    if "user_id" in names:
        parts.append(Params(scope).text("user_id"))
    language = ask.params.text("language_code")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return "|".join([":".join(parts), language])


def _command(item: object) -> JsonDict:
    if not isinstance(item, dict):
        raise bad_request("expected an Array of BotCommand")
    name = str(item.get("command", "")).removeprefix("/")
    description = str(item.get("description", "")).strip()
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def set_my_commands(ask: Ask) -> bool:
    """The commands of one scope and language."""
    items = ask.params.json("commands", "commands")
    if not isinstance(items, list):
        raise bad_request("expected an Array of BotCommand")
    if len(items) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    ask.bot.commands[_scope_key(ask)] = [_command(item) for item in items]
    ask.world.save_bot(ask.bot)
    ask.world.note("people")
    return True


def get_my_commands(ask: Ask) -> list[JsonDict]:
    """The commands of exactly that scope and language."""
    return ask.bot.commands.get(_scope_key(ask), [])


def delete_my_commands(ask: Ask) -> bool:
    """Forget the commands of one scope and language."""
    ask.bot.commands.pop(_scope_key(ask), None)
    ask.world.save_bot(ask.bot)
    return True


def commands_shown(bot: Bot, chat: Chat, user_id: int, language: str) -> list[JsonDict]:
    """What the app's menu offers this person in this chat: the narrowest scope that has commands."""
    scopes = [f"chat:{chat.id}", "all_private_chats"]
    if not chat.private:
        administers = chat.members.get(user_id) in {"creator", "administrator"}
        scopes = [
            f"chat_member:{chat.id}:{user_id}",
            *([f"chat_administrators:{chat.id}"] if administers else []),
            f"chat:{chat.id}",
            *(["all_chat_administrators"] if administers else []),
            "all_group_chats",
        ]
    for scope in (*scopes, "default"):
        for spoken in (language, ""):
            if commands := bot.commands.get(f"{scope}|{spoken}"):
                return commands
    return []


def _set_text(ask: Ask, name: str, limit: int) -> bool:
    text = ask.params.text(name)
    if len(text) > limit:
        raise bad_request(f"{name.upper()}_TOO_LONG")
    ask.bot.profile[f"{name}|{ask.params.text('language_code')}"] = text
    ask.world.save_bot(ask.bot)
    return True


def _get_text(ask: Ask, name: str, default: str = "") -> JsonDict:
    profile, language = ask.bot.profile, ask.params.text("language_code")
    return {name: profile.get(f"{name}|{language}") or profile.get(f"{name}|") or default}


def set_my_name(ask: Ask) -> bool:
    """Up to 64 characters."""
    return _set_text(ask, "name", 64)


def get_my_name(ask: Ask) -> JsonDict:
    """The name in a language."""
    return _get_text(ask, "name", ask.bot.name)


def set_my_description(ask: Ask) -> bool:
    """Up to 512 characters, shown in an empty chat."""
    return _set_text(ask, "description", 512)


def get_my_description(ask: Ask) -> JsonDict:
    """The description in a language."""
    return _get_text(ask, "description")


def set_my_short_description(ask: Ask) -> bool:
    """Up to 120 characters, shown on the profile."""
    return _set_text(ask, "short_description", 120)


def get_my_short_description(ask: Ask) -> JsonDict:
    """The short description in a language."""
    return _get_text(ask, "short_description")


def set_chat_menu_button(ask: Ask) -> bool:
    """The button beside the input field, of one chat or of all."""
    button = ask.params.json("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict):
        raise bad_request("MenuButton must be an Object")
    if button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("MenuButton has unsupported type")
    ask.bot.menu_buttons[_menu_chat(ask)] = button
    ask.world.save_bot(ask.bot)
    return True


def get_chat_menu_button(ask: Ask) -> JsonDict:
    """The button of one chat or of all."""
    return ask.bot.menu_buttons.get(_menu_chat(ask), {"type": "commands"})


def _menu_chat(ask: Ask) -> str:
    return str(chat_to_read(ask).id) if ask.params.text("chat_id") else "default"
