"""A bot under measurement: a fresh process on a core of its own, watched from outside.

CPU is the process's own CPU clock (the one that `time.process_time` reads, all its threads), memory
the peak that the kernel has kept for it. So nothing of the benchmark runs inside the bot.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.folders import COMPILED, PROJECT

STOPPED_WITHIN = 15.0
LAST_OUTPUT = 2_000
# The first is the bot's, the last the messenger's.
CORES = sorted(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Contender:
    """What Python runs (`-m …`), and the settings it needs beyond the machine's environment."""

    arguments: tuple[str, ...]
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Running:
    """A started process; `started_at` by `time.perf_counter`."""

    pid: int
    started_at: float

    def cpu_seconds(self) -> float:
        # The kernel's number for the CPU clock of another process (clock_getcpuclockid).
        return time.clock_gettime((~self.pid << 3) | 2)

    def peak_mib(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


@asynccontextmanager
async def running(contender: Contender, folder: Path) -> AsyncIterator[Running]:
    """Start the bot in `folder`, where its output goes to bot.log; stop it at the end."""
    with (folder / "bot.log").open("wb") as log:
        started_at = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *contender.arguments,
            cwd=folder,
            env={**_environment(), **contender.settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        os.sched_setaffinity(process.pid, {CORES[0]})
        try:
            yield Running(process.pid, started_at)
        except Exception as error:
            error.add_note((folder / "bot.log").read_text(encoding="utf-8")[-LAST_OUTPUT:])
            raise
        finally:
            await _stop(process)


def _environment() -> dict[str, str]:
    """The machine's environment, in which compiled modules are kept."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {
        "PYTHONPATH": str(PROJECT),
        "PYTHONPYCACHEPREFIX": str(COMPILED),
    }


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOPPED_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


def take_messenger_core() -> None:
    """Pin this process, which is the messenger, away from the bot."""
    os.sched_setaffinity(0, {CORES[-1]})
