"""A simulated year of reminders to report: `python -m bench.year`.

The real outbox sends through the real library over HTTP to the sandbox, a process of its own, while
the clock is moved through the year. What people report is written as the chat would have written it.
Every message that gets through is held against what had been reported by then.
"""

import asyncio
import subprocess
import sys
import time as machine
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import Connection, func, select
from telegram.ext import ExtBot

from bench import year_people
from bench.folders import PROJECT, fresh_folder
from bench.year_people import CHANNEL, Coming, Province, code
from bot.outbox import Outbox
from bot.pace import Pace
from bot.ways import Way, Ways
from channels.telegram import AiohttpRequest
from domain.briefing import VIETNAM
from domain.deadline import DeadlineRules
from domain.ladder import LadderRules, is_push_time
from domain.period import Period, following
from domain.status import StatusCounts
from domain.unit_change import merged
from domain.workday import Calendar
from handlers.desk import Say
from storage import status, unit_change
from storage.db import Database
from storage.migrate import migrate
from storage.reminder import DeliveryState
from storage.schema import delivery

TOKEN = "1:simulated-year"
BATCH = 25
# The bot looks at these hours at the least; while messages wait, once a second.
HOURS = (time(8), time(14))
MERGERS = 4
SEED = 20261101


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that got through, and of how many reports it asked that had been sent by then."""

    at: datetime
    address: str
    already: int


@dataclass(frozen=True)
class Witnessed(Ways):
    """The real way to people; `hear` is called with whatever got through."""

    hear: Any = None

    async def send(
        self, channel: str, address: str, message: Say, *, spares: bool = True, **more: Any
    ) -> None:
        await super().send(channel, address, message, spares=spares, **more)
        self.hear(address, message)


@dataclass
class Year:
    """A province, its clock, and what was sent."""

    db: Database
    province: Province
    rules: LadderRules
    now: datetime
    chance: Random = field(default_factory=lambda: Random(SEED))
    sent: list[Sent] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)
    reported: set[tuple[int, str]] = field(default_factory=set)

    def hear(self, address: str, message: Say) -> None:
        owed = [*message.values["own"], *message.values["told"]]
        already = sum((each.unit_id, each.period.code) in self.reported for each in owed)
        self.sent.append(Sent(self.now, address, already))

    async def live(self, bot: ExtBot[Any], last: date) -> None:
        """Every day until the last one, with what time brings."""
        ways = Witnessed(self.db, {CHANNEL: Way({"1": bot}, {})}, self.hear)
        outbox = Outbox(self.db, ways, lambda: self.now, self.rules, BATCH)
        await outbox.start()
        while self.now.date() <= last:
            await self._morning()
            for hour in HOURS:
                self.now = datetime.combine(self.now.date(), hour, VIETNAM)
                await self._drain(outbox)
            await self._report(len(self.coming))
            self.now = datetime.combine(self.now.date() + timedelta(days=1), time(), VIETNAM)

    async def _morning(self) -> None:
        """On the first of a month units merge, people go away, and the month's reports are foreseen."""
        day = self.now.date()
        if day.day != 1:
            return
        if day.month == 7:
            for number in range(MERGERS):
                pair = merged((code(2 * number),), code(2 * number + 1))
                await self.db.write(unit_change.undertake, pair, day, self.now)
        await self.db.write(year_people.go_away, self.province, self.now, self.chance)
        root, rules, month = self.province.root, self.rules.deadlines, Period.month_of(day)
        self.coming += await self.db.read(
            lambda conn: list(year_people.coming(conn, root, month, rules, self.chance))
        )

    async def _drain(self, outbox: Outbox) -> None:
        """Tick once a second as long as messages wait; meanwhile some of today's reports come in."""
        await outbox.tick()
        while await self.db.read(_waiting):
            await self._report(3)
            self.now += timedelta(seconds=1)
            await outbox.tick()

    async def _report(self, at_most: int) -> None:
        today = [each for each in self.coming if each.day <= self.now.date()][:at_most]
        for each in today:
            author = self.chance.choice(self.province.people)
            await self.db.write(year_people.report, each, author, self.now)
            self.reported.add((each.unit_id, each.period.code))
            self.coming.remove(each)


def _waiting(conn: Connection) -> int:
    queued = delivery.c.state == DeliveryState.QUEUED
    return conn.execute(select(func.count()).where(queued)).scalar_one()


@dataclass(frozen=True, slots=True)
class Month:
    """What was sent in a month, and how its reports stood in the end."""

    period: Period
    reminders: int
    most: int
    counts: StatusCounts


