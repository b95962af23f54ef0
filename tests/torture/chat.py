"""One person's window: what the chat shows, what they do in it, and the story of both."""

import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from typing import TypeVar

from tests.torture.stage import TOKEN, Json, Stage

T = TypeVar("T")

PATIENCE = 2.0
TRIES = 40
# (draft, version), as the buttons of a dialogue carry it.
Stamp = tuple[int, int]
ANCHOR = "·"
DIALOGUES = ("tally", "opinion", "invite", "enrolment")


class Violation(AssertionError):
    """A promise is broken; says which, and to whom."""


class Chat:
    """A private chat with the bot, as its person sees it."""

    def __init__(self, stage: Stage, person: int) -> None:
        self.stage = stage
        self.person = person
        self.story: list[str] = []
        self._shown: dict[int, Json] = {}
        self._revision = 0
        self._anchor: Json = {}
        self._repeated = False
        self._begun = time.monotonic()

    @property
    def address(self) -> str:
        """By which the bot knows this chat."""
        return str(self.person)

    async def enter(self) -> None:
        """Meet the bot. A message is put there in its name, whose button no dialogue knows."""
        await self.stage.post("/sim/users", {"id": self.person, "first_name": "Người Dân"})
        await self.say("/start")
        keyboard = {"inline_keyboard": [[{"text": ANCHOR, "callback_data": ANCHOR}]]}
        message = {"chat_id": self.person, "text": ANCHOR, "reply_markup": keyboard}
        self._anchor = (await self.stage.post(f"/bot{TOKEN}/sendMessage", message))["result"]

    async def settle(self) -> None:
        """Wait until all that was sent before is through: the pop-up of a tap comes after it."""
        for _ in self.tries():
            if await self.tap(self._anchor, ANCHOR, wait=PATIENCE) is not None:
                self._repeated = False
                return await self.look()
        raise Violation(f"{self.person} gets no answer to a tap")

    def tries(self) -> Iterator[int]:
        """How often somebody tries: without end while the bot is being killed, then TRIES times."""
        tried_in_peace = 0
        for number in count():
            tried_in_peace += self.stage.in_peace
            if tried_in_peace > TRIES:
                return
            yield number

    # --- doing -----------------------------------------------------------------------------------

    async def say(self, text: str) -> int:
        """Send a message; returns its number in the chat."""
        self._note(f"says {text!r}")
        self.stage.updates += 1
        sent = await self.stage.post("/sim/message", {"from": self.person, "text": text})
        return int(sent["message_id"])

    async def tap(self, message: Json, label: str, wait: float = 0) -> str | None:
        """Press a button; the pop-up's text, "" for none, None for no answer within `wait` s."""
        body = {"from": self.person, "message_id": message["message_id"], "wait": wait}
        self._note(f"taps {label!r} under {message['message_id']}")
        tapped = await self.stage.tried("/sim/tap", body | {"button": label})
        if tapped is None:
            self._note("… but the button is gone")
            return None
        self.stage.updates += 1
        answer = tapped["answer"]
        popup = None if answer is None else str(answer["text"] or "")
        if popup:
            self._note(f"sees the pop-up {popup!r}")
        return popup

    # --- seeing ----------------------------------------------------------------------------------

    async def look(self, wait: float = 0) -> None:
        """Take in what is new or changed; wait up to `wait` seconds for the first of it."""
        path, query = f"/sim/chats/{self.person}/messages", {"after_revision": self._revision}
        answer = await self.stage.get(path, wait=wait, **query)
        self._revision = answer["revision"]
        for message in answer["messages"]:
            self._take_in(message)

    def _take_in(self, message: Json) -> None:
        self._shown[message["message_id"]] = message
        if message["from"]["is_bot"]:
            self._note(f"sees {message['message_id']}: {_told(message)}")

    async def until(self, see: Callable[[], T | None], patience: float) -> T | None:
        """What `see` finds, or None when it finds nothing in time."""
        deadline = time.monotonic() + patience
        await self.look()
        while True:
            found = see()
            left = deadline - time.monotonic()
            if found is not None or left <= 0:
                return found
            await self.look(left)

    async def insist(self, act: Callable[[], Awaitable[object]], see: Callable[[], T | None]) -> T:
        """Do it, and again when nothing comes of it, until `see` finds something.

        An answer to an earlier repetition could be taken for one to this, so that is waited for.
        """
        if self._repeated:
            await self.settle()
        for times in self.tries():
            self._repeated = times > 0
            await act()
            found = await self.until(see, PATIENCE)
            if found is not None:
                return found
        raise Violation(f"{self.person} gets no answer")

    def newest(
        self, *words: str, button: str | None = None, data: str = "", after: int = 0
    ) -> Json | None:
        """The newest message of the bot's with all these words, and such a button or data."""
        for message in reversed(self.since(after, *words)):
            has_button = button is None or button in labels_of(message)
            if has_button and (not data or any(d.startswith(data) for d in datas_of(message))):
                return message
        return None

    def since(self, after: int, *words: str) -> list[Json]:
        """The bot's messages with a greater number and all these words, oldest first."""
        return [
            message
            for number, message in sorted(self._shown.items())
            if number > after
            and message["from"]["is_bot"]
            and not message.get("deleted")
            and all(word in message.get("text", "") for word in words)
        ]

    def question(self, dialogue: str, after: int = 0) -> tuple[Stamp, Json]:
        """The question of the highest draft and version shown, (0, 0) when there is none."""
        best: tuple[Stamp, Json] = (0, 0), {}
        for number, message in self._shown.items():
            stamp = stamp_of(message, dialogue)
            if number > after and stamp is not None and stamp >= best[0]:
                best = stamp, message
        return best

    @property
    def last(self) -> int:
        return max(self._shown, default=0)

    def _note(self, what: str) -> None:
        self.story.append(f"{time.monotonic() - self._begun:7.2f} {what}")


def labels_of(message: Json) -> list[str]:
    return [button["text"] for button in _buttons(message)]


def datas_of(message: Json) -> list[str]:
    return [button.get("callback_data", "") for button in _buttons(message)]


def stamp_of(message: Json, dialogue: str) -> Stamp | None:
    for data in datas_of(message):
        name, _, rest = data.partition(":")
        if name == dialogue:
            draft, version, *_ = rest.split(":")
            return int(draft), int(version)
    return None


def _buttons(message: Json) -> list[Json]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _told(message: Json) -> str:
    stamps = [f"{name} {stamp}" for name in DIALOGUES if (stamp := stamp_of(message, name))]
    return " ".join([repr(message.get("text", "")[:90]), *stamps])
