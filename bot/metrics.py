"""What the bot measures, and the page on which Prometheus reads it.

What can be read from the database is read there at each look, so that it is right after a restart
too; only times and the bot's own pulse are kept in memory. No label names a person or a chat.
docs/watching.md explains every measure.
"""

import time
from collections.abc import Callable, Collection, Mapping
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
    """One process's measures. `polling` are the bots that ask for updates themselves instead of by
    webhook; `quota` is the month's budget of each Zalo bot.

    `seconds` is a clock that is never set back, and that nobody moves.
    """

    def __init__(
        self,
        polling: Collection[str] = (),
        *,
        quota: Quota | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quota = quota
        self._seconds = seconds
        self._ticked_at = seconds()
        self._polled_at = dict.fromkeys(polling, self._ticked_at)
        self._registry = CollectorRegistry()
        self._gauges = {name: self._gauge(name, about) for name, about in _GAUGES.items()}
        self._deliveries = self._gauge("deliveries", "Messages of reminders, by state", "state")
        self._last_poll = self._gauge(
            "last_poll_seconds", "Since the messenger was last heard by a bot that polls", "bot"
        )
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

    def polled(self, bot: str) -> None:
        """The messenger answered this bot's question for updates; one with a webhook asks none."""
        if bot in self._polled_at:
            self._polled_at[bot] = self._seconds()

    def ticked(self) -> None:
        """A round over the due reminders is through."""
        self._ticked_at = self._seconds()

    # --- what is asked ---------------------------------------------------------------------------

    @property
    def since_poll(self) -> Mapping[str, float]:
        """Seconds since the last poll of each bot that polls, or since the start."""
        now = self._seconds()
        return {bot: now - at for bot, at in self._polled_at.items()}

    @property
    def since_tick(self) -> float:
        """Seconds since the last round, or since the start."""
        return self._seconds() - self._ticked_at

    def page(self, state: State, now: datetime, last_backup: datetime | None) -> bytes:
        """All measures in Prometheus' text format."""
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
            "last_tick_seconds": self.since_tick,
        }
        for name, value in values.items():
            self._gauges[name].set(value)
        for bot, seconds in self.since_poll.items():
            self._last_poll.labels(bot).set(seconds)
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
    "last_tick_seconds": "Since the last round over the due reminders",
}


def age(then: datetime | None, now: datetime) -> float:
    """Seconds since then; 0 without a moment, and for one that lies ahead."""
    return max(0.0, (now - then).total_seconds()) if then else 0.0
