"""The composition root: puts one bot together from its parts; bot/run.py runs it."""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from telegram import Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, Defaults, ExtBot, JobQueue

from bot.inbox import Inbox, Raw
from bot.metrics import Metrics
from bot.order import Again, InOrderPerChat
from bot.pace import Pace
from bot.persistence import DraftPersistence
from bot.settings import Settings
from channels.telegram import AiohttpRequest, PollingRequest
from domain.deadline import DeadlineRules
from domain.oddity import Thresholds
from domain.workday import Calendar
from handlers.desk import Context, Desk, Rules, Say, Tell
from handlers.everything import PROMPTS, all_handlers
from storage.db import Database
from wording.format import VIETNAM

log = logging.getLogger(__name__)

CHANNEL = "telegram"

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


def build(settings: Settings, db: Database, now: Callable[[], datetime], metrics: Metrics) -> Parts:
    """Put the parts of one bot together."""
    if settings.telegram_token is None:
        raise ValueError("TELEGRAM_TOKEN is not set")

    async def take_in(updates: list[Raw]) -> None:
        metrics.polled()
        await inbox.take_in(updates)

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
    inbox = Inbox(db, app.bot, CHANNEL, now, app.update_queue, tell, metrics.answered)
    app.add_handlers(all_handlers(_desk(settings, db, now, app, inbox)))
    app.add_error_handler(_error_handler(inbox))
    return Parts(app, inbox, pace, tell)


def _desk(
    settings: Settings, db: Database, now: Callable[[], datetime], app: App, inbox: Inbox
) -> Desk:
    calendar = Calendar.vietnam(settings.extra_days_off, settings.extra_working_days)
    return Desk(
        db=db,
        now=now,
        channel=CHANNEL,
        calendar=calendar,
        department_name=settings.department_name,
        privacy_contact=settings.privacy_contact,
        notice_version=settings.privacy_notice_version,
        invitation_days=settings.invitation_days,
        headline_kinds=settings.headline_kinds,
        rules=_rules(settings, calendar),
        invitation_link=lambda token: f"https://t.me/{app.bot.username}?start={token}",
        prompts=PROMPTS,
        receipts=inbox,
    )


def _rules(settings: Settings, calendar: Calendar) -> Rules:
    deadlines = DeadlineRules(
        calendar, settings.month_cutoff, settings.deadline_day, settings.grace_days
    )
    thresholds = Thresholds(
        least_per_session=settings.least_per_session,
        most_per_session=settings.most_per_session,
        most_sessions_a_day=settings.most_sessions_a_day,
        many_sessions_a_month=settings.many_sessions_a_month,
        repeat_within=timedelta(minutes=settings.repeat_minutes),
    )
    return Rules(deadlines, thresholds)


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
