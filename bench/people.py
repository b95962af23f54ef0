"""The people of a benchmark: each writes again as soon as the bot has answered.

Time runs from the moment a person writes (or taps) to the moment the bot's answer reaches the
messenger, so it holds the wait for the poll, for the turn and for the disk.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.messenger import DATE, Messenger

FIRST_CHAT = 100_000
LOOK_EVERY = 0.002

# What reporters type, with sessions, party members and others in their places. With its day a line
# is stored as it stands; without one it is read back for a tap on "Đúng".
WITH_DAY = (
    "{} buổi {} đv {} qc hôm qua",
    "{} buổi {} đv {} qc hôm nay",
    "hôm qua {} buổi, {} đảng viên, {} quần chúng",
    "tuyên truyền miệng {} buổi {} đv {} qc hôm kia",
    "hôm nay {} buổi {} đảng viên {} quần chúng",
)
WITHOUT_DAY = ("{} buổi {} đv {} qc", "{} buổi, {} đảng viên, {} quần chúng")


def lines(forms: Sequence[str]) -> Iterator[str]:
    """Lines without end; the figures are plausible, and no two of 12,000 are the same."""
    for number in itertools.count():
        sessions, party_members, public = number % 3 + 1, number // 3 % 40, number // 120 % 100
        figures = sessions, sessions * 10 + party_members, sessions * 20 + public
        yield forms[number % len(forms)].format(*figures)


@dataclass
class Tape:
    """What was measured: `waits` are seconds from message to answer, `tallies` the confirmations
    seen, `odd` the answers that nobody expected, `last_at` (by `time.perf_counter`) when the last
    answer came.
    """

    waits: list[float] = field(default_factory=list)
    tallies: int = 0
    odd: list[str] = field(default_factory=list)
    last_at: float = 0.0

    async def reaches(self, answers: int, within: float) -> None:
        """Wait for so many; raises TimeoutError, and AssertionError for an answer that is odd."""
        async with asyncio.timeout(within):
            while len(self.waits) < answers:
                self.check()
                await asyncio.sleep(LOOK_EVERY)

    def check(self) -> None:
        """A figure counts only when every answer was right."""
        if self.odd:
            raise AssertionError(f"an answer that nobody expected: {self.odd[0]}")


class Writers:
    """`count` people, each in a chat of their own. With `pause`, each waits so many seconds after
    an answer before writing again.
    """

    def __init__(
        self,
        messenger: Messenger,
        count: int,
        pause: float = 0.0,
        forms: Sequence[str] = WITH_DAY,
    ) -> None:
        self.tape = Tape()
        self.chats = range(FIRST_CHAT, FIRST_CHAT + count)
        self._messenger = messenger
        self._pause = pause
        self._lines = lines(forms)
        self._wrote_at: dict[int, float] = {}
        self._said: dict[int, str] = {}
        self._resting = False

    def begin(self) -> None:
        """Everybody writes; spread over the pause, if there is one."""
        loop = asyncio.get_running_loop()
        for number, chat in enumerate(self.chats):
            loop.call_later(self._pause * number / len(self.chats), self.write, chat)

    def rest(self) -> None:
        """From now on nobody writes any more."""
        self._resting = True

    def write(self, chat: int) -> None:
        """Type a line."""
        if self._resting:
            return
        text = self._said[chat] = next(self._lines)
        message = {
            "message_id": self._messenger.new_message_id(),
            "date": int(time.time()),
            "chat": _chat(chat),
            "from": _person(chat),
            "text": text,
        }
        self._deliver(chat, {"message": message})

    def _deliver(self, chat: int, update: dict[str, object]) -> None:
        self._wrote_at[chat] = time.perf_counter()
        self._messenger.deliver(update)

    def _write_again(self, chat: int) -> None:
        if self._pause:
            asyncio.get_running_loop().call_later(self._pause, self.write, chat)
        else:
            self.write(chat)

    def _note_wait(self, chat: int) -> None:
        self.tape.last_at = time.perf_counter()
        self.tape.waits.append(self.tape.last_at - self._wrote_at.pop(chat))

    def answered(self, method: str, chat: int, message: Mapping[str, object]) -> None:
        """To an echo bot: it says what I said, and I write again."""
        if chat not in self._wrote_at:
            return
        if message["text"] != self._said[chat]:
            self.tape.odd.append(str(message["text"]))
        self._note_wait(chat)
        self._write_again(chat)


class Reporters(Writers):
    """People who report: a line that is stored as it stands, or a line and a tap on "Đúng" under
    its read-back; then the next line.
    """

    def answered(self, method: str, chat: int, message: Mapping[str, object]) -> None:
        if chat not in self._wrote_at:
            return
        tap, text = _first_button(message), str(message["text"])
        self._note_wait(chat)
        if not tap.endswith(":ok"):
            self._tally_stored(chat, text)
            return
        if self._pause:
            asyncio.get_running_loop().call_later(self._pause, self._tap, chat, message, tap)
        else:
            self._tap(chat, message, tap)

    def _tap(self, chat: int, message: Mapping[str, object], data: str) -> None:
        if self._resting:
            return
        number = self._messenger.new_message_id()
        query = {
            "id": str(number),
            "from": _person(chat),
            "chat_instance": str(chat),
            "message": dict(message) | {"date": DATE},
            "data": data,
        }
        self._deliver(chat, {"callback_query": query})

    def _tally_stored(self, chat: int, text: str) -> None:
        if not ("Đã ghi" in text or "Đã lưu" in text):
            self.tape.odd.append(text)
        self.tape.tallies += 1
        self._write_again(chat)


def _first_button(message: Mapping[str, Any]) -> str:
    """The data of the first button under a message; empty when there is none."""
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [[{}]])
    return str(keyboard[0][0].get("callback_data", ""))


def _chat(chat: int) -> dict[str, object]:
    return {"id": chat, "type": "private", "first_name": "A"}


def _person(chat: int) -> dict[str, object]:
    return {"id": chat, "is_bot": False, "first_name": "A", "language_code": "vi"}
