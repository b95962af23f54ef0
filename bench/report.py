"""What was measured, as a table to look at, as JSON, and as docs/benchmarks.md."""

import json
import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from bench.mass import RATE, Drained
from bench.readings import Read
from bench.side_by_side import NAMES, Figures, Load

PACKAGES = (
    "python-telegram-bot",
    "aiogram",
    "aiohttp",
    "httpx",
    "sqlalchemy",
    "aiosqlite",
    "apscheduler",
)


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process to its first answer, and the peak of memory in MiB
    with `people` who write at once.
    """

    people: int
    first_answer_seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that one run has measured; what was left out is None. `side_by_side` is keyed by
    latency in ms, then by contender.
    """

    load: Load
    runs: int
    side_by_side: Mapping[int, Mapping[str, Figures]]
    mass: Drained | None
    start: Start | None
    read: Read | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that was set before anything was measured, and what was measured."""

    text: str
    value: float
    bound: float
    at_least: bool

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def bars(results: Results) -> list[Bar]:
    """All bars that this run can judge; of ours they take whole tallies, of an echo bot echoes."""
    found = [bar for latency in results.side_by_side for bar in _ratios(results, latency)]
    if results.mass is not None:
        drained = results.mass
        found += [
            Bar("mass send: share of the set rate", drained.share, 0.97, True),
            Bar("mass send: p99 of replies meanwhile, ms", drained.p99_ms, 300, False),
            Bar("mass send: 429s provoked", drained.refused, 0, False),
        ]
    if results.start is not None:
        begun = results.start
        found += [
            Bar("start to first answer, s", begun.first_answer_seconds, 2, False),
            Bar(f"peak memory with {begun.people} people, MiB", begun.peak_mib, 150, False),
        ]
    return found


def _ratios(results: Results, latency: int) -> Iterator[Bar]:
    figures = results.side_by_side[latency]
    ours = {name: f for name, f in figures.items() if f.tallies_per_second}
    if "default" not in figures:
        return
    default = figures["default"]
    for name, mine in ours.items():
        speed, cpu = mine.tallies_per_second, mine.cpu_us_per_tally
        at = f"at {latency} ms, {name}"
        if latency:
            yield Bar(
                f"{at}: tallies ÷ default echoes", speed / default.updates_per_second, 60, True
            )
        if latency and "aiogram" in figures:
            aiogram = figures["aiogram"].updates_per_second
            yield Bar(f"{at}: tallies ÷ aiogram's echoes", speed / aiogram, 1, True)
        yield Bar(
            f"{at}: CPU of a tally ÷ of a default echo", cpu / default.cpu_us_per_update, 0.7, False
        )


def as_json(results: Results) -> str:
    judged = [asdict(bar) | {"holds": bar.holds} for bar in bars(results)]
    return json.dumps(
        {"machine": machine(), "versions": versions(), **asdict(results), "bars": judged},
        ensure_ascii=False,
        indent=2,
    )


def machine() -> str:
    """The processor, how many of it, and the system."""
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    name = next((line.partition(":")[2].strip() for line in cpus if "model name" in line), "")
    return f"{name or platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def versions() -> dict[str, str]:
    known = {name: version(name) for name in PACKAGES}
    return {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version, **known}


def as_text(results: Results) -> str:
    """All tables, in Markdown, which is also how they are printed."""
    parts = [_side_by_side(results, latency) for latency in results.side_by_side]
    parts += [_others(results), _bars(results)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _side_by_side(results: Results, latency: int) -> str:
    rows = [
        (
            NAMES[name],
            f"{f.updates_per_second:,.1f}",
            f"{f.tallies_per_second:,.1f}" if f.tallies_per_second else "–",
            f"{f.p50_ms:,.0f}",
            f"{f.p99_ms:,.0f}",
            f"{f.cpu_us_per_update:,.0f}",
            f"{f.cpu_us_per_tally:,.0f}" if f.tallies_per_second else "–",
            f"{f.peak_mib:,.0f}",
        )
        for name, f in results.side_by_side[latency].items()
    ]
    head = (
        f"messenger answers after {latency} ms",
        *("updates/s", "tallies/s", "p50 ms", "p99 ms"),
        *("CPU µs/update", "CPU µs/tally", "peak MiB"),
    )
    return _table(head, rows)


def _others(results: Results) -> str:
    rows: list[tuple[str, ...]] = []
    if (mass := results.mass) is not None:
        rows += [
            (f"{mass.messages} invitations at {RATE} a second", f"{mass.share:.1%} of the rate"),
            ("429s meanwhile", str(mass.refused)),
            (
                f"{mass.replies} replies meanwhile, p50 / p99",
                f"{mass.p50_ms:,.0f} / {mass.p99_ms:,.0f} ms",
            ),
        ]
    if (start := results.start) is not None:
        rows += [
            ("start of the process to the first answer", f"{start.first_answer_seconds:.2f} s"),
            (f"peak memory, {start.people} people at once", f"{start.peak_mib:,.0f} MiB"),
        ]
    if (reading := results.read) is not None:
        rows += [
            (f"readings a second, {reading.phrases} phrases", f"{reading.per_second:,.0f}"),
            ("p99 of one reading", f"{reading.p99_ms:.2f} ms"),
        ]
    return _table(("measured", "result"), rows) if rows else ""


def _bars(results: Results) -> str:
    rows = [
        (
            bar.text,
            f"{bar.value:,.2f}",
            f"{'≥' if bar.at_least else '≤'} {bar.bound:g}",
            "yes" if bar.holds else "**no**",
        )
        for bar in bars(results)
    ]
    return _table(("bar", "measured", "wanted", "holds"), rows) if rows else ""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    rule = ("---", *("--:" for _ in head[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def as_document(results: Results) -> str:
    """docs/benchmarks.md: how it was measured, on what, and the tables."""
    load = results.load
    packages = ", ".join(f"{name} {number}" for name, number in versions().items())
    return METHOD.format(
        people=load.people,
        warm_up=load.warm_up,
        seconds=f"{load.seconds:g}",
        runs=results.runs,
        machine=machine(),
        packages=packages,
        tables=as_text(results),
    )


METHOD = """# Benchmarks

