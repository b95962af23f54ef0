"""Reading what a control request carries; raises SimError in plain English."""

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from sandbox.clock import local
from sandbox.errors import SimError

MAX_WAIT = 60.0
M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, model: type[M]) -> M:
    return model.model_validate_json(await request.body() or b"{}")


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
