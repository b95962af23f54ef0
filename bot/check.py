"""`python -m bot check`: is everything there that the bot needs, and what to mend if not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.settings import Settings
from channels.telegram import AiohttpRequest
from storage import unit
from storage.db import Database
from storage.migrate import current, newest
from wording import say


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check: `ok`, what was looked at, and what was found or is to be mended."""

    ok: bool
    subject: str
    text: str


Check = Callable[[Settings], Awaitable[Finding]]


async def check(settings: Settings) -> list[Finding]:
    """Look at everything; one thing that is wrong does not hide another."""
    return [await look(settings) for look in (_time_zone, _messages, _database, _telegram)]


async def _time_zone(_: Settings) -> Finding:
    try:
        ZoneInfo("Asia/Ho_Chi_Minh")
    except ZoneInfoNotFoundError:
        return Finding(
            False, "time zone", "Asia/Ho_Chi_Minh is unknown here: install the tzdata package"
        )
    return Finding(True, "time zone", "Asia/Ho_Chi_Minh")


async def _messages(_: Settings) -> Finding:
    try:
        count = say.compile_all()
    except Exception as error:
        return Finding(False, "messages", f"a template in {say.MESSAGES} is broken: {error}")
    return Finding(True, "messages", f"{count} messages")


async def _database(settings: Settings) -> Finding:
    try:
        async with Database(settings.database_url) as db:
            version = await db.read(current)
            if version is None:
                return Finding(
                    False, "DATABASE_URL", "the database is empty: run `python -m bot migrate`"
                )
            if version != newest():
                return Finding(
                    False,
                    "DATABASE_URL",
                    f"schema {version}, this bot needs {newest()}: run `python -m bot migrate`",
                )
            units = await db.read(unit.count)
    except (SQLAlchemyError, OSError, ValueError) as error:
        text = f"the database cannot be opened ({type(error).__name__}): mend DATABASE_URL"
        return Finding(False, "DATABASE_URL", text)
    if not units:
        return Finding(False, "units", "there is no unit yet: run `python -m bot province NAME`")
    return Finding(True, "DATABASE_URL", f"schema {version}, {units} units")


async def _telegram(settings: Settings) -> Finding:
    token = settings.telegram_token
    if token is None and settings.zalo_tokens:
        return Finding(True, "TELEGRAM_TOKEN", "not set: the bot runs on Zalo only")
    if token is None:
        return Finding(
            False, "TELEGRAM_TOKEN", "not set: put the token that @BotFather gave you into .env"
        )
    base_url = settings.bot_api
    bot = Bot(token.get_secret_value(), base_url=f"{base_url}/bot", request=AiohttpRequest())
    try:
        async with bot:
            return Finding(True, "TELEGRAM_TOKEN", f"accepted: @{bot.username}")
    except InvalidToken:
        text = f"refused by {base_url}: copy it again from @BotFather"
        return Finding(False, "TELEGRAM_TOKEN", text)
    except TelegramError as error:
        text = f"{base_url} does not answer ({type(error).__name__}): token not tried"
        return Finding(False, "TELEGRAM_BASE_URL", text)