Written by `python -m bench --write docs/benchmarks.md`; `make bench` prints the same. Times differ
from machine to machine: compare ratios within one run. Issue 3 set the bars.

**Machine.** {machine}. {packages}.

**Method.** The bot is a fresh process on one core; the messenger, a raw asyncio stub of the Bot API
(`bench/messenger.py`), has another. {people} people, each in a chat of their own, write again as
soon as they are answered. {warm_up} updates warm up, then {seconds} s are measured; figures are
medians of {runs} runs. Every call is answered after the latency, except getUpdates, which is a long
poll. Waits run from the moment a person writes to the moment the answer reaches the messenger; at
{people} people all the time, they are mostly the queue. CPU is the process's CPU clock, memory its
peak, both read from outside, so that nothing of the benchmark runs inside a bot.

**What is compared.** The echo bots say what they are told and store nothing. Ours is
`python -m bot run` with everything on: the privacy screen, the inbox, order per chat, the draft, the
reading, the fact with its version, totals and audit line, in SQLite's WAL, fully synced, on a file
of the project's own disk. A line that leaves nothing open (its day is in it) is stored as it
stands, with a button to undo it: one message, one tally, one answer. A line without a day is read
back, and a tap on "Đúng" stores it: two updates, three calls to the messenger. All ratios compare a
whole tally with one echo. After each run all confirmed tallies are counted in the database, and the
totals compared with a recount.

**Mass send.** Invitations through the outbox to everybody while 100 of them report, with the
messenger at 60 ms and its limits on (30 a second for the mass send, one a second in a chat).

{tables}"""
