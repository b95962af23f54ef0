"""The committee's group: somebody asks for one summary after the other, of another month each time."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from random import Random

from tests.torture.stage import Stage

TITLE = "TỔNG KẾT"


class Committee:
    """A supergroup of one person's, in which each summary may stand once at the most."""

    def __init__(self, stage: Stage, lead: int, rng: Random) -> None:
        self._stage = stage
        self._lead = lead
        self._rng = rng
        self._group = 0

    async def meet(self) -> None:
        """Make the group; the bot is told of it."""
        body = {"type": "supergroup", "title": "Ban chỉ đạo", "members": [self._lead]}
        self._group = (await self._stage.post("/sim/chats", body))["id"]
        self._stage.updates += 1

    async def keep_asking(self, over: asyncio.Event) -> None:
        """As often as a group may be written to without a pause."""
        for month in range(1, 13):
            if over.is_set():
                return
            said = {"from": self._lead, "chat": self._group, "text": f"/tongket {month}/2025"}
            await self._stage.post("/sim/message", said)
            self._stage.updates += 1
            await asyncio.sleep(self._rng.uniform(1, 3))

    async def wrong(self) -> Iterable[str]:
        """Summaries that stand there twice; or none at all."""
        shown = (await self._stage.get(f"/sim/chats/{self._group}/messages"))["messages"]
        posts = Counter(
            message["text"].splitlines()[0]
            for message in shown
            if message["from"]["is_bot"] and not message["deleted"] and TITLE in message["text"]
        )
        if not posts:
            return ["no summary was ever posted"]
        return [f"{times} × {post!r} in the group" for post, times in posts.items() if times > 1]
