"""The composition root: builds the bot from its parts and runs it until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from telegram import Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, Defaults, ExtBot, JobQueue

from bot.clock import Clock, RemoteClock, SystemClock
from bot.housekeeping import Housekeeping
from bot.inbox import Inbox, Raw
from bot.order import Again, InOrderPerChat
from bot.outbox import Outbox
from bot.pace import Pace
from bot.persistence import DraftPersistence
from bot.settings import Settings
from channels.telegram import AiohttpRequest, PollingRequest
from domain.workday import Calendar
from handlers.commands import publish
from handlers.desk import Context, Desk, Say, Tell
from handlers.everything import PROMPTS, all_handlers
from storage import reminder
from storage.db import Database
from storage.migrate import migrate
from wording.format import VIETNAM

log = logging.getLogger(__name__)

CHANNEL = "telegram"
TICK_SECONDS = 1.0

Bot = ExtBot[Any]
App = Application[
    Bot, Context, dict[str, object], dict[str, object], dict[str, object], JobQueue[Context]
]


@dataclass(frozen=True)
class Parts:
    """The library's application with our transport, our dialogue state and all handlers; the inbox
    before it, the pace behind it, and the way to say a message to somebody unasked.
    """

    app: App
    inbox: Inbox
    pace: Pace
    tell: Tell


def build(settings: Settings, db: Database, now: Callable[[], datetime]) -> Parts:
    """Put the parts of one bot together."""
    if settings.telegram_token is None:
        raise ValueError("TELEGRAM_TOKEN is not set")

    async def take_in(updates: list[Raw]) -> list[Raw]:
        return await inbox.take_in(updates)

    async def handle(update: Update, first: Awaitable[object], again: Again) -> None:
        await inbox.handle(update, first, again)

    async def process(update: object) -> None:
        await app.process_update(update)

    async def tell(chat: str, message: Say) -> None:
        """Unasked words go to people only, never into a group."""
        if not chat.startswith("-"):
            await app.bot.send_message(int(chat), message.text(), parse_mode=ParseMode.HTML)

    pace = Pace()
    app: App = (
        ApplicationBuilder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{settings.bot_api}/bot")
        .base_file_url(f"{settings.bot_api}/file/bot")
        .request(AiohttpRequest())
        .get_updates_request(PollingRequest(take_in))
        .persistence(DraftPersistence(db, CHANNEL))
        .concurrent_updates(InOrderPerChat(handle, process))
        .rate_limiter(pace)
        .defaults(Defaults(tzinfo=VIETNAM))
        .build()
    )
    inbox = Inbox(db, app.bot, CHANNEL, now, app.update_queue, tell)
    app.add_handlers(all_handlers(_desk(settings, db, now, app, inbox)))
    app.add_error_handler(_error_handler(inbox))
    return Parts(app, inbox, pace, tell)


def _desk(
    settings: Settings, db: Database, now: Callable[[], datetime], app: App, inbox: Inbox
) -> Desk:
    return Desk(
        db=db,
        now=now,
        channel=CHANNEL,
        calendar=Calendar.vietnam(settings.extra_days_off, settings.extra_working_days),
        department_name=settings.department_name,
        privacy_contact=settings.privacy_contact,
        notice_version=settings.privacy_notice_version,
        invitation_days=settings.invitation_days,
        headline_kinds=settings.headline_kinds,
        invitation_link=lambda token: f"https://t.me/{app.bot.username}?start={token}",
        prompts=PROMPTS,
        receipts=inbox,
    )


def _error_handler(inbox: Inbox) -> Callable[[object, Context], Coroutine[Any, Any, None]]:
    async def on_error(update: object, context: Context) -> None:
        """No traceback reaches a chat. The inbox decides what becomes of the update; an answer
        that did not get through is no reason to handle it again.
        """
        error = context.error
        log.error("an update failed: %s", type(error).__name__, exc_info=error)
        if (
            error is not None
            and isinstance(update, Update)
            and not isinstance(error, TelegramError)
        ):
            inbox.failed(update.update_id, error)

    return on_error


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set; what is in hand is finished first."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database(settings.database_url))
        await migrate(db)
        clock = await _clock(settings, db)
        parts = build(settings, db, clock.now)
        app = parts.app
        await stack.enter_async_context(app)
        tick = await _ticking(settings, db, clock.now, parts)
        await publish(app.bot)
        _schedule(app, tick)
        follower = _follow(clock, tick)
        left = await parts.inbox.refill()
        if left:
            log.info("%d updates of the last run are taken up", left)
        await app.start()
        stack.push_async_callback(app.stop)
        stack.callback(parts.inbox.close)
        stack.callback(parts.pace.close)
        await _poll(app, stack)
        log.info("the bot is running")
        await stop.wait()
        log.info("stopping")
        if follower is not None:
            follower.cancel()


async def _ticking(
    settings: Settings, db: Database, now: Callable[[], datetime], parts: Parts
) -> Callable[[], Awaitable[None]]:
    """What every tick does: reminders first, then what time itself makes due."""
    outbox = Outbox(db, parts.app.bot, CHANNEL, now, max(1, int(settings.mass_rate)))
    lifetime = timedelta(hours=settings.draft_hours)
    housekeeping = Housekeeping(db, CHANNEL, now, lifetime, parts.tell)
    await outbox.start()

    async def tick() -> None:
        await outbox.tick()
        await housekeeping.tick()

    return tick


async def _poll(app: App, stack: AsyncExitStack) -> None:
    if app.updater is None:
        raise RuntimeError("the application was built without an updater")
    await app.updater.start_polling(
        allowed_updates=["message", "edited_message", "callback_query", "my_chat_member"],
        bootstrap_retries=-1,
    )
    stack.push_async_callback(app.updater.stop)


async def _clock(settings: Settings, db: Database) -> Clock:
    if settings.clock_url is None:
        return SystemClock()

    async def next_due() -> datetime | None:
        return await db.read(reminder.next_due)

    clock = RemoteClock(str(settings.clock_url), next_due)
    await clock.start()
    return clock


def _follow(clock: Clock, tick: Callable[[], Awaitable[None]]) -> asyncio.Task[None] | None:
    return asyncio.create_task(clock.follow(tick)) if isinstance(clock, RemoteClock) else None


def _schedule(app: App, tick: Callable[[], Awaitable[None]]) -> None:
    """One tick over the due rows: the plan lives in the database, not in the scheduler."""

    async def job(_: Context) -> None:
        await tick()

    if app.job_queue is None:
        raise RuntimeError("the application was built without its scheduler")
    app.job_queue.run_repeating(
        job,
        interval=TICK_SECONDS,
        first=0,
        name="tick",
        job_kwargs={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
