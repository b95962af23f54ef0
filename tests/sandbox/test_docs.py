"""docs/sandbox.md names every route and method, and nothing that is gone."""

import json
import re
from pathlib import Path

from sandbox.__main__ import arguments
from sandbox.control import ROUTES
from sandbox.methods import CANONICAL
from sandbox.zalo_methods import METHODS
from sandbox.zalo_state import Quirks

DOCS = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


def test_every_control_route_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"`(GET|POST|DELETE) (/sim/[^\s`?]+)", DOCS))
    assert documented == {(method, path) for method, path, _ in ROUTES}


def test_every_bot_api_method_is_documented_and_no_other() -> None:
    section = DOCS.split("## Bot API methods", 1)[1].split("\n## ", 1)[0]
    documented = set(re.findall(r"`([a-z][A-Za-z]+)`", section))
    assert documented == set(CANONICAL.values())


def test_every_option_is_documented() -> None:
    options = {name for action in arguments()._actions for name in action.option_strings}
    assert {name for name in options if f"`{name}" not in DOCS} == {"-h", "--help"}


def test_every_method_and_parameter_of_zalo_is_documented_and_no_other() -> None:
    documented = {
        name: set(filter(None, re.split(r", | or ", known)))
        for name, known in re.findall(r"`([a-z]+[A-Z]\w+)`(?: \(([^)]*)\))?", _zalo_methods())
    }
    assert documented == {name: set(method.known) for name, method in METHODS.items()}


def test_every_quirk_is_documented_with_its_default() -> None:
    documented = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", _zalo(), re.MULTILINE))
    defaults = {name: json.dumps(value) for name, value in Quirks().model_dump().items()}
    assert documented == {
        name: value.strip('"').removesuffix(".0") for name, value in defaults.items()
    }


def _zalo() -> str:
    return DOCS.split("## The Zalo side", 1)[1].split("\n## ", 1)[0]


def _zalo_methods() -> str:
    return _zalo().split("\n- ", 1)[0]
