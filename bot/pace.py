"""How fast we speak: under the messenger's limits, and patient where it asks us to wait.

Limits (Telegram): about one message a second in a chat with short bursts, 20 a minute in a group,
about 30 a second in all for mass sends. Replies go at once; a mass send is paced by its sender
(bot/outbox.py), so a reply never waits behind one. A chat that must wait holds up nobody else.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.lost import Call, is_supergroup, may_be_out, settle
from channels.telegram import NotSent

GROUP_MESSAGES, GROUP_SECONDS = 20, 60.0
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.5

# What a mass send passes along: it is tried once, and its sender decides what follows.
ONCE = "once"

Send = Callable[..., Coroutine[Any, Any, Any]]
Sleep = Callable[[float], Awaitable[None]]


class _Chat:
    """The order of sends in one chat, and when a group's last messages went out; of a supergroup
    also the newest message known, theirs or ours.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.sent: deque[float] = deque(maxlen=GROUP_MESSAGES)
        self.newest = 0

    def know(self, message_id: int) -> None:
        self.newest = max(self.newest, message_id)

    def wait_seconds(self, now: float) -> float:
        """Until fewer than 20 messages lie within the last minute."""
        full = len(self.sent) == GROUP_MESSAGES
        return max(0.0, self.sent[0] + GROUP_SECONDS - now) if full else 0.0


class Pace(BaseRateLimiter[Any]):
    """Sends each request in its chat's turn, and repeats what was certainly not sent."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._chats: WeakValueDictionary[str, _Chat] = WeakValueDictionary()
        self._groups: dict[str, _Chat] = {}
        self._closing = False

    def close(self) -> None:
        """From now on nothing is repeated: the process is about to end."""
        self._closing = True

    def heard(self, chat_id: int, message_id: int) -> None:
        """A message has come in: what we say in a supergroup from now on comes after it. Before our
        first post there we do not know what a bot that was killed may have written.
        """
        chat = self._groups.get(str(chat_id))
        if chat is not None and chat.newest:
            chat.know(message_id)

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Send,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Any,
    ) -> Any:
        """Make the request when its chat's turn has come; the outcome is the last attempt's."""
        chat_id = data.get("chat_id")
        if chat_id is None:
            return await self._patiently(callback, args, kwargs, repeats_lost=True)
        chat, is_group = self._chat(str(chat_id)), str(chat_id).startswith("-")
        async with chat.turn:
            if is_group and endpoint.startswith("send"):
                await self._sleep(chat.wait_seconds(self._clock()))
                chat.sent.append(self._clock())
            if rate_limit_args == ONCE:
                return await callback(*args, **kwargs)
            # A lost answer may mean that the message is out. A person rather reads a reply twice
            # than not at all; to a group it is never repeated without having looked for it.
            send = partial(self._patiently, callback, args, kwargs, repeats_lost=not is_group)
            if endpoint == "sendMessage" and is_supergroup(chat_id):
                return await self._post(chat, send, partial(self._call, callback, kwargs), data)
            return await send()

    async def _post(self, chat: _Chat, send: Send, call: Call, data: dict[str, Any]) -> Any:
        """A message to a supergroup: should its answer be lost, we know where to look for it."""
        before = chat.newest
        try:
            sent = await send()
        except NetworkError as error:
            if not (before and may_be_out(error)):
                raise
            await self._rest(FIRST_PAUSE_SECONDS, error)
            chat.know(await settle(call, data, before))
            return True
        chat.know(sent["message_id"])
        return sent

    async def _call(
        self, callback: Send, kwargs: dict[str, Any], method: str, data: Mapping[str, Any]
    ) -> Any:
        """Ask the messenger for something else; only a new message is not asked for twice."""
        again = method != "sendMessage"
        return await self._patiently(callback, (method, data), kwargs, repeats_lost=again)

    def _chat(self, chat_id: str) -> _Chat:
        """A group's history is kept; of a person only the turn, while somebody waits for it."""
        chats = self._groups if chat_id.startswith("-") else self._chats
        chat = chats.get(chat_id)
        if chat is None:
            chat = chats[chat_id] = _Chat()
        return chat

    async def _patiently(
        self, send: Send, args: Any, kwargs: dict[str, Any], *, repeats_lost: bool
    ) -> Any:
        """Send; wait and repeat when the messenger asks for it, or when it may have seen nothing."""
        pause = FIRST_PAUSE_SECONDS
        for _ in range(ATTEMPTS - 1):
            try:
                return await send(*args, **kwargs)
            except RetryAfter as error:
                wait = error.retry_after
                seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
                await self._rest(seconds, error)
            except BadRequest:
                raise
            except NetworkError as error:
                if not (repeats_lost or isinstance(error, NotSent)):
                    raise
                await self._rest(pause, error)
                pause *= 2
        return await send(*args, **kwargs)

    async def _rest(self, seconds: float, error: TelegramError) -> None:
        if self._closing:
            raise error
        await self._sleep(seconds)
