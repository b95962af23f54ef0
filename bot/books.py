"""What the bot reckons by: when reports are due, by the settings and by the days that were decreed,
and the cut-off that its totals follow.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime

from bot.settings import Settings
from domain.deadline import DeadlineRules
from domain.workday import Calendar
from storage import cutoff, day_off
from storage.db import Database

log = logging.getLogger(__name__)

# So soon a day that was entered counts.
LOOK_SECONDS = 60.0


class Books:
    """The rules of deadlines; their calendar follows the table of decreed days, which `tick` reads."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._db = db
        self._decreed: dict[date, bool] = {}
        calendar = Calendar.vietnam(
            settings.extra_days_off, settings.extra_working_days, self._decreed
        )
        self.deadlines = DeadlineRules(
            calendar, settings.month_cutoff, settings.deadline_day, settings.grace_days
        )

    async def tick(self) -> None:
        found = {each.day: each.working for each in await self._db.read(day_off.all_days)}
        for day in self._decreed.keys() - found.keys():
            del self._decreed[day]
        self._decreed.update(found)


async def open_books(settings: Settings, db: Database, now: Callable[[], datetime]) -> Books:
    """The books as they stand; with another MONTH_CUTOFF than before all entries are counted anew."""
    if await db.write(cutoff.keep_to, settings.month_cutoff, now()):
        log.warning("MONTH_CUTOFF is %s now: all totals were counted anew", settings.month_cutoff)
    books = Books(settings, db)
    await books.tick()
    return books
