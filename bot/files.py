"""Files and pictures for Zalo, which takes neither: put away, and served under a link (storage/file_link.py).

A proxy forwards `/tep/…` from PUBLIC_URL (docs/zalo.md). Whoever holds no good link learns nothing: a link
that was never made, has expired, is spent or has lost its person gets the same answer.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import file_link
from storage.db import Database
from storage.file_link import File, Terms
from wording.format import VIETNAM
from wording.say import label

log = logging.getLogger(__name__)

PATH = "tep"
MOST_BYTES = 10_000_000
# A preview, the phone itself, and an app that hands the download on: each of them fetches.
DOCUMENT = Terms(timedelta(hours=24), times=5)
# Every phone of a group fetches, each time that the chat is opened.
PICTURE = Terms(timedelta(days=7), times=1000)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file that is served; `begins` are its first bytes."""

    suffix: str
    media_type: str
    begins: bytes
    terms: Terms = DOCUMENT

    def named(self, name: str) -> str:
        """The name, unless it does not say what the file is: the library gives pictures none."""
        given = PurePath(name)
        return (
            name
            if given.suffix.lower() == self.suffix
            else f"{label('zalo.file_name')}{self.suffix}"
        )


_OFFICE = "application/vnd.openxmlformats-officedocument."
_KINDS = (
    _Kind(".png", "image/png", b"\x89PNG\r\n\x1a\n", PICTURE),
    _Kind(".jpg", "image/jpeg", b"\xff\xd8\xff", PICTURE),
    _Kind(".xlsx", f"{_OFFICE}spreadsheetml.sheet", b"PK\x03\x04"),
    _Kind(".docx", f"{_OFFICE}wordprocessingml.document", b"PK\x03\x04"),
    _Kind(".pdf", "application/pdf", b"%PDF-"),
)
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class LinkedFiles:
    """Where the Zalo channel puts files; `root` is the public address without a slash behind it."""

    def __init__(self, db: Database, root: str, now: Callable[[], datetime]) -> None:
        self._db = db
        self._root = root
        self._now = now

    async def publish(self, chat: int, name: str, content: bytes) -> str | None:
        """The address for this chat; None, with a line in the log, for what is not served."""
        kind = _kind(name, content)
        if kind is None:
            log.error("a file of %d bytes is of no kind or size that is served", len(content))
            return None
        file = File(kind.named(name), kind.media_type, content)
        key = await self._db.write(file_link.keep, chat, file, kind.terms, self._now())
        return f"{self._root}/{PATH}/{key}"


class NoFiles:
    """A bot without a public address cannot give anybody a file on Zalo."""

    async def publish(self, chat: int, name: str, content: bytes) -> str | None:
        return None


def _kind(name: str, content: bytes) -> _Kind | None:
    """By its first bytes, and by its name, which only pictures may lack."""
    if len(content) > MOST_BYTES:
        return None
    suffix = PurePath(name).suffix.lower()
    fitting = [kind for kind in _KINDS if content.startswith(kind.begins)]
    return next((k for k in fitting if k.terms is PICTURE or k.suffix == suffix), None)


def route(db: Database, now: Callable[[], datetime]) -> Route:
    """`/tep/KEY`: GET is counted and audited, HEAD only looks."""

    async def serve(request: Request) -> Response:
        key = request.path_params["key"]
        at = now().astimezone(VIETNAM)
        try:
            # Whoever tries out links keeps no writer busy.
            file = await db.read(file_link.look, key, at)
            if file is not None and request.method != "HEAD":
                file = await db.write(file_link.fetch, key, at)
        except (SQLAlchemyError, OSError) as error:
            log.error("a file could not be fetched: %s", type(error).__name__)
            return Response(status_code=503, headers=_HEADERS)
        return _served(file) if file else _gone()

    return Route(f"/{PATH}/{{key}}", serve, methods=["GET"])


def _gone() -> Response:
    return Response(label("zalo.link_gone"), 404, headers=_HEADERS, media_type="text/plain")


def _served(file: File) -> Response:
    how = "inline" if file.media_type.startswith("image/") else "attachment"
    plain = f"tep{PurePath(file.name).suffix}"
    names = f"filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    headers = _HEADERS | {"Content-Disposition": f"{how}; {names}"}
    return Response(file.content, headers=headers, media_type=file.media_type)
