"""`python -m bench`: everything side by side in one run. See docs/benchmarks.md."""

import asyncio
import sys
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from bench import mass, readings, start
from bench.processes import take_messenger_core
from bench.report import Results, Start, as_document, as_json, as_text
from bench.side_by_side import NAMES, Figures, Load, measure, medians

LATENCIES_MS = (60, 0)


def main(
    runs: Annotated[int, typer.Option(min=1, help="Runs; their medians count.")] = 3,
    seconds: Annotated[float, typer.Option(help="How long each run is measured.")] = 10,
    people: Annotated[int, typer.Option(help="People who write all the time.")] = 256,
    warm_up: Annotated[int, typer.Option(help="Updates before the measuring begins.")] = 300,
    only: Annotated[list[str] | None, typer.Option(help="Only these bots; `none`: no bot.")] = None,
    invitations: Annotated[int, typer.Option(help="Size of the mass send; 0: none.")] = 5000,
    crowd: Annotated[int, typer.Option(help="People of start and memory; 0: neither.")] = 3000,
    rounds: Annotated[int, typer.Option(help="Rounds of reading; 0: none.")] = 5,
    as_json_: Annotated[bool, typer.Option("--json", help="Print JSON, not tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the document there, too.")] = None,
) -> None:
    """Measure our bot beside echo bots, and print tables; about 15 minutes as it stands."""
    take_messenger_core()
    load = Load(people, warm_up, seconds)
    names = [name for name in NAMES if only is None or name in only]
    results = Results(
        load=load,
        runs=runs,
        side_by_side={ms: asyncio.run(_contest(names, ms, load, runs)) for ms in LATENCIES_MS},
        mass=asyncio.run(mass.measure(invitations)) if invitations else None,
        start=asyncio.run(_start(crowd, runs)) if crowd else None,
        read=readings.measure(rounds) if rounds else None,
    )
    sys.stdout.write(as_json(results) if as_json_ else as_text(results))
    if write is not None:
        write.write_text(as_document(results), encoding="utf-8")


async def _contest(names: list[str], latency_ms: int, load: Load, runs: int) -> dict[str, Figures]:
    """Round by round, so that whatever else the machine does meets all contenders alike."""
    found: dict[str, list[Figures]] = {name: [] for name in names}
    for number in range(runs):
        for name in names:
            _say(f"{name}, messenger at {latency_ms} ms, run {number + 1} of {runs}")
            found[name].append(await measure(name, latency_ms / 1000, load))
    return {name: medians(several) for name, several in found.items()}


async def _start(people: int, runs: int) -> Start:
    _say(f"start and memory, {people} people")
    # The first start compiles the modules, once per installation.
    await start.seconds_to_first_answer(people)
    took = [await start.seconds_to_first_answer(people) for _ in range(runs)]
    return Start(people, median(took), await start.peak_mib(people))


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


typer.run(main)
