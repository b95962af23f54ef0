"""The real parts of a journey: a sandbox process, a bot process, and the bot's database.

Starting the bot costs seconds, so one pair serves all scenarios of a test worker. Each scenario
begins with an empty database, people whom the bot has never met, and the clock set back.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from storage import reminder
from storage.reminder import DeliveryState
from storage.schema import delivery, metadata

PROJECT = Path(__file__).parents[2]
TOKEN = "1:journey-secret_Token"
START = datetime(2026, 11, 20, 20, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
PROBE = 99
PROBE_DATA = "probe"
PATIENCE = 60.0
ROUNDS = 5000


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Rig:
    """`people` gives ids that no scenario used before; `anchors` are messages of the rig itself,
    by chat, and `probes` its own taps on them.
    """

    folder: Path
    port: int = field(default_factory=_free_port)
    people: Iterator[int] = field(default_factory=lambda: count(1000))
    bot: subprocess.Popen[bytes] | None = None
    anchors: dict[int, int] = field(default_factory=dict)
    probes: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        transport = httpx.HTTPTransport(retries=6)
        base = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=base, transport=transport, timeout=PATIENCE + 10)
        self.database = create_engine(f"sqlite:///{self.folder / 'bot.db'}")
        self.log = self.folder / "bot.log"
        _wait_for_locks(self.database)

    # --- processes -------------------------------------------------------------------------------

    def start_sandbox(self) -> subprocess.Popen[bytes]:
        arguments = ("--port", str(self.port), "--now", START.isoformat(), "--no-limits")
        return self._process("sandbox", *arguments, log=self.folder / "sandbox.log", env=os.environ)

    def start_bot(self) -> None:
        """Start the bot, and wait until it answers. It logs all it can, so that leaks show."""
        base = f"http://127.0.0.1:{self.port}"
        settings = {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_BASE_URL": base,
            "WEB_PORT": "0",
            "CLOCK_URL": f"{base}/sim/clock",
            "DATABASE_URL": f"sqlite:///{self.folder / 'bot.db'}",
            "LOG_LEVEL": "DEBUG",
        }
        self.bot = self._process("bot", "run", log=self.log, env=os.environ | settings)
        self.post("/sim/users", id=PROBE, first_name="Probe")
        self.post("/sim/message", **{"from": PROBE, "text": "/start"})
        self.settle(PROBE, PROBE)

    def kill_bot(self) -> None:
        """`kill -9`: no chance to tidy up."""
        if self.bot is not None:
            self.bot.kill()
            self.bot.wait()
            self.bot = None

    def _process(
        self, module: str, *arguments: str, log: Path, env: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, *arguments]
        with log.open("ab") as output:
            return subprocess.Popen(command, cwd=PROJECT, env=env, stdout=output, stderr=output)

    # --- the sandbox's control interface ---------------------------------------------------------

    def get(self, path: str, **query: str | int | float) -> Any:
        reply = self.http.get(path, params=query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def post(self, path: str, **body: object) -> Any:
        reply = self.http.post(path, json=body)
        assert reply.status_code == 200, f"{path} {body}: {reply.text}"
        return reply.json()

    def settle(self, person: int, chat: int) -> None:
        """Wait until the bot has done all that it was given in this chat.

        It takes the updates of one chat in their order. So a last one is added that leaves no
        trace in the chat: a tap on a button that no dialogue knows, which it answers as old.
        """
        if chat not in self.anchors:
            self.anchors[chat] = self._anchor(chat)
        tapped = self.post(
            "/sim/tap",
            **{"from": person, "chat": chat, "message_id": self.anchors[chat]},
            button=PROBE_DATA,
            wait=PATIENCE,
        )
        self.probes.add(tapped["callback_query_id"])
        assert tapped["answer"], f"no answer; the log ends with\n{self.log_since(0)[-2000:]}"

    def settle_until(self, done: Callable[[], bool]) -> None:
        """Wait for what the bot does outside of any chat that can be asked."""
        for _ in range(ROUNDS):
            if done():
                return
            self.settle(PROBE, PROBE)
        raise AssertionError(f"it does not come; the log ends with\n{self.log_since(0)[-2000:]}")

    def _anchor(self, chat: int) -> int:
        """A message of the bot's with that button, sent in its name."""
        keyboard = {"inline_keyboard": [[{"text": "·", "callback_data": PROBE_DATA}]]}
        message = {"chat_id": chat, "text": "·", "reply_markup": keyboard}
        sent = self.post(f"/bot{TOKEN}/sendMessage", **message)
        return int(sent["result"]["message_id"])

    # --- what the bot keeps ----------------------------------------------------------------------

    def has_sent_all(self) -> bool:
        """Whether no reminder is due and none is being sent."""
        open_states = (DeliveryState.QUEUED, DeliveryState.SENDING)
        waiting = select(func.count()).where(delivery.c.state.in_(open_states))
        now = self.now()
        with self.database.connect() as conn:
            # In this order: what is due becomes what is waiting, in one transaction.
            next_due = reminder.next_due(conn)
            is_due = next_due is not None and next_due <= now
            return not is_due and not conn.execute(waiting).scalar_one()

    def now(self) -> datetime:
        return datetime.fromisoformat(self.get("/sim/clock")["now"])

    def log_since(self, position: int) -> str:
        return self.log.read_bytes()[position:].decode()

    def reset(self) -> None:
        """Back to the start: nothing stored, no faults, the clock at its beginning."""
        with self.database.begin() as conn:
            for table in reversed(metadata.sorted_tables):
                conn.execute(table.delete())
            # Entry numbers begin anew; the inbox goes on, because a bot remembers what it has seen.
            conn.execute(text("DELETE FROM sqlite_sequence WHERE name <> 'inbox'"))
        self.http.delete("/sim/faults").raise_for_status()
        self.post("/sim/limits", enabled=False)
        self.post("/sim/clock", now=START.isoformat())


def _wait_for_locks(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.cursor().execute("PRAGMA busy_timeout = 10000")


@contextmanager
def running(folder: Path) -> Iterator[Rig]:
    """Both processes, until the end of the block."""
    with ExitStack() as stack:
        rig = Rig(folder)
        stack.callback(rig.database.dispose)
        stack.callback(rig.http.close)
        sandbox = rig.start_sandbox()
        stack.callback(sandbox.wait)
        stack.callback(sandbox.kill)
        stack.callback(rig.kill_bot)
        rig.start_bot()
        yield rig
