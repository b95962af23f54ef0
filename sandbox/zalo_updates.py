"""Each Zalo bot's updates: how they are made, waited for, replayed and lost."""

import time

from sandbox.bell import first
from sandbox.errors import ApiError
from sandbox.jsons import JsonDict
from sandbox.params import Params
from sandbox.state import Person
from sandbox.zalo_state import ZaloBot, ZaloChat, zalo_id
from sandbox.zalo_world import ZaloWorld

MAX_WAIT = 60
DEFAULT_WAIT = 30


def push(world: ZaloWorld, bot: ZaloBot, event: JsonDict) -> None:
    """Queue an update, or lose it when nobody listens and the platform keeps nothing."""
    kept = world.quirks.offline_seconds
    silent = time.monotonic() - bot.polled_at
    if kept is not None and not bot.webhook and not bot.polls and silent > kept:
        return
    bot.pending.append({"event": event, "left": 1 + world.quirks.replays})
    world.save_bot(bot)
    bot.bell.ring()


def event_of(world: ZaloWorld, chat: ZaloChat, person: Person, message: JsonDict) -> JsonDict:
    """A person's message as the bot gets it."""
    kind = message["kind"]
    told: JsonDict = {
        "from": {
            "id": zalo_id(chat.bot, person.id),
            "display_name": person.name,
            "is_bot": False,
        },
        "chat": {"id": chat.zalo_id, "chat_type": "PRIVATE" if chat.private else "GROUP"},
        "message_id": message["zalo_id"],
        "date": message["date_ms"],
    }
    for name in ("text", "caption", "sticker", "voice_url"):
        if name in message:
            told[name] = message[name]
    if "photo_url" in message:
        told[world.quirks.photo_key] = message["photo_url"]
    return {"event_name": f"message.{kind}.received", "message": told}


def forget_first(world: ZaloWorld, bot: ZaloBot) -> None:
    """The oldest update was handed over; it comes again behind the others when it is to be replayed."""
    entry = bot.pending.popleft()
    if entry["left"] > 1:
        bot.pending.append({**entry, "left": entry["left"] - 1})
    world.save_bot(bot)


async def get_updates(world: ZaloWorld, bot: ZaloBot, params: Params) -> JsonDict:
    """One update, gone from the queue with this answer, whether it arrives or not; or a 408."""
    if bot.webhook:
        raise ApiError(400, "Bad Request: getUpdates cannot be used while a webhook is set")
    seconds = min(max(params.integer("timeout", DEFAULT_WAIT), 0), MAX_WAIT)
    bot.polls += 1
    try:
        await first(bot.bell, lambda: bot.pending or bot.webhook, seconds)
    finally:
        bot.polls -= 1
        bot.polled_at = time.monotonic()
    if not bot.pending or bot.webhook:
        raise ApiError(408, "Request timeout")
    event: JsonDict = bot.pending[0]["event"]
    forget_first(world, bot)
    return event
