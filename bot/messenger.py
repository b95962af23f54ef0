"""What differs between messengers, for the composition root: how a bot speaks, hears and is found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.housekeeping import Chore
from bot.settings import Settings, public_part
from bot.zalo_budget import warn
from bot.zalo_memory import ZaloMemory
from channels.telegram import AiohttpRequest, PollingRequest, TakeIn
from channels.zalo import Incoming, Limits, Speech, ZaloPolling, ZaloRequest
from channels.zalo_line import UNASKED, Chats, Wording
from channels.zalo_text import fold
from handlers.commands import COMMANDS
from storage import person
from storage.db import Database
from wording.say import label

TELEGRAM, ZALO = "telegram", "zalo"

Bot = ExtBot[Any]

_SPOKEN_OTHERWISE = ("start", "trogiup", "lich", "quyenrieng")
# The commands behind which people type a few words.
_WITH_ARGUMENTS = frozenset(
    {"tongket", "thieu", "chot", "mochot", "mienbao", "xemlai", "start", "lienket"}
)


@dataclass(frozen=True, slots=True)
class Wires:
    """How one bot speaks and hears. `incoming` is Zalo's, to be fed by a webhook."""

    request: BaseRequest
    updates: BaseRequest
    incoming: Incoming | None = None


@dataclass(frozen=True, slots=True)
class Messenger:
    """One bot on one messenger. Without a `webhook`, the public address at which it is called, it polls.
    `unasked` goes along, as `api_kwargs`, with what nobody asked for; `chores` are its own of every hour.
    """

    channel: str
    token: SecretStr
    api: str
    webhook: str | None
    connect: Callable[[TakeIn], Wires]
    link: Callable[[Bot, str], str]
    unasked: Mapping[str, Any] = field(default_factory=dict)
    chores: Sequence[Chore] = ()

    @property
    def digits(self) -> str:
        """The public part of the token: the bot's name in our tables."""
        return public_part(self.token)


def configured(settings: Settings, db: Database, now: Callable[[], datetime]) -> list[Messenger]:
    """The bots whose tokens are set; the preferred messenger comes first."""
    bots = [_zalo(settings, token, db, now) for token in settings.zalo_tokens]
    return [*([_telegram(settings)] if settings.telegram_token else []), *bots]


def _telegram(settings: Settings) -> Messenger:
    if settings.telegram_token is None:
        raise ValueError("TELEGRAM_TOKEN is not set")
    return Messenger(
        channel=TELEGRAM,
        token=settings.telegram_token,
        api=settings.bot_api,
        webhook=str(settings.webhook_url) if settings.webhook_url else None,
        connect=lambda take_in: Wires(AiohttpRequest(), PollingRequest(take_in)),
        link=lambda bot, token: f"https://t.me/{bot.username}?start={token}",
    )


def _zalo(
    settings: Settings, token: SecretStr, db: Database, now: Callable[[], datetime]
) -> Messenger:
    digits = public_part(token)
    url = settings.zalo_webhook_url
    chats = Chats(ZaloMemory(db, digits, settings.quota, now))
    limits = Limits(
        poll=settings.zalo_poll_seconds,
        floor=settings.zalo_poll_floor,
        retry=60,
        split_at=1900,
        connect=10.0,
        read=20.0,
    )

    def connect(take_in: TakeIn) -> Wires:
        async def hear(updates: list[Mapping[str, Any]]) -> None:
            """Zalo tells of no block, nor of the end of one: who writes is within reach again."""
            await take_in(updates)
            for update in updates:
                await db.write(person.came_back, ZALO, _chat_of(update))

        incoming = Incoming(chats, hear, _speech())
        request = ZaloRequest(chats, NoFiles(), _wording(), limits)
        return Wires(request, ZaloPolling(incoming, limits), incoming)

    return Messenger(
        channel=ZALO,
        token=token,
        api=str(settings.zalo_base_url).rstrip("/"),
        webhook=f"{str(url).rstrip('/')}/{digits}" if url else None,
        connect=connect,
        link=lambda _, invited: label("zalo.invitation", token=invited),
        unasked=UNASKED,
        chores=(lambda conn, at: warn(conn, digits, settings.quota, at),),
    )


def _chat_of(update: Mapping[str, Any]) -> str:
    said = update.get("message") or update["callback_query"]["message"]
    return str(said["chat"]["id"])


def _wording() -> Wording:
    names = {"name": "{name}", "url": "{url}"}
    return Wording(
        label("zalo.choose"), label("zalo.file", **names), label("zalo.no_file", name="{name}")
    )


def _speech() -> Speech:
    """Each command by its own name with or without tone marks and spaces, and by other words for it."""
    spoken = {
        fold(phrase).replace(" ", ""): name
        for name in _SPOKEN_OTHERWISE
        for phrase in label(f"zalo.spoken_{name}").split("/")
    }
    return Speech({c.name: c.name for c in COMMANDS} | spoken, _WITH_ARGUMENTS)


class NoFiles:
    """A bot without a public address cannot give anybody a file on Zalo."""

    async def publish(self, chat: int, name: str, content: bytes, mime_type: str) -> str | None:
        return None
