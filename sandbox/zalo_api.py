"""The Zalo Bot Platform over HTTP: `/zalo/bot<TOKEN>/<method>`."""

import asyncio
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.calls import CallLog
from sandbox.errors import ApiError
from sandbox.faults import Fault
from sandbox.jsons import JsonDict, dumps
from sandbox.params import Params, read_params
from sandbox.serving import cut
from sandbox.zalo_methods import ZaloAsk, run
from sandbox.zalo_state import ZaloBot
from sandbox.zalo_webhooks import ZaloDeliveries
from sandbox.zalo_world import ZaloWorld

_TOKEN = re.compile(r"(\d{1,20}):[A-Za-z0-9_-]{3,}")
# What the platform itself answers; anything else comes from a machine before it.
_OWN_ERRORS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Internal server error",
    404: "Not Found",
    408: "Request timeout",
    429: "Quota exceeded",
}


class ZaloApi:
    """`/zalo/bot<TOKEN>/<method>` as an ASGI application."""

    def __init__(self, world: ZaloWorld, calls: CallLog, retry_seconds: float) -> None:
        self.world = world
        self.deliveries = ZaloDeliveries(world, retry_seconds)
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or cut its connection when a fault says so."""
        path = scope["path_params"]
        try:
            bot = self._bot(path["token"])
            answer = await self._answer(
                bot, path["method"], await read_params(Request(scope, receive))
            )
        except ApiError as error:
            answer = self._refusal(error)
        if answer is None:
            await cut(scope)
        else:
            await answer(scope, receive, send)

    def _bot(self, token: str) -> ZaloBot:
        """The bot behind a token; the secret half is neither checked nor kept."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise ApiError(401, "Unauthorized")
        return self.world.bot_for_token(int(found[1]))

    async def _answer(self, bot: ZaloBot, method: str, params: Params) -> Response | None:
        at = self.world.clock.now().isoformat(timespec="milliseconds")
        call = self._calls.begin(at, bot.token_id or 0, method, params, "zalo")
        fault = self.world.faults.take(method, self._person(bot, params))
        if fault is not None:
            call.fault = fault.id
            await asyncio.sleep(fault.delay_ms / 1000)
            if fault.disconnect:
                call.ok = False
                return None
        try:
            answer = await self._act(ZaloAsk(self.world, bot, params), method, fault)
            call.ok = True
        except ApiError as error:
            answer = self._refusal(error)
            call.ok, call.description = False, error.description
        call.status = answer.status_code
        return None if fault is not None and fault.drop_reply else answer

    async def _act(self, ask: ZaloAsk, method: str, fault: Fault | None) -> Response:
        planted = fault.error() if fault else None
        if planted is not None:
            raise ApiError(planted.code, _OWN_ERRORS.get(planted.code, planted.description))
        if self.world.quirks.down:
            raise ApiError(502, "Bad Gateway")
        result = await run(ask, method)
        if method in {"setWebhook", "deleteWebhook"}:
            self.deliveries.restart(ask.bot)
        return _json({"ok": True, "result": result})

    def _person(self, bot: ZaloBot, params: Params) -> int | None:
        """The sandbox's own id of the chat that a call names."""
        try:
            return self.world.named(bot, params.text("chat_id")).id
        except ApiError:
            return None

    def _refusal(self, error: ApiError) -> Response:
        """In the platform's envelope; what a machine before it answers is a page of its own."""
        if error.code not in _OWN_ERRORS:
            return Response(f"<h1>{error.description}</h1>", error.code, media_type="text/html")
        quirks = self.world.quirks
        place = quirks.idle if error.code == 408 else quirks.refusals
        body = {"ok": False, "error_code": error.code, "description": error.description}
        return _json(body, error.code if place == "status" else 200)


def _json(body: JsonDict, status: int = 200) -> Response:
    return Response(dumps(body), status, media_type="application/json")
