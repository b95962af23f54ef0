"""A sandbox to test: the bot's side and the control side of one server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from sandbox.serving import make_server

TOKEN = "123456:sandbox-test"


@dataclass
class Rig:
    """Speaks to a sandbox over any httpx transport."""

    http: httpx.AsyncClient
    token: str = TOKEN

    async def bot(self, method: str, **params: object) -> dict[str, Any]:
        """The whole answer of a Bot API method."""
        reply = await self.http.post(f"/bot{self.token}/{method}", json=params)
        body: dict[str, Any] = reply.json()
        assert reply.status_code == body.get("error_code", 200)
        return body

    async def ok(self, method: str, **params: object) -> Any:
        """The result of a method that must succeed."""
        body = await self.bot(method, **params)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **params: object) -> str:
        """The description of a refusal."""
        body = await self.bot(method, **params)
        assert not body["ok"], body
        return str(body["description"])

    async def get(self, path: str, **query: str | int | float) -> Any:
        reply = await self.http.get(path, params=query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def post(self, path: str, **body: object) -> Any:
        reply = await self.http.post(path, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def sim_error(self, path: str, **body: object) -> str:
        reply = await self.http.post(path, json=body)
        assert reply.status_code == 400, reply.text
        return str(reply.json()["error"])

    async def person(self, name: str = "Lan", **more: object) -> int:
        return int((await self.post("/sim/users", first_name=name, **more))["id"])

    async def say(self, person: int, text: str, chat: int | None = None, **more: object) -> int:
        body = {"from": person, "chat": person if chat is None else chat, "text": text, **more}
        return int((await self.post("/sim/message", **body))["message_id"])

    async def started(self, name: str = "Lan") -> int:
        """A person who has written to the bot; that update is acknowledged."""
        person = await self.person(name)
        await self.say(person, "/start")
        await self.updates()
        return person

    async def group(self, *members: int, kind: str = "group") -> int:
        """A group with the bot in it; the bot knows already."""
        made = await self.post("/sim/chats", type=kind, title="Ban", members=list(members))
        await self.updates()
        return int(made["id"])

    async def updates(self, **params: object) -> list[dict[str, Any]]:
        """All waiting updates, acknowledged."""
        found: list[dict[str, Any]] = await self.ok("getUpdates", **params)
        if found:
            await self.ok("getUpdates", offset=found[-1]["update_id"] + 1, limit=1)
        return found

    async def shown(self, chat: int) -> list[dict[str, Any]]:
        """What a chat shows."""
        messages: list[dict[str, Any]] = (await self.get(f"/sim/chats/{chat}/messages"))["messages"]
        return messages


def in_process(app: Starlette) -> Rig:
    """A rig with no network."""
    transport = httpx.ASGITransport(app)
    return Rig(httpx.AsyncClient(transport=transport, base_url="http://sandbox"))


@asynccontextmanager
async def over_http(app: Starlette) -> AsyncIterator[Rig]:
    """A rig over real HTTP on a free port; the base URL is `rig.http.base_url`."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with (
        httpx.AsyncClient(base_url=address, timeout=20) as http,
        _serving(make_server(app), listener),
    ):
        yield Rig(http)


@asynccontextmanager
async def _serving(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[None]:
    """What `server.serve` does, but ended at once: it looks ten times a second whether to end, and
    then waits for polls whose askers are gone.
    """
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listener])
    try:
        yield
    finally:
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        tasks = list(server.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.lifespan.shutdown()
