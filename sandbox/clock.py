"""The sandbox's movable clock. All times that clients see come from here."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.bell import Bell
from sandbox.errors import SimError

TZ = ZoneInfo("Asia/Ho_Chi_Minh")


def local(moment: datetime) -> datetime:
    """The moment in Vietnam's time; a time without a zone is taken as Vietnam's."""
    return moment.replace(tzinfo=TZ) if moment.tzinfo is None else moment.astimezone(TZ)


class Clock:
    """Runs in real time from a base that can be moved.

    `version` counts the moves, `next_due` is when the bot says that its next timer falls due.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self.version = 0
        self.next_due: datetime | None = None
        self.bell = Bell()
        self._set(local(now) if now else datetime.now(TZ))

    def _set(self, now: datetime) -> None:
        self._base = now
        self._started = time.monotonic()

    def now(self) -> datetime:
        """The sandbox's time, in Vietnam's zone."""
        return self._base + timedelta(seconds=time.monotonic() - self._started)

    def timestamp(self) -> int:
        """The sandbox's time as Unix seconds, as Bot API objects carry it."""
        return int(self.now().timestamp())

    def move_to(self, moment: datetime) -> None:
        """Go to any moment, also an earlier one."""
        self._set(local(moment))
        self.version += 1
        self.bell.ring()

    def advance(self, seconds: float) -> None:
        """Go forward; raises SimError for a negative step."""
        if seconds < 0:
            raise SimError("the clock goes backwards only when asked with 'now'")
        self.move_to(self.now() + timedelta(seconds=seconds))

    def to_next_due(self) -> None:
        """Go to the bot's next timer; stays where it is when none lies ahead."""
        if self.next_due is not None and self.next_due > self.now():
            self.move_to(self.next_due)

    def restore(self, offset_seconds: float, version: int) -> None:
        """Take up a saved clock that was `offset_seconds` ahead of the machine's."""
        self._set(datetime.now(TZ) + timedelta(seconds=offset_seconds))
        self.version = version

    def offset_seconds(self) -> float:
        """How far the sandbox's time is ahead of the machine's."""
        return (self.now() - datetime.now(TZ)).total_seconds()
