"""Sends what is queued for people: at most once each, every outcome written down."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.pace import ONCE
from channels.telegram import NotSent
from handlers.delivery import delivery_message
from storage import person, reminder
from storage.db import Database
from storage.reminder import Delivery, DeliveryState

log = logging.getLogger(__name__)


class Outbox:
    """Expands due reminders and sends a batch each time it is asked; `now` may be moved."""

    def __init__(
        self,
        db: Database,
        bot: ExtBot[Any],
        channel: str,
        now: Callable[[], datetime],
        batch: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._bot = bot
        self._channel = channel
        self._now = now
        self._batch = batch
        self._turn = asyncio.Lock()
        # The messenger's limits know nothing of a clock that is moved.
        self._monotonic = monotonic
        self._not_before = 0.0

    async def start(self) -> None:
        """What was being sent when the last process died may be out: it is not repeated."""
        abandoned = await self._db.write(reminder.abandon_claimed)
        if abandoned:
            log.warning("%d deliveries of the last run have an unknown outcome", abandoned)

    async def tick(self) -> None:
        """One round: expand what is due, then send one batch side by side."""
        async with self._turn:
            now = self._now()
            due = await self._db.read(reminder.next_due)
            if due is not None and due <= now:
                await self._db.write(reminder.expand_due, now)
            if self._monotonic() < self._not_before:
                return
            claimed = await self._db.write(reminder.take, self._channel, now, self._batch)
            await asyncio.gather(*(self._deliver(delivery) for delivery in claimed))

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            state, reason = await self._send(delivery)
        except Exception as error:
            log.error("delivery %d cannot be sent", delivery.id, exc_info=error)
            state, reason = DeliveryState.FAILED, "error"
        if state is DeliveryState.UNREACHABLE:
            await self._db.write(person.set_reachable, self._channel, delivery.address, self._now())
        await self._db.write(reminder.settle, delivery.id, state, self._now(), reason)

    async def _send(self, delivery: Delivery) -> tuple[DeliveryState, str | None]:
        message = await self._db.read(delivery_message, delivery)
        try:
            await self._bot.send_message(
                int(delivery.address),
                message.text(),
                parse_mode=ParseMode.HTML,
                reply_markup=message.markup(),
                rate_limit_args=ONCE,
            )
        except Forbidden:
            return DeliveryState.UNREACHABLE, "blocked"
        except RetryAfter as error:
            # Certainly not sent. The mass lane as a whole waits; replies do not.
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
            self._not_before = max(self._not_before, self._monotonic() + seconds)
            return DeliveryState.QUEUED, "rate_limited"
        except NotSent:
            return DeliveryState.QUEUED, "no_connection"
        except BadRequest as error:
            if "chat not found" in error.message.lower():
                return DeliveryState.UNREACHABLE, "chat_not_found"
            return DeliveryState.FAILED, "refused"
        except TelegramError:
            # A lost answer: it may be out, so it is never repeated blindly.
            return DeliveryState.UNKNOWN, "no_answer"
        return DeliveryState.SENT, None
