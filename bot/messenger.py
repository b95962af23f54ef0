"""What differs between messengers, for the composition root: how a bot speaks, hears and is found."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection
from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.files import LinkedFiles, NoFiles
from bot.housekeeping import Chore
from bot.settings import Settings, public_part
from bot.zalo_budget import warn
from bot.zalo_memory import ZaloMemory
from bot.zalo_word import tell
from channels.telegram import AiohttpRequest, PollingRequest, TakeIn
from channels.zalo import Incoming, Limits, Speech, ZaloPolling, ZaloRequest
from channels.zalo_line import UNASKED, Chats, Files, Wording
from channels.zalo_text import fold
from domain.deadline import DeadlineRules
from handlers.commands import COMMANDS
from handlers.still_waiting import remind_deciders
from storage import file_link
from storage.db import Database
from wording.say import label

log = logging.getLogger(__name__)

TELEGRAM, ZALO = "telegram", "zalo"

Bot = ExtBot[Any]

_SPOKEN_OTHERWISE = ("start", "trogiup", "lich", "quyenrieng")
# What follows a command that people type without a slash, or it is a sentence ("thiếu nước sạch"): the code
# of an invitation or a link, or a period or a unit, as they begin without tone marks.
_CODE = re.compile(r"\S+$")
_SCOPE = re.compile(
    r"(thang|quy|nam|tuan|nhiem ky|hom|[69] thang|\d{4}|\d{1,2}[/-]\d+|"
    r"xa|phuong|chi bo|dang (uy|bo)|tinh|ban)\b"
)
_ARGUMENTS = dict.fromkeys(("start", "lienket"), _CODE) | dict.fromkeys(
    ("tongket", "thieu", "nhac", "chot", "mochot", "mienbao", "giahan", "xemlai"), _SCOPE
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
    def name(self) -> str:
        """For those who watch the bot: "zalo 1234567"."""
        return f"{self.channel} {self.digits}"

    @property
    def digits(self) -> str:
        """The public part of the token: the bot's name in our tables."""
        return public_part(self.token)


def configured(
    settings: Settings, db: Database, now: Callable[[], datetime], rules: DeadlineRules
) -> list[Messenger]:
    """The bots whose tokens are set; the preferred messenger comes first, with the chores of all."""
    zalo = [_zalo(settings, token, db, now, rules) for token in settings.zalo_tokens]
    bots = [*([_telegram(settings)] if settings.telegram_token else []), *zalo]
    ladder, approval = settings.ladder(rules), settings.enrolment_approval

    def remind(conn: Connection, at: datetime) -> None:
        remind_deciders(conn, approval, ladder, at)

    return [*(replace(first, chores=(*first.chores, remind)) for first in bots[:1]), *bots[1:]]


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
    settings: Settings,
    token: SecretStr,
    db: Database,
    now: Callable[[], datetime],
    rules: DeadlineRules,
) -> Messenger:
    digits = public_part(token)
    url = settings.zalo_webhook_url
    chats = Chats(ZaloMemory(db, digits, settings.quota, now))
    files, limits = _files(settings, db, now), _limits(settings)

    def connect(take_in: TakeIn) -> Wires:
        incoming = Incoming(chats, take_in, _speech())
        request = ZaloRequest(chats, files, _wording(), limits)
        return Wires(request, ZaloPolling(incoming, limits), incoming)

    return Messenger(
        channel=ZALO,
        token=token,
        api=str(settings.zalo_base_url).rstrip("/"),
        webhook=f"{str(url).rstrip('/')}/{digits}" if url else None,
        connect=connect,
        link=lambda _, invited: label("zalo.invitation", token=invited),
        unasked=UNASKED,
        chores=(
            lambda conn, at: warn(conn, digits, settings.quota, at),
            lambda conn, at: tell(conn, rules, settings.zalo_word_day, at),
            file_link.forget_expired,
        ),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        poll=settings.zalo_poll_seconds,
        floor=settings.zalo_poll_floor,
        retry=60,
        split_at=1900,
        connect=10.0,
        read=20.0,
    )


def _files(settings: Settings, db: Database, now: Callable[[], datetime]) -> Files:
    if settings.public_url is None:
        log.info("no files and pictures on Zalo: PUBLIC_URL is not set")
        return NoFiles()
    return LinkedFiles(db, str(settings.public_url).rstrip("/"), now)


def _wording() -> Wording:
    names = {"name": "{name}", "url": "{url}"}
    return Wording(
        choose=label("zalo.choose"),
        file=label("zalo.file", **names),
        no_file=label("zalo.no_file", name="{name}"),
        no_photo=label("zalo.no_photo"),
    )


def _speech() -> Speech:
    """Each command by its own name with or without tone marks and spaces, and by other words for it."""
    spoken = {
        fold(phrase).replace(" ", ""): name
        for name in _SPOKEN_OTHERWISE
        for phrase in label(f"zalo.spoken_{name}").split("/")
    }
    return Speech({c.name: c.name for c in COMMANDS} | spoken, _ARGUMENTS, "trogiup")
