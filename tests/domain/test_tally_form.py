"""The tally's form: whatever way a person takes through it, it holds what was said and no more."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.reading import DateProblem, DateSpan, QuestionCode, read
from domain.tally import MEASURES, MOST, Approximation, Figures, Precision, TallyKind
from domain.tally_form import (
    Refusal,
    Step,
    TallyForm,
    answer,
    ask_again,
    back,
    from_figures,
    set_count,
    set_day,
    set_kind,
    set_topic,
    unknown,
    with_gaps,
)
from handlers.tally_draft import TallyDraft

NOW = datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = NOW.date()
UNIT = 7
EMPTY = TallyForm(UNIT)

NUMBERS = ("sessions", "party_members", "public", "audience_total", "learners", "items")
MEASURED = tuple(Step(name) for name in NUMBERS)
# What the buttons offer as "not known" (handlers/tally_draft.py).
MAY_BE_UNKNOWN = (
    Step.PARTY_MEMBERS,
    Step.PUBLIC,
    Step.AUDIENCE_TOTAL,
    Step.LEARNERS,
    Step.TOPIC,
)
LINES = (
    "3 buổi 45 đv 60 qc hôm qua",
    "2 buổi 90 người hôm nay",
    "1 lớp bồi dưỡng 45 học viên",
    "đăng 5 bài facebook hôm nay",
)


def accepted(form: TallyForm | Refusal) -> TallyForm:
    assert isinstance(form, TallyForm), form
    return form


def filled(*answers: str, form: TallyForm = EMPTY) -> TallyForm:
    """A form after typed answers; the first word may be a kind, "?" is "not known"."""
    for text in answers:
        if text == "?":
            form = unknown(form)
        elif form.step() is Step.KIND:
            form = set_kind(form, TallyKind(text))
        else:
            form = accepted(answer(form, text, NOW))
    return form


def numbers(form: TallyForm) -> dict[str, int]:
    return {name: n for name in NUMBERS if (n := getattr(form, name)) is not None}


# --- any way through the form --------------------------------------------------------------------


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
# One kind for each way of measuring, and a second one that measures as the first does.
KINDS = (
    TallyKind.ORAL_SESSION,
    TallyKind.THEMATIC_TALK,
    TallyKind.CONTEST,
    TallyKind.TRAINING_CLASS,
    TallyKind.ONLINE_POST,
)


def with_answer(form: TallyForm, number: int) -> TallyForm:
    """The present question answered, as the buttons or the keyboard would."""
    step = form.step()
    match step:
        case Step.KIND:
            return set_kind(form, KINDS[number % len(KINDS)])
        case Step.DAY:
            day = TODAY - timedelta(days=number)
            return accepted(set_day(form, DateSpan(day, day, Precision.DAY), TODAY))
        case Step.TOPIC:
            return accepted(set_topic(form, f"Chuyên đề {number}"))
        case Step.CONFIRM:
            return form
    return accepted(set_count(form, number))


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


# --- a total and its parts -----------------------------------------------------------------------


def stated(
    kind: TallyKind = TallyKind.ORAL_SESSION,
    *,
    sessions: int | None = 2,
    party_members: int | None = None,
    public: int | None = None,
    audience_total: int | None = None,
    learners: int | None = None,
) -> Figures:
    return Figures(
        kind,
        TODAY,
        TODAY,
        Precision.DAY,
        sessions=sessions,
        party_members=party_members,
        public=public,
        audience_total=audience_total,
        learners=learners,
    )


@given(st.integers(0, 999), st.integers(0, 999), st.lists(st.integers(0, 999), max_size=4))
def test_a_total_that_was_the_sum_of_its_parts_stays_it(
    party_members: int, public: int, fixes: list[int]
) -> None:
    total = party_members + public
    form = from_figures(
        UNIT, stated(party_members=party_members, public=public, audience_total=total)
    )
    for n, number in enumerate(fixes):
        step = (Step.PARTY_MEMBERS, Step.PUBLIC)[n % 2]
        form = accepted(set_count(ask_again(form, step), number))
        assert form.step() is Step.CONFIRM
        assert form.audience_total == (form.party_members or 0) + (form.public or 0)


def test_a_total_that_never_was_the_sum_is_left_as_it_was_stated() -> None:
    form = from_figures(UNIT, stated(party_members=10, public=20, audience_total=35))
    assert accepted(set_count(ask_again(form, Step.PUBLIC), 25)).audience_total == 35


def test_who_cannot_split_is_asked_for_one_total() -> None:
    form = filled("oral_session", "hôm qua", "2", "?")
    assert form.step() is Step.AUDIENCE_TOTAL
    figures = filled("90", "Biển đảo", form=form).figures()
    assert (figures.party_members, figures.attendance, figures.unsplit) == (None, 90, 90)


def test_who_cannot_tell_the_public_keeps_the_party_members_beside_the_total() -> None:
    form = filled("oral_session", "hôm qua", "2", "10", "?", "90", "Biển đảo")
    assert form.step() is Step.CONFIRM
    figures = form.figures()
    assert (figures.party_members, figures.attendance, figures.unsplit) == (10, 90, 80)


def test_who_goes_back_to_the_parts_gets_rid_of_the_total() -> None:
    form = filled("oral_session", "hôm qua", "2", "?", "90")
    form = back(back(form))
    assert form.step() is Step.PARTY_MEMBERS
    figures = filled("30", "40", "Biển đảo", form=form).figures()
    assert (figures.party_members, figures.public, figures.attendance) == (30, 40, 70)


def test_who_goes_back_from_not_known_keeps_the_part_that_was_typed() -> None:
    form = back(filled("oral_session", "hôm qua", "2", "10", "?"))
    assert form.step() is Step.PUBLIC
    figures = filled("20", "Biển đảo", form=form).figures()
    assert (figures.party_members, figures.public) == (10, 20)


def test_asking_a_part_again_brings_the_split_back() -> None:
    form = from_figures(UNIT, stated(audience_total=90))
    assert form.unsplit
    form = ask_again(form, Step.PARTY_MEMBERS)
    assert form.step() is Step.PARTY_MEMBERS
    assert form.steps()[2:5] == (Step.SESSIONS, Step.PARTY_MEMBERS, Step.PUBLIC)
    assert form.audience_total == 90


# --- the kind ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TallyKind)
def test_every_kind_is_asked_its_measures_in_order(kind: TallyKind) -> None:
    form, asked = set_kind(EMPTY, kind), list[str]()
    while form.step() is not Step.CONFIRM:
        asked.append(form.step())
        form = with_answer(form, 1)
    assert asked == ["day", *MEASURES[kind], "topic"]


def test_another_kind_keeps_what_it_measures_too() -> None:
    form = filled("oral_session", "hôm qua", "2", "10", "20", "Biển đảo")
    form = filled("thematic_talk", form=ask_again(form, Step.KIND))
    assert form.step() is Step.CONFIRM
    assert numbers(form) == {"sessions": 2, "party_members": 10, "public": 20}
    assert form.topic == "Biển đảo"


def test_another_kind_that_measures_the_same_keeps_the_one_total() -> None:
    form = ask_again(from_figures(UNIT, stated(audience_total=90)), Step.KIND)
    form = filled("thematic_talk", form=form)
    assert form.step() is Step.CONFIRM
    assert numbers(form) == {"sessions": 2, "audience_total": 90}


def test_another_kind_forgets_what_it_does_not_measure() -> None:
    form = filled("oral_session", "hôm qua", "2", "10", "20", "Biển đảo")
    form = filled("online_post", form=ask_again(form, Step.KIND))
    assert (form.step(), numbers(form)) == (Step.ITEMS, {})
    form = filled("5", form=form)
    assert (form.step(), numbers(form)) == (Step.CONFIRM, {"items": 5})


def test_what_a_kind_in_between_made_forgotten_is_asked_again() -> None:
    form = filled("oral_session", "hôm qua", "2", "10", "20", "Biển đảo")
    form = filled("online_post", "5", form=ask_again(form, Step.KIND))
    form = filled("oral_session", form=ask_again(form, Step.KIND))
    assert form.step() is Step.SESSIONS
    assert numbers(filled("3", "11", "22", form=form)) == {
        "sessions": 3,
        "party_members": 11,
        "public": 22,
    }


# --- single answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "text", "refusal"),
    [
        ((), "cái gì đó", Refusal.NOT_A_KIND),
        (("oral_session",), "hôm nào đó", Refusal.NOT_A_DATE),
        (("oral_session",), "ngày mai", Refusal.FUTURE_DATE),
        (("oral_session", "hôm qua"), "nhiều", Refusal.NOT_A_NUMBER),
        (("oral_session", "hôm qua"), str(MOST + 1), Refusal.TOO_LARGE),
        (("oral_session", "hôm qua", "1", "2", "3"), "x" * 301, Refusal.TOO_LONG),
        (("oral_session", "hôm qua", "1", "2", "3", "x"), "vâng", Refusal.NOT_AN_ANSWER),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_for_its_reason(
    answers: tuple[str, ...], text: str, refusal: Refusal
) -> None:
    assert answer(filled(*answers), text, NOW) is refusal


def test_a_number_below_zero_is_none() -> None:
    form = filled("oral_session", "hôm qua")
    assert isinstance(set_count(form, -1), Refusal)
    assert set_count(form, None) is Refusal.NOT_A_NUMBER
    assert accepted(set_count(form, MOST)).sessions == MOST


def test_a_day_that_the_reader_could_not_take_is_refused() -> None:
    form = filled("oral_session")
    for code, refusal in (
        (QuestionCode.FUTURE_DATE, Refusal.FUTURE_DATE),
        (QuestionCode.BAD_DATE, Refusal.NOT_A_DATE),
        (QuestionCode.T7, Refusal.NOT_A_DATE),
    ):
        assert set_day(form, DateProblem(code, "31/2"), TODAY) is refusal


def test_several_days_are_kept_as_they_were_named() -> None:
    days = (date(2026, 11, 16), date(2026, 11, 18))
    form = accepted(set_day(filled("oral_session"), DateSpan(*days, Precision.LIST, days), TODAY))
    assert (form.date_from, form.date_to, form.dates) == (*days, days)
    assert form.precision is Precision.LIST


def test_a_topic_is_one_line_and_may_be_left_out() -> None:
    form = filled("online_post", "hôm qua", "5")
    assert accepted(set_topic(form, " Biển\n đảo  ")).topic == "Biển đảo"
    assert accepted(set_topic(form, "  ")).topic is None
    assert filled("?", form=form).step() is Step.CONFIRM


def test_a_form_without_kind_or_day_has_no_figures_yet() -> None:
    for form in (EMPTY, filled("oral_session")):
        with pytest.raises(ValueError, match="no kind or no day"):
            form.figures()


# --- whole lines ---------------------------------------------------------------------------------


def test_a_whole_line_in_the_middle_fills_all_and_keeps_the_day_it_does_not_name() -> None:
    form = filled("contest", "16/11", "3 buổi 45 đv 60 qc")
    assert form.step() is Step.CONFIRM
    assert form.kind is TallyKind.ORAL_SESSION
    assert (form.date_from, form.date_to) == (date(2026, 11, 16), date(2026, 11, 16))
    assert numbers(form) == {"sessions": 3, "party_members": 45, "public": 60}


def test_a_whole_line_that_names_its_day_takes_that_day() -> None:
    assert filled("contest", "16/11", "3 buổi 45 đv 60 qc hôm qua").date_from == date(2026, 11, 20)


def test_a_correction_stays_one_when_it_is_typed_as_a_line() -> None:
    form = from_figures(UNIT, stated(party_members=1, public=2), replaces=42)
    assert filled("3 buổi 45 đv 60 qc", form=form).replaces == 42


@pytest.mark.parametrize("text", LINES)
def test_a_line_and_its_form_state_the_same(text: str) -> None:
    [entry] = read(text, NOW).entries
    form = from_figures(UNIT, entry.figures)
    assert form.step() is Step.CONFIRM
    assert form.figures() == replace(entry.figures, unit_text=None)


def test_an_approximate_line_stays_approximate() -> None:
    form = filled("khoảng 500 lượt người nghe 2 buổi hôm qua", form=filled("oral_session"))
    assert form.figures().approximation is Approximation.ABOUT


def test_a_line_without_sessions_or_people_is_asked_for_them_only() -> None:
    form = with_gaps(from_figures(UNIT, stated(sessions=None, party_members=5, public=6)))
    assert form.step() is Step.SESSIONS
    assert filled("2", form=form).step() is Step.CONFIRM
    form = with_gaps(from_figures(UNIT, stated()))
    assert form.step() is Step.PARTY_MEMBERS
    form = with_gaps(from_figures(UNIT, stated(TallyKind.TRAINING_CLASS)))
    assert form.step() is Step.LEARNERS
    form = with_gaps(from_figures(UNIT, stated(TallyKind.TRAINING_CLASS, learners=30)))
    assert form.step() is Step.CONFIRM


def test_the_day_is_that_of_the_sender() -> None:
    """Just after midnight in Viet Nam it is still yesterday elsewhere."""
    midnight = datetime(2026, 11, 20, 17, 5, tzinfo=UTC).astimezone(NOW.tzinfo)
    form = accepted(answer(filled("oral_session"), "hôm nay", midnight))
    assert form.date_from == date(2026, 11, 21)
