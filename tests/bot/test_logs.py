"""Logs: one JSON object a line, which tells what happened and where, and nobody's words."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from bot.logs import JsonLines, without_secrets

PROJECT = Path(__file__).parents[2]
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
WORDS = "Nguyễn Văn A kêu mất bò"

# Everything that writes on standard error in a running bot, once.
SCRIPT = f"""
import asyncio, logging, warnings
from bot import logs

logs.set_up("DEBUG")
log = logging.getLogger("bot.app")
log.info("the bot is running: %s", "đồng chí")
for name in ("telegram.ext.Application", "aiohttp.client", "sqlalchemy.engine", "apscheduler"):
    logging.getLogger(name).info({WORDS!r})
warnings.warn("an old way of doing it", DeprecationWarning)

async def fail():
    raise ValueError({WORDS!r} + {TOKEN!r})

async def main():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task

asyncio.run(main())
"""


def written(message: str, *arguments: object, error: BaseException | None = None) -> str:
    """One line of the log."""
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot.x", logging.ERROR, "x.py", 1, message, arguments, info)
    return JsonLines().format(record)


def failing(text: str) -> None:
    """Fails with a history, as the bot's code does."""
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError(f"{text} with {TOKEN}") from error


def test_a_line_tells_when_where_and_what() -> None:
    line = json.loads(written("%d deliveries of %s", 3, "hôm qua"))
    assert line["at"].endswith("+00:00")
    assert line == {
        "at": line["at"],
        "level": "ERROR",
        "logger": "bot.x",
        "message": "3 deliveries of hôm qua",
    }


def test_a_message_of_several_lines_stays_one_line() -> None:
    assert "\n" not in written("one\ntwo")


def test_of_an_error_the_type_and_the_places_are_written_and_its_text_is_not() -> None:
    with pytest.raises(RuntimeError) as raised:
        failing(WORDS)
    text = written("an update failed", error=raised.value)
    line = json.loads(text)
    assert line["error"].startswith("RuntimeError at ")
    assert "test_logs.py:" in line["error"]
    assert "failing" in line["error"]
    for secret in (WORDS, TOKEN, "invalid literal"):
        assert secret not in text


def test_an_error_that_was_never_raised_has_no_places() -> None:
    line = json.loads(written("an update failed", error=ValueError(WORDS)))
    assert line["error"].startswith("ValueError")
    assert WORDS not in line["error"]


def test_of_a_deep_error_the_innermost_places_are_written() -> None:
    def dig(depth: int) -> None:
        if depth == 0:
            raise ValueError
        dig(depth - 1)

    with pytest.raises(ValueError) as deep:
        dig(40)
    places = json.loads(written("x", error=deep.value))["error"].split(" < ")
    assert len(places) == 8


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.telegram.org/bot{TOKEN}/sendMessage",
        f"The token `{TOKEN}` was rejected by the server.",
        f"token={TOKEN}",
        TOKEN,
        "/bot1:journey-secret_Token/getMe",
    ],
)
def test_a_token_is_never_written(text: str) -> None:
    assert "[token]" in without_secrets(text)
    for secret in (TOKEN, TOKEN.partition(":")[2], "journey-secret_Token"):
        assert secret not in without_secrets(text)
        assert secret not in written(text)
        assert secret not in written("url %s", text)


def test_what_is_no_token_stays() -> None:
    text = "tick 08:30, 3 deliveries, 127.0.0.1:80"
    assert without_secrets(text) == text


@pytest.fixture(scope="module")
def output() -> list[str]:
    """What a process with these logs writes on standard error."""
    command = [sys.executable, "-W", "default::DeprecationWarning", "-c", SCRIPT]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_that_a_process_writes_is_json(output: list[str]) -> None:
    messages = [json.loads(line)["message"] for line in output]
    assert "the bot is running: đồng chí" in messages
    assert any("an old way of doing it" in message for message in messages)


def test_libraries_that_write_whole_messages_are_silent_below_warnings(output: list[str]) -> None:
    loggers = {json.loads(line)["logger"] for line in output}
    assert "bot.app" in loggers
    assert not {name for name in loggers if name.startswith(("telegram", "aiohttp", "sqlalchemy"))}


def test_a_forgotten_task_that_fails_is_told_without_its_words(output: list[str]) -> None:
    [line] = [line for line in output if json.loads(line)["level"] == "ERROR"]
    assert "ValueError" in line
    assert WORDS not in line
    assert TOKEN not in line
