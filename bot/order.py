"""Updates of one chat in their order, chats side by side.

A person who waits (for a rate limit, say) must not hold up others, and two taps of one person
must not overtake each other: ConversationHandler is safe only in order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

AT_ONCE = 256

Again = Callable[[], Awaitable[object]]
Handle = Callable[[Update, Awaitable[object], Again], Awaitable[None]]
Seen = Callable[[Update], None]
Process = Callable[[object], Awaitable[object]]


class InOrderPerChat(BaseUpdateProcessor):
    """A first-in-first-out lock per chat; locks that nobody waits for disappear by themselves.

    `seen` is told of each update before its turn comes, `handle` sees it to its end; `process` is
    the library's way to try it once more.
    """

    def __init__(self, seen: Seen, handle: Handle, process: Process) -> None:
        super().__init__(AT_ONCE)
        self._seen = seen
        self._handle = handle
        self._process = process
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        if not isinstance(update, Update):
            await coroutine
            return
        self._seen(update)
        async with self._turn_of(update):
            await self._handle(update, coroutine, lambda: self._process(update))

    def _turn_of(self, update: Update) -> asyncio.Lock:
        """The lock of the update's chat; an update of no chat waits for nobody."""
        chat = update.effective_chat
        return self._locks.setdefault(chat.id, asyncio.Lock()) if chat else asyncio.Lock()

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""
