"""What time itself makes due: half-typed drafts that nobody comes back to, old rows of the inbox,
changes of units that were planned for today.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection
from telegram.error import TelegramError

from handlers.desk import Say, Tell
from storage import draft, inbox, unit_change, zalo
from storage.db import Database

log = logging.getLogger(__name__)

# A messenger delivers an update again for a day at the most; a week is on the safe side.
REMEMBERED = timedelta(days=7)
EVERY = timedelta(hours=1)

Chore = Callable[[Connection, datetime], None]


class Housekeeping:
    """Called with every tick; does its work once an hour of the given clock, which may be moved.

    `tell(chat, message)` says a message to a person; `chores` are those of the messenger's bots.
    """

    def __init__(
        self,
        db: Database,
        channel: str,
        now: Callable[[], datetime],
        drafts_live: timedelta,
        tell: Tell,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._db = db
        self._channel = channel
        self._now = now
        self._drafts_live = drafts_live
        self._tell = tell
        self._chores = chores
        self._next: datetime | None = None

    async def tick(self) -> None:
        now = self._now()
        if self._next is not None and self._next - EVERY <= now < self._next:
            return
        self._next = now + EVERY
        await self._db.write(inbox.forget_done, now - REMEMBERED)
        await self._db.write(zalo.forget_arrivals, now - REMEMBERED)
        await self._db.write(unit_change.carry_out_due, now)
        for chore in self._chores:
            await self._db.write(chore, now)
        before = now - self._drafts_live
        for address, dialogue in await self._db.write(draft.expire, self._channel, before):
            await self._say_expired(address, dialogue)

    async def _say_expired(self, address: str, dialogue: str) -> None:
        try:
            await self._tell(address, Say("common.draft_expired", {"dialogue": dialogue}))
        except TelegramError as error:
            log.warning(
                "a word about an expired draft did not get through: %s", type(error).__name__
            )
