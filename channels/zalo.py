"""Zalo behind python-telegram-bot's own seam (`BaseRequest`): the handlers see one messenger.

`ZaloRequest` carries what the bot says (channels/zalo_calls.py), `ZaloPolling` brings what people say.
What each Bot API method becomes is listed in docs/zalo.md. The URL holds the token, so it appears in no
log line and in no error.
"""

import asyncio
import json
import logging
import re
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from telegram.request import BaseRequest, RequestData

from channels.telegram import NOTHING, TakeIn
from channels.zalo_calls import METHODS, Ask
from channels.zalo_http import Refused, ZaloHttp, as_bot_api
from channels.zalo_line import Chats, Files, Line, Wording
from channels.zalo_text import as_command, without_mention
from channels.zalo_updates import BotApi, Event, event_in, message_update, tap_update

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the platform, all of which may have changed; times are in seconds.

    `poll`: how long a poll waits. `floor`: from the start of one poll to the start of the next.
    `retry`: what is waited after a 429, which never names a time. `split_at`: UTF-16 units.
    """

    poll: int
    floor: float
    retry: int
    split_at: int
    connect: float
    read: float


@dataclass(frozen=True, slots=True)
class Speech:
    """Commands as people type them without a slash: folded phrases without spaces, each with its
    command, and how the few words that may follow a command begin (channels/zalo_text.py). Whatever else mentions the bot in a
    group is `in_group`: nobody tells the bot that it was put there, so that is when it introduces itself.
    """

    aliases: Mapping[str, str]
    arguments: Mapping[str, re.Pattern[str]]
    in_group: str


class _OverZalo(BaseRequest):
    """What the library's two requests have in common: a connection, and refusals in its own terms."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._http = ZaloHttp(limits.connect, limits.read)

    @property
    def read_timeout(self) -> float:
        return self._limits.read

    async def initialize(self) -> None:
        await self._http.open()

    async def shutdown(self) -> None:
        await self._http.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_timeouts: object,
        **_named_timeouts: object,
    ) -> tuple[int, bytes]:
        """One Bot API call; raises QuotaSpent, NotSent, TimedOut or NetworkError, never with the URL. How
        long it may take is the platform's matter, not the library's.
        """
        try:
            return HTTPStatus.OK, await self._carry(url, request_data)
        except Refused as error:
            log.info("Zalo refused %s with %d", url.rpartition("/")[2], error.code)
            return as_bot_api(error, self._limits.retry)

    @abstractmethod
    async def _carry(self, url: str, data: RequestData | None) -> bytes:
        """The Bot API's answer; raises Refused."""


class ZaloRequest(_OverZalo):
    """Carries what the bot says to Zalo."""

    def __init__(self, chats: Chats, files: Files, wording: Wording, limits: Limits) -> None:
        super().__init__(limits)
        self._chats = chats
        self._files = files
        self._wording = wording

    async def _carry(self, url: str, data: RequestData | None) -> bytes:
        root, _, name = url.rpartition("/")
        act = METHODS.get(name)
        if act is None:
            raise Refused(HTTPStatus.BAD_REQUEST, f"Bad Request: Zalo has no {name}")
        result = await act(Ask(self._line(root), data))
        return json.dumps({"ok": True, "result": result}).encode()

    def _line(self, root: str) -> Line:
        return Line(
            root, self._http, self._chats, self._files, self._wording, self._limits.split_at
        )


class Incoming:
    """Takes what people say on Zalo into the inbox.

    Two calls may bring the same message, and a crash may come at any point: the number of an update is
    that of its message, and the inbox takes each number once.
    """

    def __init__(self, chats: Chats, take_in: TakeIn, speech: Speech) -> None:
        self._chats = chats
        self._take_in = take_in
        self._speech = speech
        self._bot: BotApi = {}

    def introduce(self, bot: BotApi) -> None:
        """Who the bot is, as a Bot API User; its name is what groups call it by."""
        self._bot = bot

    async def receive(self, event: Event) -> None:
        """When this returns, the message is in the inbox; raises what the inbox or the memory raises."""
        said, memory = event.message, self._chats.memory
        chat = await memory.number_of(said.chat.id, is_group=said.chat.is_group)
        number = await memory.arrived(said.message_id, chat)
        await self._take_in([await self._update(number, chat, event)])

    async def nothing(self) -> None:
        """A poll came back empty."""
        await self._take_in([])

    async def _update(self, number: int, chat: int, event: Event) -> BotApi:
        said = event.message
        sender = await self._chats.memory.number_of(said.sender.id, is_group=False)
        if not said.text:
            return message_update(number, event, chat, sender, None)
        text = self._unmentioned(said.text) if said.chat.is_group else said.text
        async with self._chats.turn(chat):
            chosen = (await self._chats.menus(chat)).chosen(text, said.date)
        if chosen is not None:
            return tap_update(number, event, chat, sender, *chosen, self._bot)
        words = as_command(text, self._speech.aliases, self._speech.arguments)
        if text != said.text and not words.startswith("/"):
            words = f"/{self._speech.in_group}"
        return message_update(number, event, chat, sender, words)

    def _unmentioned(self, text: str) -> str:
        return without_mention(text, self._bot["first_name"])


class ZaloPolling(_OverZalo):
    """Polls, and hands each message to `incoming`; the library itself sees none of them.

    A poll that has begun is never cancelled, because the message that it would have brought is gone
    then: whoever waits for it may go, the poll goes on, and the end of the bot waits for it.
    """

    def __init__(
        self,
        incoming: Incoming,
        limits: Limits,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(limits)
        self._incoming = incoming
        self._monotonic = monotonic
        self._sleep = sleep
        self._round: asyncio.Task[None] | None = None
        self._begun = float("-inf")
        # What a poll has brought and the inbox has not taken: it will not be brought again.
        self._in_hand: Event | None = None

    async def shutdown(self) -> None:
        if self._round is not None:
            await asyncio.gather(self._round, return_exceptions=True)
        await super().shutdown()

    async def _carry(self, url: str, data: RequestData | None) -> bytes:
        """Wait for one round. The last call of a library that stops asks for no waiting: it gets none."""
        if data is not None and not data.parameters.get("timeout"):
            return NOTHING
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._poll(url))
        await asyncio.shield(self._round)
        return NOTHING

    async def _poll(self, url: str) -> None:
        if self._in_hand is None:
            self._in_hand = await self._next(url)
        if self._in_hand is None:
            await self._incoming.nothing()
            return
        await self._incoming.receive(self._in_hand)
        self._in_hand = None

    async def _next(self, url: str) -> Event | None:
        await self._sleep(max(0.0, self._begun + self._limits.floor - self._monotonic()))
        self._begun = self._monotonic()
        seconds = self._limits.poll
        try:
            found = await self._http.call(url, {"timeout": str(seconds)}, waits=seconds)
        except Refused as error:
            if error.code == HTTPStatus.REQUEST_TIMEOUT:
                return None
            raise
        return _readable(found)


def _readable(found: Any) -> Event | None:
    """What cannot be read is left out, or it would hold up everybody; what it said is not logged."""
    try:
        return event_in(found)
    except ValueError as error:
        log.error("a poll brought what is no update: %s", type(error).__name__)
        return None
