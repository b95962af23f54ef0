"""One bot to a token, and why a bot does not start at all.

The messenger ends the older of two polls with 409 Conflict, so whoever comes first is hit first.
It asks again at once (channels/telegram.py), which ends the newcomer's poll in turn; the newcomer
has asked for nothing but a look, confirms nothing, and stops. Whoever has looked without being hit
is the first from then on, and only asks again when it is.

The look takes a second and begins before anything else, so little is imported here.
"""

import asyncio
from contextlib import suppress

from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from channels.telegram import AiohttpRequest

# How long a newcomer looks whether somebody else polls; the messenger counts in whole seconds.
LOOK_SECONDS = 1
LOOK_AGAIN_SECONDS = 0.1
# Telegram holds back a second conflict within 3 seconds for 3 seconds.
ANSWER_SECONDS = 10.0


class CannotStartError(Exception):
    """Why the bot does not start, in words for the operator."""

    exit_code = 2


class SecondInstanceError(CannotStartError):
    """Another bot is running already: starting once more by itself would not help."""

    exit_code = 3


async def only_poller(token: str, bot_api: str) -> None:
    """Look whether another process polls with this token, and confirm nothing meanwhile.

    Raises SecondInstanceError when one does. A messenger that cannot be asked says nothing.
    """
    request = AiohttpRequest()
    # Not asked who it is: that would take time, and the bot itself does.
    bot = Bot(token, base_url=f"{bot_api}/bot", get_updates_request=request)
    await request.initialize()
    try:
        with suppress(NetworkError, RetryAfter, InvalidToken):
            # A life that was just killed may have one request on its way; a live one keeps polling.
            if await _somebody_polls(bot) and await _somebody_polls(bot):
                raise SecondInstanceError(
                    "Another bot is running with the same TELEGRAM_TOKEN, here or on another "
                    "machine. This one has stopped and changed nothing. Stop the other one first, "
                    "or give this one a token of its own."
                )
    finally:
        await request.shutdown()


async def _somebody_polls(bot: Bot) -> bool:
    """Somebody ends our poll, or confirms the update that we have seen waiting and not confirmed."""
    clock = asyncio.get_running_loop().time
    until, seen = clock() + LOOK_SECONDS, 0
    while clock() < until:
        try:
            waiting = await bot.get_updates(
                limit=1, timeout=LOOK_SECONDS, read_timeout=ANSWER_SECONDS
            )
        except Conflict as conflict:
            # A webhook is no second poller: the bot takes it away when it begins to poll.
            return "webhook is active" not in conflict.message
        oldest = waiting[0].update_id if waiting else None
        if seen and oldest != seen:
            return True
        seen = oldest or seen
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return False
