"""`python -m bot demo`: the sandbox messenger and the real bot, as two processes on one folder.

The folder keeps both their states, so that the next start goes on where the last one stood.
"""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo_data import DEMO_GROUP, DEMO_PEOPLE, DemoPerson, link, prepare
from bot.settings import Settings
from storage.db import Database
from storage.migrate import migrate
from wording.say import label

HOST = "127.0.0.1"
TOKEN, ZALO_TOKEN = "1:sandbox-demo-token", "2:sandbox-demo-token"
BOT = ("-m", "bot", "run")

_PROJECT = Path(__file__).parents[1]
_READY_WITHIN = 60.0
_STOPPED_WITHIN = 10.0
_ASK_AGAIN_AFTER = 0.1
_LAST_LINES = 15


class DemoError(Exception):
    """Why the demo cannot start or go on, in words for whoever started it."""


def demo(port: int, folder: Path, bot: Sequence[str] = BOT) -> None:
    """Run the demo until Ctrl-C or SIGTERM; print one line with its address when it is ready.

    `folder` is made when it is missing, and filled when it is empty. `bot` is what Python runs as
    the bot. Exits with a sentence when the port is busy or one of the processes ends by itself.
    """
    try:
        asyncio.run(_until_asked_to_stop(port, folder.resolve(), bot))
    except* DemoError as errors:
        sys.exit(str(errors.exceptions[0]))


async def _until_asked_to_stop(port: int, folder: Path, bot: Sequence[str]) -> None:
    _stop_on_signals()
    with suppress(asyncio.CancelledError):
        await _run(port, folder, bot)


async def _run(port: int, folder: Path, bot: Sequence[str]) -> None:
    _check_port(port)
    database_url = await _prepare(folder)
    async with (
        AsyncExitStack() as stack,
        aiohttp.ClientSession(f"http://{HOST}:{port}") as http,
        asyncio.TaskGroup() as watchers,
    ):

        async def start(name: str, *arguments: str) -> None:
            environment = _environment(port, database_url)
            child = await stack.enter_async_context(_child(name, arguments, folder, environment))
            watchers.create_task(child.watch())

        await start("sandbox", "-m", "sandbox", "--port", str(port), "--data", f"{folder}/sandbox")
        await _until(_answers, http, "The sandbox did not answer in time.")
        await _furnish(http)
        await _link(http, database_url)
        await start("bot", *bot)
        await _until(_is_polled, http, f"The bot did not ask for messages; see {folder}/bot.log.")
        sys.stdout.write(f"Demo: http://{HOST}:{port}/\n")
        sys.stdout.flush()


def _stop_on_signals() -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is None:
        raise RuntimeError("the demo runs as a task")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else "cannot be used"
            raise DemoError(
                f"Port {port} {why}. Choose another: make demo DEMO_PORT={port + 1}"
            ) from error


