"""What an answer needs on its way to Zalo: the memory, files, wording, and one turn for each chat."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakValueDictionary

from telegram.error import TelegramError

from channels.zalo_http import Json, ZaloHttp
from channels.zalo_menu import Menus, menus_from

# What a send that nobody asked for (a reminder, a briefing) passes along, in `api_kwargs`.
UNASKED = {"unasked": True}


class QuotaSpent(TelegramError):
    """The month's messages are used up, or what is left of them is kept for replies."""

    def __init__(self) -> None:
        super().__init__("the month's quota of Zalo messages is spent")


class Memory(Protocol):
    """What one bot must remember, also through a crash; each call is done when it returns."""

    async def number_of(self, zalo_id: str, *, is_group: bool) -> int:
        """The surrogate of a person's or group's id: from 2^52 up, groups negative."""

    async def zalo_id_of(self, number: int) -> str | None:
        """The id behind a surrogate; None for one that this bot does not know."""

    async def arrived(self, message_id: str, chat: int) -> int:
        """The number of an update, the same whenever its message comes; a new one is metered."""

    async def menus(self, chat: int) -> Json:
        """The live menus of a chat as they were kept; empty for none."""

    async def keep_menus(self, chat: int, menus: Json) -> None:
        """Replace the live menus of a chat."""

    async def may_send(self, *, unasked: bool) -> bool:
        """Whether the month's budget still has room for a message of this kind."""

    async def sent(self, *, unasked: bool) -> None:
        """Meter one message that went out."""

    async def is_month_spent(self) -> bool:
        """Asked after a 429: whether it is the month's quota, for which waiting is no help."""


class Files(Protocol):
    """Where documents and pictures are put so that a person can fetch them by an address."""

    async def publish(self, chat: int, name: str, content: bytes) -> str | None:
        """The address, good for this chat; None where the bot has no public address."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The few words that only Zalo needs. `file` names {name} and {url}, `no_file` {name}."""

    choose: str
    file: str
    no_file: str
    no_photo: str


@dataclass
class Chats:
    """What sending and receiving share: the memory, and one turn for each chat, so that the answer to
    a menu never overtakes its being kept.
    """

    memory: Memory
    _turns: "WeakValueDictionary[int, asyncio.Lock]" = field(default_factory=WeakValueDictionary)

    def turn(self, chat: int) -> asyncio.Lock:
        return self._turns.setdefault(chat, asyncio.Lock())

    async def menus(self, chat: int) -> Menus:
        return menus_from(await self.memory.menus(chat))


@dataclass(frozen=True, slots=True)
class Line:
    """How one bot speaks: its address with the token, and what it needs beside."""

    root: str
    http: ZaloHttp
    chats: Chats
    files: Files
    wording: Wording
    split_at: int

    async def call(self, method: str, **parameters: object) -> Any:
        return await self.http.call(f"{self.root}/{method}", parameters)
