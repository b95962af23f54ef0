"""One scenario's people, what each of them can do, and what the bot did in answer."""

import json
import re
import shlex
import unicodedata
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from storage import reminder
from tests.journeys.cast import CAST, furnish
from tests.journeys.facts import facts, totals_agree
from tests.journeys.rig import START, Rig

Json = dict[str, Any]
LINK = re.compile(r"(?<=\?start=)[\w-]+")
LONG_TEXT = "Bà con phấn khởi vì con đường mới. "
SHORTEST_SECRET = 6
# 409 comes to the poll of a bot that was killed, 429 is no fault of the bot's.
REFUSALS = (400, 401, 403, 404, 413)


STEPS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
}


class Stage:
    """A fresh province on a running rig. `people` and `groups` map names to their chats."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        rig.reset()
        if rig.bot is None or rig.changed:
            rig.start_anew({})
        self.people = {who: next(rig.people) for who in CAST}
        self.groups: dict[str, int] = {}
        self.tokens: list[str] = []
        self.typed: list[str] = []
        self._missing: list[str] = []
        self._addresses: dict[str, str] = {}
        self._asked: dict[int, int] = {}
        self._seen: dict[int, tuple[int, int]] = {}
        self._event = rig.get("/sim/events", wait=0)["last"]
        for who, player in CAST.items():
            rig.post("/sim/users", id=self.people[who], first_name=player.name)
        self._furnish()
        for who, player in CAST.items():
            if player.known:
                self._message(who, None, text="/start")
        self._settle()
        self._log = len(rig.log.read_bytes())
        self._log_start = self._log
        self._call = self._last_call()
        self._before = set(self._facts())
        list(self._shown(None))

    def _furnish(self) -> None:
        self._addresses = {str(chat): who for who, chat in self.people.items()}
        with self.rig.database.begin() as conn:
            furnish(conn, self.people, START)

    def _settle(self) -> None:
        """Wait for the chats in which somebody did something: by chat, who."""
        if self.rig.bot is not None:
            for chat, person in self._asked.items():
                self.rig.settle(person, chat)
            self._asked.clear()
            self.rig.settle_until(self._has_sent_all)

    def _has_sent_all(self) -> bool:
        if self.rig.has_sent_all():
            return True
        self.rig.look_now()
        return False

    # --- what people do ----------------------------------------------------------------------------

    def say(self, who: str, text: str, place: str | None = None) -> None:
        self.typed.append(self.with_tokens(text))
        self._message(who, place, text=self.typed[-1])

    def with_tokens(self, text: str) -> str:
        """`{token}` stands for the token of the first link that was shown."""
        for number, token in enumerate(self.tokens, 1):
            text = text.replace(_placeholder(number), token)
        return text

    def say_decomposed(self, who: str, text: str) -> None:
        """As some keyboards send it: letters and tone marks apart."""
        self.say(who, unicodedata.normalize("NFD", text))

    def send(self, who: str, what: str) -> None:
        contents: dict[str, Json] = {
            "a sticker": {"sticker": "👍"},
            "a voice message": {"voice": 7},
            "a photo of 10 MB": {"photo": {"size": 10_000_000}, "caption": "Ảnh buổi họp"},
            "a document": {"document": {"text": "x", "name": "bao-cao.docx"}},
            "a location": {"location": {"latitude": 22.4, "longitude": 105.2}},
            "a contact": {"contact": True},
            "5,000 characters": {"text": (LONG_TEXT * 200)[:5000], "split": True},
        }
        self._message(who, None, **contents[what])

    def send_photo(self, who: str, caption: str) -> None:
        self._send_file(who, caption, photo=True)

    def send_file(self, who: str, named: str) -> None:
        """`NAME: CAPTION`"""
        name, _, caption = named.partition(": ")
        self._send_file(who, caption, document={"text": "x", "name": name})

    def _send_file(self, who: str, caption: str, **content: object) -> None:
        if caption:
            self.typed.append(caption)
            content["caption"] = caption
        self._message(who, None, **content)

    def edit(self, who: str, text: str) -> None:
        """The person's last message in their own chat becomes another."""
        chat = self.people[who]
        own = [m["message_id"] for m in self._messages(chat) if m["from"]["id"] == chat]
        self.typed.append(text)
        self._asked[chat] = chat
        self.rig.post("/sim/edit", **{"from": chat, "message_id": own[-1], "text": text})

    def tap(
        self,
        who: str,
        label: str,
        place: str | None = None,
        *,
        oldest: bool = False,
        times: int = 1,
    ) -> None:
        """The newest button with this label, or the oldest one that the chat still shows."""
        chat = self.groups[place] if place else self.people[who]
        found = [m["message_id"] for m in self._messages(chat) if label in _labels(m)]
        if not found:
            self._missing.append(f"there is no such button: {label}")
            return
        message = found[0 if oldest else -1]
        self._asked[chat] = self.people[who]
        tapped = {"from": self.people[who], "chat": chat, "message_id": message}
        with self.rig.held_up() if times > 1 else nullcontext():
            for _ in range(times):
                self.rig.post("/sim/tap", **tapped, button=label, wait=0)

    def block(self, who: str, *, block: bool) -> None:
        """Block the bot, or let it come back; nothing can be asked in a blocked chat."""
        chat = self.people[who]
        self.rig.post("/sim/member", chat=chat, user=chat, status="block" if block else "unblock")
        self._until(f"{who} cannot be reached", there=block)

    def _until(self, fact: str, *, there: bool) -> None:
        self.rig.settle_until(lambda: (fact in self._facts()) is there)

    def make_group(self, name: str, members: list[str]) -> None:
        """A group with the bot in it, made by the first of its members."""
        ids = [self.people[who] for who in members]
        made = self.rig.post("/sim/chats", type="group", title=name, members=ids)
        self._name_group(name, made["id"])
        self._asked[made["id"]] = ids[0]

    def upgrade_group(self, name: str) -> None:
        """The group that the bot knows gets a new address; the old chat can be asked no more."""
        old = self.groups[name]
        moved = self.rig.post(f"/sim/chats/{old}/migrate")
        self._addresses[str(old)] = f"{name} as it was"
        self._name_group(name, moved["migrate_to_chat_id"])
        self._until(f"group {name} sees Tỉnh ủy Tuyên Quang", there=True)

    def _name_group(self, name: str, chat: int) -> None:
        self.groups[name] = chat
        self._addresses[str(chat)] = name

    def move_clock(self, to: str) -> None:
        """`+8 days` (hours, minutes), `next reminder`, or a moment in Vietnam's time."""
        if to == "next reminder":
            self.rig.look_now()
            self.rig.settle_until(self._clock_knows_what_is_next)
            self.rig.post("/sim/clock", to_next_due=True)
            return
        if step := re.fullmatch(r"\+(\d+) (day|hour|minute)s?", to):
            moment = self.rig.now() + int(step[1]) * STEPS[step[2]]
        else:
            moment = datetime.fromisoformat(to).replace(tzinfo=START.tzinfo)
        self.rig.post("/sim/clock", now=moment.isoformat())

    def _clock_knows_what_is_next(self) -> bool:
        """The bot tells the messenger's clock once a second when its next timer falls due."""
        with self.rig.database.connect() as conn:
            due = reminder.next_due(conn)
        known = self.rig.get("/sim/clock")["next_due"]
        return due is not None and known is not None and datetime.fromisoformat(known) == due

    def plant(self, method: str, who: str, what: str) -> None:
        """The next such call fails with a status, or is carried out and its answer is lost."""
        fault: Json = {"drop_reply": True} if what == "answer lost" else {"status": int(what)}
        self.rig.post("/sim/faults", method=method, chat=self._chats[who], **fault)

    def _message(self, who: str, place: str | None, **content: object) -> None:
        chat = self.groups[place] if place else self.people[who]
        self._asked[chat] = self.people[who]
        self.rig.post("/sim/message", **{"from": self.people[who], "chat": chat}, **content)

    # --- what came of it ----------------------------------------------------------------------------

    def outcome(self, near: str | None) -> list[str]:
        """All that the bot did since the last look, as lines: first in the chat of `near`."""
        self._settle()
        missing, self._missing = self._missing, []
        return [*missing, *self._shown(near), *self._called(), *self._logged()]

    def _shown(self, near: str | None) -> Iterator[str]:
        changed = self._changed_chats()
        chats = {name: chat for name, chat in self._chats.items() if chat in changed}
        for name in sorted(chats, key=lambda name: name != near):
            for message, is_new in self._fresh(chats[name]):
                header = "bot" if is_new else "bot edits"
                yield f"{header}:" if name == near else f"{header} to {name}:"
                yield from (f"  {line}" if line else "" for line in self._content(message))

    @property
    def _chats(self) -> dict[str, int]:
        return self.people | self.groups

    def _changed_chats(self) -> set[int]:
        news = self.rig.get("/sim/events", after=self._event)
        self._event = news["last"]
        return {event["chat_id"] for event in news["events"] if "chat_id" in event}

    def _fresh(self, chat: int) -> list[tuple[Json, bool]]:
        """What the bot wrote or changed in a chat since the last look."""
        revision, last = self._seen.get(chat, (0, 0))
        answer = self.rig.get(f"/sim/chats/{chat}/messages", after_revision=revision)
        found = answer["messages"]
        newest = max([last, *(message["message_id"] for message in found)])
        self._seen[chat] = answer["revision"], newest
        heard = [m for m in found if m["from"].get("is_bot")]
        own = self.rig.anchors.get(chat)
        return [(m, m["message_id"] > last) for m in heard if m["message_id"] != own]

    def _content(self, message: Json) -> list[str]:
        text: str = message.get("text") or message.get("caption") or "(no text)"
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [" ".join(f"[{button['text']}]" for button in row) for row in rows]
        return [*LINK.sub(self._keep_token, text).splitlines(), *buttons]

    def _keep_token(self, found: re.Match[str]) -> str:
        if found[0] not in self.tokens:
            self.tokens.append(found[0])
        return _placeholder(self.tokens.index(found[0]) + 1)

    def _called(self) -> Iterator[str]:
        """Pop-ups, and what the sandbox refused by itself (not by a planted fault)."""
        for call in self.rig.get("/sim/calls", after=self._call):
            self._call = call["id"]
            params = call["params"]
            if params.get("callback_query_id") in self.rig.probes:
                continue
            if call["method"] == "answerCallbackQuery" and params.get("text"):
                yield f"pop-up: {params['text']}"
            if call["status"] in REFUSALS and call["fault"] is None:
                yield f"refused: {call['method']}: {call['description']}"

    def _last_call(self) -> int:
        calls = self.rig.get("/sim/calls")
        return int(calls[-1]["id"]) if calls else 0

    def _logged(self) -> Iterator[str]:
        """The bot's log lines that tell of something wrong; whatever is not JSON among them."""
        new = self.rig.log_since(self._log)
        self._log += len(new.encode())
        for line in new.splitlines():
            if '"level": "DEBUG"' not in line and '"level": "INFO"' not in line:
                level, message = _level_and_message(line)
                yield f"log: {level} {message}"

    def operate(self, command: str) -> list[str]:
        """What the operator's command says, and what came of it in the chats."""
        return [*self.rig.operate(shlex.split(command)).splitlines(), *self.outcome(None)]

    def stored(self) -> list[str]:
        """What is stored beyond the cast itself, and what of the cast is stored no more."""
        now = self._facts()
        gone = sorted(self._before - set(now))
        lines = [line for line in now if line not in self._before]
        return [*lines, *(f"no longer: {line}" for line in gone)] or ["nothing new"]

    def _facts(self) -> list[str]:
        with self.rig.database.connect() as conn:
            return facts(conn, self._addresses)

    def trace_of(self, text: str) -> list[str]:
        """Whether a text stands anywhere in the bytes of the database, as itself or as JSON."""
        kept = b"".join(file.read_bytes() for file in self.rig.folder.glob("bot.db*"))
        forms = {text.encode(), json.dumps(text).strip('"').encode()}
        return [
            "it is in the database" if any(form in kept for form in forms) else "no trace of it"
        ]

    def totals_agree(self) -> bool:
        with self.rig.database.connect() as conn:
            return totals_agree(conn)

    def leaks(self) -> list[str]:
        """What of secrets and people's words stands in the bot's log of this scenario."""
        log = self.rig.log_since(self._log_start).lower()
        names = [CAST[who].name for who in CAST]
        words = [text for text in self.typed if len(text) >= SHORTEST_SECRET and text[0] != "/"]
        commands = [text.partition(" ")[2] for text in self.typed if text[0] == "/"]
        token = self.rig.token
        secrets = [token, token.partition(":")[2], *self.tokens, *names, *words]
        secrets += [text for text in commands if len(text) >= SHORTEST_SECRET]
        return [secret for secret in secrets if secret.lower() in log]

    def _messages(self, chat: int) -> list[Json]:
        messages: list[Json] = self.rig.get(f"/sim/chats/{chat}/messages")["messages"]
        return [message for message in messages if not message["deleted"]]


def _placeholder(number: int) -> str:
    return "{token}" if number == 1 else f"{{token {number}}}"


def _labels(message: Json) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def _level_and_message(line: str) -> tuple[str, str]:
    found = re.search(r'"level": "(\w+)".*"message": "((?:[^"\\]|\\.)*)"', line)
    return (found[1], found[2]) if found else ("OUTPUT", line)
