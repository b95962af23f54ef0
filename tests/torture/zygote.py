"""Lives of the bot in little time: its modules are loaded once, and each life is a fork of that.

A life is a process of its own that does what `python -m bot run` does from its first line on. Only
the imports, which take longer than everything else at a start, are done beforehand.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import NoReturn

from bot.cli import app


def main() -> None:
    """Fork a life for each line of standard input, and print its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        life = os.fork()
        if life == 0:
            _live(order["environment"], order["log"])
        print(life, flush=True)


def _live(environment: Mapping[str, str], log: str) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(environment)
    app(["run"])
    raise SystemExit


if __name__ == "__main__":
    main()
