"""The durable inbox at work: what the messenger delivers is committed first, then handled.

In memory only a few updates of each chat wait; the rest stay in the database until their turn, so
that a flood neither fills the memory nor stands before other people's messages.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection
from telegram import Bot, Update
from telegram.error import TelegramError

from bot import intake
from bot.update import as_update
from handlers.desk import Say, Tell
from storage import draft, inbox, person, reminder
from storage.db import Database
from storage.inbox import Incoming, Waiting
from storage.trouble import Trouble, trouble
from wording.format import VIETNAM

log = logging.getLogger(__name__)

Raw = Mapping[str, Any]
T = TypeVar("T")

# How many updates of one chat wait in memory at the most; the next ones are fetched at half of it.
PER_CHAT = 8
PAGE = 1_000
ATTEMPTS = 3
DATABASE_RETRY_SECONDS = 2.0
ASKS_FOR_A_NAME = "enrolment"
PARKED = "common.update_parked"
ALERT_IS_WORTH = timedelta(days=1)


class Inbox:
    """One bot's inbox. `tell(chat, message)` says a message to a chat, `answered(seconds)` is
    told how long an update took from arrival to answer; `now` may be moved. `photos` tells whether
    photos are received.
    """

    def __init__(
        self,
        db: Database,
        bot: Bot,
        channel: str,
        now: Callable[[], datetime],
        queue: "asyncio.Queue[object]",
        tell: Tell,
        answered: Callable[[float], None],
        *,
        photos: bool = False,
    ) -> None:
        self._db = db
        self._bot = bot
        self._name = bot.token.partition(":")[0]
        self._channel = channel
        self._now = now
        self._queue = queue
        self._tell = tell
        self._answered = answered
        self._photos = photos
        self._in_memory: Counter[str] = Counter()
        self._newest_in_memory: dict[str, int] = {}
        # Chats with rows left in the database, and the newest row known of each.
        self._held: dict[str, int] = {}
        self._came_at: dict[int, float] = {}
        self._finished: set[int] = set()
        self._errors: dict[int, BaseException] = {}
        # Chats that know of the present outage; empty while the database takes things in.
        self._told: set[str] = set()
        self._closing = False

    # --- coming in -------------------------------------------------------------------------------

    async def take_in(self, raws: list[Raw]) -> None:
        """Commit a batch; when this returns, the messenger may forget it. Then hand on what fits."""
        if not raws:
            return
        try:
            bare = await self._bare(raws)
            new = await self._db.write(inbox.take_in, self._name, bare, self._now())
        except Exception as error:
            # The messenger keeps the batch and brings it again.
            if what := trouble(error):
                chats = {intake.incoming(raw).chat for raw in raws}
                await asyncio.gather(*(self._tell_to_wait(chat, what) for chat in chats))
            raise
        self._told.clear()
        await self._hand_on(new)

    async def _bare(self, raws: list[Raw]) -> list[Incoming]:
        """What may be kept of each. A name that somebody is asked for is no named third person."""
        kept = [intake.incoming(raw, photos=self._photos) for raw in raws]
        stopped = [intake.altered(raw, item) for raw, item in zip(raws, kept, strict=True)]
        if not any(stopped):
            return kept
        asked = set(await self._db.read(draft.open_dialogues, self._channel, ASKS_FOR_A_NAME))
        return [
            intake.incoming(raw, asked_for_name=True) if bad and item.chat in asked else item
            for raw, item, bad in zip(raws, kept, stopped, strict=True)
        ]

    async def refill(self) -> int:
        """At start: take up what the last run left, in its order; returns how many it left."""
        left, after = 0, 0
        while rows := await self._db.read(inbox.waiting, self._name, after=after, limit=PAGE):
            await self._hand_on(rows)
            left, after = left + len(rows), rows[-1].id
        return left

    async def _hand_on(self, rows: Iterable[Waiting]) -> None:
        for row in rows:
            if self._admit(row):
                await self._enqueue(row)

    def _admit(self, row: Waiting) -> bool:
        """Whether the row waits in memory; otherwise it is fetched when its chat has caught up."""
        if row.id <= self._newest_in_memory.get(row.chat, 0):
            return False  # fetched already, between its commit and now
        if row.chat in self._held or self._in_memory[row.chat] >= PER_CHAT:
            self._held[row.chat] = row.id
            return False
        self._take_up(row)
        return True

    def _take_up(self, row: Waiting) -> None:
        self._in_memory[row.chat] += 1
        self._newest_in_memory[row.chat] = row.id

    async def _enqueue(self, row: Waiting) -> None:
        """Hand a row on; one that the library cannot read is parked and holds up nobody."""
        try:
            update = as_update(row.payload, self._bot)
        except Exception as error:
            log.error("update %d cannot be read and is parked", row.update_id, exc_info=error)
            name = type(error).__name__
            await self._insist(
                lambda: self._db.write(inbox.fail, self._name, row.update_id, name, 1)
            )
            await self._catch_up(row.chat)
        else:
            self._came_at[row.update_id] = time.monotonic()
            await self._queue.put(update)

    async def _catch_up(self, chat: str) -> None:
        """One update of this chat is through: fetch the next ones when few are left."""
        self._in_memory[chat] -= 1
        while chat in self._held and self._in_memory[chat] <= PER_CHAT // 2:
            await self._fetch(chat)
        if not self._in_memory[chat]:
            del self._in_memory[chat]

    async def _fetch(self, chat: str) -> None:
        """Take up the next rows of a chat. The hold ends when none is left behind; one may have
        come in during the read, which the next one finds.
        """
        known = self._held[chat]
        room, after = PER_CHAT - self._in_memory[chat], self._newest_in_memory[chat]
        rows = await self._insist(
            lambda: self._db.read(inbox.waiting, self._name, after=after, chat=chat, limit=room)
        )
        fresh = [row for row in rows if row.id > self._newest_in_memory[chat]]
        for row in fresh:
            self._take_up(row)
        newest = rows[-1].id if len(rows) == room else known
        if newest >= self._held.get(chat, 0):
            self._held.pop(chat, None)
        for row in fresh:
            await self._enqueue(row)

    # --- being handled ---------------------------------------------------------------------------

    def finish(self, conn: Connection, update_id: int) -> None:
        """End the update in the transaction of the facts that it leads to."""
        inbox.finish(conn, self._name, update_id)

    def finished(self, update_id: int) -> None:
        """That transaction is committed."""
        self._finished.add(update_id)

    def failed(self, update_id: int, error: BaseException) -> None:
        """A handler raised; told by the library's error handler."""
        self._errors[update_id] = error

    async def handle(
        self, update: Update, first: Awaitable[object], again: Callable[[], Awaitable[object]]
    ) -> None:
        """Handle one update to its end: done, parked after repeated failure, or left for later."""
        chat, attempt = self._chat_of(update), first
        while not self._closing:
            await attempt
            error = self._errors.pop(update.update_id, None)
            if error is None or update.update_id in self._finished:
                await self._end(update.update_id)
                break
            if what := trouble(error):
                await self._tell_to_wait(chat, what)
                await asyncio.sleep(DATABASE_RETRY_SECONDS)
            elif await self._note_failure(update.update_id, error, chat):
                break
            attempt = again()
        else:
            _discard(attempt)
            return
        self._answered(time.monotonic() - self._came_at.pop(update.update_id))
        await self._catch_up(chat)

    async def _end(self, update_id: int) -> None:
        if update_id in self._finished:
            self._finished.discard(update_id)
        else:
            await self._insist(lambda: self._db.write(inbox.finish, self._name, update_id))

    async def _note_failure(self, update_id: int, error: BaseException, chat: str) -> bool:
        """Count the failure; True when the update is parked, and its sender told."""
        name = type(error).__name__
        parked = await self._insist(
            lambda: self._db.write(inbox.fail, self._name, update_id, name, ATTEMPTS)
        )
        if parked:
            log.error("update %d is parked: see `python -m bot inbox list`", update_id)
            await self._insist(lambda: self._db.write(_alert, self._now()))
            await self._say(chat, Say("common.error"))
        return parked

    async def _insist(self, work: Callable[[], Awaitable[T]]) -> T:
        """The outcome of `work`, tried until the database takes it."""
        while True:
            try:
                return await work()
            except Exception as error:
                what = trouble(error)
                if what is None or self._closing:
                    raise
                log.error("the database takes nothing: %s", what)
                await asyncio.sleep(DATABASE_RETRY_SECONDS)

    async def _tell_to_wait(self, chat: str, what: Trouble) -> None:
        """The disk or the database is at fault, not the update: it waits, and its sender knows.

        A chat is told once in an outage, which ends when something can be taken in again.
        """
        log.error("the database takes nothing: %s", what)
        if chat not in self._told:
            self._told.add(chat)
            await self._say(chat, Say("common.database_down"))

    async def _say(self, chat: str, message: Say) -> None:
        """Words that do not get through change nothing about the update."""
        if not chat:
            return
        try:
            await self._tell(chat, message)
        except TelegramError as error:
            log.warning("a person could not be told: %s", type(error).__name__)

    def _chat_of(self, update: Update) -> str:
        return str(update.effective_chat.id) if update.effective_chat else ""

    def close(self) -> None:
        """From now on nothing new is begun; what waits stays in the database."""
        self._closing = True


def _alert(conn: Connection, now: datetime) -> None:
    """Tell the operators in their own chats, once an hour at the most."""
    operators = person.operators(conn, now.astimezone(VIETNAM).date())
    reminder.queue(
        conn,
        operators,
        key=f"{PARKED}:{now:%Y-%m-%dT%H}",
        message=PARKED,
        at=now,
        expires_at=now + ALERT_IS_WORTH,
    )


def _discard(attempt: Awaitable[object]) -> None:
    """A coroutine that will never run is closed, so that nobody is warned of it."""
    close = getattr(attempt, "close", None)
    if close is not None:
        close()
