"""What the Zalo side knows: its bots, chats and messages, and the quirks that can be switched."""

from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.bell import Bell
from sandbox.jsons import JsonDict
from sandbox.state import LIVE


class Quirks(BaseModel):
    """How the platform behaves where reports about it differ, and how it fails.

    `replays`: how often an update that was fetched comes again. `offline_seconds`: what is sent
    while nobody has polled for so long is lost (None: it is kept). `idle` and `refusals`: whether a
    408 or another refusal comes as HTTP status or within a 200. `fetches_photos`: whether sendPhoto looks
    at the address itself, or leaves that to the phones. `down`: 502 for everything.
    """

    model_config = ConfigDict(extra="forbid")

    replays: int = Field(default=0, ge=0)
    offline_seconds: float | None = Field(default=None, ge=0)
    idle: Literal["status", "envelope"] = "envelope"
    refusals: Literal["status", "envelope"] = "envelope"
    body: Literal["flat", "wrapped"] = "flat"
    photo_key: Literal["photo", "photo_url"] = "photo_url"
    photo_seconds: float = Field(default=3600, ge=0)
    fetches_photos: bool = False
    down: bool = False
    quota: int = Field(default=3000, ge=0)
    counts_inbound: bool = False
    users: int = Field(default=50, ge=0)
    groups: int = Field(default=3, ge=0)
    webhook_attempts: int = Field(default=3, ge=1)


@dataclass(slots=True)
class ZaloBot:
    """A bot; `number` is the sandbox's own, `token_id` that of the token which claimed it.

    `users` are the people who have written to it, `months` what went in and out in each month, and
    `pending` the updates that wait, each with how often it is to come.
    """

    number: int
    name: str
    token_id: int | None = None
    webhook: JsonDict | None = None
    users: list[int] = field(default_factory=list)
    months: dict[str, dict[str, int]] = field(default_factory=dict)
    pending: deque[JsonDict] = field(default_factory=deque)
    bell: Bell = field(default_factory=Bell, metadata=LIVE)
    polls: int = field(default=0, metadata=LIVE)
    polled_at: float = field(default=float("-inf"), metadata=LIVE)

    def __post_init__(self) -> None:
        self.pending = deque(self.pending)

    @property
    def id(self) -> str:
        """As getMe tells it."""
        return str(1459232241454765000 + self.number)

    def user(self) -> JsonDict:
        """As the sender of a message in the control interface."""
        return {"id": self.token_id or self.number, "first_name": self.name, "is_bot": True}


@dataclass(slots=True)
class ZaloChat:
    """One bot's chat with a person (`id` is the person's) or with a group (`id` is negative)."""

    bot: int
    id: int
    title: str = ""
    members: list[int] = field(default_factory=list)
    blocked: bool = False
    messages: dict[int, JsonDict] = field(default_factory=dict, metadata=LIVE)
    bell: Bell = field(default_factory=Bell, metadata=LIVE)

    @property
    def private(self) -> bool:
        return self.id > 0

    @property
    def zalo_id(self) -> str:
        return zalo_id(self.bot, self.id)

    def after(self, last: int) -> list[JsonDict]:
        """Messages with a greater number, oldest first."""
        return [message for number, message in self.messages.items() if number > last]


def zalo_id(*names: object) -> str:
    """An id as the platform has them: 20 hex digits, another one for each bot."""
    return sha256(":".join(map(str, names)).encode()).hexdigest()[:20]
