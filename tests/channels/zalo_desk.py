"""A small bot on Zalo: python-telegram-bot's own Application with one dialogue, over real HTTP."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

from channels.zalo import Incoming, Limits, Speech, ZaloPolling, ZaloRequest
from channels.zalo_line import Chats, Memory, Wording
from sandbox.app import create_app
from tests.sandbox.rig import over_http
from tests.sandbox.zalo_rig import TOKEN, ZaloRig

Raw = Mapping[str, Any]
App = Application[Any, Any, Any, Any, Any, Any]
# Polls are answered at once, so that no test waits for the end of one.
LIMITS = Limits(poll=0, floor=0.01, retry=1, split_at=1900, connect=5.0, read=5.0)
WORDING = Wording(
    "(trả lời bằng chữ cái)", "{name}: {url}", "{name}: chưa gửi được", "(không có ảnh)"
)
SPEECH = Speech(
    {"baocao": "baocao", "tongket": "tongket", "lich": "lich"},
    {"tongket": re.compile("thang|quy")},
    "lich",
)
FIRST_NUMBER = 2**52
HOW_MANY, SURE = range(2)


@dataclass
class Notebook:
    """A memory that ends with the test; `quota` is how many replies and unasked messages may go out."""

    numbers: dict[str, int] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)
    kept: dict[int, Raw] = field(default_factory=dict)
    month: dict[str, int] = field(default_factory=lambda: {"in": 0, "replies": 0, "unasked": 0})
    unasked_allowed: bool = True
    month_spent: bool = False

    async def number_of(self, zalo_id: str, *, is_group: bool) -> int:
        number = FIRST_NUMBER + len(self.numbers)
        return self.numbers.setdefault(zalo_id, -number if is_group else number)

    async def zalo_id_of(self, number: int) -> str | None:
        return next((zalo_id for zalo_id, own in self.numbers.items() if own == number), None)

    async def arrived(self, message_id: str, chat: int) -> int:
        if message_id not in self.arrivals:
            self.month["in"] += 1
        return self.arrivals.setdefault(message_id, len(self.arrivals) + 1)

    async def menus(self, chat: int) -> Raw:
        return self.kept.get(chat, {})

    async def keep_menus(self, chat: int, menus: Raw) -> None:
        self.kept[chat] = menus

    async def may_send(self, *, unasked: bool) -> bool:
        return self.unasked_allowed or not unasked

    async def sent(self, *, unasked: bool) -> None:
        self.month["unasked" if unasked else "replies"] += 1

    async def is_month_spent(self) -> bool:
        return self.month_spent


@dataclass
class Shelf:
    """Files by their address."""

    address: str | None = "https://bot.example.vn/tep/"
    published: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    async def publish(self, chat: int, name: str, content: bytes) -> str | None:
        if self.address is None:
            return None
        url = f"{self.address}{len(self.published)}/{name}"
        self.published[url] = (chat, content)
        return url


@dataclass
class Office:
    """One bot at work on the sandbox: `heard` is what its handlers were told, `facts` what it stored.

    While `closed` is set, its inbox takes nothing.
    """

    zalo: ZaloRig
    app: App
    notebook: Notebook
    shelf: Shelf
    incoming: Incoming
    heard: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    closed: bool = False
    came: list[Raw] = field(default_factory=list)

    async def take_in(self, updates: list[Raw]) -> None:
        if self.closed:
            raise OSError("no space left on the device")
        known = {raw["update_id"] for raw in self.came}
        for raw in (raw for raw in updates if raw["update_id"] not in known):
            self.came.append(raw)
            await self.app.update_queue.put(Update.de_json(dict(raw), self.app.bot))

    async def answer(self, person: int, after: int) -> dict[str, Any]:
        """The first message from the bot after that one."""
        rig = self.zalo.rig
        while True:
            path = f"/sim/chats/{person}/messages"
            found = await rig.get(path, platform="zalo", after=after, wait=10)
            for message in found["messages"]:
                if message["from"]["is_bot"]:
                    return dict(message)
            assert found["messages"], "the bot said nothing"
            after = found["messages"][-1]["message_id"]

    async def ask(self, person: int, text: str, **more: object) -> str:
        """Say something and read the answer."""
        last = await self.zalo.say(person, text, **more)
        return str((await self.answer(person, last))["text"])

    def chat(self) -> int:
        """The number of the one person who has written."""
        [number] = self.notebook.numbers.values()
        return number


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=f"pick:{label}")] for label in labels]
    )


def _dialogue(office: Office) -> ConversationHandler[Any]:
    async def begin(update: Update, _: ContextTypes.DEFAULT_TYPE) -> int:
        assert update.message
        await update.message.reply_text("Bao nhiêu buổi?", reply_markup=keyboard("1", "2", "✖ Hủy"))
        return HOW_MANY

    async def count(update: Update, _: ContextTypes.DEFAULT_TYPE) -> int:
        assert update.message
        text = f"<b>{update.message.text} buổi</b>, đúng chứ?"
        await update.message.reply_html(text, reply_markup=keyboard("✔ Đúng", "Sửa"))
        office.heard.append(str(update.message.text))
        return SURE

    async def picked(update: Update, _: ContextTypes.DEFAULT_TYPE) -> int:
        query = update.callback_query
        assert query
        await query.answer()
        office.heard.append(str(query.data))
        match query.data:
            case "pick:1" | "pick:2":
                await query.edit_message_text("Đúng chứ?", reply_markup=keyboard("✔ Đúng", "Sửa"))
                return SURE
            case "pick:✔ Đúng":
                office.facts.append("stored")
                await query.edit_message_text("Đã ghi.")
        return ConversationHandler.END

    return ConversationHandler(
        entry_points=[CommandHandler("baocao", begin)],
        states={
            HOW_MANY: [CallbackQueryHandler(picked), MessageHandler(filters.TEXT, count)],
            SURE: [CallbackQueryHandler(picked)],
        },
        fallbacks=[],
    )


def _other_handlers(office: Office) -> list[Any]:
    async def old_button(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query
        office.heard.append(f"old {update.callback_query.data}")
        await update.callback_query.answer("Nút này đã cũ.", show_alert=True)

    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        assert message
        kind = next(
            (kind for kind in ("photo", "sticker", "voice", "document") if message[kind]), ""
        )
        office.heard.append(message.text or kind)
        await message.reply_text(f"Đã nghe: {message.text or kind}")

    return [
        CallbackQueryHandler(old_button),
        CommandHandler(["tongket", "lich"], echo),
        MessageHandler(filters.ALL, echo),
    ]


@asynccontextmanager
async def office(
    *, limits: Limits = LIMITS, notebook: Notebook | None = None, polls: bool = True
) -> AsyncIterator[Office]:
    """A sandbox and a running bot on it."""
    async with (
        over_http(create_app(webhook_retry_seconds=0.01)) as rig,
        running(ZaloRig(rig), limits, notebook or Notebook(), polls=polls) as made,
    ):
        yield made


@asynccontextmanager
async def running(
    zalo: ZaloRig, limits: Limits, memory: Memory, *, polls: bool = True
) -> AsyncIterator[Office]:
    """A running bot on a sandbox that is there already."""
    shelf, chats = Shelf(), Chats(memory)

    async def take_in(updates: list[Raw]) -> None:
        await made.take_in(updates)

    incoming = Incoming(chats, take_in, SPEECH)
    address = str(zalo.rig.http.base_url).rstrip("/")
    app: App = (
        ApplicationBuilder()
        .token(TOKEN)
        .base_url(f"{address}/zalo/bot")
        .request(ZaloRequest(chats, shelf, WORDING, limits))
        .get_updates_request(ZaloPolling(incoming, limits))
        .build()
    )
    notebook = memory if isinstance(memory, Notebook) else Notebook()
    made = Office(zalo, app, notebook, shelf, incoming)
    app.add_handlers([_dialogue(made), *_other_handlers(made)])
    async with app:
        incoming.introduce(app.bot.bot.to_dict())
        await app.start()
        if polls:
            assert app.updater
            await app.updater.start_polling()
        try:
            yield made
        finally:
            if app.updater and app.updater.running:
                await app.updater.stop()
            await app.stop()


HTML = ParseMode.HTML
