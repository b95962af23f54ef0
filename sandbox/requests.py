"""Reading what a control request carries; raises SimError in plain English."""

import json
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from sandbox.clock import local
from sandbox.errors import SimError
from sandbox.jsons import JsonDict

MAX_WAIT = 60.0
TELEGRAM, ZALO = "telegram", "zalo"
M = TypeVar("M", bound=BaseModel)


PLATFORM = "platform"


async def read_json(request: Request) -> JsonDict:
    """The body as an object, without the platform that it is meant for."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise SimError(f"the body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise SimError("the body must be a JSON object")
    return {name: value for name, value in body.items() if name != PLATFORM}


async def read_body(request: Request, model: type[M]) -> M:
    return model.model_validate(await read_json(request))


async def platform(request: Request) -> str:
    """Which messenger a request means: named in its query or in its JSON, else Telegram."""
    named: object = request.query_params.get(PLATFORM)
    if named is None and request.headers.get("content-type", "").startswith("multipart/"):
        return TELEGRAM
    if named is None and request.method == "POST":
        named = _json_platform(await request.body())
    if named not in {None, TELEGRAM, ZALO}:
        raise SimError(f"{PLATFORM} must be {TELEGRAM} or {ZALO}")
    return str(named or TELEGRAM)


def _json_platform(body: bytes) -> object:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return None
    return parsed.get(PLATFORM) if isinstance(parsed, dict) else None


def number(request: Request, name: str) -> int | None:
    given = request.query_params.get(name)
    if given is None or given == "":
        return None
    try:
        return int(given)
    except ValueError as error:
        raise SimError(f"{name} must be a whole number") from error


def chat_id(request: Request) -> int:
    try:
        return int(request.path_params["id"])
    except ValueError as error:
        raise SimError("a chat id is a whole number") from error


def wait_seconds(request: Request) -> float:
    try:
        return min(max(float(request.query_params.get("wait", 0)), 0.0), MAX_WAIT)
    except ValueError as error:
        raise SimError("wait must be a number of seconds") from error


def moment(given: str) -> datetime:
    try:
        return local(datetime.fromisoformat(given))
    except ValueError as error:
        raise SimError("times are written as 2026-11-21T08:00:00+07:00") from error
