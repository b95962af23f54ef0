"""What every handler is given: the desk (database, clock, wording of this department) and the
turn (one message or tap of one person). Handlers are plain functions over a turn.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection
from telegram import (
    CallbackQuery,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatType, MessageLimit, ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import CallbackContext

from domain.deadline import DeadlineRules
from domain.oddity import Thresholds
from domain.privacy import Finding
from domain.role import Approval
from domain.tally import TallyKind
from domain.text import normalise
from domain.workday import Calendar
from storage import person
from storage.db import Database
from storage.draft import Draft
from storage.evidence import Photo
from wording.format import VIETNAM
from wording.say import label, say

P = ParamSpec("P")
T = TypeVar("T")
Context = CallbackContext[Any, Any, Any, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Button:
    """One button: what it says, and what comes back when it is tapped (at most 64 bytes)."""

    text: str
    data: str


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The department's own rules for figures: until when they are free, and from when odd."""

    deadlines: DeadlineRules
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Sender:
    """Who says something where and when; `origin` names the message for good, and `photo` is one
    that came with it.
    """

    channel: str
    address: str
    now: datetime
    origin: str
    photo: Photo | None = None

    @property
    def today(self) -> date:
        return self.now.date()


@dataclass(frozen=True)
class Picture:
    """A picture that follows what is said. `caption` is a message's key; `draw` makes a PNG."""

    caption: str
    draw: Callable[[], bytes]


@dataclass(frozen=True)
class Say:
    """What to answer: a message by its key, with its values and buttons.

    `note` is a message that is said before it, `after` one behind it; `goes_on` tells that the
    dialogue stays open, `quotes` that it shows which message it answers. A `picture` is sent behind
    it, with the same values.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    keyboard: Keyboard = ()
    note: str | None = None
    after: str | None = None
    goes_on: bool = False
    quotes: bool = False
    picture: Picture | None = None

    def text(self) -> str:
        keys = filter(None, (self.note, self.key, self.after))
        return "\n\n".join(say(key, **self.values) for key in keys)

    def markup(self) -> dict[str, Any]:
        """The buttons as the messenger reads them, for `api_kwargs`; a fresh one each time, as the
        library writes into it. Its own objects cost as much as the rest of its way to send.
        """
        rows = [[{"text": b.text, "callback_data": b.data} for b in row] for row in self.keyboard]
        return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


class Receipts(Protocol):
    """Where it is written down that an update is done."""

    def finish(self, conn: Connection, update_id: int) -> None:
        """Write it down in the transaction of the facts that the update led to."""

    def finished(self, update_id: int) -> None:
        """That transaction is committed."""


# A text that the privacy screen stopped is kept only as this mark and the reasons.
_STOPPED = "\ue000"


def stopped_marker(findings: Iterable[Finding]) -> str:
    return _STOPPED + ",".join(findings)


Tell = Callable[[str, Say], Awaitable[None]]


@dataclass(frozen=True)
class Desk:
    """One department's bot on one messenger. `now` tells the time; it may be moved."""

    db: Database
    now: Callable[[], datetime]
    channel: str
    calendar: Calendar
    department_name: str
    privacy_contact: str
    notice_version: str
    invitation_days: int
    headline_kinds: tuple[TallyKind, ...]
    rules: Rules
    # The ways by which a newcomer brings an invitation's token to the bot, a link where there is one.
    invitation_ways: Callable[[str], Sequence[str]]
    # Who lets newcomers in.
    approval: Approval
    # How each dialogue asks its present question, so that any of them can be asked again.
    prompts: Mapping[str, Callable[[Draft], Say]]
    receipts: Receipts

    def on(
        self, handle: Callable[["Turn"], Awaitable[T]]
    ) -> Callable[[Update, Context], Coroutine[Any, Any, T]]:
        """The messenger library's callback for a handler."""

        async def callback(update: Update, context: Context) -> T:
            return await handle(Turn(self, update, context))

        return callback


