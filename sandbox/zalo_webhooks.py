"""Delivery of a Zalo bot's updates to its webhook: in order, with the secret, a few times at most."""

import asyncio

import aiohttp

from sandbox.jsons import JsonDict, dumps
from sandbox.zalo_state import ZaloBot
from sandbox.zalo_updates import forget_first
from sandbox.zalo_world import ZaloWorld

SECRET_HEADER = "X-Bot-Api-Secret-Token"


class ZaloDeliveries:
    """One task per bot with a webhook; `retry_seconds` lie between two attempts."""

    def __init__(self, world: ZaloWorld, retry_seconds: float) -> None:
        self._world = world
        self._retry_seconds = retry_seconds
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def restart(self, bot: ZaloBot) -> None:
        """Follow the bot's present webhook, or stop when it has none."""
        if task := self._tasks.pop(bot.number, None):
            task.cancel()
        if bot.webhook:
            self._tasks[bot.number] = asyncio.create_task(self._deliver(bot, bot.webhook))

    async def close(self) -> None:
        """Stop all deliveries."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, bot: ZaloBot, webhook: JsonDict) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            while True:
                while not bot.pending:
                    await bot.bell.wait(3600)
                await self._hand_over(session, webhook, bot.pending[0]["event"])
                forget_first(self._world, bot)

    async def _hand_over(
        self, session: aiohttp.ClientSession, webhook: JsonDict, event: JsonDict
    ) -> None:
        """Try to deliver; after the last attempt the update is lost."""
        wrapped = self._world.quirks.body == "wrapped"
        body = dumps({"ok": True, "result": event} if wrapped else event)
        for _ in range(self._world.quirks.webhook_attempts):
            if await _post(session, webhook, body):
                return
            await asyncio.sleep(self._retry_seconds)


async def _post(session: aiohttp.ClientSession, webhook: JsonDict, body: bytes) -> bool:
    headers = {"Content-Type": "application/json", SECRET_HEADER: webhook["secret"]}
    try:
        async with session.post(webhook["url"], data=body, headers=headers) as reply:
            return 200 <= reply.status < 300
    except (TimeoutError, aiohttp.ClientError):
        return False
