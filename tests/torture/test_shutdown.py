"""SIGTERM: what is in hand is finished, the rest waits in the inbox for the next start."""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from storage.inbox import InboxState
from storage.schema import inbox
from tests.torture.chat import Chat
from tests.torture.ordeal import LEAD, REPORTERS, furnish
from tests.torture.stage import Stage, in_file, staged

LINES = 6
WITHIN = 10.0
PATIENCE = 30.0


@pytest.fixture
async def stage(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, in_file(tmp_path, migrated_file)) as made:
        await made.database.write(furnish)
        yield made


async def test_sigterm_ends_what_is_in_hand_and_the_next_start_does_the_rest(stage: Stage) -> None:
    chats = [Chat(stage, LEAD + n) for n in range(1, REPORTERS + 1)]
    for chat in chats:
        await chat.enter()
    process = stage.start_bot_afresh()
    await asyncio.gather(*(chat.settle() for chat in chats))
    greeted = {chat.person: chat.last for chat in chats}
    await stage.post("/sim/faults", {"method": "sendMessage", "delay_ms": 250, "times": 1000})
    for number in range(1, LINES + 1):
        for chat in chats:
            await chat.say(f"{number} buổi 10 đv 20 qc")
    await asyncio.gather(*(_next_answer(chat, greeted[chat.person]) for chat in chats))
    assert await _ended(process) < WITHIN
    assert process.returncode == 0

    answered = sum([len(await _sessions(chat, greeted[chat.person])) for chat in chats])
    counts = await stage.database.read(_states)
    assert 0 < answered < LINES * len(chats)
    assert counts[InboxState.WAITING] == LINES * len(chats) - answered
    assert counts[InboxState.DONE] == stage.updates - counts[InboxState.WAITING]

    await stage.clear_faults()
    process = stage.start_bot_afresh()
    try:
        await asyncio.gather(*(chat.settle() for chat in chats))
    finally:
        assert await _ended(process) < WITHIN
    for chat in chats:
        assert await _sessions(chat, greeted[chat.person]) == list(range(1, LINES + 1))


async def _next_answer(chat: Chat, after: int) -> None:
    found = await chat.until(lambda: chat.newest("Đã hiểu", after=after), PATIENCE)
    assert found is not None


async def _ended(process: subprocess.Popen[bytes]) -> float:
    """Ask it to stop; how many seconds it took."""
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, 2 * WITHIN)
    return time.monotonic() - asked


def _states(conn: Connection) -> dict[str, int]:
    rows = conn.execute(select(inbox.c.state, func.count().label("times")).group_by(inbox.c.state))
    return {row.state: row.times for row in rows}


async def _sessions(chat: Chat, after: int) -> list[int]:
    """The number of sessions in each answer, in the order of the answers."""
    await chat.look()
    shown = chat.since(after, "Đã hiểu")
    return [int(m["text"].partition(" buổi")[0].rpartition(" ")[2]) for m in shown]
