"""aiogram's echo, as its documentation shows it: `python -m bench.echo_aiogram BOT_API`."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

from bench.messenger import TOKEN


async def _reply(message: Message) -> None:
    await message.answer(message.text or "")


async def _run(bot_api: str) -> None:
    dispatcher = Dispatcher()
    dispatcher.message()(_reply)
    session = AiohttpSession(api=TelegramAPIServer.from_base(bot_api))
    await dispatcher.start_polling(Bot(TOKEN, session=session))


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
