"""A model of the real server's send limits, on real time.

Source: Bots FAQ, "My bot is hitting limits": about one message a second in one chat with short
bursts, 20 a minute in one group, about 30 a second in all.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import too_many_requests

CHAT_BURST = 5
CHAT_PER_SECOND = 1.0
GROUP_PER_MINUTE = 20
ALL_PER_SECOND = 30.0
WINDOW = 60.0


@dataclass(slots=True)
class Bucket:
    """A token bucket that refills at `rate` a second up to `size`."""

    size: float
    rate: float
    level: float
    at: float

    def wait_for(self, count: int, now: float) -> float:
        """Seconds until `count` tokens are there; an album larger than the bucket waits for a full one."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        return max(0.0, (min(count, self.size) - self.level) / self.rate)


class Limits:
    """What each bot has lately sent, and whether it may send more."""

    def __init__(self, *, enabled: bool = True, timer: Callable[[], float] = time.monotonic):
        self.enabled = enabled
        self._timer = timer
        self._buckets: dict[tuple[int, int], Bucket] = {}
        self._groups: dict[tuple[int, int], deque[float]] = {}

    def take(self, bot_id: int, chat_id: int, count: int = 1) -> None:
        """Count `count` messages to a chat (a group's id is negative), or raise the 429."""
        if not self.enabled:
            return
        now = self._timer()
        everything = self._bucket((bot_id, 0), ALL_PER_SECOND, ALL_PER_SECOND, now)
        waits = [everything.wait_for(count, now)]
        if chat_id < 0:
            waits.append(self._group_wait((bot_id, chat_id), count, now))
        else:
            chat = self._bucket((bot_id, chat_id), CHAT_BURST, CHAT_PER_SECOND, now)
            waits.append(chat.wait_for(count, now))
        if max(waits) > 0:
            raise too_many_requests(max(1, math.ceil(max(waits))))
        self._count(bot_id, chat_id, count, now)

    def _bucket(self, key: tuple[int, int], size: float, rate: float, now: float) -> Bucket:
        return self._buckets.setdefault(key, Bucket(size, rate, size, now))

    def _group_wait(self, key: tuple[int, int], count: int, now: float) -> float:
        sent = self._groups.setdefault(key, deque())
        while sent and sent[0] <= now - WINDOW:
            sent.popleft()
        excess = len(sent) + count - GROUP_PER_MINUTE
        return sent[min(excess, len(sent)) - 1] + WINDOW - now if excess > 0 and sent else 0.0

    def _count(self, bot_id: int, chat_id: int, count: int, now: float) -> None:
        self._buckets[bot_id, 0].level -= count
        if chat_id < 0:
            self._groups[bot_id, chat_id].extend([now] * count)
        else:
            self._buckets[bot_id, chat_id].level -= count
