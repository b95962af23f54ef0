"""Each bot's queue of updates, and getUpdates."""

import time
from itertools import islice

from sandbox.errors import bad_request, conflict
from sandbox.jsons import JsonDict
from sandbox.params import Params
from sandbox.state import Bot, Chat, Message
from sandbox.world import World

ON_REQUEST_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MAX_WAIT = 50


def push(world: World, bot: Bot, kind: str, body: JsonDict) -> None:
    """Queue an update, unless the bot has not asked for its kind."""
    wanted = bot.allowed_updates
    if (kind not in wanted) if wanted else (kind in ON_REQUEST_ONLY):
        return
    update = {"update_id": bot.next_update_id, kind: body}
    bot.next_update_id += 1
    bot.pending.append(update)
    world.save_update(bot, update)
    world.save_bot(bot)
    bot.bell.ring()


def push_message(world: World, chat: Chat, message: Message, kind: str = "message") -> None:
    """Queue a user's or service message for every bot that may see it."""
    for bot in audience(world, chat):
        if chat.private or sees(world, bot, chat, message.payload):
            push(world, bot, kind, message.payload)


def audience(world: World, chat: Chat) -> list[Bot]:
    """The bots in a chat."""
    if chat.private:
        return [world.bots[chat.bot_id]]
    return [bot for bot in world.bots.values() if chat.has(bot.id)]


def sees(world: World, bot: Bot, chat: Chat, payload: JsonDict) -> bool:
    """Privacy mode: commands, replies to the bot, mentions of it and service messages."""
    if not world.options.privacy or chat.members.get(bot.id) == "administrator":
        return True
    if _is_service(payload):
        return True
    if payload.get("reply_to_message", {}).get("from", {}).get("id") == bot.id:
        return True
    text = payload.get("text") or payload.get("caption") or ""
    named = f"@{bot.username}".lower() in text.lower()
    return named or _is_open_command(text)


def _is_open_command(text: str) -> bool:
    return text.startswith("/") and len(text) > 1 and "@" not in text.split(maxsplit=1)[0]


_SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
)


def _is_service(payload: JsonDict) -> bool:
    return any(name in payload for name in _SERVICE)


def set_allowed(world: World, bot: Bot, params: Params) -> None:
    """Remember which kinds the bot wants; an empty list means the default kinds."""
    allowed = params.json("allowed_updates", "allowed updates")
    if allowed is None:
        return
    if not isinstance(allowed, list):
        raise bad_request("can't parse allowed updates JSON object")
    if allowed != (bot.allowed_updates or []):
        bot.allowed_updates = allowed or None
        world.save_bot(bot)


def forget(world: World, bot: Bot, count: int) -> None:
    """Drop the oldest `count` updates."""
    for _ in range(count):
        world.journal.drop("update", f"{bot.id}:{bot.pending.popleft()['update_id']}")


def forget_one(world: World, bot: Bot, update: JsonDict) -> None:
    """Drop this update."""
    bot.pending.remove(update)
    world.journal.drop("update", f"{bot.id}:{update['update_id']}")


def chat_of(update: JsonDict) -> int:
    """The chat that an update is about."""
    [body] = (part for name, part in update.items() if name != "update_id")
    chat: int = body.get("message", body)["chat"]["id"]
    return chat


def oldest_of_each_chat(bot: Bot) -> dict[int, JsonDict]:
    """What may be delivered next, by chat."""
    oldest: dict[int, JsonDict] = {}
    for update in bot.pending:
        oldest.setdefault(chat_of(update), update)
    return oldest


def _acknowledge(world: World, bot: Bot, offset: int) -> None:
    if offset < 0:
        forget(world, bot, max(0, len(bot.pending) + offset))
    while offset > 0 and bot.pending and bot.pending[0]["update_id"] < offset:
        forget(world, bot, 1)


async def get_updates(world: World, bot: Bot, params: Params) -> list[JsonDict]:
    """Acknowledge, then answer at once or wait; a newer poll ends this one with a 409."""
    if bot.webhook:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    set_allowed(world, bot, params)
    _acknowledge(world, bot, params.integer("offset"))
    bot.poll += 1
    bot.bell.ring()
    mine = bot.poll
    limit = min(max(params.integer("limit", 100), 1), 100)
    deadline = time.monotonic() + min(max(params.integer("timeout"), 0), MAX_WAIT)
    while not bot.pending and (left := deadline - time.monotonic()) > 0:
        await bot.bell.wait(left)
        if bot.poll != mine:
            raise conflict(_terminated(bot))
    return list(islice(bot.pending, limit))


def _terminated(bot: Bot) -> str:
    if bot.webhook:
        return "terminated by setWebhook request"
    return "terminated by other getUpdates request; make sure that only one bot instance is running"
