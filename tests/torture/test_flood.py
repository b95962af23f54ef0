"""A flood from one chat: others are answered all the same, and the memory stays what it was."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import Connection, func, select

from storage.inbox import InboxState
from storage.schema import inbox
from tests.torture.chat import Chat
from tests.torture.ordeal import LEAD, REPORTERS, furnish
from tests.torture.stage import Json, Stage, in_file, staged

FLOOD = 3_000
ROUNDS = 3
PATIENCE = 60.0
# How much later than on a quiet day others may be answered, and how much memory may come on top.
SLOWER, SECONDS = 10, 2.0
MEMORY_KIB = 20 * 1024


@pytest.fixture
async def stage(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, in_file(tmp_path, migrated_file)) as made:
        await made.database.write(furnish)
        yield made


async def test_a_flood_from_one_chat_holds_up_nobody_else(stage: Stage) -> None:
    flooder, *others = [Chat(stage, LEAD + n) for n in range(1, REPORTERS + 1)]
    for chat in (flooder, *others):
        await chat.enter()
    stage.start_bot()
    await asyncio.gather(*(chat.settle() for chat in (flooder, *others)))
    quiet = await _answer_times(others)
    memory, begun = _memory(stage), flooder.last

    stage.kill_bot()
    for number in range(1, FLOOD + 1):
        line = f"1 buổi {number} đv 20 qc"
        await stage.post("/sim/message", {"from": flooder.person, "text": line})
    stage.start_bot()
    flooded = await _answer_times(others)
    assert median(flooded) < max(SLOWER * median(quiet), SECONDS)
    assert _memory(stage) - memory < MEMORY_KIB

    stage.kill_bot()
    await flooder.look()
    answers = [_party_members(message) for message in flooder.since(begun, "Đã hiểu")]
    assert 0 < len(answers) < FLOOD, "the flood was over before the others spoke"
    assert answers == list(range(1, len(answers) + 1))
    # One may be answered and not yet ended, or ended and not yet answered.
    waiting = await stage.database.read(_waiting, flooder.address)
    assert abs(waiting - (FLOOD - len(answers))) <= 1


async def _answer_times(chats: list[Chat]) -> list[float]:
    """Seconds from a question to its answer; all ask at once, several times."""
    times: list[float] = []
    for _ in range(ROUNDS):
        times += await asyncio.gather(*(_answer_time(chat) for chat in chats))
    return times


async def _answer_time(chat: Chat) -> float:
    begun, before = time.monotonic(), chat.last
    await chat.say("/trogiup")
    found = await chat.until(lambda: chat.newest("Chào đồng chí", after=before), PATIENCE)
    assert found is not None
    return time.monotonic() - begun


def _memory(stage: Stage) -> int:
    """KiB of memory that the bot holds."""
    lines = Path(f"/proc/{stage.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def _party_members(message: Json) -> int:
    return int(message["text"].partition(" đảng viên")[0].rpartition(" ")[2].replace(".", ""))


def _waiting(conn: Connection, chat: str) -> int:
    waiting = select(func.count()).where(inbox.c.state == InboxState.WAITING, inbox.c.chat == chat)
    return conn.execute(waiting).scalar_one()
