"""`python -m bot run`: looks for another bot while the rest of this one is imported.

So little is imported here: the look takes a second, and should begin before anything else.
"""

import asyncio
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import NoReturn

import uvloop
from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot import logs
from bot.settings import Settings
from bot.single import only_poller


def start() -> None:
    """Run the bot until it is stopped (Ctrl-C or SIGTERM)."""
    settings = settings_or_exit()
    logs.set_up(settings.log_level)
    if settings.telegram_token is None and not settings.zalo_tokens:
        fail(
            "neither TELEGRAM_TOKEN nor ZALO_TOKEN is set: put the token that @BotFather or Zalo Bot "
            "Manager gave you into .env"
        )
    with (
        told(settings.database_url),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    alone = asyncio.create_task(_look_for_others(settings))
    try:
        bot = await asyncio.to_thread(import_module, "bot.run")
        await bot.run(settings, stop, alone)
    finally:
        alone.cancel()
        await asyncio.gather(alone, return_exceptions=True)


async def _look_for_others(settings: Settings) -> None:
    if settings.telegram_token is not None and settings.webhook_url is None:
        await only_poller(settings.telegram_token.get_secret_value(), settings.bot_api)


@contextmanager
def told(database_url: str) -> Iterator[None]:
    """The operator reads in a line what the world around the bot is to blame for; a mistake of ours
    stays a traceback.
    """
    try:
        yield
    except Exception as error:
        # Imported when it is needed, like all that `run` can begin without.
        from bot.blame import blamed

        blame = blamed(error, database_url)
        if blame is None:
            raise
        fail(*blame)


def settings_or_exit() -> Settings:
    """The settings; those that are wrong are named to the operator."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}"
            for e in error.errors(include_input=False)
        ]
        fail("Mend these settings (environment or .env):\n  " + "\n  ".join(lines))
    except SettingsError as error:
        name = re.findall(r'field "(\w+)"', str(error))
        fail(f"{''.join(name).upper()}: write a JSON list, for example []")


def fail(text: str, exit_code: int = 2) -> NoReturn:
    """End with a word to the operator."""
    sys.stderr.write(f"{text}\n")
    sys.exit(exit_code)
