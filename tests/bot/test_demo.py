"""The launcher over real processes; a stub of a few lines plays the bot."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo_data import DEMO_GROUP, DEMO_PEOPLE, prepare
from storage.db import Database
from storage.migrate import migrate

PROJECT = Path(__file__).parents[2]
POLLING_BOT = """
import json, os, time, urllib.request
base = f"{os.environ['TELEGRAM_BASE_URL']}/bot{os.environ['TELEGRAM_TOKEN']}"
seen = {name: os.environ[name] for name in ("CLOCK_URL", "DATABASE_URL", "ZALO_BASE_URL")}
others = ("WEBHOOK_URL", "WEBHOOK_SECRET", "EVIDENCE_PHOTOS")
seen["strange"] = [name for name in others if name in os.environ] + [f for f in os.listdir() if f == ".env"]
print(json.dumps(seen), flush=True)
offset = 0
while True:
    with urllib.request.urlopen(f"{base}/getUpdates?timeout=1&offset={offset}") as answer:
        for update in json.load(answer)["result"]:
            offset = update["update_id"] + 1
"""
DYING_BOT = "raise SystemExit('TELEGRAM_TOKEN: is missing')"
LAUNCHER = (
    "import sys; from pathlib import Path; from bot.demo import demo;"
    "demo(int(sys.argv[1]), Path(sys.argv[2]), ('-c', sys.argv[3]))"
)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the first start leaves it."""
    file = tmp_path_factory.mktemp("demo") / "bao-cao.db"

    async def fill() -> None:
        async with Database(f"sqlite:///{file}") as db:
            await migrate(db)
            await prepare(db, datetime(2026, 11, 21, 8, tzinfo=UTC))

    asyncio.run(fill())
    return file


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    """The folder of a demo that has been started before."""
    shutil.copy(prepared, tmp_path)
    return tmp_path


@asynccontextmanager
async def launched(port: int, folder: Path, bot: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LAUNCHER, str(port), str(folder), bot),
        cwd=PROJECT,
        # A developer's own settings, which must not reach the demo.
        env=os.environ | {"WEBHOOK_URL": "https://a.vn/telegram", "EVIDENCE_PHOTOS": "true"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def first_line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return (await process.stdout.readline()).decode().strip()


async def asked(port: int, path: str) -> Any:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}{path}") as got:
        return await got.json()


def told(folder: Path) -> Any:
    """What the bot found in its environment."""
    return json.loads((folder / "bot.log").read_text(encoding="utf-8"))


async def stopped_by(process: asyncio.subprocess.Process, number: int) -> tuple[int, str, str]:
    process.send_signal(number)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


async def test_the_demo_prints_its_address_and_shows_people_and_group(
    port: int, tmp_path: Path
) -> None:
    async with launched(port, tmp_path, POLLING_BOT) as process:
        assert await first_line(process) == f"Demo: http://127.0.0.1:{port}/"
        shown = await asked(port, "/sim/people")
        assert [p["id"] for p in shown["people"]] == [p.id for p in DEMO_PEOPLE]
        assert {p["id"]: (p["name"], p["role"], p["unit"]) for p in shown["people"]} == {
            p.id: (p.name, p.role_label, p.unit_label) for p in DEMO_PEOPLE
        }
        (group,) = shown["groups"]
        assert (group["id"], group["title"]) == (DEMO_GROUP.id, DEMO_GROUP.title)
        assert set(group["members"]) == {*DEMO_GROUP.members, shown["bots"][0]["id"]}
        assert told(tmp_path) == {
            "CLOCK_URL": f"http://127.0.0.1:{port}/sim/clock",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'bao-cao.db'}",
            "ZALO_BASE_URL": f"http://127.0.0.1:{port}/zalo",
            "strange": [],
        }
        assert await stopped_by(process, signal.SIGINT) == (0, "", "")
    assert is_free(port)


async def test_a_second_start_goes_on_where_the_first_stood(port: int, folder: Path) -> None:
    async with launched(port, folder, POLLING_BOT) as process:
        await first_line(process)
        await stopped_by(process, signal.SIGTERM)
    async with launched(port, folder, POLLING_BOT) as process:
        await first_line(process)
        known, newcomer = DEMO_PEOPLE[0].id, DEMO_PEOPLE[5].id
        chat = await asked(port, f"/sim/chats/{known}/messages")
        assert [message["text"] for message in chat["messages"]] == ["/start"]
        assert (await asked(port, f"/sim/chats/{newcomer}/messages"))["messages"] == []
        zalo = await asked(port, f"/sim/chats/{known}/messages?platform=zalo")
        assert [message["text"] for message in zalo["messages"]] == ["bắt đầu"]
        assert len((await asked(port, "/sim/people"))["people"]) == len(DEMO_PEOPLE)


async def test_a_bot_that_dies_is_named_with_its_last_words(port: int, folder: Path) -> None:
    async with launched(port, folder, DYING_BOT) as process:
        out, err = await process.communicate()
    assert process.returncode == 1
    assert out == b""
    assert "The bot ended by itself (exit code 1)" in err.decode()
    assert "TELEGRAM_TOKEN: is missing" in err.decode()
    assert is_free(port)


async def test_a_sandbox_that_dies_takes_the_bot_along(port: int, folder: Path) -> None:
    async with launched(port, folder, POLLING_BOT) as process:
        await first_line(process)
        bot = child_of(process.pid, "getUpdates")
        os.kill(child_of(process.pid, "sandbox"), signal.SIGKILL)
        _, err = await process.communicate()
        assert process.returncode == 1
        assert "ended by itself" in err.decode()
    with pytest.raises(ProcessLookupError):
        os.kill(bot, 0)


def child_of(parent: int, word: str) -> int:
    """The process below `parent` whose command line holds the word."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_text()
        except OSError:  # it has ended since
            continue
        if int(status[1]) == parent and word in line:
            return int(folder.name)
    raise LookupError(word)


async def test_a_busy_port_is_said_in_a_sentence_that_names_the_setting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with launched(port, tmp_path, POLLING_BOT) as process:
            _, err = await process.communicate()
    assert process.returncode == 1
    assert f"Port {port} is in use." in err.decode()
    assert "DEMO_PORT" in err.decode()
    assert "Traceback" not in err.decode()
