"""People on Zalo. There is nothing to tap and no pop-up, and what the platform hands to a bot that is
killed at that moment is gone; the sandbox hands everything over twice, so that it comes late.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import date
from random import Random

from sqlalchemy import Connection

from domain.role import Role
from storage import person, unit, zalo
from tests.torture.chat import Chat
from tests.torture.people import Person
from tests.torture.stage import START, ZALO_TOKEN, Stage

FIRST, PEOPLE = 4000, 4
BOT = ZALO_TOKEN.partition(":")[0]
METHODS = ("getUpdates", "sendMessage", "sendMessage", "sendMessage")
# After a failure the library waits a second or more before it polls again: most of a short life.
TROUBLE = 0.2
HANDED_OVER_WITHIN = 120.0
ROOMY = {"quota": 1_000_000, "users": 1_000_000}


class ZaloChat(Chat):
    """A chat on Zalo; its messages never change."""

    number = 0

    @property
    def address(self) -> str:
        return str(self.number)

    async def enter(self) -> None:
        await self.say("chào")

    async def settle(self) -> None:
        """Nothing tells here that all is through."""
        await self.look()

    async def handed_over(self) -> None:
        """Wait until the platform has nothing left for the bot."""
        deadline = time.monotonic() + HANDED_OVER_WITHIN
        while await self._waiting() and time.monotonic() < deadline:
            await self.look(0.5)

    async def _waiting(self) -> bool:
        known = await self.stage.get("/sim/people", platform="zalo", hidden=1)
        return bool(known["bots"][0]["pending"])

    async def say(self, text: str) -> int:
        self._note(f"says {text!r}")
        said = {"platform": "zalo", "from": self.person, "chat": self.person, "text": text}
        return int((await self.stage.post("/sim/message", said))["message_id"])

    async def look(self, wait: float = 0) -> None:
        path = f"/sim/chats/{self.person}/messages"
        answer = await self.stage.get(path, platform="zalo", after=self.last, wait=wait)
        for message in answer["messages"]:
            self._take_in(message)


class ZaloPerson(Person):
    """Reports by lines that are stored at once."""

    def __init__(self, stage: Stage, number: int, rng: Random) -> None:
        super().__init__(stage, number, rng)
        self.chat = self.on_zalo = ZaloChat(stage, number)

    def scripts(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.report_at_once]

    async def end(self, halfway: Callable[[], Awaitable[object]]) -> None:
        """What was handed over late may have opened a dialogue again; /huy comes twice as well."""
        await halfway()
        await self.on_zalo.handed_over()
        await self.cancel()
        await self.on_zalo.handed_over()


async def enter(stage: Stage, rng: Random) -> list[Person]:
    """The people of Zalo, as reporters whom the bot knows."""
    await stage.post("/sim/quirks", {"platform": "zalo", "replays": 1, **ROOMY})
    people = [ZaloPerson(stage, FIRST + n, Random(rng.random())) for n in range(PEOPLE)]
    for each in people:
        await stage.post("/sim/users", {"id": each.chat.person, "first_name": "Người Zalo"})
    known = (await stage.get("/sim/people", platform="zalo", hidden=1))["people"]
    ids = {each["id"]: each["zalo_id"] for each in known}
    for each in people:
        each.on_zalo.number = await stage.database.write(_enrol, ids[each.chat.person])
    return [*people]


def _enrol(conn: Connection, zalo_id: str) -> int:
    number = zalo.number_of(conn, BOT, zalo_id, is_group=False)
    person_id = person.add(conn, f"Báo cáo viên {number}", START, consent_version="2026-11")
    person.add_account(conn, person_id, "zalo", str(number))
    place = unit.by_code(conn, "xa-0")
    assert place is not None
    person.add_membership(conn, person_id, place.id, Role.REPORTER, date(2026, 1, 1))
    return number
