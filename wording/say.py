"""`say("tally.stored", …)`: the Vietnamese text of a message, from `wording/messages/*.toml`.

A message is a Jinja template. What it is given is escaped for the messenger's HTML; `label` gives
plain text for buttons and menus. Asking for a message or a value that does not exist is an error.
"""

import re
import tomllib
from collections.abc import Mapping, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from wording import format as fmt

MESSAGES = Path(__file__).parent / "messages"
_BLANK_LINES = re.compile(r"\n\s*\n")


def say(key: str, **values: object) -> str:
    """The message as HTML that the messenger accepts; every value in it is escaped."""
    return _BLANK_LINES.sub("\n\n", _template(key).render(values)).strip()


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
    return frozenset(_sources())


def compile_all() -> int:
    """Compile all messages; one that cannot be is named in the error. Returns how many there are."""
    return len([_template(key) for key in _sources()])


@cache
def _template(key: str) -> Template:
    """One message, compiled when it is first said: all of them would take a quarter of the start."""
    if key not in _sources():
        raise KeyError(key)
    return _environment().get_template(key)


@cache
def _sources() -> Mapping[str, str]:
    return {
        f"{path.stem}.{name}": text
        for path in sorted(MESSAGES.glob("*.toml"))
        for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


class _Environment(Environment):
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """As a plain dict: the usual chain of maps takes as long to copy as a message to render."""
        return {**self.globals, **(d or {})}


@cache
def _environment() -> Environment:
    environment = _Environment(
        loader=DictLoader(_sources()),
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
        "between": fmt.between,
        "approx": fmt.approximation,
        "signed": fmt.signed_percent,
    }
    environment.globals |= {"name": label}
    return environment
