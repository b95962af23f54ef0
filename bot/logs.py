"""Logs as JSON lines on standard error, without personal content and without secrets."""

import json
import logging
import re
import warnings
from datetime import UTC, datetime

from telegram.warnings import PTBUserWarning

# The token as it stands in Bot API addresses, wherever a library may put one into a message.
_TOKEN = re.compile(r"(?<!\d)\d+:[A-Za-z0-9_-]{3,}")
# At DEBUG these write whole updates, with what people said in them.
_TALKATIVE = ("telegram", "aiohttp", "apscheduler", "aiosqlite", "sqlalchemy", "alembic", "PIL")


class JsonLines(logging.Formatter):
    """One JSON object a line. Of an error it tells type and place, never its text or values."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(_message(record)),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """asyncio puts the error itself behind its first line; its text is somebody's words."""
    message = record.getMessage()
    return message.partition("\n")[0] if record.name == "asyncio" else message


def without_secrets(text: str) -> str:
    return _TOKEN.sub("[token]", text)


def _places(error: BaseException) -> str:
    """The error's type and the lines it came through: enough to mend it, no one's words."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{type(error).__name__} at " + " < ".join(reversed(places[-8:]))


def set_up(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    # Buttons carry their draft and version, so the library need not track each message.
    warnings.filterwarnings("ignore", "If 'per_message=False'", PTBUserWarning)
