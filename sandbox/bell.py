"""Waiting for something new, without polling."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Rung when something changed; wakes everybody who waits at that moment."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake all waiters; costs nothing when nobody waits."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Return when the bell rings, or after `seconds` of real time."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait({future}, timeout=seconds)
        finally:
            self._waiting.discard(future)


async def first(bell: Bell, probe: Callable[[], T], seconds: float) -> T:
    """The first truthy answer of `probe`, asked again at each ring; the last one after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        left = deadline - time.monotonic()
        if found or left <= 0:
            return found
        await bell.wait(left)
