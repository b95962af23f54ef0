"""The real bot as processes against a sandbox messenger, with one reporter who may report.

Several bots may run on one sandbox: each start names its database, and may change its settings.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.pool import NullPool

from storage.schema import tally
from tests.journeys.cast import CAST, furnish

PROJECT = Path(__file__).parents[2]
TOKEN = "1:stage-secret_Token"
REPORTER = 1000
PATIENCE = 60.0
CONFIRM = "✅ Đúng"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def engine_of(database: Path) -> Engine:
    return create_engine(f"sqlite:///{database}", poolclass=NullPool)


def furnished(migrated: Path, database: Path) -> Path:
    """A database with the cast in it; the reporter's chat is REPORTER."""
    database.write_bytes(migrated.read_bytes())
    with engine_of(database).begin() as conn:
        furnish(conn, {who: REPORTER + number for number, who in enumerate(CAST)}, SINCE)
    return database


def sessions_kept(database: Path) -> int:
    """How many oral sessions are stored as confirmed."""
    with engine_of(database).connect() as conn:
        total = select(func.coalesce(func.sum(tally.c.sessions), 0)).where(
            tally.c.state == "active"
        )
        return int(conn.execute(total).scalar_one())


@dataclass
class Run:
    """One run of `python -m bot run`."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def ends(self) -> int:
        return self.process.wait(PATIENCE)

    def runs(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@dataclass
class Stage:
    folder: Path
    http: httpx.Client
    runs: list[Run] = field(default_factory=list)
    lines: Iterator[str] = field(
        default_factory=lambda: map("1 buổi {} đv 20 qc".format, count(10))
    )

    # --- bots --------------------------------------------------------------------------------------

    def begin(self, database: Path | str, **settings: str) -> Run:
        """Start a bot and do not wait for it."""
        url = f"sqlite:///{database}" if isinstance(database, Path) else database
        log = self.folder / f"bot-{len(self.runs)}.log"
        env = self._environment({"DATABASE_URL": url} | settings)
        command = [sys.executable, "-m", "bot", "run"]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=output, stderr=output)
        self.runs.append(Run(process, log))
        return self.runs[-1]

    def start(self, database: Path | str, **settings: str) -> Run:
        """Start a bot and wait until it answers."""
        run = self.begin(database, **settings)
        self.wait_until(lambda: "the bot is running" in run.said or not run.runs(), run)
        assert run.runs(), run.said
        return run

    def command(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """`python -m bot …`, to its end."""
        process = self.begin_command(*arguments, **settings)
        out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def begin_command(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """`python -m bot …`, without waiting for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=PROJECT,
            env=self._environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        common = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": str(self.http.base_url)}
        # They report all the time; nobody asks them whether that can be.
        busy = {"MOST_SESSIONS_A_DAY": "1000", "MANY_SESSIONS_A_MONTH": "1000"}
        return os.environ | common | busy | {"WEB_PORT": "0"} | settings

    # --- the reporter ------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        self._post("/sim/message", **{"from": REPORTER, "text": text})

    def report(self) -> None:
        """Report a line, another one each time, and confirm it; returns when it is stored."""
        before = self.newest()
        self.say(next(self.lines))
        self.answer(CONFIRM, before)
        self.tap_newest()
        self.answer("Đã lưu", before)

    def tap_newest(self) -> None:
        """Confirm the newest message."""
        number = self._messages(0)["messages"][-1]["message_id"]
        tap = {"from": REPORTER, "message_id": number, "button": CONFIRM, "wait": 0}
        self._post("/sim/tap", **tap)

    def newest(self) -> int:
        """The chat's state, for `answer` to look after."""
        return int(self._messages(0)["revision"])

    def answers(self, after: int = 0) -> list[str]:
        """What the bot wrote in the reporter's chat."""
        found = self._messages(after)["messages"]
        return [m["text"] for m in found if m["from"]["is_bot"]]

    def answer(self, words: str, after: int = 0) -> Any:
        """Wait for the bot's message with these words on it or on its buttons."""
        until = time.monotonic() + PATIENCE
        revision = after
        while time.monotonic() < until:
            news = self._messages(revision, wait=5)
            for message in news["messages"]:
                if message["from"]["is_bot"] and words in str(message):
                    return message
            revision = news["revision"]
        raise AssertionError(f"no answer with {words!r}: {[run.said for run in self.runs]}")

    def wait_until(self, done: Callable[[], bool], run: Run) -> None:
        """Look again and again, a messenger's answer apart."""
        until = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < until, run.said
            self._messages(0)

    def _messages(self, after: int, wait: int = 0) -> Any:
        query = {"after_revision": after, "wait": wait}
        reply = self.http.get(f"/sim/chats/{REPORTER}/messages", params=query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def _post(self, path: str, **body: object) -> None:
        reply = self.http.post(path, json=body)
        assert reply.status_code == 200, reply.text

    def close(self) -> None:
        for run in self.runs:
            run.kill()


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A sandbox on a free port, in which the reporter has begun to talk with the bot."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--no-limits"]
    sandbox = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert sandbox.stdout
        address = sandbox.stdout.readline().removeprefix("Sandbox: ").strip()
        with (
            httpx.Client(base_url=address, timeout=PATIENCE) as http,
            closing(Stage(folder, http)) as stage,
        ):
            stage._post("/sim/users", id=REPORTER, first_name="Lan")
            http.get(f"/bot{TOKEN}/getMe")
            yield stage
    finally:
        sandbox.kill()
        sandbox.communicate()
