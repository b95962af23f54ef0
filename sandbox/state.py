"""What the messenger knows: people, bots, chats, messages. Fields marked live are not stored."""

from collections import deque
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, Protocol

from sandbox.bell import Bell
from sandbox.jsons import JsonDict

LIVE = {"live": True}
IN_CHAT = frozenset({"creator", "administrator", "member", "restricted"})


@dataclass(slots=True)
class Person:
    """A simulated user; role and unit are labels for the page."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    role: str | None = None
    unit: str | None = None
    hidden: bool = False
    language_code: str = "vi"

    @property
    def name(self) -> str:
        """First and last name as the app shows them."""
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name

    def names(self) -> JsonDict:
        """The fields that a User and a private Chat have in common."""
        shown: JsonDict = {"first_name": self.first_name}
        if self.last_name:
            shown["last_name"] = self.last_name
        if self.username:
            shown["username"] = self.username
        return shown

    def user(self) -> JsonDict:
        """As a Bot API User."""
        return {
            "id": self.id,
            "is_bot": False,
            **self.names(),
            "language_code": self.language_code,
        }


@dataclass(slots=True)
class Bot:
    """A bot with its updates; `claimed` once somebody has called with its token."""

    id: int
    username: str
    name: str
    claimed: bool = True
    next_update_id: int = 0
    allowed_updates: list[str] | None = None
    webhook: JsonDict | None = None
    commands: dict[str, list[JsonDict]] = field(default_factory=dict)
    profile: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[str, JsonDict] = field(default_factory=dict)
    pending: deque[JsonDict] = field(default_factory=deque, metadata=LIVE)
    bell: Bell = field(default_factory=Bell, metadata=LIVE)
    poll: int = field(default=0, metadata=LIVE)
    webhook_error: JsonDict = field(default_factory=dict, metadata=LIVE)

    def user(self) -> JsonDict:
        """As a Bot API User."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.name,
            "username": self.username,
        }


@dataclass(slots=True)
class Message:
    """A message: the Bot API object, and what only the app sees.

    The payload is replaced when the message changes, never altered: pending updates point at it.
    """

    payload: JsonDict
    revision: int
    markup: JsonDict | None = None
    deleted: bool = False

    def shown(self) -> JsonDict:
        """As the chat shows it: with any kind of keyboard, and deleted ones marked."""
        extra: JsonDict = {"deleted": self.deleted, "revision": self.revision}
        if self.markup is not None:
            extra["reply_markup"] = self.markup
        return {**self.payload, **extra}


@dataclass(slots=True)
class Chat:
    """A private chat (one per bot and person), a group or a supergroup."""

    id: int
    type: str
    title: str = ""
    username: str | None = None
    bot_id: int = 0
    members: dict[int, str] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    migrated_to: int | None = None
    pinned: int | None = None
    last_message_id: int = 0
    revision: int = 0
    messages: dict[int, Message] = field(default_factory=dict, metadata=LIVE)
    by_revision: dict[int, None] = field(default_factory=dict, metadata=LIVE)
    bell: Bell = field(default_factory=Bell, metadata=LIVE)

    def __post_init__(self) -> None:
        self.members = {int(member): status for member, status in self.members.items()}

    @property
    def private(self) -> bool:
        """Whether this is a chat with one person."""
        return self.type == "private"

    @property
    def key(self) -> tuple[int, int]:
        """Where the world keeps it: private chats per bot, groups under 0."""
        return self.bot_id, self.id

    def has(self, member: int) -> bool:
        """Whether a person or bot is in this group now."""
        return self.members.get(member) in IN_CHAT

    def touch(self, message: Message) -> None:
        """Give a new or changed message the next revision."""
        self.revision += 1
        message.revision = self.revision
        number = message.payload["message_id"]
        self.by_revision.pop(number, None)
        self.by_revision[number] = None

    def after_id(self, last: int) -> list[Message]:
        """Messages with a greater id, oldest first."""
        found = []
        for number in reversed(self.messages):
            if number <= last:
                break
            found.append(self.messages[number])
        return found[::-1]

    def after_revision(self, last: int) -> list[Message]:
        """Messages new or changed since, in the order of their ids."""
        found = []
        for number in reversed(self.by_revision):
            if self.messages[number].revision <= last:
                break
            found.append(number)
        return [self.messages[number] for number in sorted(found)]


@dataclass(slots=True)
class Query:
    """A tap on an inline button; `at` is on the sandbox's clock."""

    id: str
    bot_id: int
    at: int
    answer: JsonDict | None = None
    bell: Bell = field(default_factory=Bell, metadata=LIVE)


class Record(Protocol):
    """Any data class."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def stored_fields(record: Record) -> JsonDict:
    """What of a record survives a restart."""
    return {f.name: getattr(record, f.name) for f in fields(record) if not f.metadata.get("live")}
