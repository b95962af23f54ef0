"""A term at real scale: `python -m bench.term` builds the database of five years and asks it.

170 units, 3,000 reporters, 600,000 entries (docs/benchmarks.md). What is timed is what the handlers
do for a command: the transaction and the text that comes of it.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random
from statistics import quantiles
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, insert

from bench import start
from bench.folders import fresh_folder
from bench.people import FIRST_CHAT
from bot.demo_year import follow
from domain.deadline import DeadlineRules
from domain.period import Period
from domain.role import Role
from domain.tally import HEADLINE_KINDS, Precision, TallyKind
from domain.unit import UnitType
from domain.workday import Calendar
from handlers.desk import Say
from handlers.missing import overview
from handlers.scope import Scope
from reports.heat_map import HeatMap, lay_out
from reports.heat_map_picture import draw
from reports.summary import summarise
from storage import status, unit
from storage.db import Database
from storage.migrate import migrate
from storage.schema import account, membership, person, tally

TERM = Period.term(2026, 2030)
NOW = datetime(2030, 12, 20, 3, tzinfo=UTC)
TODAY = NOW.date()
RULES = DeadlineRules(Calendar.vietnam())
CELLS = 6
# So many rows are made and stored at once.
CHUNK = 20_000
ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything."""

    communes: int = 170
    reporters: int = 3_000
    entries: int = 600_000


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, in milliseconds: the median and the 99th percentile."""

    what: str
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured; sizes in MB, times in seconds where they do not say otherwise."""

    size: Size
    built_in: float
    megabytes: float
    commands: Sequence[Took]
    first_answer: float | None


async def measure(size: Size, rounds: int, *, starts: bool) -> Results:
    """Build the database in a folder of its own, ask it so many times, and start the bot on it."""
    with fresh_folder() as folder:
        database = folder / "bot.db"
        began = time.perf_counter()
        async with Database(f"sqlite:///{database}") as db:
            await migrate(db)
            root = await db.write(build, size)
            built_in = time.perf_counter() - began
            commands = [await _timed(db, what, ask, root, rounds) for what, ask in ASKED.items()]
            commands.append(await _drawn(db, root, rounds))
        megabytes = sum(path.stat().st_size for path in folder.glob("bot.db*")) / 1e6
        first_answer = await start.first_answer_on(database) if starts else None
        return Results(size, built_in, megabytes, commands, first_answer)


# --- the database ---------------------------------------------------------------------------------


def build(conn: Connection, size: Size) -> int:
    """Units, reporters and five years of entries with their totals; returns the province."""
    root = unit.add(conn, "08", "Tỉnh ủy Tuyên Quang", UnitType.PROVINCE_COMMITTEE)
    cells = [cell for number in range(size.communes) for cell in _commune(conn, root, number)]
    _enrol(conn, cells, size.reporters)
    rows = _entries(cells, size)
    while chunk := list(islice(rows, CHUNK)):
        conn.execute(insert(tally), chunk)
    follow(conn)
    return root


def _commune(conn: Connection, root: int, number: int) -> Iterator[int]:
    kind, name = UnitType.COMMUNE_COMMITTEE, f"Đảng ủy xã Trung Thành Đông {number}"
    commune = unit.add(conn, f"08-{number}", name, kind, root, position=number)
    for cell in range(CELLS):
        name = f"Chi bộ thôn {cell}, xã {number}"
        yield unit.add(conn, f"08-{number}-{cell}", name, UnitType.CELL, commune)


def _enrol(conn: Connection, cells: Sequence[int], reporters: int) -> None:
    """A reporter of id n writes from chat FIRST_CHAT + n - 1, and belongs to a cell."""
    ids = range(1, reporters + 1)
    people = [{"id": n, "display_name": f"Báo cáo viên {n}", "created_at": NOW} for n in ids]
    for each in people:
        each |= {"consent_version": "2026-11", "consented_at": NOW}
    conn.execute(insert(person), people)
    accounts = [
        {"person_id": n, "channel": "telegram", "address": str(FIRST_CHAT + n - 1)} for n in ids
    ]
    conn.execute(insert(account), accounts)
    belong = {"role": Role.REPORTER, "valid_from": TERM.start}
    members = [{"person_id": n, "unit_id": cells[n % len(cells)], **belong} for n in ids]
    conn.execute(insert(membership), members)


