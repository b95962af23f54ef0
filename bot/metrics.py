"""What the bot measures, and the page on which Prometheus reads it.

What can be read from the database is read there at each look, so that it is right after a restart
too; only times and the bot's own pulse are kept in memory. No label names a person or a chat.
docs/watching.md explains every measure.
"""

import time
from collections.abc import Callable
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from domain.quota import Quota
from storage.health import State

_ANSWER_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300)


class Metrics:
    """One running bot's measures. `polls`: it asks for updates itself instead of by webhook; `quota` is
    the month's budget of each Zalo bot.

    `seconds` is a clock that is never set back, and that nobody moves.
    """

    def __init__(
        self,
        *,
        polls: bool,
        quota: Quota | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._polls = polls
        self._quota = quota
        self._seconds = seconds
        self._polled_at = self._ticked_at = seconds()
        self._registry = CollectorRegistry()
        self._gauges = {name: self._gauge(name, about) for name, about in _GAUGES.items()}
        self._deliveries = self._gauge("deliveries", "Messages of reminders, by state", "state")
        self._quota_share = self._gauge(
            "zalo_quota_share", "How much of this month's messages a Zalo bot has used up", "bot"
        )
        self._answers = Histogram(
            "answer_seconds",
            "From an update's arrival to the end of its answer",
            namespace="baocao",
            buckets=_ANSWER_BUCKETS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(name, about, labels, namespace="baocao", registry=self._registry)

    # --- what the bot's parts tell ---------------------------------------------------------------

    def answered(self, seconds: float) -> None:
        """An update was handled to its end, that long after it had been taken in."""
        self._answers.observe(seconds)

    def polled(self) -> None:
        """The messenger answered the question for updates."""
        self._polled_at = self._seconds()

    def ticked(self) -> None:
        """A round over the due reminders is through."""
        self._ticked_at = self._seconds()

    # --- what is asked ---------------------------------------------------------------------------

    @property
    def since_poll(self) -> float | None:
        """Seconds since the last poll, or since the start; None for a bot with a webhook."""
        return self._seconds() - self._polled_at if self._polls else None

    @property
    def since_tick(self) -> float:
        """Seconds since the last round, or since the start."""
        return self._seconds() - self._ticked_at

    def page(self, state: State, now: datetime, last_backup: datetime | None) -> bytes:
        """All measures in Prometheus' text format; what does not apply is NaN."""
        values = {
            "inbox_waiting": state.waiting,
            "inbox_parked": state.parked,
            "inbox_oldest_seconds": age(state.oldest, now),
            "reminders_due": state.due,
            "reminders_late": state.late,
            "accounts": state.accounts,
            "accounts_unreachable": state.unreachable,
            "database_bytes": state.size,
            "last_backup_timestamp_seconds": last_backup.timestamp() if last_backup else 0,
            "last_poll_seconds": self.since_poll,
            "last_tick_seconds": self.since_tick,
        }
        for name, value in values.items():
            self._gauges[name].set(float("nan") if value is None else value)
        for delivery, count in state.deliveries.items():
            self._deliveries.labels(delivery).set(count)
        if self._quota is not None:
            for bot, usage in state.zalo.items():
                self._quota_share.labels(bot).set(self._quota.share(usage))
        return generate_latest(self._registry)


_GAUGES = {
    "inbox_waiting": "Updates that are taken in and not yet handled",
    "inbox_parked": "Updates that failed too often and wait for the operator",
    "inbox_oldest_seconds": "Age of the oldest waiting update; 0 when none waits",
    "reminders_due": "Reminders that are due and not yet expanded",
    "reminders_late": "Those of them that have been due for more than two minutes",
    "accounts": "People's accounts",
    "accounts_unreachable": "Those of them that blocked the bot or are gone",
    "database_bytes": "Size of the database",
    "last_backup_timestamp_seconds": "When the last backup was made; 0 without one",
    "last_poll_seconds": "Since the messenger was last heard; NaN with a webhook",
    "last_tick_seconds": "Since the last round over the due reminders",
}


def age(then: datetime | None, now: datetime) -> float:
    """Seconds since then; 0 without a moment, and for one that lies ahead."""
    return max(0.0, (now - then).total_seconds()) if then else 0.0
