"""The bot's side of HTTP, on loopback: `/health`, `/metrics`, webhooks, and files for Zalo.

A proxy forwards webhooks and files and nothing else (docs/watching.md, docs/zalo.md).
"""

import asyncio
import json
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Update

from bot import files
from bot.inbox import Raw
from bot.metrics import Metrics, age
from channels import zalo_updates
from channels.zalo import Incoming
from channels.zalo_updates import is_genuine, read_webhook
from storage import health
from storage.db import Database
from storage.health import State

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY_LIMIT = 1_000_000
WRITE_SECONDS = 3.0
# Longer than any answer, any long poll and any pause that the messenger asks for.
INBOX_SECONDS, POLL_SECONDS, TICK_SECONDS = 300, 60, 120


class Problem(StrEnum):
    """What can be wrong with a running bot; bot/doctor.py says what to do."""

    DATABASE = "database"
    INBOX = "inbox"
    POLL = "poll"
    TICK = "tick"


class Health(BaseModel):
    """The answer of `/health`. Ages are in seconds; None where nothing is known. `last_poll_seconds`
    names each bot that polls.
    """

    problems: list[Problem]
    inbox_waiting: int | None
    inbox_oldest_seconds: float | None
    last_poll_seconds: Mapping[str, float]
    last_tick_seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watching pages read."""

    db: Database
    metrics: Metrics
    now: Callable[[], datetime]
    last_backup: Callable[[], datetime | None]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the messenger's updates go: they are committed when `take_in` returns."""

    secret: str
    take_in: Callable[[list[Raw]], Awaitable[None]]
    bot: Bot


@dataclass(frozen=True, slots=True)
class ZaloHook:
    """Where a Zalo bot's messages go; `name` is the last part of its webhook's path."""

    name: str
    secret: str
    incoming: Incoming


def create_app(
    watch: Watch, webhook: Webhook | None = None, zalo: Sequence[ZaloHook] = ()
) -> Starlette:
    """The pages, Zalo's files, `/telegram` when that bot has a webhook, and `/zalo/…` for each Zalo bot
    with one.
    """

    async def show_health(_: Request) -> Response:
        found = await look(watch)
        status = 503 if found.problems else 200
        return Response(found.model_dump_json(), status, media_type="application/json")

    async def show_metrics(_: Request) -> Response:
        now = watch.now()
        state = await _state(watch, now)
        if state is None:
            return Response("the database cannot be read", 503, media_type="text/plain")
        page = watch.metrics.page(state, now, watch.last_backup())
        return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})

    routes = [
        Route("/health", show_health),
        Route("/metrics", show_metrics),
        files.route(watch.db, watch.now),
    ]
    if webhook is not None:
        routes.append(_webhook_route(webhook))
    routes += [_zalo_route(hook) for hook in zalo]
    return Starlette(routes=routes)


# --- watching --------------------------------------------------------------------------------------


async def look(watch: Watch) -> Health:
    """Whether the bot works, with a real write into its database."""
    now = watch.now()
    state = await _state(watch, now)
    takes_writes = state is not None and await _takes_writes(watch.db)
    oldest = age(state.oldest, now) if state else None
    since_poll, since_tick = watch.metrics.since_poll, watch.metrics.since_tick
    wrong = {
        Problem.DATABASE: not takes_writes,
        Problem.INBOX: oldest is not None and oldest > INBOX_SECONDS,
        Problem.POLL: any(seconds > POLL_SECONDS for seconds in since_poll.values()),
        Problem.TICK: since_tick > TICK_SECONDS,
    }
    return Health(
        problems=[problem for problem, is_there in wrong.items() if is_there],
        inbox_waiting=state.waiting if state else None,
        inbox_oldest_seconds=oldest,
        last_poll_seconds=since_poll,
        last_tick_seconds=since_tick,
    )


async def _state(watch: Watch, now: datetime) -> State | None:
    try:
        return await watch.db.read(health.state, now)
    except (SQLAlchemyError, OSError) as error:
        log.error("the database cannot be read: %s", type(error).__name__)
        return None


async def _takes_writes(db: Database) -> bool:
    try:
        async with asyncio.timeout(WRITE_SECONDS):
            await db.write(health.touch)
    except (SQLAlchemyError, OSError) as error:
        log.error("the database does not take a write: %s", type(error).__name__)
        return False
    return True


# --- the webhook -----------------------------------------------------------------------------------


def _webhook_route(webhook: Webhook) -> Route:
    async def receive(request: Request) -> Response:
        """Answers 2xx only after the commit, so that the messenger tries again until then.

        A refusal gives no detail to whoever is not the messenger.
        """
        if not _is_messenger(request, webhook.secret):
            return Response(status_code=403)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        raw = _update(request, body, webhook.bot)
        if raw is None:
            return Response(status_code=400)
        return Response(status_code=200 if await _keep(webhook, raw) else 503)

    return Route("/telegram", receive, methods=["POST"])


def _zalo_route(hook: ZaloHook) -> Route:
    async def receive(request: Request) -> Response:
        """As for Telegram: 2xx after the commit, and no detail to whoever is not the messenger."""
        if not is_genuine(request.headers.get(zalo_updates.SECRET_HEADER), hook.secret):
            return Response(status_code=403)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        try:
            event = read_webhook(body)
        except ValueError as error:
            log.error("the webhook got what is no update: %s", type(error).__name__)
            return Response(status_code=400)
        try:
            await hook.incoming.receive(event)
        except (SQLAlchemyError, OSError) as error:
            log.error("an update could not be taken in: %s", type(error).__name__)
            return Response(status_code=503)
        return Response()

    return Route(f"/zalo/{hook.name}", receive, methods=["POST"])


def _is_messenger(request: Request, secret: str) -> bool:
    given = request.headers.get(SECRET_HEADER, "")
    return secrets.compare_digest(given.encode(), secret.encode())


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is longer than any update."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return body


def _update(request: Request, body: bytes, bot: Bot) -> Raw | None:
    """The update, or None for what is none: nothing is committed that cannot be handled."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        return None
    try:
        raw = json.loads(body)
        Update.de_json(dict(raw), bot)
    except Exception as error:
        log.error("the webhook got what is no update: %s", type(error).__name__)
        return None
    return raw if isinstance(raw["update_id"], int) else None


async def _keep(webhook: Webhook, raw: Raw) -> bool:
    """Commit the update; False when the database did not take it."""
    try:
        await webhook.take_in([raw])
    except (SQLAlchemyError, OSError) as error:
        log.error("an update could not be taken in: %s", type(error).__name__)
        return False
    return True


# --- serving ---------------------------------------------------------------------------------------


class PortTakenError(Exception):
    """Another program listens where the bot would."""


class _Server(uvicorn.Server):
    """Leaves the signals to the bot, which stops its parts in their order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Starlette, port: int) -> AsyncIterator[int]:
    """Serve on loopback until the end of the block, and finish what is in hand then.

    Gives the port (a free one for 0); raises PortTakenError. Requests are not logged.
    """
    with _listener(port) as listener:
        server = _Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await task


def _listener(port: int) -> socket.socket:
    # The protocol is named, or asyncio would not know it for TCP and leave Nagle's delay on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTakenError(f"port {port} on {HOST} cannot be used: {error.strerror}") from error
    return listener