@dataclass(frozen=True, slots=True)
class Result:
    people: int
    sent: tuple[Sent, ...]
    rules: LadderRules
    months: tuple[Month, ...]

    @property
    def already(self) -> int:
        """Messages that asked for what had been reported."""
        return sum(each.already > 0 for each in self.sent)

    @property
    def outside(self) -> int:
        """Messages outside the hours for reminders."""
        return sum(not is_push_time(each.at, self.rules) for each in self.sent)

    @property
    def doubled(self) -> int:
        """Messages beyond the first of somebody's day."""
        return len(self.sent) - len({(each.at.date(), each.address) for each in self.sent})

    def lines(self) -> Iterator[str]:
        per_month = len(self.sent) / self.people / len(self.months)
        yield f"{self.people:,} people, {len(self.sent):,} reminders: {per_month:.2f} per person and month"
        yield f"sent to people who had already reported: {self.already} of {len(self.sent):,}"
        yield f"outside the hours: {self.outside}, second ones of a day: {self.doubled}"
        yield "month    reminders  most  on time  late   nil  missing   all"
        for month in self.months:
            c = month.counts
            yield (
                f"{month.period.code:7} {month.reminders:10,} {month.most:5} {c.on_time:8} {c.late:5}"
                f" {c.nil:5} {c.missing:8} {c.required:5}"
            )


async def simulate(
    db: Database, address: str, chats: list[int], units: int, first: date, last: date
) -> Result:
    """Furnish the empty database, and live from the first day to the last with the sandbox there."""
    now = datetime.combine(first, time(), VIETNAM)
    rules = LadderRules(DeadlineRules(Calendar.vietnam()))
    province = await db.write(year_people.furnish, units, chats, now)
    year = Year(db, province, rules, now)
    async with _bot(address) as bot:
        await year.live(bot, last)
    months = [await db.read(_month, year, period) for period in _months(first, last)]
    return Result(len(chats), tuple(year.sent), rules, tuple(months))


def _months(first: date, last: date) -> Iterator[Period]:
    period = Period.month_of(first)
    while period.end <= last:
        yield period
        period = following(period)


def _month(conn: Connection, year: Year, period: Period) -> Month:
    sent = Counter(
        each.address for each in year.sent if period.start <= each.at.date() <= period.end
    )
    counts = status.counts(conn, year.province.root, period, year.rules.deadlines)
    return Month(period, sent.total(), max(sent.values(), default=0), counts)


@asynccontextmanager
async def _bot(address: str) -> AsyncIterator[ExtBot[Any]]:
    sending, polling = AiohttpRequest(), AiohttpRequest()
    async with sending, polling:
        yield ExtBot(
            TOKEN,
            base_url=f"{address}/bot",
            request=sending,
            get_updates_request=polling,
            rate_limiter=Pace(),
        )


# --- as a program -----------------------------------------------------------------------------------

UNITS, PEOPLE = 128, 1500
# Long enough for the ladder of the last month to end.
FIRST, LAST = date(2026, 11, 1), date(2027, 11, 15)


@contextmanager
def _sandbox() -> Iterator[str]:
    """A sandbox process of its own; yields its address."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--no-limits"]
    running = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        said = running.stdout.readline() if running.stdout else ""
        yield said.split()[-1].rstrip("/")
    finally:
        running.terminate()
        running.wait()


def meet(address: str, people: int) -> list[int]:
    """So many people who have written to the bot; their chats."""
    with httpx.Client(base_url=address, timeout=20) as http:
        http.post(f"/bot{TOKEN}/getMe").raise_for_status()
        chats = []
        for number in range(people):
            made = http.post("/sim/users", json={"first_name": f"Người {number}"})
            chats.append(int(made.raise_for_status().json()["id"]))
            said = {"from": chats[-1], "chat": chats[-1], "text": "/start"}
            http.post("/sim/message", json=said).raise_for_status()
        return chats


async def _year(address: str, chats: list[int], folder: Path) -> Result:
    async with Database(f"sqlite:///{folder / 'year.db'}") as db:
        await migrate(db)
        return await simulate(db, address, chats, UNITS, FIRST, LAST)


def main() -> None:
    """Live through the year and print it; fails when somebody was asked who had reported."""
    begun = machine.monotonic()
    with _sandbox() as address, fresh_folder() as folder:
        result = asyncio.run(_year(address, meet(address, PEOPLE), folder))
    print(f"{UNITS} units, {FIRST} to {LAST}, in {machine.monotonic() - begun:.0f} s")
    print("\n".join(result.lines()))
    if result.already or result.outside or result.doubled:
        sys.exit("a promise of the ladder is broken")


if __name__ == "__main__":
    main()
