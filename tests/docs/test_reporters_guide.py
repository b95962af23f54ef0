"""The reporters' guide tells the truth: its examples are read as it says, its commands exist."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from domain.leave import Days, read_leave
from domain.reading import Action, Intent, read
from domain.rest import read_rest, says_rest
from handlers.commands import COMMANDS
from wording.format import VIETNAM
from wording.say import say

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "huong-dan-bao-cao-vien.md").read_text("utf-8")
RECEIVED = datetime(2026, 11, 22, 20, 10, tzinfo=VIETNAM)

EXAMPLES = re.findall(r"^\| `([^`]+)` \| (.+) \|$", GUIDE, re.MULTILINE)
TYPED = set(re.findall(r"`([^`]+)`", GUIDE))
OTHER_LINES = {"không phát sinh": Intent.NIL_REPORT, "sửa đv 45 thành 54": Intent.CORRECT}
RESTS = ("dừng nhắc đến 30/11", "dừng nhắc hết tuần này")
LEAVES = ("vắng đến ngày 30/11", "nghỉ phép từ 1/12 đến 5/12")


@pytest.mark.parametrize(("line", "understood"), EXAMPLES)
def test_every_example_is_read_as_the_guide_says(line: str, understood: str) -> None:
    reading = read(line, RECEIVED)
    assert reading.intent is Intent.REPORT
    assert reading.action in {Action.ACCEPT, Action.CONFIRM}
    [entry] = reading.entries
    assert say("tally.figures", f=entry.figures) == understood


@pytest.mark.parametrize(("line", "intent"), OTHER_LINES.items())
def test_a_nil_return_and_a_correction_are_read_as_such(line: str, intent: Intent) -> None:
    reading = read(line, RECEIVED)
    assert (reading.intent, reading.action) == (intent, Action.CONFIRM)


@pytest.mark.parametrize("line", LEAVES)
def test_a_leave_is_read_as_such(line: str) -> None:
    assert isinstance(read_leave(line, RECEIVED.date()), Days)


@pytest.mark.parametrize("line", RESTS)
def test_a_rest_from_reminders_is_read_as_such(line: str) -> None:
    assert says_rest(line, RECEIVED.date())
    assert isinstance(read_rest(line, RECEIVED.date()), date)


def test_the_guide_gives_no_line_or_command_that_is_not_tried() -> None:
    lines = {line for line, _ in EXAMPLES} | OTHER_LINES.keys() | {*LEAVES, *RESTS}
    assert len(EXAMPLES) >= 5
    assert {typed for typed in TYPED if not typed.startswith("/")} == lines
    commands = {typed for typed in TYPED if typed.startswith("/")}
    assert commands <= {f"/{command.name}" for command in COMMANDS}


def test_every_picture_of_the_guide_is_there_and_small() -> None:
    pictures = [DOCS / path for path in re.findall(r'<img src="([^"]+)"', GUIDE)]
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < 150 * 1024, picture.name
