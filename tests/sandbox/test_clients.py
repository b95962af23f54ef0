"""Two independent client libraries run a small bot against the sandbox over real HTTP."""

import asyncio
from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram import Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardButton, Message
from aiogram.types import InlineKeyboardMarkup as AiogramMarkup
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from sandbox.attachments import sample_picture
from tests.sandbox.rig import TOKEN, Rig


async def _newcomers_round(rig: Rig) -> None:
    """/start, a tap on the question, a document: what any bot of these tests answers."""
    person = await rig.person()
    path = f"/sim/chats/{person}/messages"
    first = await rig.say(person, "/start moi-7")
    [question] = (await rig.get(path, after=first, wait=20))["messages"]
    assert question["text"] == "Mã mời-7: đúng chứ?"
    assert question["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    tapped = await rig.post(
        "/sim/tap", **{"from": person, "message_id": question["message_id"], "button": "Đúng"}
    )
    assert tapped["answer"] == {"text": "Đã ghi", "show_alert": False}
    [edited] = (await rig.get(path, after=first))["messages"]
    assert (edited["text"], "reply_markup" in edited) == ("Xong", False)
    sent = await rig.post(
        "/sim/message", **{"from": person, "document": {"name": "bảng.txt", "text": "một hai"}}
    )
    [copy] = (await rig.get(path, after=sent["message_id"], wait=20))["messages"]
    assert (copy["document"]["file_name"], copy["caption"]) == ("bản sao.txt", "7 chữ")


async def test_an_aiogram_bot_goes_the_newcomers_round(served: Rig) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(str(served.http.base_url).rstrip("/")))
    bot = AiogramBot(TOKEN, session=session)
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart(deep_link=True))
    async def start(message: Message) -> None:
        button = InlineKeyboardButton(text="Đúng", callback_data="yes")
        await message.answer(
            "<b>Mã</b> mời-7: đúng chứ?",
            parse_mode="HTML",
            reply_markup=AiogramMarkup(inline_keyboard=[[button]]),
        )

    @dispatcher.callback_query(F.data == "yes")
    async def confirm(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("Xong")
        await query.answer("Đã ghi")

    @dispatcher.message(F.document)
    async def copy(message: Message) -> None:
        assert message.document is not None
        content = await bot.download(message.document)
        assert content is not None
        data = content.read()
        file = BufferedInputFile(data, "bản sao.txt")
        await message.answer_document(file, caption=f"{len(data.decode())} chữ")

    running = asyncio.create_task(
        dispatcher.start_polling(bot, handle_signals=False, polling_timeout=20)
    )
    await _newcomers_round(served)
    await dispatcher.stop_polling()
    await running
    await session.close()


async def test_aiogram_understands_chats_and_members(served: Rig) -> None:
    person = await served.started()
    group = await served.group(person)
    api = TelegramAPIServer.from_base(str(served.http.base_url).rstrip("/"))
    async with AiogramBot(TOKEN, session=AiohttpSession(api=api)) as bot:
        assert (await bot.get_me()).username == "bao_cao_sandbox_bot"
        assert (await bot.get_chat(group)).title == "Ban"
        assert (await bot.get_chat_member(group, person)).status == "creator"
        assert (await bot.get_webhook_info()).url == ""


async def _start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message
    await update.effective_message.reply_text(
        "<b>Mã</b> mời-7: đúng chứ?",
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup([[Button("Đúng", callback_data="yes")]]),
    )


async def _confirm(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query
    await update.callback_query.edit_message_text("Xong")
    await update.callback_query.answer("Đã ghi")


async def _copy(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message
    assert update.effective_message.document
    file = await update.effective_message.document.get_file()
    data = bytes(await file.download_as_bytearray())
    await update.effective_message.reply_document(
        data, caption=f"{len(data.decode())} chữ", filename="bản sao.txt"
    )


def _application(rig: Rig) -> Application[Any, Any, Any, Any, Any, Any]:
    base = str(rig.http.base_url).rstrip("/")
    builder = Application.builder().token(TOKEN)
    return builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot").build()


async def test_a_python_telegram_bot_goes_the_newcomers_round(served: Rig) -> None:
    application = _application(served)
    application.add_handler(CommandHandler("start", _start))
    application.add_handler(CallbackQueryHandler(_confirm))
    application.add_handler(MessageHandler(filters.Document.ALL, _copy))
    async with application:
        assert application.updater
        await application.start()
        await application.updater.start_polling(timeout=20)
        await _newcomers_round(served)
        await application.updater.stop()
        await application.stop()


async def test_python_telegram_bot_sees_refusals_as_its_own_errors(served: Rig) -> None:
    person, stranger = await served.started(), await served.person("Minh")
    group = await served.group(person)
    async with _application(served).bot as bot:
        with pytest.raises(Forbidden, match="can't initiate conversation"):
            await bot.send_message(stranger, "x")
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message(person, "x" * 4097)
        moved = (await served.post(f"/sim/chats/{group}/migrate"))["migrate_to_chat_id"]
        with pytest.raises(ChatMigrated) as caught:
            await bot.send_message(group, "x")
        assert caught.value.new_chat_id == moved
        await served.post("/sim/faults", method="sendMessage", retry_after=3)
        with pytest.raises(RetryAfter):
            await bot.send_message(person, "x")
        photo = InputMediaPhoto(sample_picture(), caption="Ảnh")
        album = await bot.send_media_group(person, [photo, InputMediaPhoto(sample_picture())])
        assert len({message.media_group_id for message in album}) == 1
