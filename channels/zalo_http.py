"""Calls of the Zalo Bot Platform over aiohttp, and what its answers mean.

The URL holds the token, so it appears in no log line and in no error.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut

from channels.telegram import NotSent

Json = Mapping[str, Any]


class Refused(Exception):
    """The platform said no: its error code, and its words."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description


@dataclass
class ZaloHttp:
    """One session; opened by `open`, given back by `close`. Times are in seconds."""

    connect_seconds: float
    read_seconds: float
    _session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, url: str, parameters: Json, *, waits: float = 0) -> Any:
        """A method's result. Raises Refused; or NotSent, TimedOut or NetworkError without the URL.

        `waits` is how long the platform may hold the call back.
        """
        if self._session is None:
            raise RuntimeError("this connection is not open")
        timeout = aiohttp.ClientTimeout(
            sock_connect=self.connect_seconds, sock_read=self.read_seconds + waits
        )
        try:
            async with self._session.post(url, json=parameters, timeout=timeout) as response:
                return result_of(response.status, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(f"aiohttp.{type(error).__name__}") from None
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}") from None


def result_of(status: int, payload: bytes) -> Any:
    """What an answer brings, or Refused: a 200 may carry a refusal, a refusal may be no JSON at all."""
    try:
        body = json.loads(payload)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        code = status if status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY
        raise Refused(code, "the answer is no JSON object")
    if body.get("ok") is True and status < HTTPStatus.BAD_REQUEST:
        return body.get("result")
    fallback = status if status >= HTTPStatus.BAD_REQUEST else HTTPStatus.INTERNAL_SERVER_ERROR
    named = body.get("error_code")
    raise Refused(named if isinstance(named, int) else fallback, str(body.get("description", "")))


# As the library reads them: 401 and 404 would end it for good, and Zalo's 403 is a server's error.
_STATUS: Mapping[int, int] = {
    HTTPStatus.FORBIDDEN: HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.NOT_FOUND: HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
}


def as_bot_api(refused: Refused, retry_seconds: int) -> tuple[int, bytes]:
    """The refusal as the Bot API would put it; a 429 without a time to wait gets `retry_seconds`."""
    status = _STATUS.get(refused.code, refused.code)
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": refused.description}
    if refused.code == HTTPStatus.TOO_MANY_REQUESTS:
        body["parameters"] = {"retry_after": retry_seconds}
    return int(status), json.dumps(body).encode()