def _entries(cells: Sequence[int], size: Size) -> Iterator[dict[str, Any]]:
    """Entries of random days, each recorded some days later; the figures are plausible."""
    rng = Random(1)
    days = (TODAY - TERM.start).days
    for number in range(size.entries):
        day = TERM.start + timedelta(days=rng.randrange(days))
        reporter = rng.randrange(size.reporters) + 1
        yield {
            "unit_id": cells[reporter % len(cells)],
            "reporter_id": reporter,
            "version": 1,
            "state": "active",
            "kind": rng.choice(HEADLINE_KINDS) if number % 4 else TallyKind.ORAL_SESSION,
            "date_from": day,
            "date_to": day,
            "precision": Precision.DAY,
            "dates": [],
            "sessions": rng.randint(1, 3),
            "party_members": rng.randint(10, 60),
            "public": rng.randint(10, 120),
            "bucket": Period.month_of(day).code,
            "origin": f"bench:{number}",
            "created_at": datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
            + timedelta(days=rng.choice((0, 1, 2, 12))),
        }


# --- what is asked --------------------------------------------------------------------------------

Ask = Callable[[Connection, int, Random], object]


def _missing_of(period: Callable[[date], Period]) -> Ask:
    def ask(conn: Connection, unit_id: int, rng: Random) -> Say:
        scope = Scope(period(_some_day(rng)), unit.get(conn, unit_id))
        return overview(conn, TODAY, scope, RULES, 0)

    return ask


def _summary_of(period: Callable[[date], Period]) -> Ask:
    def ask(conn: Connection, unit_id: int, rng: Random) -> Say:
        of = period(_some_day(rng))
        summary = summarise(conn, unit_id, of, HEADLINE_KINDS, NOW, RULES)
        return Say("summary.text", {"s": summary})

    return ask


def _heat_map(conn: Connection, unit_id: int, rng: Random) -> HeatMap:
    year = Period.year_of(_some_day(rng))
    months = status.of_months(conn, unit_id, year, RULES, TODAY)
    return lay_out("Tỉnh ủy Tuyên Quang", year, months, TODAY, 0)


def _some_day(rng: Random) -> date:
    return TERM.start + timedelta(days=rng.randrange((TODAY - TERM.start).days))


ASKED: dict[str, Ask] = {
    "/thieu of a month": _missing_of(Period.month_of),
    "/thieu of a year": _missing_of(Period.year_of),
    "its picture, read": _heat_map,
    "/tongket of a week": _summary_of(Period.week_of),
    "/tongket of a month": _summary_of(Period.month_of),
    "/tongket of a quarter": _summary_of(Period.quarter_of),
    "/tongket of a year": _summary_of(Period.year_of),
    "/tongket of the term": _summary_of(lambda day: TERM),
}


async def _timed(db: Database, what: str, ask: Ask, root: int, rounds: int) -> Took:
    rng = Random(what)
    took = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        answer = await db.write(ask, root, rng)
        if isinstance(answer, Say):
            answer.text()
        took.append(time.perf_counter() - began)
    return _percentiles(what, took[1:])


async def _drawn(db: Database, root: int, rounds: int) -> Took:
    table = await db.read(_heat_map, root, Random(1))
    took = []
    for _ in range(max(2, rounds // 10)):
        began = time.perf_counter()
        draw(table)
        took.append(time.perf_counter() - began)
    return _percentiles("its picture, drawn (in a thread)", took)


def _percentiles(what: str, took: Sequence[float]) -> Took:
    hundredths = quantiles(took, n=100, method="inclusive")
    return Took(what, hundredths[49] * 1000, hundredths[98] * 1000)


# --- the printout ---------------------------------------------------------------------------------


def as_text(results: Results) -> str:
    size = results.size
    lines = [
        f"{size.communes} units, {size.reporters:,} reporters, {size.entries:,} entries of five years",
        f"built in {results.built_in:.0f} s; {results.megabytes:.0f} MB",
        f"{'the province asks':34} {'p50 ms':>8} {'p99 ms':>8}",
        *(f"{took.what:34} {took.p50:8.1f} {took.p99:8.1f}" for took in results.commands),
    ]
    if results.first_answer is not None:
        lines.append(f"from the start of the bot to its first answer: {results.first_answer:.2f} s")
    return "\n".join(lines)


def main(
    entries: Annotated[int, typer.Option(help="Entries of the five years.")] = Size().entries,
    rounds: Annotated[int, typer.Option(help="How often each command is asked.")] = ROUNDS,
) -> None:
    """Build the database of a term, ask it, start the bot on it; some two minutes."""
    results = asyncio.run(measure(Size(entries=entries), rounds, starts=True))
    sys.stdout.write(f"{as_text(results)}\n")


if __name__ == "__main__":
    typer.run(main)
