"""The tally's form: whatever way a person takes through it, it holds what was said and no more."""

import json
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.reading import read
from domain.tally import MEASURES
from domain.tally_form import (
    Step,
    TallyForm,
    answer,
    ask_again,
    back,
    unknown,
)
from handlers.tally_draft import TallyDraft
from tests.domain.forms import EMPTY, LINES, NOW, NUMBERS, accepted, numbers, with_answer

MEASURED = tuple(Step(name) for name in NUMBERS)
# What the buttons offer as "not known" (handlers/tally_draft.py).
MAY_BE_UNKNOWN = (
    Step.PARTY_MEMBERS,
    Step.PUBLIC,
    Step.AUDIENCE_TOTAL,
    Step.LEARNERS,
    Step.TOPIC,
)


@dataclass(frozen=True)
class Move:
    """One thing that a person does; `number` also chooses among kinds, days, fields and lines."""

    what: str
    number: int


def moves(*what: str, most: int) -> st.SearchStrategy[list[Move]]:
    numbered = st.integers(0, 60 * len(what) - 1)
    one = numbered.map(lambda n: Move(what[n % len(what)], n // len(what)))
    return st.lists(one, min_size=most // 3, max_size=most)


# Somebody gets some way into the form, and then does what they like.
WALKS = st.tuples(
    moves("answer", most=8),
    moves("answer", "answer", "answer", "unknown", "back", "fix", "fix", "line", most=12),
).map(lambda parts: parts[0] + parts[1])


def fields_to_fix(form: TallyForm) -> tuple[Step, ...]:
    """The fields that the menu under the read-back offers."""
    return (*form.steps(), Step.PARTY_MEMBERS) if form.unsplit else form.steps()


def after(form: TallyForm, move: Move) -> TallyForm:
    """The form after a move; one that the present question does not offer changes nothing."""
    step = form.step()
    match move.what:
        case "answer":
            return with_answer(form, move.number)
        case "unknown" if step in MAY_BE_UNKNOWN:
            return unknown(form)
        case "back" if form.answered and step is not Step.CONFIRM:
            return back(form)
        case "fix" if step is Step.CONFIRM:
            fields = fields_to_fix(form)
            return ask_again(form, fields[move.number % len(fields)])
        case "line" if step is not Step.TOPIC:
            return accepted(answer(form, LINES[move.number % len(LINES)], NOW))
    return form


@dataclass
class Person:
    """Remembers what somebody filling a form has said, and has not taken back by going back."""

    form: TallyForm = EMPTY
    said: dict[str, int] = field(default_factory=dict)

    def does(self, move: Move) -> None:
        before, self.form = self.form, after(self.form, move)
        if self.form == before:
            return
        match move.what:
            case "answer" if before.step() in MEASURED:
                self.said[before.step()] = move.number
            case "unknown":
                self.said.pop(before.step(), None)
            case "back" if self.form.answered != before.answered:
                self.said.pop(before.answered[-1], None)
            case "line":
                self.said = numbers(self.form)


@given(WALKS)
def test_no_number_comes_from_anybody_but_the_person(walk: list[Move]) -> None:
    person = Person()
    for move in walk:
        person.does(move)
        if person.form.step() is Step.CONFIRM:
            held = numbers(person.form)
            parts = held.get("party_members", 0) + held.get("public", 0)
            for name, number in held.items():
                said = person.said.get(name)
                assert number == said or (name == "audience_total" and number == parts)


@given(WALKS)
def test_no_answer_is_lost_unless_it_is_taken_back(walk: list[Move]) -> None:
    form = EMPTY
    for move in walk:
        before, form = form, after(form, move)
        if move.what in ("back", "line"):
            continue
        gone = set(numbers(before)) - set(numbers(form))
        if move.what == "unknown":
            gone -= {before.step()}
        if before.step() is Step.KIND and form.kind is not None:
            measured = MEASURES[form.kind]
            gone -= {name for name in gone if name not in measured}
        assert not gone


@given(WALKS)
def test_going_back_and_answering_the_same_restores_the_form(walk: list[Move]) -> None:
    form = EMPTY
    for move in walk:
        before, form = form, after(form, move)
        if move.what == "answer" and form.answered != before.answered:
            assert back(form).step() is before.step()
            assert with_answer(back(form), move.number) == form


@given(WALKS)
def test_going_back_from_the_one_total_brings_back_the_part_that_was_typed(
    walk: list[Move],
) -> None:
    form = EMPTY
    for move in walk:
        before, form = form, after(form, move)
        if move.what == "unknown" and form.step() is Step.AUDIENCE_TOTAL:
            again = back(form)
            assert again.step() is before.step()
            typed = {name: n for name, n in numbers(before).items() if name in before.answered}
            assert {name: numbers(again).get(name) for name in typed} == typed


@given(WALKS)
def test_at_the_confirmation_every_question_has_been_asked(walk: list[Move]) -> None:
    """A field without a number was answered with "not known"; it was not skipped."""
    person, unknowns = Person(), set[str]()
    for move in walk:
        before = person.form
        person.does(move)
        form = person.form
        if move.what == "unknown" and form != before:
            unknowns.add(before.step())
        if move.what == "line" and form != before:
            unknowns = set(NUMBERS) - set(numbers(form))
        if before.step() is Step.KIND and form.kind is not before.kind:
            unknowns &= {*numbers(form), "audience_total", "party_members", "public"}
        if form.step() is Step.CONFIRM:
            asked = [step for step in form.steps() if step in MEASURED]
            assert {step for step in asked if getattr(form, step) is None} <= unknowns


@given(WALKS)
def test_a_form_that_asks_one_total_holds_no_parts_that_nobody_typed(walk: list[Move]) -> None:
    person = Person()
    for move in walk:
        person.does(move)
        if person.form.unsplit:
            parts = {"party_members", "public"} & numbers(person.form).keys()
            assert parts <= person.said.keys()


@given(WALKS)
def test_the_form_only_holds_what_its_kind_can_state(walk: list[Move]) -> None:
    form = EMPTY
    for move in walk:
        form = after(form, move)
        if form.kind is not None:
            measured = set(MEASURES[form.kind])
            if "sessions" in measured:
                measured |= {"party_members", "public", "audience_total"}
            assert numbers(form).keys() <= measured


@given(WALKS, st.booleans())
def test_the_draft_comes_back_from_the_database_as_it_was(walk: list[Move], rest: bool) -> None:
    form = EMPTY
    for move in walk:
        form = after(form, move)
    line = "3 buổi 45 đv hôm T7"
    entries = tuple(entry.figures for entry in read(LINES[0], NOW).entries) if rest else ()
    state = TallyDraft(form, "Đảng ủy xã Hàm Yên", "telegram:1:2", line, NOW, entries)
    stored = TypeAdapter(TallyDraft)
    text = json.dumps(stored.dump_python(state, mode="json"), ensure_ascii=False)
    assert stored.validate_python(json.loads(text)) == state
