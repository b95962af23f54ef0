"""python-telegram-bot's echo: `python -m bench.echo_telegram NAME BOT_API`.

As the library's documentation shows it: it says what it is told and stores nothing.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, MessageHandler, filters

from bench.messenger import TOKEN
from channels.telegram import AiohttpRequest

App = Application[Any, Any, Any, Any, Any, Any]


async def _reply(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def _default(base_url: str) -> App:
    return ApplicationBuilder().token(TOKEN).base_url(base_url).build()


def _concurrent(base_url: str) -> App:
    builder = ApplicationBuilder().token(TOKEN).base_url(base_url)
    return builder.concurrent_updates(True).build()


def _over_aiohttp(base_url: str) -> App:
    builder = ApplicationBuilder().token(TOKEN).base_url(base_url).concurrent_updates(True)
    return builder.request(AiohttpRequest()).get_updates_request(AiohttpRequest()).build()


ECHOES: Mapping[str, Callable[[str], App]] = {
    "default": _default,
    "concurrent": _concurrent,
    "over-aiohttp": _over_aiohttp,
}

if __name__ == "__main__":
    app = ECHOES[sys.argv[1]](f"{sys.argv[2]}/bot")
    app.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, _reply))
    app.run_polling()
