"""The message templates: complete, used, escaped, and polite."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fact_file import FactProblem, FactRow
from bot.table import TableProblem
from bot.unit_diff import COLUMNS, TreeProblem
from bot.unit_table import UnitRow, UnitTableProblem
from domain.briefing import Answer, BriefingProblem, Rung
from domain.leave import LeaveProblem
from domain.oddity import OddityCode, OddReason
from domain.opinion import Category, OpinionProblem, Urgency
from domain.privacy import Finding
from domain.reading import QuestionCode
from domain.role import Role
from domain.status import Status
from domain.tally import Problem, TallyKind
from domain.tally_form import Refusal, Step
from domain.unit import UnitType
from domain.unit_change import Obstacle
from handlers.commands import COMMANDS
from handlers.everything import PROMPTS
from storage import invitation
from storage.change_request import RequestState
from storage.reminder import LADDER
from storage.unit_heir import UNIT_CLOSED
from wording.say import MESSAGES, keys, label, say

ROOT = Path(__file__).parents[2]

# What is missing is asked by the form's own step; "như hôm qua" is answered by a read-back.
ASKED_AS_STEPS = (
    QuestionCode.MISSING_SESSIONS,
    QuestionCode.MISSING_AUDIENCE,
    QuestionCode.SAME_AS_BEFORE,
)

CHOICES = sorted(
    {
        code
        for path in (ROOT / "domain/reading").glob("*.py")
        for code in re.findall(r'Choice\(\s*"([a-z_]+)"', path.read_text("utf-8"))
        if code != "same"
    }
)

# Messages whose names are put together from the values of an enumeration.
NAMED_BY_VALUES: dict[str, Sequence[str]] = {
    "kind.": list(TallyKind),
    "measure.": list(TallyKind),
    "role.": list(Role),
    "category.": list(Category),
    "urgency.": list(Urgency),
    "commands.": [command.name for command in COMMANDS],
    "briefing.": list(Rung),
    "briefing.button_": list(Answer),
    "briefing.rung_": list(Rung),
    "tally.refused_": list(Refusal),
    "tally.problem_": list(Problem),
    "opinion.problem_": list(OpinionProblem),
    "briefing.problem_": list(BriefingProblem),
    "enrolment.refused_": list(invitation.Refusal),
    "tally.field_": [step for step in Step if step is not Step.CONFIRM],
    "tally.ask_": list(Step),
    "question.": [code for code in QuestionCode if code not in ASKED_AS_STEPS],
    "question.choice_": CHOICES,
    "oddity.": list(OddityCode),
    "oddity.short_": list(OddityCode),
    "mine.by_": ["self", "officer", "unit"],
    "oddity.reason_": list(OddReason),
    "requests.state_": [state for state in RequestState if state is not RequestState.OPEN],
    "requests.button_": ["accept", "decline"],
    "approval.button_": ["accept", "decline"],
    "leave.problem_": list(LeaveProblem),
    "people.button_": ["end", "move"],
    # The room of storage knows these two: it queues the first, and holds the other back outside
    # push hours.
    "approval.": [UNIT_CLOSED.removeprefix("approval.")],
    "ladder.": [LADDER.removeprefix("ladder.")],
    "round.button_": ["hold", "release", "send"],
    "excusing.done_": ["excuse", "require", "keep"],
    "excusing.button_": ["excuse", "require"],
    "heat_map.status_": list(Status),
    "table.problem_": list(TableProblem),
    "facts.column_": list(FactRow.model_fields),
    "facts.problem_": [*FactProblem, *Problem],
    "units.column_": list(UnitRow.model_fields),
    "units.help_": list(UnitRow.model_fields),
    "units.type_": list(UnitType),
    "units.change_": ["new", "name", "parent", "aliases", "end", *COLUMNS],
    "units.what_": ["merge", "split", "close", "rename", "move"],
    "units.problem_": [*UnitTableProblem, *TreeProblem, *Obstacle],
    **{
        f"locking.{part}_": ["lock", "reopen"]
        for part in ("ask", "already", "done", "button", "button_ask")
    },
}


@pytest.mark.parametrize(("prefix", "values"), NAMED_BY_VALUES.items())
def test_every_value_that_people_see_has_its_words(prefix: str, values: Sequence[str]) -> None:
    missing = {f"{prefix}{value}" for value in values} - keys()
    assert not missing


def test_every_dialogue_has_a_name_for_the_person_who_is_in_it() -> None:
    for name in PROMPTS:
        assert name not in say("common.busy", dialogue=name)


def test_every_message_that_the_code_names_exists() -> None:
    files = {path.stem for path in MESSAGES.glob("*.toml")}
    named = set()
    for room in ("handlers", "reports", "bot", "wording"):
        for path in (ROOT / room).rglob("*.py"):
            found = re.findall(rf'"((?:{"|".join(files)})\.[a-z0-9_]+)"', path.read_text("utf-8"))
            named.update(found)
    assert named
    assert not named - keys()


def test_no_message_speaks_of_buttons_because_zalo_has_none() -> None:
    for path in MESSAGES.glob("*.toml"):
        said = re.sub(r"^#.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        assert not re.search(r"\b(?:bấm|nút)\b", said, re.IGNORECASE), path.name


def test_no_message_lies_unused() -> None:
    sources = "".join(
        path.read_text("utf-8")
        for room in ("handlers", "reports", "bot", "wording")
        for path in (*(ROOT / room).rglob("*.py"), *(ROOT / room).rglob("*.toml"))
    )
    built = {f"{prefix}{value}" for prefix, values in NAMED_BY_VALUES.items() for value in values}
    prefixes = tuple(re.findall(r'"([a-z_]+\.[a-z_]+_)(?:\{|" ~)', sources))
    unused = {
        key
        for key in keys() - built
        if f'"{key}"' not in sources and f"'{key}'" not in sources and not key.startswith(prefixes)
    }
    assert not unused


@given(st.text(max_size=60))
def test_what_people_type_is_escaped_before_it_is_shown(text: str) -> None:
    shown = say("tally.other_unit", named=text, own="x")
    assert "<" not in shown
    assert label("invite.button_unit", unit=text).strip() == text.strip()


def test_a_missing_value_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(Exception, match="own"):
        say("tally.other_unit", named="x")


@pytest.mark.parametrize("finding", list(Finding))
def test_a_stopped_note_is_refused_with_what_to_do_next(finding: Finding) -> None:
    refusal = say("privacy.stopped", findings=(finding,))
    assert "không được lưu" in refusal
    assert any(words in refusal for words in ("Vui lòng", "Đồng chí"))
