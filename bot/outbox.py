"""Sends what is queued for people: at most once each, every outcome written down."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.pace import ONCE
from bot.ways import Ways
from bot.zalo_budget import LAST_WORD
from channels.telegram import NotSent
from channels.zalo_line import QuotaSpent
from domain.ladder import LadderRules, is_push_time
from handlers.delivery import delivery_message
from handlers.desk import Say
from handlers.nudge import nudge_messages
from storage import ladder, person, reminder
from storage.db import Database
from storage.reminder import Delivery, DeliveryState

log = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)

Outcome = tuple[DeliveryState, str | None]
Reminders = Awaitable[Mapping[int, Say]]

# It is out, or may be, or its time will come: no other messenger is tried.
_SETTLED = (DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.QUEUED)


class Outbox:
    """Expands due reminders and sends a batch each time it is asked; `now` may be moved."""

    def __init__(
        self,
        db: Database,
        ways: Ways,
        now: Callable[[], datetime],
        rules: LadderRules,
        batch: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._ways = ways
        self._now = now
        self._rules = rules
        self._batch = batch
        self._looked_ahead: datetime | None = None
        self._turn = asyncio.Lock()
        # The messenger's limits know nothing of a clock that is moved.
        self._monotonic = monotonic
        self._not_before = dict.fromkeys(ways.channels, 0.0)

    async def start(self) -> None:
        """What was being sent when the last process died may be out: it is not repeated."""
        abandoned = await self._db.write(reminder.abandon_claimed)
        if abandoned:
            log.warning("%d deliveries of the last run have an unknown outcome", abandoned)

    async def tick(self) -> None:
        """One round: expand what is due, then send one batch side by side."""
        async with self._turn:
            now = self._now()
            await self._look_ahead(now)
            due = await self._db.read(reminder.next_due)
            if due is not None and due <= now:
                await self._db.write(reminder.expand_due, now)
                await self._db.write(ladder.expand_due, now, self._rules)
            channels, paused = self._ways.channels, self._paused()
            if len(paused) == len(channels):
                return
            claimed = await self._db.write(
                reminder.take,
                channels,
                now,
                self._batch,
                paused,
                holds_ladder=not is_push_time(now, self._rules),
            )
            said = asyncio.create_task(self._reminders(claimed, now))
            await asyncio.gather(*(self._deliver(each, paused, said) for each in claimed))

    async def _reminders(self, claimed: Sequence[Delivery], now: datetime) -> Mapping[int, Say]:
        """What the ladder's messages among these still have to say: one look for all of them."""
        nudged = [delivery for delivery in claimed if delivery.nudged_on is not None]
        if not nudged:
            return {}
        return await self._db.read(nudge_messages, nudged, now, self._rules)

    async def _look_ahead(self, now: datetime) -> None:
        """Once an hour of the clock, which may be moved: deadlines and days off may have changed."""
        last = self._looked_ahead
        if last is None or not last <= now < last + _HOUR:
            await self._db.write(ladder.schedule, now, self._rules)
            self._looked_ahead = now

    def _paused(self) -> list[str]:
        """The messengers that have asked us to wait; the others go on."""
        now = self._monotonic()
        return [channel for channel, until in self._not_before.items() if now < until]

    async def _deliver(self, delivery: Delivery, paused: Sequence[str], said: Reminders) -> None:
        try:
            state, reason = await self._send(delivery, paused, said)
        except Exception as error:
            log.error("delivery %d cannot be sent", delivery.id, exc_info=error)
            state, reason = DeliveryState.FAILED, "error"
        await self._db.write(reminder.settle, delivery.id, state, self._now(), reason)

    async def _send(self, delivery: Delivery, paused: Sequence[str], said: Reminders) -> Outcome:
        """Try the person's messengers in their order, until it is out, or may be, or must wait."""
        if delivery.nudged_on is None:
            message = await self._db.read(delivery_message, delivery, self._now())
        else:
            message = (await said).get(delivery.id)
        if message is None:
            return DeliveryState.EXPIRED, "settled"
        outcome: Outcome = DeliveryState.UNREACHABLE, None
        for channel, address in delivery.addresses:
            if channel in paused:
                return DeliveryState.QUEUED, "rate_limited"
            spares = delivery.message != LAST_WORD
            outcome = await self._try(channel, address, message, spares=spares)
            if outcome[0] is DeliveryState.UNREACHABLE:
                await self._db.write(person.set_reachable, channel, address, self._now())
            if outcome[0] in _SETTLED:
                break
        return outcome

    async def _try(self, channel: str, address: str, message: Say, *, spares: bool) -> Outcome:
        try:
            await self._ways.send(channel, address, message, spares=spares, rate_limit_args=ONCE)
        except Forbidden:
            return DeliveryState.UNREACHABLE, "blocked"
        except RetryAfter as error:
            # Certainly not sent. This messenger's mass lane as a whole waits; replies do not.
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
            until = self._monotonic() + seconds
            self._not_before[channel] = max(self._not_before[channel], until)
            return DeliveryState.QUEUED, "rate_limited"
        except NotSent:
            return DeliveryState.QUEUED, "no_connection"
        except QuotaSpent:
            return DeliveryState.FAILED, "quota"
        except BadRequest as error:
            if "chat not found" in error.message.lower():
                return DeliveryState.UNREACHABLE, "chat_not_found"
            return DeliveryState.FAILED, "refused"
        except TelegramError:
            # A lost answer: it may be out, so it is never repeated blindly.
            return DeliveryState.UNKNOWN, "no_answer"
        return DeliveryState.SENT, None
