"""Echo bots and ours, side by side: the same people, the same messenger, one core, one run."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median, quantiles

from bench import ours
from bench.folders import fresh_folder
from bench.messenger import Messenger, listening
from bench.people import WITHOUT_DAY, Reporters, Writers
from bench.processes import Contender, Running, running

OURS, OURS_WITH_TAP = "ours", "ours-with-tap"
NAMES: Mapping[str, str] = {
    "default": "python-telegram-bot, default echo",
    "concurrent": "python-telegram-bot, concurrent_updates(True) echo",
    "over-aiohttp": "python-telegram-bot, concurrent echo over our transport",
    "aiogram": "aiogram, echo",
    OURS: "our bot, a line: a durable tally",
    OURS_WITH_TAP: "our bot, a line and a tap: a confirmed, durable tally",
}
READY_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much is asked of a bot in one run: people who write all the time, updates before the
    measuring begins, and how long it lasts.
    """

    people: int
    warm_up: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One run, or the medians of several. An update is a message or a tap; a tally is a line, or
    two updates where a tap confirms it; echo bots store none.
    """

    updates_per_second: float
    tallies_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us_per_update: float
    peak_mib: float

    @property
    def cpu_us_per_tally(self) -> float:
        """The CPU of the line, the tap and all answers."""
        return self.cpu_us_per_update * self.updates_per_second / self.tallies_per_second


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of each figure."""
    columns = zip(*map(astuple, runs), strict=True)
    return Figures(*map(median, columns))


async def measure(name: str, latency: float, load: Load) -> Figures:
    """One run of one contender, in a fresh process and, if it is ours, on a fresh database."""
    messenger = Messenger()
    people = _people(name, messenger, load.people)
    messenger.people = people
    async with listening(messenger) as bot_api:
        with fresh_folder() as folder:
            async with running(await _contender(name, bot_api, folder, people), folder) as process:
                figures = await watch(messenger, people, process, latency, load)
                people.rest()
            await _check(name, folder, people)
    return figures


def _people(name: str, messenger: Messenger, count: int) -> Writers:
    if name == OURS:
        return Reporters(messenger, count)
    if name == OURS_WITH_TAP:
        return Reporters(messenger, count, forms=WITHOUT_DAY)
    return Writers(messenger, count)


async def _contender(name: str, bot_api: str, folder: Path, people: Writers) -> Contender:
    if name == "aiogram":
        return Contender(("-m", "bench.echo_aiogram", bot_api), {})
    if name not in (OURS, OURS_WITH_TAP):
        return Contender(("-m", "bench.echo_telegram", name, bot_api), {})
    database = folder / "bot.db"
    await ours.furnish(database, people.chats)
    return ours.contender(bot_api, database)


async def watch(
    messenger: Messenger, people: Writers, process: Running, latency: float, load: Load
) -> Figures:
    """Let the people write, and measure the bot from when it is warm."""
    tape = people.tape
    people.begin()
    await tape.reaches(load.warm_up, READY_WITHIN)
    messenger.latency = latency
    seen, tallies = len(tape.waits), tape.tallies
    began, cpu = time.perf_counter(), process.cpu_seconds()
    await asyncio.sleep(load.seconds)
    await tape.reaches(seen + 2, READY_WITHIN)
    took, cpu = time.perf_counter() - began, process.cpu_seconds() - cpu
    waits = tape.waits[seen:]
    hundredths = quantiles(waits, n=100, method="inclusive")
    return Figures(
        updates_per_second=len(waits) / took,
        tallies_per_second=(tape.tallies - tallies) / took,
        p50_ms=hundredths[49] * 1000,
        p99_ms=hundredths[98] * 1000,
        cpu_us_per_update=cpu / len(waits) * 1e6,
        peak_mib=process.peak_mib(),
    )


async def _check(name: str, folder: Path, people: Writers) -> None:
    """Every confirmed tally is there, and the totals are those of a recount."""
    people.tape.check()
    if isinstance(people, Reporters) and await ours.kept(folder / "bot.db") < people.tape.tallies:
        raise AssertionError("a tally that was confirmed is not in the database")