class Turn:
    """One message or tap, and the means to answer it."""

    def __init__(self, desk: Desk, update: Update, context: Context) -> None:
        self.desk = desk
        self.update = update
        self.context = context
        chat = update.effective_chat
        if chat is None:
            raise ValueError("a turn needs a chat")
        self.chat = chat
        self.address = str(chat.id)
        self.now = self._moment()

    @property
    def channel(self) -> str:
        return self.desk.channel

    @property
    def is_private(self) -> bool:
        return self.chat.type == ChatType.PRIVATE

    @property
    def message(self) -> Message:
        """The message that this turn is about; for a tap, the one that carries the button."""
        message = self.update.effective_message
        if message is None:
            raise ValueError("this turn has no message")
        return message

    @property
    def text(self) -> str:
        """What was typed, also as a caption, in one spelling; empty for a tap or a mere picture."""
        return normalise(self._raw_text)

    @property
    def stopped(self) -> tuple[Finding, ...]:
        """Why the privacy screen stopped what was typed; nothing else is left of it then."""
        mark, _, reasons = self._raw_text.partition(_STOPPED)
        return tuple(map(Finding, reasons.split(","))) if not mark and reasons else ()

    @property
    def _raw_text(self) -> str:
        message = self.update.message or self.update.edited_message
        return (message.text or message.caption or "") if message else ""

    @property
    def is_caption(self) -> bool:
        """Whether what was typed came with a picture or a file."""
        message = self.update.message or self.update.edited_message
        return message is not None and message.caption is not None

    @property
    def arguments(self) -> str:
        """What was typed after the command."""
        return self.text.partition(" ")[2].strip()

    @property
    def tap(self) -> list[str]:
        """The parts of the tapped button's data."""
        query = self.update.callback_query
        return (query.data or "").split(":") if query else []

    @property
    def sender(self) -> Sender:
        message = self.update.effective_message
        name = message.message_id if message else f"update{self.update.update_id}"
        return self._sender(name, self.now, self.photo)

    @property
    def quoted(self) -> Sender | None:
        """Who said what the tapped message answers; None when it is there no more."""
        tapped = self.update.effective_message
        message = tapped.reply_to_message if tapped else None
        if message is None:
            return None
        return self._sender(
            message.message_id, message.date.astimezone(VIETNAM), _photo_of(message)
        )

    def _sender(self, name: int | str, at: datetime, photo: Photo | None) -> Sender:
        origin = f"{self.channel}:{self.address}:{name}"
        return Sender(self.channel, self.address, at, origin, photo)

    @property
    def photo(self) -> Photo | None:
        """The photo that was sent; None as well where none are received (bot/intake.py)."""
        return _photo_of(self.update.message) if self.update.message else None

    async def read(
        self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.desk.db.read(f, *args, **kwargs)

    async def write(
        self, f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `f(conn, …)` as one transaction, which also ends this update in the inbox."""
        update_id = self.update.update_id

        def unit(conn: Connection) -> T:
            result = f(conn, *args, **kwargs)
            self.desk.receipts.finish(conn, update_id)
            return result

        result = await self.desk.db.write(unit)
        self.desk.receipts.finished(update_id)
        return result

    async def say(self, key: str, keyboard: Keyboard = (), **values: Any) -> None:
        """Answer with a new message."""
        await self.show(Say(key, values, keyboard), new=True)

    async def show(self, answer: Say, *, new: bool = False) -> None:
        """Answer: a tap changes the message it was made on, anything else gets a new one.

        What was decided is committed by now, so an answer that does not get through changes
        nothing of it: it is logged, and the dialogue goes on where its draft stands.
        """
        try:
            await self._show(answer, new=new)
            if answer.picture is not None:
                await self._send_picture(answer.picture, answer.values)
        except Forbidden:
            await self.desk.db.write(
                person.set_reachable, self.channel, self.address, self.desk.now()
            )
        except TelegramError as error:
            log.warning("an answer did not get through: %s", type(error).__name__)

    async def _show(self, answer: Say, *, new: bool) -> None:
        query = self.update.callback_query
        if query is None:
            await self._say(answer)
            return
        said = self._say(answer) if new else self._edit(query, answer)
        # Side by side: one wait for the messenger per tap, not two.
        await asyncio.gather(self._answer_tap(query), said)

    async def _answer_tap(self, query: CallbackQuery) -> None:
        """An old tap cannot be answered any more; what it led to is said all the same."""
        with suppress(TelegramError):
            await query.answer()

    async def _say(self, answer: Say) -> None:
        *first, last = _parts(answer.text())
        for part in first:
            await self._send(part, {})
        await self._send(last, answer.markup(), quotes=answer.quotes)

    async def _edit(self, query: CallbackQuery, answer: Say) -> None:
        text, markup = answer.text(), answer.markup()
        try:
            await query.edit_message_text(text, parse_mode=ParseMode.HTML, api_kwargs=markup)
        except BadRequest as error:
            if "not modified" not in str(error):
                raise

    async def _send(self, text: str, markup: dict[str, Any], *, quotes: bool = False) -> None:
        await self.chat.send_message(
            text,
            parse_mode=ParseMode.HTML,
            api_kwargs=markup,
            reply_parameters=self._this_message() if quotes else None,
        )

    async def _send_picture(self, picture: Picture, values: Mapping[str, Any]) -> None:
        content = await asyncio.to_thread(picture.draw)
        caption = say(picture.caption, **values)
        await self.chat.send_photo(content, caption, parse_mode=ParseMode.HTML)

    def _this_message(self) -> ReplyParameters:
        """Its sender may have deleted it meanwhile."""
        return ReplyParameters(self.message.message_id, allow_sending_without_reply=True)

    async def show_or_tell_old(self, answer: Say | None) -> None:
        """Show what a tap led to; None means that its button is older than what has happened since."""
        if answer is None:
            await self.pop_up("common.old_button")
        else:
            await self.show(answer)

    async def pop_up(self, key: str, **values: Any) -> None:
        """Answer a tap in a small window, without changing the chat."""
        query = self.update.callback_query
        if query is not None:
            with suppress(TelegramError):
                await query.answer(label(key, **values), show_alert=True)

    def _moment(self) -> datetime:
        """When this was said, in Vietnamese time; the messenger tells it for messages."""
        message = self.update.message
        moment = message.date if message is not None else self.desk.now()
        return moment.astimezone(VIETNAM)


def _photo_of(message: Message) -> Photo | None:
    if not message.photo:
        return None
    size = message.photo[-1]
    return Photo(size.file_id, size.width, size.height)


_LONGEST_PART = MessageLimit.MAX_TEXT_LENGTH // 2


def _parts(text: str) -> list[str]:
    """A text in pieces that the messenger takes, broken at line ends."""
    if len(text) <= _LONGEST_PART:
        return [text]
    parts: list[str] = [""]
    for line in text.splitlines(keepends=True):
        if len(parts[-1]) + len(line) > _LONGEST_PART:
            parts.append("")
        parts[-1] += line
    return [part for part in parts if part.strip()]
