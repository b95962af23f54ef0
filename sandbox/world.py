"""The messenger as a whole: everything it knows, and the few ways in which it changes."""

import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox.bell import Bell
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.errors import SimError
from sandbox.faults import Faults
from sandbox.files import Shelf, StoredFile
from sandbox.journal import Journal
from sandbox.jsons import JsonDict
from sandbox.limits import Limits
from sandbox.params import Upload
from sandbox.state import Bot, Chat, Message, Person, Query, stored_fields
from sandbox.zalo_world import ZaloWorld

FIRST_USER_ID = 1001
FIRST_GROUP_ID = -5001
SUPERGROUP_BASE = -1_000_000_000_000
EVENTS_KEPT = 10_000
QUERIES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Options:
    """How a sandbox is set up."""

    data: Path | None = None
    bot_id: int = 7_000_000_001
    username: str = "bao_cao_sandbox_bot"
    name: str = "Báo cáo tuyên truyền"
    privacy: bool = True
    limits: bool = True
    now: datetime | None = None
    webhook_retry_seconds: float = 1.0


class World:
    """State in memory, with a journal behind it when a data folder is given."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(options.now)
        self.limits = Limits(enabled=options.limits)
        self.faults = Faults()
        self.calls = CallLog()
        self.files = Shelf(options.data / "files" if options.data else None)
        self.journal = Journal(options.data)
        self.persons: dict[int, Person] = {}
        self.bots: dict[int, Bot] = {}
        self.chats: dict[tuple[int, int], Chat] = {}
        self.queries: dict[str, Query] = {}
        self.events: deque[JsonDict] = deque(maxlen=EVENTS_KEPT)
        self.last_event = time.time_ns() // 1000  # so that a page notices a restart
        self.event_bell = Bell()
        self.zalo = ZaloWorld(options.name, self.clock, self.journal, self.persons, self.note)
        self._load()
        if not self.bots:
            self.add_bot(options.bot_id, options.username, claimed=False)
        self.note("people")

    # --- bots

    def add_bot(self, bot_id: int, username: str, *, claimed: bool) -> Bot:
        """A new bot; nobody knows it yet."""
        bot = Bot(bot_id, username, self.options.name, claimed=claimed)
        bot.next_update_id = 100_000_001
        self.bots[bot_id] = bot
        self.save_bot(bot)
        return bot

    def bot_for_id(self, bot_id: int) -> Bot:
        """The bot behind a token; the first token ever used takes over the waiting default bot."""
        bot = self.bots.get(bot_id)
        if bot is not None and bot.claimed:
            return bot
        waiting = next((other for other in self.bots.values() if not other.claimed), None)
        if waiting is not None:
            return self._claim(waiting, bot_id)
        return self.add_bot(bot_id, f"{self.options.username[:-4]}_{bot_id}_bot", claimed=True)

    def _claim(self, bot: Bot, bot_id: int) -> Bot:
        old = bot.id
        del self.bots[old]
        self.journal.drop("bot", old)
        bot.id, bot.claimed = bot_id, True
        self.bots[bot_id] = bot
        self.save_bot(bot)
        for chat in [chat for chat in self.chats.values() if chat.bot_id == old]:
            self._rekey(chat, bot_id)
        for chat in self.chats.values():
            if old in chat.members:
                chat.members[bot_id] = chat.members.pop(old)
                self.save_chat(chat)
        for update in bot.pending:
            if change := update.get("my_chat_member"):
                change["old_chat_member"]["user"] = change["new_chat_member"]["user"] = bot.user()
            self.journal.drop("update", f"{old}:{update['update_id']}")
            self.save_update(bot, update)
        return bot

    def _rekey(self, chat: Chat, bot_id: int) -> None:
        """Make a private chat that of a bot with another id."""
        old = f"{chat.bot_id}:{chat.id}"
        del self.chats[chat.key]
        self.journal.drop("chat", old)
        for number in chat.messages:
            self.journal.drop("message", f"{old}:{number}")
        chat.bot_id = bot_id
        self.chats[chat.key] = chat
        self.save_chat(chat)
        for message in chat.messages.values():
            self._save_message(chat, message)

    def bot(self, bot_id: int | None) -> Bot:
        """The bot that a control call means: the first one unless it names another."""
        if bot_id is None:
            return next(iter(self.bots.values()))
        if bot_id not in self.bots:
            raise SimError(f"no bot {bot_id}")
        return self.bots[bot_id]

    # --- people and chats

    def person(self, person_id: int) -> Person:
        """A simulated user, or SimError."""
        if person_id not in self.persons:
            raise SimError(f"no user {person_id}")
        return self.persons[person_id]

    def private(self, bot: Bot, person_id: int) -> Chat:
        """The private chat of a person with a bot, opened when there is none yet."""
        chat = self.chats.get((bot.id, person_id))
        if chat is None:
            chat = Chat(person_id, "private", bot_id=bot.id)
            self.chats[chat.key] = chat
            self.save_chat(chat)
        return chat

    def chat(self, chat_id: int, bot: Bot) -> Chat:
        """The chat that a control call means, or SimError."""
        if chat_id in self.persons:
            return self.private(bot, chat_id)
        chat = self.chats.get((0, chat_id))
        if chat is None:
            raise SimError(f"no chat {chat_id}")
        return chat

    def groups(self) -> list[Chat]:
        """All groups and supergroups."""
        return [chat for (owner, _), chat in self.chats.items() if owner == 0]

    def free_user_id(self) -> int:
        """The next unused id for a person."""
        return max([FIRST_USER_ID - 1, *self.persons]) + 1

    def free_group_id(self, kind: str) -> int:
        """The next unused id for a group (small negative) or supergroup (-100…)."""
        supergroup = kind == "supergroup"
        used = [chat.id for chat in self.groups() if (chat.id < SUPERGROUP_BASE) == supergroup]
        return min([(SUPERGROUP_BASE if supergroup else 0) + FIRST_GROUP_ID + 1, *used]) - 1

    def chat_object(self, chat: Chat) -> JsonDict:
        """As a Bot API Chat."""
        if chat.private:
            return {"id": chat.id, **self.persons[chat.id].names(), "type": "private"}
        shown: JsonDict = {"id": chat.id, "title": chat.title, "type": chat.type}
        if chat.username:
            shown["username"] = chat.username
        return shown

    def user(self, user_id: int) -> JsonDict | None:
        """A person or bot as a Bot API User."""
        known = self.persons.get(user_id) or self.bots.get(user_id)
        return known.user() if known else None

    # --- messages

    def post(
        self, chat: Chat, sender: JsonDict, content: JsonDict, markup: JsonDict | None = None
    ) -> Message:
        """Put a new message into a chat; `content` holds its text, media, reply and so on."""
        chat.last_message_id += 1
        payload = {
            "message_id": chat.last_message_id,
            "from": sender,
            "chat": self.chat_object(chat),
            "date": self.clock.timestamp(),
            **content,
        }
        if markup is not None and "inline_keyboard" in markup:
            payload["reply_markup"] = markup
        message = Message(payload, 0, markup)
        chat.messages[chat.last_message_id] = message
        self.changed(chat, message, "message")
        return message

    def changed(self, chat: Chat, message: Message, event: str = "edit") -> None:
        """Tell everybody who watches the chat."""
        chat.touch(message)
        self._save_message(chat, message)
        self.save_chat(chat)
        chat.bell.ring()
        self.note(event, chat.id)

    def add_query(self, bot: Bot) -> Query:
        """A tap that waits for its answer."""
        number = int(next(reversed(self.queries), "4611686018427387904")) + 1
        query = Query(str(number), bot.id, self.clock.timestamp())
        self.queries[query.id] = query
        if len(self.queries) > QUERIES_KEPT:
            self.queries.pop(next(iter(self.queries)))
        self.save_query(query)
        return query

    def add_file(self, kind: str, upload: Upload) -> StoredFile:
        """Keep uploaded bytes."""
        stored = self.files.add(kind, upload.name, upload.mime, upload.content)
        self.journal.put("file", stored.file_id, stored.record)
        return stored

    def note(self, event: str, chat_id: int | None = None, platform: str = "telegram") -> None:
        """Add to the page's stream of events."""
        self.last_event += 1
        shown: JsonDict = {"n": self.last_event, "type": event}
        if chat_id is not None:
            shown["chat_id"] = chat_id
        if platform != "telegram":
            shown["platform"] = platform
        self.events.append(shown)
        self.event_bell.ring()

    # --- keeping

    def save_person(self, person: Person) -> None:
        """Keep a person."""
        self.journal.put("person", person.id, lambda: stored_fields(person))

    def save_bot(self, bot: Bot) -> None:
        """Keep a bot's settings."""
        self.journal.put("bot", bot.id, lambda: stored_fields(bot))

    def save_chat(self, chat: Chat) -> None:
        """Keep a chat's facts and members."""
        self.journal.put("chat", f"{chat.bot_id}:{chat.id}", lambda: stored_fields(chat))

    def save_query(self, query: Query) -> None:
        """Keep a tap and its answer."""
        self.journal.put("query", query.id, lambda: stored_fields(query))

    def save_clock(self) -> None:
        """Keep how far the clock was moved."""
        self.journal.put(
            "clock",
            "clock",
            lambda: {"offset": self.clock.offset_seconds(), "version": self.clock.version},
        )

    def save_update(self, bot: Bot, update: JsonDict) -> None:
        """Keep an update until it is acknowledged."""
        self.journal.put("update", f"{bot.id}:{update['update_id']}", lambda: update)

    def _save_message(self, chat: Chat, message: Message) -> None:
        key = f"{chat.bot_id}:{chat.id}:{message.payload['message_id']}"
        self.journal.put("message", key, lambda: stored_fields(message))

    def _load(self) -> None:
        for _, body in self.journal.load("clock"):
            self.clock.restore(body["offset"], body["version"])
        for _, body in self.journal.load("person"):
            self.persons[body["id"]] = Person(**body)
        for _, body in self.journal.load("bot"):
            self.bots[body["id"]] = Bot(**body)
        for _, body in self.journal.load("chat"):
            chat = Chat(**body)
            self.chats[chat.key] = chat
        for _, body in self.journal.load("query"):
            self.queries[body["id"]] = Query(**body)
        for _, body in self.journal.load("file"):
            self.files.restore(StoredFile(**body))
        self._load_messages()
        for key, update in self.journal.load("update"):
            self.bots[int(key.partition(":")[0])].pending.append(update)

    def _load_messages(self) -> None:
        for key, body in self.journal.load("message"):
            bot_id, chat_id, _ = map(int, key.split(":"))
            message = Message(**body)
            self.chats[bot_id, chat_id].messages[message.payload["message_id"]] = message
        for chat in self.chats.values():
            chat.messages = dict(sorted(chat.messages.items()))
            latest = sorted(chat.messages, key=lambda number: chat.messages[number].revision)
            chat.by_revision = dict.fromkeys(latest)

    def close(self) -> None:
        """Write everything down; used at shutdown."""
        if self.journal.active:
            self.save_clock()
        self.journal.close()
