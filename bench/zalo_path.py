"""What a message costs on its way over Zalo and over Telegram: `python -m bench.zalo_path`.

The same people report the same lines to the same bot, on one core, in one run; only the messenger differs.
Both call the bot by webhook, so that what is compared is the path and not the waiting: a poll of Zalo brings
one message and must not begin within a second of the last.
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from sqlalchemy import Connection, update

from bench import ours
from bench.folders import fresh_folder
from bench.messenger import TOKEN, Fields, Messenger, Reply, Update, listening
from bench.people import LOOK_EVERY, Reporters
from bench.processes import Contender, running, take_messenger_core
from bench.side_by_side import READY_WITHIN, Figures, Load, medians, watch
from storage import zalo
from storage.db import Database
from storage.schema import account

SECRET = "bench-webhook-secret"
BOT = TOKEN.partition(":")[0]


class _Calling(Messenger):
    """Telegram's side: an update is a call of the bot's webhook at `address`."""

    header = "X-Telegram-Bot-Api-Secret-Token"

    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        super().__init__()
        self._http = http
        self._address = address
        self._calls: set[asyncio.Task[None]] = set()

    def deliver(self, update: Update) -> None:
        call = asyncio.create_task(self._hand_over(self.body(update)))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def quiet(self) -> None:
        """Wait for the calls that are under way."""
        await asyncio.gather(*self._calls)

    async def _hand_over(self, body: Update) -> None:
        headers = {self.header: SECRET}
        async with self._http.post(self._address, json=body, headers=headers) as reply:
            reply.raise_for_status()

    def body(self, update: Update) -> Update:
        """What the bot is called with."""
        return update | {"update_id": self.new_message_id()}


class _CallingOverZalo(_Calling):
    """Zalo's side: people are known by strings, and are answered by a message whatever happens."""

    header = "X-Bot-Api-Secret-Token"

    def body(self, update: Update) -> Update:
        said: Any = update["message"]
        chat = str(said["chat"]["id"])
        message = {
            "from": {"id": chat, "display_name": "A"},
            "chat": {"id": chat, "chat_type": "PRIVATE"},
            "text": said["text"],
            "message_id": str(said["message_id"]),
            "date": int(time.time() * 1000),
        }
        return {"event_name": "message.text.received", "message": message}

    def _reply(self, method: str, fields: Fields) -> Reply:
        if method == "getMe":
            return {"ok": True, "result": {"id": "1", "account_name": "bot.b", "display_name": "B"}}
        if method != "sendMessage":
            return {"ok": True, "result": {}}
        if self.people is not None:
            self.people.answered(method, int(fields["chat_id"]), {"text": fields["text"]})
        number = str(self.new_message_id())
        return {"ok": True, "result": {"message_id": number, "date": int(time.time() * 1000)}}


@dataclass(frozen=True, slots=True)
class Side:
    """One messenger: its stub, the path of the bot's webhook there, and the settings that choose it."""

    stub: type[_Calling]
    path: str
    settings: Mapping[str, str]
    # The setting that holds the root of the messenger's API, and that of the webhook.
    api: str
    webhook: str


SIDES = {
    "Telegram": Side(_Calling, "telegram", {}, "TELEGRAM_BASE_URL", "WEBHOOK_URL"),
    "Zalo": Side(
        _CallingOverZalo,
        f"zalo/{BOT}",
        {"TELEGRAM_TOKEN": "", "ZALO_TOKEN": TOKEN, "ZALO_QUOTA": "1000000000"},
        "ZALO_BASE_URL",
        "ZALO_WEBHOOK_URL",
    ),
}


async def measure(name: str, load: Load) -> Figures:
    """One run over one messenger, in a fresh process on a fresh database."""
    side, port = SIDES[name], _free_port()
    root = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        folder = stack.enter_context(fresh_folder())
        stub = side.stub(http, f"{root}/{side.path}")
        people = stub.people = Reporters(stub, load.people)
        api = await stack.enter_async_context(listening(stub))
        await _furnish(name, folder / "bot.db", people.chats)
        bot = _contender(side, api, folder / "bot.db", port)
        process = await stack.enter_async_context(running(bot, folder))
        await _answers(http, f"{root}/health")
        figures = await watch(stub, people, process, 0.0, load)
        people.rest()
        await stub.quiet()
        people.tape.check()
        if await ours.kept(folder / "bot.db") < people.tape.tallies:
            raise AssertionError("a tally that was confirmed is not in the database")
    return figures


def _contender(side: Side, api: str, database: Path, port: int) -> Contender:
    # Nobody looks at this address: the stub knows where the bot is.
    public = {side.webhook: "https://bench.invalid", side.api: api}
    hook = {"WEBHOOK_SECRET": SECRET, "WEB_PORT": str(port)}
    # On whichever day this runs, the bot says nothing by itself.
    silent = {"REMINDER_DAYS": "[]", "ZALO_WORD_DAY": "0"}
    return ours.contender(api, database, **side.settings, **public, **hook, **silent)


async def _furnish(name: str, database: Path, chats: range) -> None:
    await ours.furnish(database, chats)
    if name == "Zalo":
        async with Database(f"sqlite:///{database}") as db:
            await db.write(_move_to_zalo, chats)


def _move_to_zalo(conn: Connection, chats: range) -> None:
    """Everybody's account is one on Zalo."""
    for chat in chats:
        number = zalo.number_of(conn, BOT, str(chat), is_group=False)
        moved = update(account).where(account.c.address == str(chat))
        conn.execute(moved.values(channel="zalo", address=str(number)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _answers(http: aiohttp.ClientSession, url: str) -> None:
    """Wait until the bot listens."""
    async with asyncio.timeout(READY_WITHIN):
        while True:
            try:
                async with http.get(url) as reply:
                    if reply.ok:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(LOOK_EVERY)


def table(found: Mapping[str, Figures]) -> str:
    """The figures side by side, and how many times Telegram's Zalo's are."""
    rows = [
        f"{name:10} {f.cpu_us_per_update:14,.0f} {f.p50_ms:11.1f} {f.p99_ms:11.1f} {f.updates_per_second:11,.0f}"
        for name, f in found.items()
    ]
    zalo_, telegram = found["Zalo"], found["Telegram"]
    cpu = zalo_.cpu_us_per_update / telegram.cpu_us_per_update
    wait = zalo_.p50_ms / telegram.p50_ms
    head = f"{'':10} {'CPU us/message':>14} {'p50 ms':>11} {'p99 ms':>11} {'messages/s':>11}"
    return "\n".join([head, *rows, f"Zalo / Telegram: CPU {cpu:.2f}, median wait {wait:.2f}"])


async def _contest(load: Load, runs: int) -> dict[str, Figures]:
    """Run by run, so that whatever else the machine does meets both alike."""
    found: dict[str, list[Figures]] = {name: [] for name in SIDES}
    for _ in range(runs):
        for name in SIDES:
            found[name].append(await measure(name, load))
    return {name: medians(several) for name, several in found.items()}


def main(
    runs: Annotated[int, typer.Option(min=1, help="Runs; their medians count.")] = 3,
    seconds: Annotated[float, typer.Option(help="How long each run is measured.")] = 5,
    people: Annotated[int, typer.Option(help="People who write all the time.")] = 8,
    warm_up: Annotated[int, typer.Option(help="Messages before the measuring begins.")] = 200,
) -> None:
    """Measure both paths and print a table; about a minute as it stands."""
    take_messenger_core()
    print(table(asyncio.run(_contest(Load(people, warm_up, seconds), runs))))


if __name__ == "__main__":
    typer.run(main)
