"""Runs one bot: its parts in their order, until it is told to stop; what is in hand is finished."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from starlette.applications import Starlette
from telegram.error import InvalidToken

from bot import web
from bot.app import App, Parts, build
from bot.backup import DailyBackup, last_backup
from bot.blame import opening
from bot.books import LOOK_SECONDS, open_books
from bot.clock import Clock, RemoteClock, SystemClock
from bot.housekeeping import Chore, Housekeeping
from bot.lock import only_one
from bot.messenger import configured
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.settings import Settings
from bot.single import CannotStartError
from bot.ways import Way, Ways
from handlers.commands import publish
from handlers.desk import Context
from storage import nudge, reminder
from storage.db import Database
from storage.migrate import migrate

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
BACKUP_LOOK_SECONDS = 60.0
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]

Tick = Callable[[], Awaitable[None]]


async def run(settings: Settings, stop: asyncio.Event, alone: Awaitable[None]) -> None:
    """Run the bot until `stop` is set; `alone` raises when another one runs with the same token.
    Raises CannotStartError, or what the messenger raises when it does not answer.
    """
    async with AsyncExitStack() as stack:
        with opening(settings.database_url):
            await stack.enter_async_context(only_one(settings.database_url))
            db = await stack.enter_async_context(Database(settings.database_url))
            await migrate(db)
        clock = await _clock(settings, db)
        books = await open_books(settings, db, clock.now)
        messengers = configured(settings, db, clock.now, books.deadlines)
        polling = [messenger.name for messenger in messengers if messenger.webhook is None]
        metrics = Metrics(polling, quota=settings.quota)
        bots: list[Parts] = []

        def ways_in(token: str) -> Sequence[str]:
            return tuple(dict.fromkeys(p.messenger.link(p.app.bot, token) for p in bots))

        bots += [
            build(settings, db, clock.now, metrics, m, ways_in, books.deadlines) for m in messengers
        ]
        for parts in bots:
            await _connect(parts, stack)
        # Until here nothing was sent, confirmed or answered.
        await alone
        tick = await _ticking(settings, db, clock.now, bots, metrics)
        _schedule(bots[0].app, tick, "tick", TICK_SECONDS)
        _schedule(bots[0].app, books.tick, "calendar", LOOK_SECONDS)
        # A clock that is moved (the sandbox's) has no nights.
        if db.is_sqlite and settings.clock_url is None:
            daily = DailyBackup(settings, clock.now)
            _schedule(bots[0].app, daily.tick, "backup", BACKUP_LOOK_SECONDS)
        for parts in bots:
            await _start(parts, stack)
        await _listen(settings, db, clock.now, bots, metrics, stack)
        if isinstance(clock, RemoteClock):
            stack.callback(asyncio.create_task(clock.follow(tick)).cancel)
        for parts in bots:
            await publish(parts.app.bot)
        _spare_the_collector()
        log.info("the bot is running")
        await stop.wait()
        log.info("stopping")


async def _connect(parts: Parts, stack: AsyncExitStack) -> None:
    """Ask the messenger who the bot is."""
    messenger = parts.messenger
    try:
        await stack.enter_async_context(parts.app)
    except InvalidToken as error:
        await parts.app.bot.shutdown()
        text = f"{messenger.channel.upper()}_TOKEN of bot {messenger.digits} is refused by {messenger.api}"
        raise CannotStartError(f"{text}: copy it again from where it was made") from error
    if parts.incoming is not None:
        parts.incoming.introduce(parts.app.bot.bot.to_dict())


async def _start(parts: Parts, stack: AsyncExitStack) -> None:
    """Handle what the last run left; from now on updates may come."""
    left = await parts.inbox.refill()
    if left:
        log.info("%d updates of the last run are taken up", left)
    await parts.app.start()
    stack.push_async_callback(parts.app.stop)
    stack.callback(parts.inbox.close)
    stack.callback(parts.pace.close)


def _spare_the_collector() -> None:
    """What is here by now stays: looking through it again and again took a fifth of all CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _listen(
    settings: Settings,
    db: Database,
    now: Callable[[], datetime],
    bots: Sequence[Parts],
    metrics: Metrics,
    stack: AsyncExitStack,
) -> None:
    """Open the loopback pages, and let updates come: by webhook where one is set, else by polling."""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    watch = web.Watch(db, metrics, now, lambda: last_backup(settings))
    called = [parts for parts in bots if parts.messenger.webhook is not None]
    needed = bool(called) or settings.public_url is not None
    if settings.web_port:
        await _serve(_pages(watch, called, secret), settings.web_port, stack, needed=needed)
    for parts in bots:
        await _hear(parts, secret, stack)


def _pages(watch: web.Watch, called: Sequence[Parts], secret: str) -> Starlette:
    """What is served, with a webhook for each of the bots that are called."""
    telegram = next((parts for parts in called if parts.incoming is None), None)
    return web.create_app(
        watch,
        web.Webhook(secret, telegram.inbox.take_in, telegram.app.bot) if telegram else None,
        [web.ZaloHook(p.messenger.digits, secret, p.incoming) for p in called if p.incoming],
    )


async def _hear(parts: Parts, secret: str, stack: AsyncExitStack) -> None:
    """By webhook where one is set, else by polling."""
    if parts.messenger.webhook is None:
        await _poll(parts.app, stack)
    else:
        await parts.app.bot.set_webhook(
            parts.messenger.webhook, secret_token=secret, allowed_updates=ALLOWED_UPDATES
        )


async def _serve(pages: Starlette, port: int, stack: AsyncExitStack, *, needed: bool) -> None:
    """A bot that polls can do without its pages; one with a webhook hears nothing without them."""
    try:
        await stack.enter_async_context(web.serving(pages, port))
    except web.PortTakenError as error:
        if needed:
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
    bots: Sequence[Parts],
    metrics: Metrics,
) -> Tick:
    """What every tick does: reminders first, then what time itself makes due."""
    ways = _ways(db, bots)
    outbox = Outbox(db, ways, now, bots[0].ladder, max(1, int(settings.mass_rate)))
    lifetime = timedelta(hours=settings.draft_hours)
    keepers = [
        Housekeeping(
            db, channel, now, lifetime, partial(ways.send, channel), _chores(bots, channel)
        )
        for channel in ways.channels
    ]
    await outbox.start()

    async def tick() -> None:
        await outbox.tick()
        for housekeeping in keepers:
            await housekeeping.tick()
        metrics.ticked()

    return tick


def _chores(bots: Sequence[Parts], channel: str) -> Sequence[Chore]:
    found = (parts.messenger for parts in bots if parts.messenger.channel == channel)
    forget = partial(nudge.forget_over, rules=bots[0].ladder)
    return [forget, *(chore for messenger in found for chore in messenger.chores)]


def _ways(db: Database, bots: Sequence[Parts]) -> Ways:
    """The messengers in the order in which people are tried."""
    found: dict[str, Way] = {}
    for parts in bots:
        messenger = parts.messenger
        way = found.setdefault(messenger.channel, Way({}, messenger.unasked))
        found[messenger.channel] = replace(way, bots={**way.bots, messenger.digits: parts.app.bot})
    return Ways(db, found)


async def _clock(settings: Settings, db: Database) -> Clock:
    if settings.clock_url is None:
        return SystemClock()

    async def next_due() -> datetime | None:
        return await db.read(reminder.next_due)

    clock = RemoteClock(str(settings.clock_url), next_due)
    await clock.start()
    return clock


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
