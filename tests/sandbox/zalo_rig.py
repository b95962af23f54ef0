"""The Zalo side of a sandbox to test: what a bot asks and what people do."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.sandbox.rig import Rig

TOKEN = "987654:zalo-test"


@dataclass
class ZaloRig:
    """Speaks to the Zalo side of a rig's sandbox."""

    rig: Rig
    token: str = TOKEN

    async def call(self, method: str, **params: object) -> httpx.Response:
        return await self.rig.http.post(f"/zalo/bot{self.token}/{method}", json=params)

    async def ok(self, method: str, **params: object) -> Any:
        """The result of a method that must succeed."""
        body = (await self.call(method, **params)).json()
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **params: object) -> tuple[int, str]:
        """Error code and description of a refusal."""
        body = (await self.call(method, **params)).json()
        assert not body["ok"], body
        return int(body["error_code"]), str(body["description"])

    async def sim(self, path: str, **body: object) -> Any:
        return await self.rig.post(path, platform="zalo", **body)

    async def sim_error(self, path: str, **body: object) -> str:
        return await self.rig.sim_error(path, platform="zalo", **body)

    async def quirks(self, **wanted: object) -> None:
        await self.rig.post("/sim/quirks", **wanted)

    async def say(self, person: int, text: str, **more: object) -> int:
        said = await self.sim("/sim/message", **{"from": person, "text": text, **more})
        return int(said["message_id"])

    async def update(self, seconds: int = 0) -> dict[str, Any]:
        """The next update, which must be there."""
        event: dict[str, Any] = await self.ok("getUpdates", timeout=str(seconds))
        return event

    async def idle(self) -> bool:
        """Whether no update waits."""
        return (await self.refused("getUpdates", timeout="0"))[0] == 408

    async def started(self, name: str = "Lan") -> tuple[int, str]:
        """A person who has written to the bot, and the id by which the bot knows them."""
        person = await self.rig.person(name)
        await self.say(person, "Xin chào")
        return person, str((await self.update())["message"]["chat"]["id"])

    async def shown(self, chat: int) -> list[dict[str, Any]]:
        """What a chat shows."""
        reply = await self.rig.get(f"/sim/chats/{chat}/messages", platform="zalo")
        messages: list[dict[str, Any]] = reply["messages"]
        return messages

    async def bot_facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = (await self.rig.get("/sim/people", platform="zalo"))["bots"][0]
        return facts
