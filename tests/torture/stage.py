"""The real parts: a sandbox process that is never killed, a database, and the bot's many lives.

The bot hears and keeps things in one of several ways.
"""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from storage.db import Database
from tests.torture.lives import (
    PROJECT,
    end,
    kill_life,
    loading_fast,
    start_life,
    start_python,
    zygote,
)

Json = dict[str, Any]

TOKEN = "1:torture-secret_Token"
ZALO_TOKEN = "77:torture-secret_Token-on-Zalo"
HOOK_SECRET = "torture-secret_of-the-webhook"
START = datetime(2026, 11, 20, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
READY_WITHIN = 60.0
RUNNING = "the bot is running"


class Way(StrEnum):
    """How the bot hears: it polls Telegram, is called by it, or polls Zalo as well."""

    POLLING = "polling"
    WEBHOOK = "webhook"
    ZALO_TOO = "zalo_too"


@dataclass(frozen=True)
class Kept:
    """Where the bot keeps what it knows: the database, and the folder of all files that hold it."""

    url: str
    folder: Path


def in_file(folder: Path, migrated: Path) -> Kept:
    """A SQLite file of its own."""
    return Kept(f"sqlite:///{shutil.copy(migrated, folder / 'bot.db')}", folder)


@dataclass
class Stage:
    """`updates` counts what people did that Telegram must deliver; `in_peace` tells that the bot
    lives as long as it likes.
    """

    folder: Path
    way: Way
    kept: Kept
    port: int
    web_port: int
    http: aiohttp.ClientSession
    zygote: subprocess.Popen[str]
    database: Database
    pid: int | None = None
    lives: int = 0
    updates: int = 0
    in_peace: bool = True
    tokens: set[str] = field(default_factory=set)

    # --- the bot's lives -------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        base = f"http://127.0.0.1:{self.port}"
        return {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_BASE_URL": base,
            "CLOCK_URL": f"{base}/sim/clock",
            "DATABASE_URL": self.kept.url,
            "LOG_LEVEL": "DEBUG",
            "WEB_PORT": "0",
            # They report all the time; nobody asks them whether that can be.
            "MOST_SESSIONS_A_DAY": "100000",
            "MANY_SESSIONS_A_MONTH": "100000",
            # The clock is moved by hours: a line that was repeated stays one that was repeated.
            "REPEAT_MINUTES": "100000",
            # Nor is anybody asked for reports: the reminders that count are those of the briefings.
            "REMINDER_DAYS": "[]",
            **self._hearing(base),
        }

    def _hearing(self, base: str) -> dict[str, str]:
        if self.way is Way.WEBHOOK:
            return {
                "WEBHOOK_URL": f"http://127.0.0.1:{self.web_port}/telegram",
                "WEBHOOK_SECRET": HOOK_SECRET,
                "WEB_PORT": str(self.web_port),
            }
        if self.way is Way.ZALO_TOO:
            return {
                "ZALO_TOKEN": ZALO_TOKEN,
                "ZALO_BASE_URL": f"{base}/zalo",
                "ZALO_POLL_SECONDS": "1",
                "ZALO_POLL_FLOOR": "0",
                "ZALO_QUOTA": "1000000",
            }
        return {}

    def start_bot(self) -> None:
        """A new life, with its modules loaded already."""
        self.pid = start_life(self.zygote, self.environment(), self.folder / "bot.log")
        self.lives += 1

    def runs(self) -> int:
        """How many lives have come so far that they asked for messages."""
        log = self.folder / "bot.log"
        return log.read_text(encoding="utf-8").count(RUNNING) if log.exists() else 0

    async def until_it_runs(self, before: int) -> None:
        """Wait until one more life than `before` runs."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.runs() > before:
                return
            await asyncio.sleep(0.02)
        raise TimeoutError(f"the bot does not run: see {self.folder / 'bot.log'}")

    def start_bot_afresh(self) -> subprocess.Popen[bytes]:
        """`python -m bot run`, exactly as an operator starts it."""
        with (self.folder / "bot.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=PROJECT,
                env=loading_fast() | self.environment(),
                stdout=log,
                stderr=log,
            )
        self.lives += 1
        return process

    def kill_bot(self) -> None:
        """`kill -9`; returns when the process is gone. Raises when it had ended by itself."""
        if self.pid is None:
            return
        pid, self.pid = self.pid, None
        try:
            kill_life(pid)
        except ProcessLookupError:
            last = (self.folder / "bot.log").read_text(encoding="utf-8")[-3000:]
            raise RuntimeError(f"the bot ended by itself; it said:\n{last}") from None

    # --- the sandbox's control interface ---------------------------------------------------------

    async def get(self, path: str, **query: str | int | float) -> Any:
        async with self.http.get(path, params=query) as reply:
            reply.raise_for_status()
            return await reply.json()

    async def post(self, path: str, body: Mapping[str, object]) -> Any:
        async with self.http.post(path, json=body) as reply:
            if reply.status != 200:
                raise RuntimeError(f"{path} {body}: {await reply.text()}")
            return await reply.json()

    async def tried(self, path: str, body: Mapping[str, object]) -> Json | None:
        """None when the sandbox refuses, because a button is gone by now, say."""
        async with self.http.post(path, json=body) as reply:
            answer: Json = await reply.json()
            return answer if reply.status == 200 else None

    async def clear_faults(self) -> None:
        for platform in ("telegram", "zalo"):
            async with self.http.delete("/sim/faults", params={"platform": platform}) as reply:
                reply.raise_for_status()

    def files(self) -> Iterator[Path]:
        """All that the bot wrote."""
        for folder in {self.folder, self.kept.folder}:
            yield from (path for path in folder.rglob("*") if path.is_file())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@asynccontextmanager
async def staged(folder: Path, kept: Kept, way: Way = Way.POLLING) -> AsyncIterator[Stage]:
    """A sandbox, an empty database with the newest schema, and no bot yet."""
    port = free_port()
    async with AsyncExitStack() as stack:
        sandbox = start_python("sandbox", "--port", str(port), "--now", START.isoformat())
        stack.callback(end, sandbox)
        parent = stack.enter_context(zygote())
        database = await stack.enter_async_context(Database(kept.url))
        http = aiohttp.ClientSession(f"http://127.0.0.1:{port}")
        await stack.enter_async_context(http)
        stage = Stage(folder, way, kept, port, free_port(), http, parent, database)
        stack.callback(stage.kill_bot)
        await _until_it_answers(stage)
        await stage.post("/sim/limits", {"enabled": False})
        yield stage


async def _until_it_answers(stage: Stage) -> None:
    async with asyncio.timeout(READY_WITHIN):
        while True:
            try:
                await stage.get("/sim/clock")
                return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
