"""The Bot API over HTTP: tokens, faults, answers and file downloads."""

import asyncio
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.access import Ask
from sandbox.calls import Call
from sandbox.errors import ApiError
from sandbox.faults import Fault
from sandbox.jsons import JsonDict, dumps
from sandbox.methods import CANONICAL, run
from sandbox.params import Params, read_params
from sandbox.serving import cut
from sandbox.state import Bot
from sandbox.webhooks import Deliveries
from sandbox.world import World

_TOKEN = re.compile(r"(\d{1,15}):[A-Za-z0-9_-]{3,}")


def bot_for(world: World, token: str) -> Bot:
    """The bot behind a token; the secret half is neither checked nor kept."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        well_begun = re.match(r"\d+:", token)
        raise ApiError(401, "Unauthorized") if well_begun else ApiError(404, "Not Found")
    return world.bot_for_id(int(found.group(1)))


class BotApi:
    """`/bot<TOKEN>/<method>` as an ASGI application."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.deliveries = Deliveries(world, self._run_reply)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or cut its connection when a fault says so."""
        path = scope["path_params"]
        try:
            bot = bot_for(self.world, path["token"])
            params = await read_params(Request(scope, receive))
            answered = await self.answer(bot, path["method"], params)
        except ApiError as error:
            answered = _refusal(error)
        if answered is None:
            await cut(scope)
        else:
            await _reply(send, *answered)

    async def answer(self, bot: Bot, method: str, params: Params) -> tuple[int, JsonDict] | None:
        """Status and body of a call's answer; None when the connection is to be cut."""
        name = CANONICAL.get(method.lower(), method)
        at = self.world.clock.now().isoformat(timespec="milliseconds")
        call = self.world.calls.begin(at, bot.id, name, params)
        fault = None
        if self.world.faults.planted:
            fault = self.world.faults.take(name, params.integer("chat_id") or None)
        if fault is not None:
            call.fault = fault.id
            await asyncio.sleep(fault.delay_ms / 1000)
            if fault.disconnect:
                call.ok = False
                return None
        status, body = await self._act(Ask(self.world, bot, params), name, call, fault)
        return None if fault is not None and fault.drop_reply else (status, body)

    async def _act(
        self, ask: Ask, name: str, call: Call, fault: Fault | None
    ) -> tuple[int, JsonDict]:
        try:
            planted = fault.error() if fault else None
            if planted is not None:
                raise planted
            result = await run(ask, name)
            status, body = 200, {"ok": True, "result": result}
            if name in {"setWebhook", "deleteWebhook"}:
                self.deliveries.restart(ask.bot)
        except ApiError as error:
            status, body = _refusal(error)
            call.description = error.description
        call.status, call.ok = status, status == 200
        return status, body

    async def _run_reply(self, bot: Bot, body: JsonDict) -> None:
        values = {name: value for name, value in body.items() if name != "method"}
        await self.answer(bot, body["method"], Params(values))


def _refusal(error: ApiError) -> tuple[int, JsonDict]:
    body: JsonDict = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return error.code, body


async def _reply(send: Send, status: int, body: JsonDict) -> None:
    content = dumps(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def download(request: Request) -> Response:
    """`/file/bot<TOKEN>/<path>`: a file's bytes."""
    world: World = request.app.state.world
    try:
        bot_for(world, request.path_params["token"])
        stored = world.files.by_path.get(request.path_params["path"])
        if stored is None:
            raise ApiError(404, "Not Found")
    except ApiError as error:
        status, body = _refusal(error)
        return Response(dumps(body), status, media_type="application/json")
    return Response(world.files.read(stored), media_type="application/octet-stream")
