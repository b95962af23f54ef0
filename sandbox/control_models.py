"""What the control interface takes in, checked at the border."""

from datetime import datetime
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """A request body in which unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid")


class NewUser(Strict):
    """POST /sim/users; a known id changes that user."""

    id: int | None = Field(default=None, gt=0)
    first_name: str = Field(min_length=1)
    last_name: str | None = None
    username: str | None = None
    role: str | None = None
    unit: str | None = None
    hidden: bool = False
    language_code: str = "vi"


class NewChat(Strict):
    """POST /sim/chats; a known id changes its title and adds members."""

    id: int | None = Field(default=None, lt=0)
    type: Literal["group", "supergroup"]
    title: str = Field(min_length=1)
    members: list[int] = []
    username: str | None = None


class FileSpec(Strict):
    """A file from a user: base64, plain text, a known file, or `size` invented bytes."""

    content_base64: str | None = Field(
        default=None, validation_alias=AliasChoices("content_base64", "content")
    )
    text: str | None = None
    file_id: str | None = None
    size: int | None = Field(default=None, ge=1, le=60_000_000)
    name: str | None = Field(default=None, validation_alias=AliasChoices("name", "file_name"))
    mime_type: str | None = None


class Location(Strict):
    """A point on the map."""

    latitude: float
    longitude: float


class ContactCard(Strict):
    """A contact that a user shares."""

    phone_number: str
    first_name: str
    last_name: str | None = None
    user_id: int | None = None


class Said(Strict):
    """POST /sim/message."""

    sender: int = Field(alias="from")
    chat: int | None = None
    bot: int | None = None
    text: str | None = None
    split: bool = False
    photo: bool | str | FileSpec | None = None
    document: bool | str | FileSpec | None = None
    caption: str | None = None
    sticker: bool | str | None = None
    voice: bool | int | None = None
    location: Location | None = None
    contact: bool | ContactCard | None = None
    reply_to: int | None = None
    forward_from: int | None = None
    media_group_id: str | None = None


class Edited(Strict):
    """POST /sim/edit."""

    sender: int = Field(alias="from")
    chat: int | None = None
    bot: int | None = None
    message_id: int
    text: str


class Tapped(Strict):
    """POST /sim/tap; `wait` is how many seconds to wait for the bot's answer."""

    sender: int = Field(alias="from")
    chat: int | None = None
    bot: int | None = None
    message_id: int
    button: str
    wait: float = Field(default=5.0, ge=0, le=60)


class MemberChange(Strict):
    """POST /sim/member; in a private chat `chat` is the user's id."""

    chat: int
    user: int
    status: Literal[
        "block",
        "unblock",
        "join",
        "leave",
        "kick",
        "member",
        "left",
        "kicked",
        "administrator",
        "creator",
    ]
    by: int | None = None
    bot: int | None = None


class ClockMove(Strict):
    """POST /sim/clock: exactly one of the three."""

    now: datetime | None = None
    advance: float | None = None
    to_next_due: bool | None = None


class NewFault(Strict):
    """POST /sim/faults."""

    method: str | None = None
    chat: int | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after: int | None = Field(default=None, ge=1)
    delay_ms: int = Field(default=0, ge=0, le=600_000)
    drop_reply: bool = False
    disconnect: bool = False
    times: int = Field(default=1, ge=1)


class LimitSwitch(Strict):
    """POST /sim/limits."""

    enabled: bool
