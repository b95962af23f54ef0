"""The dialogues of the counted month (bench/zalo_month.py) cost with the real bot what is counted."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, select

from bench.zalo_month import LINE, MONTH, Kind
from storage import person
from storage.schema import zalo_address
from storage.zalo import FIRST_NUMBER
from tests.journeys.cast import CAST, SINCE, _units
from tests.journeys.rig import PATIENCE, PROJECT, START, _free_port

PEOPLE = {name: number for number, name in enumerate(CAST, 1001)}
OFFICER = ("briefing: announced", "summaries", "ladder: rounds that are called")
# What must have been said before, so that the words mean what they mean in the month.
BEFORE = {
    "corrections": (LINE,),
    "lines that are asked back": ("3 buổi 4500 đv 60 qc hôm qua",),
}
# Answers to what nobody asked for, and what needs a token or a lock: the scenarios show them.
ELSEWHERE = {
    "briefing: answers",
    "briefing: attendance",
    "ladder: once more in the evening",
    "requests after the lock",
    "enrolments",
    "old letters, and stopped texts",
    "heat maps",
    "people: invited, away, let in",
}
PLAYED = [kind for kind in MONTH if kind.said and kind.name not in ELSEWHERE]


@dataclass
class Bot:
    """The real bot on Zalo alone, and its sandbox."""

    http: httpx.Client
    seen: dict[int, int] = field(default_factory=dict)

    def say(self, who: int, text: str) -> int:
        """Say something; how many messages the bot answered before it heard the next thing."""
        body = {"platform": "zalo", "from": who, "text": text}
        last = self.http.post("/sim/message", json=body).raise_for_status().json()["message_id"]
        found = self._after(who, last, PATIENCE)
        assert found, f"no answer to {text!r}"
        return len(found)

    def _after(self, who: int, last: int, wait: float) -> list[dict[str, Any]]:
        query: dict[str, Any] = {"platform": "zalo", "after": last, "wait": wait}
        reply = self.http.get(f"/sim/chats/{who}/messages", params=query).raise_for_status()
        messages: list[dict[str, Any]] = reply.json()["messages"]
        return messages

    def sent(self) -> int:
        reply = self.http.get("/sim/people", params={"platform": "zalo"}).raise_for_status()
        return int(reply.json()["bots"][0]["month"]["out"])


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder, port = tmp_path_factory.mktemp("zalo-month"), _free_port()
    base = f"http://127.0.0.1:{port}"
    sandbox = _process("sandbox", "--port", str(port), "--now", START.isoformat())
    settings = {
        "TELEGRAM_TOKEN": "",
        "ZALO_TOKEN": "77:zalo-month",
        "ZALO_BASE_URL": f"{base}/zalo",
        "ZALO_POLL_SECONDS": "1",
        "ZALO_POLL_FLOOR": "0",
        "WEB_PORT": "0",
        "CLOCK_URL": f"{base}/sim/clock",
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
    }
    transport = httpx.HTTPTransport(retries=6)
    with httpx.Client(base_url=base, transport=transport, timeout=PATIENCE + 10) as http:
        for name, number in PEOPLE.items():
            user = {"id": number, "first_name": CAST[name].name}
            http.post("/sim/users", json=user).raise_for_status()
        running = _process("bot", "run", env=settings)
        try:
            made = Bot(http)
            _furnish(made, folder / "bot.db")
            yield made
        finally:
            for process in (running, sandbox):
                process.kill()
                process.wait()


def _process(module: str, *arguments: str, env: dict[str, str] | None = None) -> Any:
    command = [sys.executable, "-m", module, *arguments]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | (env or {}), stdout=quiet, stderr=quiet
    )


def _furnish(bot: Bot, database: Path) -> None:
    """Everybody writes once, so that the bot knows their ids; then they get their roles."""
    known = {name: number for name, number in PEOPLE.items() if CAST[name].unit}
    for number in known.values():
        bot.say(number, "chào")
    reply = bot.http.get("/sim/people", params={"platform": "zalo"}).json()["people"]
    ids = {each["id"]: each["zalo_id"] for each in reply}
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as conn:
        rows = conn.execute(select(zalo_address.c.zalo_id, zalo_address.c.id))
        numbers = {zalo_id: FIRST_NUMBER + row for zalo_id, row in rows}
        units = _units(conn)
        for name, number in known.items():
            player = CAST[name]
            who = person.add(conn, player.name, START, consent_version="2026-11")
            person.add_account(conn, who, "zalo", str(numbers[ids[number]]))
            assert player.unit and player.role
            person.add_membership(conn, who, units[player.unit], player.role, SINCE)
    engine.dispose()


@pytest.mark.parametrize("kind", PLAYED, ids=lambda kind: kind.name)
def test_each_word_is_answered_by_one_message(bot: Bot, kind: Kind) -> None:
    who = PEOPLE["officer" if kind.name in OFFICER else "reporter"]
    bot.say(who, "hủy")
    for text in BEFORE.get(kind.name, ()):
        bot.say(who, text)
    before = bot.sent()
    assert sum(bot.say(who, text) for text in kind.said) == len(kind.said)
    bot.say(who, "hủy")
    assert bot.sent() - before == len(kind.said) + 1


def test_what_is_shown_elsewhere_is_in_the_month() -> None:
    assert {kind.name for kind in MONTH} >= ELSEWHERE
