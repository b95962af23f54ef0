"""Who invites, and who comes by an invitation; both do all that others do, besides."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from random import Random

from tests.torture.chat import PATIENCE, Violation
from tests.torture.people import OLD, Person
from tests.torture.stage import Json, Stage

AGREE = "✅ Đồng ý, đăng ký"
ROLE = "Báo cáo viên, tuyên truyền viên"
LINK = re.compile(r"\?start=([\w-]+)")


class Lead(Person):
    """Invites newcomers."""

    def __init__(self, stage: Stage, number: int, rng: Random) -> None:
        super().__init__(stage, number, rng)
        self.invitations: asyncio.Queue[str] = asyncio.Queue()

    async def end(self, halfway: Callable[[], Awaitable[object]]) -> None:
        """A note at the end: its words are what the search for secrets must find."""
        await super().end(halfway)
        await self.send_note()

    async def invite(self) -> str:
        """A token, from the link that the bot shows in the end."""
        begun = self.chat.last
        for _ in self.chat.tries():
            shown = self.chat.newest("Liên kết mời", after=begun)
            if shown is not None and (link := LINK.search(shown["text"])):
                self.chat.stage.tokens.add(link[1])
                # A command that was repeated in between may have opened the next invitation.
                await self.cancel()
                return link[1]
            await self._next_step(begun)
        raise Violation(f"{self.chat.person} gets no invitation")

    async def _next_step(self, begun: int) -> None:
        before, card = self.chat.question("invite", begun)
        offered = [b for row in _rows(card) for b in row]
        units = [b["text"] for b in offered if {"unit", "uses"} & {*b["callback_data"].split(":")}]
        label = ROLE if any(b["text"] == ROLE for b in offered) else None
        label = units[0] if units else label
        popup = await self.chat.tap(card, label, wait=PATIENCE) if label else OLD
        if popup is None or OLD in popup:
            await self.chat.say("/moi")

        def moved() -> bool | None:
            linked = self.chat.newest("Liên kết mời", after=begun)
            return bool(linked) or self.chat.question("invite", begun)[0] > before or None

        await self.chat.until(moved, PATIENCE)


def _rows(card: Json) -> list[list[Json]]:
    rows: list[list[Json]] = card.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


class Newcomer(Person):
    """Becomes a reporter by an invitation's link."""

    async def enrol(self, token: str) -> None:
        card = await self.chat.insist(
            lambda: self.chat.say(f"/start {token}"), lambda: self.chat.newest(button=AGREE)
        )
        for _ in self.chat.tries():
            popup = await self.chat.tap(card, AGREE, wait=PATIENCE)
            if await self.chat.until(lambda: self.chat.newest("Chào đồng chí"), PATIENCE):
                return
            if popup is None or OLD in popup:
                await self.chat.say("/trogiup")
        raise Violation(f"{self.chat.person} cannot enrol")
