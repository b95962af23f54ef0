"""Telegram's Bot API over aiohttp, behind python-telegram-bot's own seam (`BaseRequest`).

Chosen by measurement: 2–7 times the default transport (docs/decisions.md). The URL holds the
token, so it appears in no log line and in no error.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
CONNECTIONS = 256
# Soon enough for a newcomer that polls with our token to notice us while it still looks.
ASK_AGAIN_SECONDS = 0.1
# A newcomer looks twice, and each look may end one of our polls; the library would pause in between.
ASK_AGAIN_TIMES = 5

log = logging.getLogger(__name__)

_Body = bytes | aiohttp.FormData | None
_Headers = Mapping[str, str] | None
_JSON = {"Content-Type": "application/json"}


class NotSent(NetworkError):
    """No connection could be made: the messenger has certainly seen nothing of the request."""


class AiohttpRequest(BaseRequest):
    """Carries the library's requests; one session, opened by `initialize`."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return READ_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                # A messenger sets no cookies, and to look for them takes time with every request.
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send one request; raises NotSent, TimedOut or NetworkError, none of which names the URL."""
        if self._session is None:
            raise RuntimeError("this request is not initialized")
        timeout = _timeout(
            _seconds(connect_timeout, CONNECT_SECONDS), _seconds(read_timeout, READ_SECONDS)
        )
        body, headers = self._body(url, request_data)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(f"aiohttp.{type(error).__name__}") from None
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}") from None

    def _body(self, url: str, data: RequestData | None) -> tuple[_Body, _Headers]:
        """JSON, which costs half of a form; a form where there are files."""
        if data is None:
            return None, None
        if data.multipart_data:
            return _form(data), None
        return json.dumps(self._parameters(url, data)).encode(), _JSON

    def _parameters(self, url: str, data: RequestData) -> dict[str, Any]:
        return data.parameters

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The reply; of a text that a person was sent only that it was, because nobody asks for more
        and the library would make a hundred fields of it.
        """
        reply = BaseRequest.parse_json_payload(payload)
        result = reply.get("result")
        if isinstance(result, dict) and "text" in result and result["chat"]["id"] > 0:
            reply["result"] = True
        return reply


Update = Mapping[str, Any]
TakeIn = Callable[[list[Update]], Awaitable[None]]


NOTHING = b'{"ok":true,"result":[]}'


class PollingRequest(AiohttpRequest):
    """Asks for updates and hands each batch to `take_in`; the library itself sees none of them.

    Only when a batch is committed does the next request confirm it: the offset is ours.
    """

    def __init__(self, take_in: TakeIn) -> None:
        super().__init__()
        self._take_in = take_in
        self._offset = 0

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One request. What `take_in` raises is raised: the messenger keeps the batch then."""
        ask = partial(
            super().do_request,
            *(url, method, request_data),
            *(read_timeout, write_timeout, connect_timeout, pool_timeout),
        )
        status, payload = await ask()
        for _ in range(ASK_AGAIN_TIMES):
            if status != HTTPStatus.CONFLICT:
                break
            log.error("another process polls with this token: only one may run")
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            status, payload = await ask()
        if not _polls(url) or status != 200:
            return status, payload
        updates: list[Update] = json.loads(payload)["result"]
        await self._take_in(updates)
        if updates:
            self._offset = updates[-1]["update_id"] + 1
        return status, NOTHING

    def _parameters(self, url: str, data: RequestData) -> dict[str, Any]:
        offset = {"offset": self._offset} if _polls(url) and self._offset else {}
        return super()._parameters(url, data) | offset


def _polls(url: str) -> bool:
    return url.endswith("/getUpdates")


def _form(data: RequestData) -> aiohttp.FormData:
    # Quoted fields would percent-encode Vietnamese file names.
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return form


@lru_cache
def _timeout(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(sock_connect=connect, sock_read=read)


def _seconds(timeout: object, default: float) -> float | None:
    """The library's timeout: a number, None for no limit, or its marker for "the default"."""
    if timeout is None:
        return None
    return float(timeout) if isinstance(timeout, int | float) else default
