"""Runs one bot: its parts in their order, until it is told to stop; what is in hand is finished."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from starlette.applications import Starlette

from bot import web
from bot.app import CHANNEL, App, Parts, build
from bot.backup import DailyBackup, last_backup
from bot.clock import Clock, RemoteClock, SystemClock
from bot.housekeeping import Housekeeping
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.settings import Settings
from bot.single import CannotStartError, only_one
from handlers.commands import publish
from handlers.desk import Context
from storage import reminder
from storage.db import Database
from storage.migrate import migrate

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
BACKUP_LOOK_SECONDS = 60.0
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]

Tick = Callable[[], Awaitable[None]]


async def run(settings: Settings, stop: asyncio.Event, alone: Awaitable[None]) -> None:
    """Run the bot until `stop` is set; `alone` raises when another one runs with the same token.
    Raises CannotStartError, PortTakenError, InvalidToken, or what the database raises when it
    cannot be opened.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(only_one(settings.database_url))
        db = await stack.enter_async_context(Database(settings.database_url))
        await migrate(db)
        clock = await _clock(settings, db)
        metrics = Metrics(polls=settings.webhook_url is None)
        parts = build(settings, db, clock.now, metrics)
        await stack.enter_async_context(parts.app)
        # Until here nothing was sent, confirmed or answered.
        await alone
        tick = await _ticking(settings, db, clock.now, parts, metrics)
        await publish(parts.app.bot)
        _schedule(parts.app, tick, "tick", TICK_SECONDS)
        # A clock that is moved (the sandbox's) has no nights.
        if db.is_sqlite and settings.clock_url is None:
            daily = DailyBackup(settings, clock.now)
            _schedule(parts.app, daily.tick, "backup", BACKUP_LOOK_SECONDS)
        follower = _follow(clock, tick)
        left = await parts.inbox.refill()
        if left:
            log.info("%d updates of the last run are taken up", left)
        await parts.app.start()
        stack.push_async_callback(parts.app.stop)
        stack.callback(parts.inbox.close)
        stack.callback(parts.pace.close)
        await _listen(settings, db, clock.now, parts, metrics, stack)
        _spare_the_collector()
        log.info("the bot is running")
        await stop.wait()
        log.info("stopping")
        if follower is not None:
            follower.cancel()


def _spare_the_collector() -> None:
    """What is here by now stays: looking through it again and again took a fifth of all CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _listen(
    settings: Settings,
    db: Database,
    now: Callable[[], datetime],
    parts: Parts,
    metrics: Metrics,
    stack: AsyncExitStack,
) -> None:
    """Open the loopback pages, and let updates come: by webhook where one is set, else by polling."""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    webhook = web.Webhook(secret, parts.inbox.take_in, parts.app.bot)
    watch = web.Watch(db, metrics, now, lambda: last_backup(settings))
    pages = web.create_app(watch, webhook if settings.webhook_url else None)
    if settings.web_port:
        await _serve(pages, settings, stack)
    if settings.webhook_url is None:
        await _poll(parts.app, stack)
    else:
        await parts.app.bot.set_webhook(
            str(settings.webhook_url), secret_token=secret, allowed_updates=ALLOWED_UPDATES
        )


async def _serve(pages: Starlette, settings: Settings, stack: AsyncExitStack) -> None:
    """A bot that polls can do without its pages; one with a webhook hears nothing without them."""
    try:
        await stack.enter_async_context(web.serving(pages, settings.web_port))
    except web.PortTakenError as error:
        if settings.webhook_url is not None:
            raise CannotStartError(f"{error}: choose another WEB_PORT") from error
        log.warning("the bot runs unwatched: %s", error)


async def _poll(app: App, stack: AsyncExitStack) -> None:
    if app.updater is None:
        raise RuntimeError("the application was built without an updater")
    await app.updater.start_polling(allowed_updates=ALLOWED_UPDATES, bootstrap_retries=-1)
    stack.push_async_callback(app.updater.stop)


async def _ticking(
    settings: Settings,
    db: Database,
    now: Callable[[], datetime],
    parts: Parts,
    metrics: Metrics,
) -> Tick:
    """What every tick does: reminders first, then what time itself makes due."""
    outbox = Outbox(db, parts.app.bot, CHANNEL, now, max(1, int(settings.mass_rate)))
    lifetime = timedelta(hours=settings.draft_hours)
    housekeeping = Housekeeping(db, CHANNEL, now, lifetime, parts.tell)
    await outbox.start()

    async def tick() -> None:
        await outbox.tick()
        await housekeeping.tick()
        metrics.ticked()

    return tick


async def _clock(settings: Settings, db: Database) -> Clock:
    if settings.clock_url is None:
        return SystemClock()

    async def next_due() -> datetime | None:
        return await db.read(reminder.next_due)

    clock = RemoteClock(str(settings.clock_url), next_due)
    await clock.start()
    return clock


def _follow(clock: Clock, tick: Tick) -> asyncio.Task[None] | None:
    return asyncio.create_task(clock.follow(tick)) if isinstance(clock, RemoteClock) else None


def _schedule(app: App, tick: Tick, name: str, seconds: float) -> None:
    """A tick looks at what is due: the plan lives in the database, not in the scheduler."""

    async def job(_: Context) -> None:
        await tick()

    if app.job_queue is None:
        raise RuntimeError("the application was built without its scheduler")
    app.job_queue.run_repeating(
        job,
        interval=seconds,
        first=0,
        name=name,
        job_kwargs={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