async def _prepare(folder: Path) -> str:
    """Bring the folder's database up to date; returns its URL."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'bao-cao.db'}"
    async with Database(url) as db:
        await migrate(db)
        await prepare(db, datetime.now(UTC))
    return url


def _environment(port: int, database_url: str) -> Mapping[str, str]:
    """The machine's environment without any setting of a bot, and the demo's own ones in their place."""
    others = {k: v for k, v in os.environ.items() if k.lower() not in Settings.model_fields}
    web_port = _free_port_after(port)
    return others | {
        "PYTHONPATH": str(_PROJECT),
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_BASE_URL": f"http://{HOST}:{port}",
        "ZALO_TOKEN": ZALO_TOKEN,
        "ZALO_BASE_URL": f"http://{HOST}:{port}/zalo",
        # Short, because the end of the bot waits for the end of a poll.
        "ZALO_POLL_SECONDS": "1",
        "ZALO_POLL_FLOOR": "0.1",
        "WEB_PORT": str(web_port),
        "PUBLIC_URL": f"http://{HOST}:{web_port}",
        "CLOCK_URL": f"http://{HOST}:{port}/sim/clock",
        "DATABASE_URL": database_url,
    }


def _free_port_after(port: int) -> int:
    """The same one at each start where possible, so that pictures in the chats can still be fetched."""
    return next(other for other in range(port + 1, 65536) if _is_free(other))


def _is_free(port: int) -> bool:
    try:
        _check_port(port)
    except DemoError:
        return False
    return True


# --- the two processes ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Child:
    name: str
    process: asyncio.subprocess.Process
    log: Path

    async def watch(self) -> None:
        """Wait for its end, which nobody wants: it is stopped only after the watching."""
        code = await self.process.wait()
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            last = "".join(deque(lines, _LAST_LINES)).rstrip()
        raise DemoError(f"The {self.name} ended by itself (exit code {code}). It said:\n{last}")

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), _STOPPED_WITHIN)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def _child(
    name: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> AsyncIterator[_Child]:
    """A Python process in the demo's folder, where no developer's `.env` is, with a log of its own; in a
    session of its own, so that Ctrl-C ends only us.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    child = _Child(name, process, log)
    try:
        yield child
    finally:
        await child.stop()


# --- what is asked of the sandbox ------------------------------------------------------------------


async def _until(
    ready: Callable[[aiohttp.ClientSession], Awaitable[bool]],
    http: aiohttp.ClientSession,
    otherwise: str,
) -> None:
    try:
        async with asyncio.timeout(_READY_WITHIN):
            while True:
                if await ready(http):
                    return
                await asyncio.sleep(_ASK_AGAIN_AFTER)
    except TimeoutError as error:
        raise DemoError(otherwise) from error


async def _answers(http: aiohttp.ClientSession) -> bool:
    try:
        async with http.get("/sim/clock") as response:
            return response.ok
    except aiohttp.ClientConnectionError:
        return False


async def _is_polled(http: aiohttp.ClientSession) -> bool:
    return bool(await _get(http, "/sim/calls?method=getUpdates"))


async def _furnish(http: aiohttp.ClientSession) -> None:
    """Put the people and the group into the sandbox; the known people open their chats with the bot."""
    for person in DEMO_PEOPLE:
        labels = {"role": person.role_label, "unit": person.unit_label}
        await _post(http, "/sim/users", {"id": person.id, "first_name": person.name} | labels)
        if person.role is not None:
            await _greet(http, person, "telegram", "/start")
            await _greet(http, person, "zalo", label("zalo.spoken_start"))
    await _post(
        http,
        "/sim/chats",
        {
            "id": DEMO_GROUP.id,
            "type": "group",
            "title": DEMO_GROUP.title,
            "members": list(DEMO_GROUP.members),
        },
    )


async def _greet(
    http: aiohttp.ClientSession, person: DemoPerson, platform: str, words: str
) -> None:
    """The person's first message on this phone; none if there was one before."""
    shown = await _get(http, f"/sim/chats/{person.id}/messages?platform={platform}")
    if not shown["messages"]:
        said = {"from": person.id, "text": words, "platform": platform}
        await _post(http, "/sim/message", said)


async def _link(http: aiohttp.ClientSession, database_url: str) -> None:
    """The bot knows the people's second phones."""
    shown = await _get(http, "/sim/people?platform=zalo")
    zalo_ids = {person["id"]: person["zalo_id"] for person in shown["people"]}
    async with Database(database_url) as db:
        await db.write(link, ZALO_TOKEN.partition(":")[0], zalo_ids, datetime.now(UTC))


async def _get(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(path) as response:
        response.raise_for_status()
        return await response.json()


async def _post(http: aiohttp.ClientSession, path: str, body: Mapping[str, object]) -> None:
    async with http.post(path, json=body) as response:
        if not response.ok:
            raise DemoError(f"The sandbox refused {path}: {await response.text()}")
