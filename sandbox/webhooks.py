"""setWebhook and its like, and the delivery of updates: each chat's in order, with retries."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp

from sandbox.access import Ask
from sandbox.errors import bad_request
from sandbox.faults import DELIVERY
from sandbox.jsons import JsonDict, dumps
from sandbox.state import Bot
from sandbox.updates import chat_of, forget, forget_one, oldest_of_each_chat, set_allowed
from sandbox.world import World

MAX_RETRY_SECONDS = 60.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Runner = Callable[[Bot, JsonDict], Awaitable[None]]


def set_webhook(ask: Ask) -> bool:
    """Send updates to an address from now on; http is allowed on loopback only."""
    url = ask.params.text("url")
    if not url:
        return delete_webhook(ask)
    _check_address(url)
    secret = ask.params.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    set_allowed(ask.world, ask.bot, ask.params)
    ask.bot.webhook = {
        "url": url,
        "secret": secret,
        "max_connections": ask.params.integer("max_connections", 40),
    }
    _settle(ask)
    return True


def delete_webhook(ask: Ask) -> bool:
    """Back to getUpdates."""
    ask.bot.webhook = None
    _settle(ask)
    return True


def _settle(ask: Ask) -> None:
    ask.bot.webhook_error = {}
    ask.bot.poll += 1
    if ask.params.flag("drop_pending_updates"):
        forget(ask.world, ask.bot, len(ask.bot.pending))
    ask.world.save_bot(ask.bot)
    ask.bot.bell.ring()


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise bad_request("invalid webhook URL specified") from error
    if not host:
        raise bad_request("invalid webhook URL specified")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")


def get_webhook_info(ask: Ask) -> JsonDict:
    """Where updates go, how many wait, and what last went wrong."""
    webhook = ask.bot.webhook or {}
    shown: JsonDict = {
        "url": webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(ask.bot.pending),
        **ask.bot.webhook_error,
    }
    if webhook:
        shown["max_connections"] = webhook["max_connections"]
    if ask.bot.allowed_updates:
        shown["allowed_updates"] = ask.bot.allowed_updates
    return shown


class Deliveries:
    """One task per bot with a webhook; `run` carries out a call that came as a reply."""

    def __init__(self, world: World, run: Runner) -> None:
        self._world = world
        self._run = run
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def restart(self, bot: Bot) -> None:
        """Follow the bot's present webhook, or stop when it has none."""
        if task := self._tasks.pop(bot.id, None):
            self._end(task)
        if bot.webhook:
            self._tasks[bot.id] = asyncio.create_task(self._deliver(bot, bot.webhook))

    async def close(self) -> None:
        """Stop all deliveries."""
        for task in self._tasks.values():
            self._end(task)
        self._tasks.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _end(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _deliver(self, bot: Bot, webhook: JsonDict) -> None:
        """The updates of a chat one after the other, chats side by side: one may overtake another."""
        busy: set[int] = set()
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:

            async def hand_over(chat: int, update: JsonDict) -> None:
                await self._insist(session, bot, webhook, update)
                if update in bot.pending:
                    forget_one(self._world, bot, update)
                busy.discard(chat)
                bot.bell.ring()

            while True:
                for chat, update in oldest_of_each_chat(bot).items():
                    if chat not in busy and len(busy) < webhook["max_connections"]:
                        busy.add(chat)
                        tasks.create_task(hand_over(chat, update))
                await bot.bell.wait(3600)

    async def _insist(
        self, session: aiohttp.ClientSession, bot: Bot, webhook: JsonDict, update: JsonDict
    ) -> None:
        """Deliver an update until it is accepted; the pauses grow."""
        failures = 0
        while problem := await self._try(session, bot, webhook, update):
            self._note(bot, problem)
            pause = self._world.options.webhook_retry_seconds * 2**failures
            await asyncio.sleep(min(pause, MAX_RETRY_SECONDS))
            failures = min(failures + 1, 10)

    async def _try(
        self, session: aiohttp.ClientSession, bot: Bot, webhook: JsonDict, update: JsonDict
    ) -> str | None:
        """One attempt with the faults that are planted; what went wrong, if anything did."""
        fault = self._world.faults.take(DELIVERY, chat_of(update))
        if fault is None:
            return await self._post(session, bot, webhook, update)
        await asyncio.sleep(fault.delay_ms / 1000)
        if fault.disconnect:
            return "Connection reset by peer"
        if error := fault.error():
            return f"Wrong response from the webhook: {error.code} {error.description}"
        problem = await self._post(session, bot, webhook, update)
        return "Read timeout expired" if fault.drop_reply else problem

    def _note(self, bot: Bot, problem: str) -> None:
        bot.webhook_error = {
            "last_error_date": self._world.clock.timestamp(),
            "last_error_message": problem,
        }

    async def _post(
        self, session: aiohttp.ClientSession, bot: Bot, webhook: JsonDict, update: JsonDict
    ) -> str | None:
        headers = {"Content-Type": "application/json"}
        if webhook["secret"]:
            headers[SECRET_HEADER] = webhook["secret"]
        try:
            async with session.post(webhook["url"], data=dumps(update), headers=headers) as reply:
                if not 200 <= reply.status < 300:
                    return f"Wrong response from the webhook: {reply.status} {reply.reason}"
                body: object = await _json_of(reply)
        except TimeoutError:
            return "Connection timed out"
        except aiohttp.ClientError:
            return "Connection refused"
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            await self._run(bot, body)
        return None


async def _json_of(reply: aiohttp.ClientResponse) -> object:
    try:
        body: object = await reply.json(content_type=None)
    except ValueError:
        return None
    return body
