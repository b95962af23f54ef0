"""The tally's form: totals and parts, kinds, single answers, and lines typed in the middle."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tests.domain.forms import EMPTY, LINES, NOW, TODAY, UNIT, accepted, numbers, with_answer


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
