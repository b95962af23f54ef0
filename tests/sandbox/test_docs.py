"""docs/sandbox.md names every route and method, and nothing that is gone."""

import re
from pathlib import Path

from sandbox.__main__ import arguments
from sandbox.control import ROUTES
from sandbox.methods import CANONICAL

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
