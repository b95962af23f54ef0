"""A mass send beside conversations: does it keep its rate, and do replies wait behind it?"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles

from bench import ours
from bench.folders import fresh_folder
from bench.messenger import Fields, Messenger, listening
from bench.people import Reporters
from bench.processes import running
from sandbox.limits import ALL_PER_SECOND, CHAT_BURST, CHAT_PER_SECOND, Bucket

LATENCY = 0.06
# MASS_RATE of bot/settings.py as it is by default.
RATE = 25
# Some of the recipients report meanwhile; with these pauses, about 20 updates a second.
REPORTERS, PAUSE_SECONDS = 100, 5.0
GRACE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Drained:
    """`share` is the share of the set rate that the mass send kept; the waits are those of the
    replies meanwhile; `refused` counts the 429s.
    """

    messages: int
    share: float
    replies: int
    p50_ms: float
    p99_ms: float
    refused: int


class Limits:
    """Telegram's limits, for the mass send as a whole and for each chat (sandbox/limits.py)."""

    def __init__(self) -> None:
        self.refused = 0
        self._all = Bucket(ALL_PER_SECOND, ALL_PER_SECOND, ALL_PER_SECOND, time.monotonic())
        self._chats: dict[int, Bucket] = {}

    def __call__(self, chat: int, fields: Fields) -> int:
        """Seconds to wait, or 0 and the message counts."""
        now = time.monotonic()
        new = Bucket(CHAT_BURST, CHAT_PER_SECOND, CHAT_BURST, now)
        buckets = [self._chats.setdefault(chat, new)]
        if _is_mass(str(fields.get("reply_markup"))):
            buckets.append(self._all)
        if max(bucket.wait_for(1, now) for bucket in buckets) > 0:
            self.refused += 1
            return 1
        for bucket in buckets:
            bucket.level -= 1
        return 0


class Recipients(Reporters):
    """People who report from the first invitation on, until all have theirs."""

    def __init__(self, messenger: Messenger, invitations: int) -> None:
        super().__init__(messenger, REPORTERS, PAUSE_SECONDS)
        self.invited_at: list[float] = []
        self.all_invited = asyncio.Event()
        self._invitations = invitations

    def answered(self, method: str, chat: int, message: Mapping[str, object]) -> None:
        if not _is_mass(str(message.get("reply_markup"))):
            super().answered(method, chat, message)
            return
        if not self.invited_at:
            # Not before: what is said while the bot starts would wait for that, not for the mass.
            self.begin()
        self.invited_at.append(time.perf_counter())
        if len(self.invited_at) == self._invitations:
            self.all_invited.set()


def _is_mass(markup: str) -> bool:
    """An invitation's buttons answer it (handlers/schedule.py)."""
    return "rsvp:" in markup


async def measure(messages: int) -> Drained:
    """Invite so many people while some of them report."""
    limits = Limits()
    messenger = Messenger(limits)
    messenger.latency = LATENCY
    people = messenger.people = Recipients(messenger, messages)
    with fresh_folder() as folder:
        database, first = folder / "bot.db", people.chats[0]
        await ours.furnish(database, range(first, first + messages), briefing_due=True)
        async with (
            listening(messenger) as bot_api,
            running(ours.contender(bot_api, database, MASS_RATE=str(RATE)), folder),
            asyncio.timeout(messages / RATE * 1.5 + GRACE_SECONDS),
        ):
            await people.all_invited.wait()
            people.rest()
    people.tape.check()
    return _drained(people, limits)


def _drained(people: Recipients, limits: Limits) -> Drained:
    begin, end = people.invited_at[0], people.invited_at[-1]
    waits = people.tape.waits
    hundredths = quantiles(waits, n=100, method="inclusive")
    return Drained(
        messages=len(people.invited_at),
        # A batch goes out at once, so the first one takes no time.
        share=(len(people.invited_at) - RATE) / (end - begin) / RATE,
        replies=len(waits),
        p50_ms=hundredths[49] * 1000,
        p99_ms=hundredths[98] * 1000,
        refused=limits.refused,
    )
