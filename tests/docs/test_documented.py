"""What the documents say is there, and what is there is documented."""

import re
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from bot.cli import app
from bot.settings import Settings
from handlers.commands import COMMANDS
from handlers.dialogue import OPENING_COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")


def test_every_setting_is_documented_and_no_documented_one_is_gone() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    documented = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description[:40] in example, name


def test_every_command_of_the_chat_is_in_the_readme() -> None:
    documented = set(re.findall(r"`/([a-z]+)`", README))
    assert documented == {command.name for command in COMMANDS}


def test_the_commands_that_open_a_dialogue_exist() -> None:
    assert set(OPENING_COMMANDS) <= {command.name for command in COMMANDS}


def _cli() -> dict[str, set[str]]:
    """The commands of `python -m bot`, each with its options."""
    found: dict[str, set[str]] = {}

    def walk(command: typer.core.TyperGroup | object, path: tuple[str, ...]) -> None:
        children = getattr(command, "commands", None)
        if children is not None:
            for name, child in children.items():
                walk(child, (*path, name))
            return
        options = {
            option
            for parameter in getattr(command, "params", [])
            for option in parameter.opts
            if option.startswith("--") and option != "--help"
        }
        found[" ".join(path)] = options

    walk(get_command(app), ())
    return found


@pytest.mark.parametrize(("command", "options"), _cli().items())
def test_every_command_of_the_command_line_is_documented(command: str, options: set[str]) -> None:
    row = re.search(rf"^\| `{command}(?: [A-Z ]+)?` \|.*$", OPERATIONS, re.MULTILINE)
    assert row is not None
    for option in options:
        assert f"`{option}`" in row.group(), option


def test_no_command_is_documented_that_is_gone() -> None:
    documented = re.findall(r"^\| `([a-z ]+?)(?: [A-Z ]+)?` \|", OPERATIONS, re.MULTILINE)
    assert set(documented) == set(_cli())


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z-]+):.*## \w", makefile, re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


def test_links_between_the_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_document_and_no_code_names_a_path_of_one_machine() -> None:
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "Makefile"):
        assert not re.search(r"/(?:home|root|work|farm)/", path.read_text("utf-8")), path
