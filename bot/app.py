"""The composition root: puts one bot together from its parts; bot/run.py runs it."""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from telegram import Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, Defaults, JobQueue

from bot.inbox import Inbox, Raw
from bot.messenger import TELEGRAM, Bot, Messenger
from bot.metrics import Metrics
from bot.order import Again, InOrderPerChat
from bot.pace import Pace
from bot.persistence import DraftPersistence
from bot.settings import Settings
from channels.zalo import Incoming
from domain.deadline import DeadlineRules
from domain.ladder import LadderRules
from domain.oddity import Thresholds
from handlers.desk import Context, Desk, Rules, Say, Tell
from handlers.everything import PROMPTS, all_handlers
from storage.db import Database
from wording.format import VIETNAM

log = logging.getLogger(__name__)

App = Application[
    Bot, Context, dict[str, object], dict[str, object], dict[str, object], JobQueue[Context]
]


@dataclass(frozen=True)
class Parts:
    """The library's application with our transport, our dialogue state and all handlers; the inbox
    before it, the pace behind it, and the way to say a message to somebody unasked.
    """

    messenger: Messenger
    app: App
    inbox: Inbox
    pace: Pace
    tell: Tell
    incoming: Incoming | None
    ladder: LadderRules


def build(
    settings: Settings,
    db: Database,
    now: Callable[[], datetime],
    metrics: Metrics,
    messenger: Messenger,
    ways_in: Callable[[str], Sequence[str]],
    deadlines: DeadlineRules,
) -> Parts:
    """Put the parts of one bot on one messenger together; `ways_in` are those of all bots."""

    async def take_in(updates: list[Raw]) -> None:
        metrics.polled(messenger.name)
        await inbox.take_in(updates)

    def seen(update: Update) -> None:
        if update.message is not None:
            pace.heard(update.message.chat_id, update.message.message_id)

    async def handle(update: Update, first: Awaitable[object], again: Again) -> None:
        await inbox.handle(update, first, again)

    async def process(update: object) -> None:
        await app.process_update(update)

    async def tell(chat: str, message: Say) -> None:
        """Unasked words go to people only, never into a group."""
        if not chat.startswith("-"):
            await app.bot.send_message(
                int(chat),
                message.text(),
                parse_mode=ParseMode.HTML,
                api_kwargs={**messenger.unasked},
            )

    wires = messenger.connect(take_in)
    pace = Pace()
    app: App = (
        ApplicationBuilder()
        .token(messenger.token.get_secret_value())
        .base_url(f"{messenger.api}/bot")
        .base_file_url(f"{messenger.api}/file/bot")
        .request(wires.request)
        .get_updates_request(wires.updates)
        .persistence(DraftPersistence(db, messenger.channel))
        .concurrent_updates(InOrderPerChat(seen, handle, process))
        .rate_limiter(pace)
        .defaults(Defaults(tzinfo=VIETNAM))
        .build()
    )
    inbox = Inbox(
        db,
        app.bot,
        messenger.channel,
        now,
        app.update_queue,
        tell,
        metrics.answered,
        photos=settings.evidence_photos and messenger.channel == TELEGRAM,
    )
    desk = _desk(settings, db, now, inbox, messenger, ways_in, deadlines)
    ladder = settings.ladder(desk.rules.deadlines)
    app.add_handlers(all_handlers(desk, ladder))
    app.add_error_handler(_error_handler(inbox))
    return Parts(messenger, app, inbox, pace, tell, wires.incoming, ladder)


def _desk(
    settings: Settings,
    db: Database,
    now: Callable[[], datetime],
    inbox: Inbox,
    messenger: Messenger,
    ways_in: Callable[[str], Sequence[str]],
    deadlines: DeadlineRules,
) -> Desk:
    return Desk(
        db=db,
        now=now,
        channel=messenger.channel,
        calendar=deadlines.calendar,
        department_name=settings.department_name,
        privacy_contact=settings.privacy_contact,
        notice_version=settings.privacy_notice_version,
        invitation_days=settings.invitation_days,
        headline_kinds=settings.headline_kinds,
        rules=Rules(deadlines, _thresholds(settings)),
        invitation_ways=ways_in,
        approval=settings.enrolment_approval,
        prompts=PROMPTS,
        receipts=inbox,
    )


def _thresholds(settings: Settings) -> Thresholds:
    return Thresholds(
        least_per_session=settings.least_per_session,
        most_per_session=settings.most_per_session,
        most_sessions_a_day=settings.most_sessions_a_day,
        many_sessions_a_month=settings.many_sessions_a_month,
        repeat_within=timedelta(minutes=settings.repeat_minutes),
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
