"""A scenario's people on Zalo: what they type instead of tapping, and what they see."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from channels.zalo_menu import bare
from storage import zalo
from tests.journeys.cast import furnish
from tests.journeys.rig import START
from tests.journeys.stage import Stage
from tests.journeys.zalo_rig import BOT, ZaloRig
from wording.say import label

Json = dict[str, Any]
CHANNEL = "zalo"
_TOKEN = re.compile(rf"(?<={re.escape(label('zalo.invitation', token=''))} )[\w-]+")
_CHOICE = re.compile(r"([a-z]{1,2})\. (.+)")
_NUMBERS = re.compile(r"\d+( · \d+)*")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it reads: its lines, and the choices below by label, each with what to type."""

    lines: list[str]
    choices: dict[str, str]


def read(text: str) -> Shown:
    """Take the menu off a text."""
    lines = text.splitlines()
    choices: dict[str, str] = {}
    if lines[-1:] == [label("zalo.choose")]:
        lines.pop()
        while lines and (found := _CHOICE.fullmatch(lines[-1])):
            choices = {found[2]: found[1], **choices}
            lines.pop()
    if len(lines) > 1 and _NUMBERS.fullmatch(lines[-1]) and (choices or not lines[-2]):
        choices = {number: number for number in lines.pop().split(" · ")} | choices
    return Shown(lines, choices)


class ZaloStage(Stage):
    """The same province on a running Zalo rig; outcomes have the form of Telegram's."""

    def __init__(self, rig: ZaloRig) -> None:
        self.zalo = rig
        super().__init__(rig)

    def _furnish(self) -> None:
        """Whoever has written once is known by a number of ours; so are these, before they write."""
        ids = {each["id"]: each["zalo_id"] for each in self.zalo.people_on_zalo()["people"]}
        with self.rig.database.begin() as conn:
            numbers = {
                who: zalo.number_of(conn, BOT, ids[chat], is_group=False)
                for who, chat in self.people.items()
            }
            furnish(conn, numbers, START, CHANNEL)
        self._addresses = {str(number): who for who, number in numbers.items()}

    # --- what people do ----------------------------------------------------------------------------

    def _message(self, who: str, place: str | None, **content: object) -> None:
        chat = self.groups[place] if place else self.people[who]
        self._asked[chat] = self.people[who]
        if place:
            content["text"] = f"@{self._name} {content['text']}"
        self.zalo.say(self.people[who], chat, **content)

    @property
    def _name(self) -> str:
        return str(self.zalo.people_on_zalo()["bots"][0]["name"])

    def tap(
        self,
        who: str,
        label: str,
        place: str | None = None,
        *,
        oldest: bool = False,
        times: int = 1,
    ) -> None:
        """Type what stands before this label in the newest menu that has it, or in the oldest."""
        chat = self.groups[place] if place else self.people[who]
        menus = [read(_text(message)).choices for message in self._heard(chat)]
        keys = [menu[bare(label)] for menu in menus if bare(label) in menu]
        if not keys:
            self._missing.append(f"there is no such choice: {label}")
            return
        with self.zalo.held_up() if times > 1 else nullcontext():
            for _ in range(times):
                self._message(who, place, text=keys[0 if oldest else -1])

    def make_group(self, name: str, members: list[str]) -> None:
        """Nobody tells the bot of it, so the first of its members asks for the summary there."""
        ids = [self.people[who] for who in members]
        made = self.rig.post("/sim/chats", platform="zalo", type="group", title=name, members=ids)
        self.groups[name] = made["id"]
        with self.rig.database.begin() as conn:
            number = zalo.number_of(conn, BOT, made["zalo_id"], is_group=True)
        self._addresses[str(number)] = name
        self._message(members[0], name, text="tổng kết")

    # --- what came of it ----------------------------------------------------------------------------

    def _fresh(self, chat: int) -> list[tuple[Json, bool]]:
        _, last = self._seen.get(chat, (0, 0))
        found = self._heard(chat, after=last)
        if found:
            self._seen[chat] = (0, found[-1]["message_id"])
        return [(message, True) for message in found]

    def _heard(self, chat: int, after: int = 0) -> list[Json]:
        answer = self.rig.get(f"/sim/chats/{chat}/messages", platform="zalo", after=after)
        return [message for message in answer["messages"] if message["from"]["is_bot"]]

    def _content(self, message: Json) -> list[str]:
        shown = read(_TOKEN.sub(self._keep_token, _text(message)))
        return [*shown.lines, *(f"[{choice}]" for choice in shown.choices)]

    def _called(self) -> Iterator[str]:
        """What the sandbox refused by itself; that a poll brought nothing is no refusal."""
        for call in self.rig.get("/sim/calls", after=self._call):
            self._call = call["id"]
            if call["method"].startswith("send") and call["ok"] is False:
                yield f"refused: {call['method']}: {call['description']}"


def _text(message: Json) -> str:
    return message.get("text") or message.get("caption") or "(no text)"
