"""The real parts of a journey: a sandbox process, a bot process, and the bot's database.

Starting the bot costs seconds, so one pair serves all scenarios of a test worker. Each scenario
begins with an empty database, people whom the bot has never met, and the clock set back.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Engine, create_engine, event, func, or_, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from storage import ladder, reminder
from storage.reminder import DeliveryState
from storage.schema import delivery, metadata, zalo_address
from tests.storage.build import LADDER
from tests.torture.lives import kill_life, start_life

PROJECT = Path(__file__).parents[2]
TOKEN = "1:journey-secret_Token"
START = datetime(2026, 11, 20, 20, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
PROBE = 99
PROBE_DATA = "probe"
PATIENCE = 60.0
AnyRig = TypeVar("AnyRig", bound="Rig")
ROUNDS = 5000


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Rig:
    """`bot` is the running bot's process id, and `zygote` what it is forked from. `people` gives ids
    that no scenario used before; `anchors` are messages of the rig itself, by chat, and `probes` its
    own taps on them. `changed` are settings of one scenario.
    """

    folder: Path
    zygote: subprocess.Popen[str]
    port: int = field(default_factory=_free_port)
    people: Iterator[int] = field(default_factory=lambda: count(1000))
    bot: int | None = None
    anchors: dict[int, int] = field(default_factory=dict)
    probes: set[str] = field(default_factory=set)
    token: str = TOKEN
    changed: dict[str, str] = field(default_factory=dict)

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
        log = self.folder / "sandbox.log"
        return self._process("sandbox", *arguments, log=log, env=os.environ)

    def start_bot(self) -> None:
        """Start the bot, and wait until it answers. It logs all it can, so that leaks show."""
        base = f"http://127.0.0.1:{self.port}"
        settings = self._messenger(base) | {
            "CLOCK_URL": f"{base}/sim/clock",
            "DATABASE_URL": f"sqlite:///{self.folder / 'bot.db'}",
            "LOG_LEVEL": "DEBUG",
        }
        self.bot = start_life(self.zygote, settings | self.changed, self.log)
        self.post("/sim/users", id=PROBE, first_name="Probe")
        self._wait_for_bot()

    def _messenger(self, base: str) -> dict[str, str]:
        """The bot's settings that say where it speaks."""
        return {"TELEGRAM_TOKEN": self.token, "TELEGRAM_BASE_URL": base, "WEB_PORT": "0"}

    def _wait_for_bot(self) -> None:
        self.post("/sim/message", **{"from": PROBE, "text": "/start"})
        self.settle(PROBE, PROBE)

    def operate(self, arguments: Sequence[str]) -> str:
        """Run a command of `python -m bot` on the bot's database; what it says."""
        settings = {"DATABASE_URL": f"sqlite:///{self.folder / 'bot.db'}"}
        env = os.environ | settings | self.changed
        command = [sys.executable, "-m", "bot", *arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        return done.stdout.decode()

    def start_anew(self, changed: dict[str, str]) -> None:
        """Start the bot with other settings."""
        self.kill_bot()
        self.changed = changed
        self.start_bot()

    def kill_bot(self) -> None:
        """`kill -9`: no chance to tidy up."""
        if self.bot is not None:
            kill_life(self.bot)
            self.bot = None

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Whatever people do within the block they do before the bot could answer."""
        assert self.bot is not None
        os.kill(self.bot, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.bot, signal.SIGCONT)

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
        now = self.now()
        waiting = select(func.count()).where(
            delivery.c.state.in_(open_states),
            or_(delivery.c.not_before.is_(None), delivery.c.not_before <= now),
        )
        with self.database.connect() as conn:
            # In this order: what is due becomes what is waiting, in one transaction.
            next_due = reminder.next_due(conn)
            is_due = next_due is not None and next_due <= now
            return not is_due and not conn.execute(waiting).scalar_one()

    def now(self) -> datetime:
        return datetime.fromisoformat(self.get("/sim/clock")["now"])

    def look_now(self) -> None:
        """Let the bot look at what is due, and tell the clock what comes next, as after any move of
        its clock; by itself it does so once a second.
        """
        self.post("/sim/clock", advance=0)

    def log_since(self, position: int) -> str:
        return self.log.read_bytes()[position:].decode()

    def reset(self) -> None:
        """Back to the start: the clock at its beginning, nothing stored, no faults. The clock comes
        first, or the bot would expand the new ladder's row at the old time.
        """
        self.post("/sim/clock", now=START.isoformat())
        with self.database.begin() as conn:
            for table in reversed(metadata.sorted_tables):
                if table is not zalo_address:
                    conn.execute(table.delete())
            # Entry numbers begin anew; what a bot remembers of updates and addresses goes on.
            kept = "('inbox', 'zalo_address', 'zalo_arrival')"
            conn.execute(text(f"DELETE FROM sqlite_sequence WHERE name NOT IN {kept}"))
            # As the bot itself does when it starts.
            ladder.schedule(conn, START, LADDER)
        self.http.delete("/sim/faults").raise_for_status()
        self.post("/sim/limits", enabled=False)


def _wait_for_locks(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.cursor().execute("PRAGMA busy_timeout = 10000")


@contextmanager
def running(rig: AnyRig) -> Iterator[AnyRig]:
    """Both processes, until the end of the block."""
    with ExitStack() as stack:
        stack.callback(rig.database.dispose)
        stack.callback(rig.http.close)
        sandbox = rig.start_sandbox()
        stack.callback(sandbox.wait)
        stack.callback(sandbox.kill)
        stack.callback(rig.kill_bot)
        rig.start_bot()
        yield rig
