"""A stub of the Bot API for measuring: raw asyncio, fast, answering after a set latency.

It checks nothing; the strict messenger is sandbox/. Every call is answered after `latency`, except
getUpdates: that is a long poll, which answers at once when something waits.
"""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl

TOKEN = "1:bench-token"
BOT = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
BATCH = 100
DATE = 1_795_000_000
HEAD = b"HTTP/1.1 %d \r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

Fields = Mapping[str, Any]
Update = dict[str, object]
Reply = dict[str, Any]
Answer = Callable[[Reply], None]
Limits = Callable[[int, Fields], int]


@dataclass(frozen=True, slots=True, eq=False)
class _Poll:
    """A getUpdates that is waiting for updates."""

    limit: int
    answer: Answer


class People(Protocol):
    """Whoever sits behind the chats."""

    def answered(self, method: str, chat: int, message: Mapping[str, object]) -> None:
        """The bot's message has arrived in the chat, or an edit of one."""


class Messenger:
    """One bot's messenger. `limits(chat, fields)` may refuse a send: the seconds to wait, or 0."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.latency = 0.0
        self.people: People | None = None
        self._limits = limits
        self._waiting: deque[tuple[int, Update]] = deque()
        self._last_update = 0
        self._last_message = 0
        self._poll: _Poll | None = None

    def deliver(self, update: Update) -> None:
        """Put an update into the queue that getUpdates serves."""
        self._last_update += 1
        self._waiting.append((self._last_update, update | {"update_id": self._last_update}))
        if self._poll is not None:
            # After everything that arrived in the same moment, so that it comes as one batch.
            asyncio.get_running_loop().call_soon(self._end_poll, self._poll)

    def new_message_id(self) -> int:
        self._last_message += 1
        return self._last_message

    def call(self, method: str, fields: Fields, answer: Answer) -> None:
        """Take one call of the bot's; `answer` is called with the whole reply."""
        if method == "getUpdates":
            self._get_updates(fields, answer)
            return
        reply = self._reply(method, fields)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, answer, reply)
        else:
            answer(reply)

    def _reply(self, method: str, fields: Fields) -> Reply:
        if method == "getMe":
            return {"ok": True, "result": BOT}
        if "text" not in fields or "chat_id" not in fields:
            return {"ok": True, "result": True}
        chat = int(fields["chat_id"])
        if method == "sendMessage" and self._limits and (wait := self._limits(chat, fields)):
            parameters = {"retry_after": wait}
            return {"ok": False, "error_code": 429, "description": "", "parameters": parameters}
        message = self._message(chat, fields)
        if self.people is not None:
            self.people.answered(method, chat, message)
        return {"ok": True, "result": message}

    def _message(self, chat: int, fields: Fields) -> dict[str, object]:
        known = fields.get("message_id")
        message: dict[str, object] = {
            "message_id": int(known) if known else self.new_message_id(),
            "date": DATE,
            "from": BOT,
            "chat": {"id": chat, "type": "private", "first_name": "A"},
            "text": fields["text"],
        }
        if "reply_markup" in fields:
            message["reply_markup"] = _plain(fields["reply_markup"])
        return message

    def _get_updates(self, fields: Fields, answer: Answer) -> None:
        offset = int(fields.get("offset", 0))
        while self._waiting and self._waiting[0][0] < offset:
            self._waiting.popleft()
        poll, timeout = (
            _Poll(int(fields.get("limit", BATCH)), answer),
            float(fields.get("timeout", 0)),
        )
        self._poll = poll
        if self._waiting or not timeout:
            self._end_poll(poll)
        else:
            asyncio.get_running_loop().call_later(timeout, self._end_poll, poll)

    def _end_poll(self, poll: "_Poll") -> None:
        if self._poll is poll:
            self._poll = None
            batch = [update for _, update in itertools.islice(self._waiting, poll.limit)]
            poll.answer({"ok": True, "result": batch})


class _Connection(asyncio.Protocol):
    """As much of HTTP/1.1 as the bots' clients speak: bodies with a length, one call at a time."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        request, *headers = head.split(b"\r\n")
        length = sum(int(h[15:]) for h in headers if h[:15].lower() == b"content-length:")
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        path = request.split(b" ", 2)[1].decode()
        fields = _fields(rest[:length])
        self._messenger.call(path.rpartition("/")[2], fields, self._answer)

    def _answer(self, reply: Reply) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        body = json.dumps(reply).encode()
        self._transport.write(HEAD % (reply.get("error_code", 200), len(body)) + body)


def _fields(body: bytes) -> Fields:
    """A call's parameters, sent as JSON or as a form."""
    if body.startswith(b"{"):
        fields: Fields = json.loads(body)
        return fields
    return dict(parse_qsl(body.decode()))


def _plain(value: str | dict[str, object]) -> object:
    """A keyboard, which a form carries as JSON."""
    return json.loads(value) if isinstance(value, str) else value


@asynccontextmanager
async def listening(messenger: Messenger) -> AsyncIterator[str]:
    """Serve the messenger on a free loopback port; gives the root of its Bot API."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(messenger), "127.0.0.1", 0, backlog=4096)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
