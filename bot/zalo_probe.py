"""What can be looked at on a live Zalo bot without a person: `python -m bot zalo probe` records it.

The rest of the list is in docs/zalo.md. Nothing is sent to anybody; a message that waits for the bot may
be swallowed by the poll, so it is to be run before the bot goes live.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from telegram.error import TelegramError

from bot.check import Finding
from channels.zalo_http import Refused, ZaloHttp

CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
POLL_SECONDS = 2
NOBODY = "0" * 20


@dataclass(frozen=True, slots=True)
class _Line:
    http: ZaloHttp
    root: str

    async def ask(self, method: str, **parameters: object) -> object:
        waits = POLL_SECONDS if method == "getUpdates" else 0
        return await self.http.call(f"{self.root}/{method}", parameters, waits=waits)


async def probe(token: str, api: str) -> list[Finding]:
    """Ask the platform at `api` (its address without the token); one answer a line, none with the token."""
    line = _Line(ZaloHttp(CONNECT_SECONDS, READ_SECONDS), f"{api}/bot{token}")
    await line.http.open()
    try:
        return [await _found(subject, look, line) for subject, look in _LOOKS.items()]
    finally:
        await line.http.close()


async def _found(subject: str, look: Callable[[_Line], Awaitable[str]], line: _Line) -> Finding:
    try:
        return Finding(True, subject, await look(line))
    except Refused as error:
        return Finding(False, subject, f"refused with {error.code}: {error.description}")
    except TelegramError as error:
        return Finding(False, subject, f"no answer: {type(error).__name__}")


async def _me(line: _Line) -> str:
    me = await line.ask("getMe")
    return f"accepted: {me}"


async def _webhook(line: _Line) -> str:
    try:
        return f"set: {await line.ask('getWebhookInfo')}"
    except Refused as error:
        return f"none (code {error.code})"


async def _poll(line: _Line) -> str:
    """An idle poll; what it brings, if anything, is not shown."""
    begun = monotonic()
    try:
        await line.ask("getUpdates", timeout=str(POLL_SECONDS))
    except Refused as error:
        return f"code {error.code} after {monotonic() - begun:.1f} s, asked for {POLL_SECONDS}"
    return f"an update after {monotonic() - begun:.1f} s"


def _refusal_of(method: str, **parameters: object) -> Callable[[_Line], Awaitable[str]]:
    async def look(line: _Line) -> str:
        try:
            await line.ask(method, **parameters)
        except Refused as error:
            return f"code {error.code}: {error.description}"
        return "accepted"

    return look


_LOOKS: dict[str, Callable[[_Line], Awaitable[str]]] = {
    "the token": _me,
    "the webhook": _webhook,
    "an idle poll": _poll,
    "an unknown chat": _refusal_of("sendMessage", chat_id=NOBODY, text="x"),
    "an empty text": _refusal_of("sendMessage", chat_id=NOBODY, text=""),
    "an unknown method": _refusal_of("sendDocument"),
    "a webhook without a secret": _refusal_of("setWebhook", url="https://example.com/"),
}
