"""`say("tally.stored", …)`: the Vietnamese text of a message, from `wording/messages/*.toml`.

A message is a Jinja template. What it is given is escaped for the messenger's HTML; `label` gives
plain text for buttons and menus. Asking for a message or a value that does not exist is an error.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from wording import format as fmt

MESSAGES = Path(__file__).parent / "messages"
_BLANK_LINES = re.compile(r"\n\s*\n")


def say(key: str, **values: object) -> str:
    """The message as HTML that the messenger accepts; every value in it is escaped."""
    return _BLANK_LINES.sub("\n\n", _templates()[key].render(values)).strip()


def label(key: str, **values: object) -> str:
    """The message as plain text: for buttons, menus and pop-ups, which know no HTML."""
    return _plain(say(key, **values)) if values else _fixed(key)


@cache
def _fixed(key: str) -> str:
    """A label without values is the same every time."""
    return _plain(say(key))


def _plain(text: str) -> str:
    return str(Markup(text).unescape())


def keys() -> frozenset[str]:
    """The names of all messages."""
    return frozenset(_templates())


@cache
def _templates() -> Mapping[str, Template]:
    """All messages, compiled; one that cannot be compiled is named in the error."""
    sources = _sources()
    environment = _environment(sources)
    return {key: environment.get_template(key) for key in sources}


def _sources() -> dict[str, str]:
    return {
        f"{path.stem}.{name}": text
        for path in sorted(MESSAGES.glob("*.toml"))
        for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def _environment(sources: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=DictLoader(sources),
        extensions=["jinja2.ext.do"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": fmt.count,
        "percent": fmt.percent,
        "day": fmt.day,
        "dmy": fmt.dmy,
        "local_dmy": fmt.local_dmy,
        "moment": fmt.moment,
        "dates": fmt.dates,
        "period": fmt.period,
        "span": fmt.span,
        "approx": fmt.approximation,
        "signed": fmt.signed_percent,
    }
    environment.globals |= {"name": label}
    return environment
