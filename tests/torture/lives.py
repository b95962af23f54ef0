"""Lives of the bot, started as forks of one process that has its modules loaded (zygote.py)."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def start_python(module: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process that is told things by its input and tells them by its output."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=PROJECT,
        env=loading_fast(),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def loading_fast() -> dict[str, str]:
    """The machine's environment. Where compiled modules may not be kept beside their sources, they
    are kept elsewhere: to compile them takes longer than all the rest of a start.
    """
    kept = dict(os.environ)
    if kept.pop("PYTHONDONTWRITEBYTECODE", None):
        kept["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir(), f"compiled-{os.getuid()}"))
    return kept


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@contextmanager
def zygote() -> Iterator[subprocess.Popen[str]]:
    """The process that is forked, until the end of the block; its lives go on."""
    process = start_python("tests.torture.zygote")
    try:
        yield process
    finally:
        end(process)


def start_life(zygote: subprocess.Popen[str], environment: Mapping[str, str], log: Path) -> int:
    """What `python -m bot run` does with these settings, from its first line on; its process id."""
    if zygote.stdin is None or zygote.stdout is None:
        raise RuntimeError("the zygote was started without pipes")
    zygote.stdin.write(json.dumps({"environment": environment, "log": str(log)}) + "\n")
    zygote.stdin.flush()
    return int(zygote.stdout.readline())


def kill_life(process_id: int) -> None:
    """`kill -9`; returns when the process is gone. ProcessLookupError if it had ended by itself."""
    ending = os.pidfd_open(process_id)
    try:
        os.kill(process_id, signal.SIGKILL)
        select.select([ending], [], [])
    finally:
        os.close(ending)
