"""The Zalo side as a whole: its state, and the few ways in which it changes."""

from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.errors import ApiError, SimError
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.jsons import JsonDict
from sandbox.state import Person, stored_fields
from sandbox.zalo_state import Quirks, ZaloBot, ZaloChat, zalo_id

FIRST_GROUP_ID = -7001
Note = Callable[[str, int | None, str], None]


class ZaloWorld:
    """Bots, chats and quirks of the Zalo side; people, clock and journal are the sandbox's own.

    `note(event, chat, platform)` tells the page.
    """

    def __init__(
        self, name: str, clock: Clock, journal: Journal, persons: dict[int, Person], note: Note
    ) -> None:
        self.clock = clock
        self.persons = persons
        self.faults = Faults()
        self.quirks = Quirks()
        self.bots: dict[int, ZaloBot] = {}
        self.chats: dict[tuple[int, int], ZaloChat] = {}
        self._by_zalo_id: dict[tuple[int, str], ZaloChat] = {}
        self._name = name
        self._journal = journal
        self._note = note
        self._load()
        if not self.bots:
            self.add_bot()

    # --- bots

    def add_bot(self) -> ZaloBot:
        """A new bot; nobody knows it yet, and its name begins as the platform asks."""
        number = len(self.bots) + 1
        bot = ZaloBot(number, f"Bot {self._name}" + (f" {number}" if number > 1 else ""))
        self.bots[number] = bot
        self.save_bot(bot)
        return bot

    def bot_for_token(self, token_id: int) -> ZaloBot:
        """The bot behind a token; the first token ever used takes over the waiting default bot."""
        for bot in self.bots.values():
            if bot.token_id == token_id:
                return bot
        waiting = (each for each in self.bots.values() if each.token_id is None)
        bot = next(waiting, None) or self.add_bot()
        bot.token_id = token_id
        self.save_bot(bot)
        self._note("people", None, "zalo")
        return bot

    def bot(self, token_id: int | None) -> ZaloBot:
        """The bot that a control call means: the first one unless it names another."""
        if token_id is None:
            return self.bots[1]
        for bot in self.bots.values():
            if bot.token_id == token_id:
                return bot
        raise SimError(f"no Zalo bot {token_id}")

    def count(self, bot: ZaloBot, way: str) -> None:
        """Meter one message of this month: `way` is "in" or "out"."""
        month = bot.months.setdefault(self.month(), {"in": 0, "out": 0})
        month[way] += 1
        self.save_bot(bot)

    def used(self, bot: ZaloBot) -> int:
        """How much of this month's quota is gone."""
        month = bot.months.get(self.month(), {"in": 0, "out": 0})
        return month["out"] + (month["in"] if self.quirks.counts_inbound else 0)

    def month(self) -> str:
        """This month on the sandbox's clock, as 2026-11."""
        return f"{self.clock.now():%Y-%m}"

    # --- chats

    def private(self, bot: ZaloBot, person: int) -> ZaloChat:
        """The chat of a person with a bot, opened when there is none yet; or SimError."""
        if person not in self.persons:
            raise SimError(f"no user {person}")
        return self.chats.get((bot.number, person)) or self._add(ZaloChat(bot.number, person))

    def chat(self, bot: ZaloBot, chat_id: int) -> ZaloChat:
        """The chat that a control call means, or SimError."""
        if chat_id > 0:
            return self.private(bot, chat_id)
        found = self.chats.get((bot.number, chat_id))
        if found is None:
            raise SimError(f"no Zalo group {chat_id}")
        return found

    def groups(self, bot: ZaloBot) -> list[ZaloChat]:
        return [each for each in self.chats.values() if each.bot == bot.number and not each.private]

    def add_group(self, bot: ZaloBot, title: str, members: list[int]) -> ZaloChat:
        """A group with the bot in it; SimError when the bot is in as many as the plan allows."""
        if len(self.groups(bot)) >= self.quirks.groups:
            raise SimError(f"the bot is in {self.quirks.groups} groups already")
        for member in members:
            self.private(bot, member)
        number = min((chat.id for chat in self.chats.values()), default=0)
        return self._add(
            ZaloChat(bot.number, min(number, FIRST_GROUP_ID + 1) - 1, title, list(members))
        )

    def named(self, bot: ZaloBot, given: str) -> ZaloChat:
        """The chat that a call of the bot means; it must know the bot."""
        chat = self._by_zalo_id.get((bot.number, given))
        if chat is None or chat.blocked or (chat.private and chat.id not in bot.users):
            raise ApiError(400, "Bad Request: chat not found")
        return chat

    def _add(self, chat: ZaloChat) -> ZaloChat:
        self.chats[chat.bot, chat.id] = chat
        self._by_zalo_id[chat.bot, chat.zalo_id] = chat
        self.save_chat(chat)
        if not chat.private:
            self._note("people", None, "zalo")
        return chat

    def post(self, chat: ZaloChat, sender: JsonDict, content: JsonDict) -> JsonDict:
        """Put a message into a chat; what the control interface shows of it."""
        number = len(chat.messages) + 1
        now = self.clock.now().timestamp()
        message = {
            "message_id": number,
            "zalo_id": zalo_id(chat.bot, chat.id, number),
            "from": sender,
            "date": int(now),
            "date_ms": int(now * 1000),
            **content,
        }
        chat.messages[number] = message
        self._journal.put("zalo_message", f"{chat.bot}:{chat.id}:{number}", lambda: message)
        chat.bell.ring()
        self._note("message", chat.id, "zalo")
        return message

    # --- keeping

    def save_bot(self, bot: ZaloBot) -> None:
        self._journal.put(
            "zalo_bot", bot.number, lambda: stored_fields(bot) | {"pending": list(bot.pending)}
        )

    def save_chat(self, chat: ZaloChat) -> None:
        self._journal.put("zalo_chat", f"{chat.bot}:{chat.id}", lambda: stored_fields(chat))

    def save_quirks(self) -> None:
        self._journal.put("zalo_quirks", "", self.quirks.model_dump)

    def _load(self) -> None:
        for _, body in self._journal.load("zalo_quirks"):
            self.quirks = Quirks.model_validate(body)
        for _, body in self._journal.load("zalo_bot"):
            self.bots[body["number"]] = ZaloBot(**body)
        for _, body in self._journal.load("zalo_chat"):
            chat = ZaloChat(**body)
            self.chats[chat.bot, chat.id] = chat
            self._by_zalo_id[chat.bot, chat.zalo_id] = chat
        for key, body in self._journal.load("zalo_message"):
            bot, chat_id, number = map(int, key.split(":"))
            self.chats[bot, chat_id].messages[number] = body
