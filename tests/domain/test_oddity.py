"""What is asked once more before it is stored, and what is not."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.oddity import (
    REASONS,
    Habit,
    Oddity,
    OddityCode,
    OddReason,
    Thresholds,
    oddities,
    usual_range,
)
from domain.tally import Figures, Precision, TallyKind

DAY = date(2026, 7, 16)
NOTHING_KNOWN = Habit()
LIMITS = Thresholds()
# Twelve months of a unit that holds 8 to 12 sessions with about 30 people each.
STEADY = Habit(
    members=40,
    past_counts=(8, 9, 9, 10, 10, 10, 11, 11, 12, 12, 10, 9),
    past_per_session=(28, 29, 30, 30, 31, 32, 28, 30, 33, 29, 30, 31),
)

counts = st.integers(0, 100_000)
histories = st.lists(st.floats(0, 1_000), max_size=15)


def day(
    sessions: int | None = 1,
    party_members: int | None = None,
    public: int | None = None,
    audience_total: int | None = None,
) -> Figures:
    return Figures(
        TallyKind.ORAL_SESSION,
        DAY,
        DAY,
        Precision.DAY,
        sessions=sessions,
        party_members=party_members,
        public=public,
        audience_total=audience_total,
    )


def month(sessions: int, public: int | None = None) -> Figures:
    first, last = date(2026, 7, 1), date(2026, 7, 31)
    return replace(
        day(sessions, public=public), date_from=first, date_to=last, precision=Precision.MONTH
    )


def codes(figures: Figures, habit: Habit = NOTHING_KNOWN) -> list[OddityCode]:
    return [oddity.code for oddity in oddities(figures, habit)]


# --- the bands of the reference --------------------------------------------------------------------


@pytest.mark.parametrize("people", [5, 30, 300])
def test_an_ordinary_session_is_stored_without_a_question(people: int) -> None:
    assert oddities(day(audience_total=people), NOTHING_KNOWN) == ()


def test_more_than_three_hundred_at_a_session_is_asked() -> None:
    assert oddities(day(2, audience_total=601), NOTHING_KNOWN) == (
        Oddity(OddityCode.CROWDED, 301, high=300),
    )


def test_fewer_than_five_at_a_session_is_asked() -> None:
    assert oddities(day(2, audience_total=9), NOTHING_KNOWN) == (
        Oddity(OddityCode.SPARSE, 4, low=5),
    )


def test_party_members_alone_do_not_tell_that_few_people_came() -> None:
    assert oddities(day(party_members=3), NOTHING_KNOWN) == ()


def test_party_members_alone_can_be_too_many() -> None:
    assert codes(day(party_members=301)) == [OddityCode.CROWDED]


def test_a_session_without_anybody_is_asked() -> None:
    nobody = day(3, party_members=0, public=0)
    assert oddities(nobody, NOTHING_KNOWN) == (Oddity(OddityCode.NOBODY, 3),)


def test_no_party_members_are_an_answer_and_not_nobody() -> None:
    assert oddities(day(party_members=0), NOTHING_KNOWN) == ()


def test_people_without_a_session_are_asked() -> None:
    assert oddities(day(0, audience_total=30), NOTHING_KNOWN) == (
        Oddity(OddityCode.NO_SESSION, 30),
    )


def test_an_unknown_number_of_people_or_sessions_is_not_odd() -> None:
    assert oddities(day(3), STEADY) == ()
    assert oddities(day(None, audience_total=2_000), STEADY) == ()


def test_more_party_members_than_the_unit_has_are_asked() -> None:
    unit = Habit(members=40)
    assert codes(day(2, party_members=80), unit) == []
    assert oddities(day(2, party_members=81, public=0), unit) == (
        Oddity(OddityCode.ABOVE_MEMBERS, 41, high=40),
    )


def test_the_size_of_a_unit_that_nobody_entered_is_not_guessed() -> None:
    assert codes(day(party_members=250)) == []


def test_more_than_ten_sessions_of_one_reporter_in_a_day_are_asked() -> None:
    assert codes(day(10)) == []
    assert oddities(day(4), Habit(on_day=7)) == (Oddity(OddityCode.BUSY_DAY, 11, high=10),)


def test_sessions_over_several_days_are_not_all_of_one_day() -> None:
    fortnight = replace(day(40), date_from=date(2026, 7, 2), precision=Precision.RANGE)
    assert codes(fortnight) == []
    three_days = (date(2026, 7, 2), date(2026, 7, 9), DAY)
    assert codes(replace(fortnight, dates=three_days, precision=Precision.LIST)) == [
        OddityCode.BUSY_DAY
    ]


def test_sixty_sessions_of_one_person_in_a_month_are_asked() -> None:
    assert codes(day(3), Habit(by_reporter=56)) == []
    assert oddities(day(4), Habit(by_reporter=56)) == (Oddity(OddityCode.BUSY_MONTH, 60, high=60),)


def test_a_quarter_may_hold_three_times_the_sessions_of_a_month() -> None:
    quarter = replace(month(179), date_to=date(2026, 9, 30), precision=Precision.QUARTER)
    assert codes(quarter) == []
    assert codes(replace(quarter, sessions=180)) == [OddityCode.BUSY_MONTH]


def test_many_posts_are_no_sessions() -> None:
    posts = Figures(TallyKind.ONLINE_POST, DAY, DAY, Precision.DAY, items=300)
    assert oddities(posts, Habit(on_day=90, by_reporter=500)) == ()


def test_a_class_is_judged_by_its_learners() -> None:
    training = replace(day(2), kind=TallyKind.TRAINING_CLASS, learners=7)
    assert codes(training) == [OddityCode.SPARSE]


# --- the unit's own past ---------------------------------------------------------------------------


def test_a_jump_against_the_units_own_past_is_asked() -> None:
    assert oddities(day(1, audience_total=90), STEADY) == (
        Oddity(OddityCode.UNUSUAL_ATTENDANCE, 90, 12, 75),
    )
    assert oddities(day(5, audience_total=150), replace(STEADY, in_period=21)) == (
        Oddity(OddityCode.UNUSUAL_COUNT, 26, 4, 25),
    )


def test_what_is_like_before_is_stored_without_a_question() -> None:
    assert oddities(day(2, audience_total=64), replace(STEADY, in_period=9)) == ()


def test_a_month_that_is_still_filled_is_not_too_low_and_a_whole_one_can_be() -> None:
    assert oddities(day(1, audience_total=30), STEADY) == ()
    assert codes(month(3), STEADY) == [OddityCode.UNUSUAL_COUNT]
    assert codes(month(3), replace(STEADY, in_period=7)) == []


def test_one_wild_month_does_not_hide_the_next() -> None:
    wild = replace(STEADY, past_counts=(9, 10, 10, 11, 12, 10, 400))
    assert codes(day(2), replace(wild, in_period=50)) == [OddityCode.UNUSUAL_COUNT]


def test_a_unit_that_varies_widely_may_go_on_to_do_so() -> None:
    varying = replace(STEADY, past_per_session=(10, 40, 90, 20, 70, 150, 30))
    assert codes(day(1, audience_total=180), varying) == []


@pytest.mark.parametrize("known", range(3))
def test_a_new_unit_has_no_past_to_compare_with(known: int) -> None:
    assert usual_range([30.0] * known, LIMITS) is None


def test_a_short_past_is_compared_by_its_range() -> None:
    assert usual_range([10, 20, 30], LIMITS) == (4, 75)


def test_small_differences_of_small_figures_are_not_odd() -> None:
    assert usual_range([1, 1, 1, 1, 1, 1], LIMITS) == (-4, 6)


@given(histories, st.integers(0, 14))
def test_figures_like_those_before_are_usual(past: list[float], index: int) -> None:
    usual = usual_range(past, LIMITS)
    if usual is None:
        assert len(past) < 3
    elif len(past) < 6:
        assert usual[0] <= past[index % len(past)] <= usual[1]
    else:
        assert sum(usual[0] <= value <= usual[1] for value in past) * 2 >= len(past)


@given(histories, st.permutations(range(15)))
def test_the_order_of_the_past_does_not_matter(past: list[float], order: list[int]) -> None:
    shuffled = [past[index] for index in order if index < len(past)]
    assert usual_range(shuffled, LIMITS) == usual_range(past, LIMITS)


# --- what is stored already --------------------------------------------------------------------------


def test_the_same_figures_again_are_asked_once_and_not_as_an_addition_too() -> None:
    again = Habit(twin_id=7, total_id=5)
    assert oddities(day(2), again) == (Oddity(OddityCode.SAME_AGAIN, 2, entry_id=7),)


def test_a_month_total_on_top_of_daily_entries_is_asked() -> None:
    filled = Habit(parts=3, in_parts=8)
    assert oddities(month(12), filled) == (Oddity(OddityCode.ON_TOP_OF_DAYS, 12, high=8),)


def test_a_day_beside_other_days_is_no_question() -> None:
    assert oddities(day(2), Habit(parts=3, in_parts=8)) == ()


def test_a_day_of_a_month_that_has_its_total_is_asked() -> None:
    assert oddities(day(2), Habit(total_id=5)) == (
        Oddity(OddityCode.ON_TOP_OF_TOTAL, 2, entry_id=5),
    )


def test_the_most_pressing_comes_first() -> None:
    doubtful = codes(day(12, party_members=9_000), Habit(members=40, twin_id=7))
    assert doubtful == [
        OddityCode.SAME_AGAIN,
        OddityCode.ABOVE_MEMBERS,
        OddityCode.CROWDED,
        OddityCode.BUSY_DAY,
    ]


def test_what_is_odd_can_be_kept_for_a_reason_that_fits() -> None:
    assert set(REASONS) == set(OddityCode)
    assert {reason for reasons in REASONS.values() for reason in reasons} == set(OddReason)
    assert OddReason.LARGE_EVENT not in REASONS[OddityCode.SPARSE]


# --- whatever comes ----------------------------------------------------------------------------------

maybe = st.none() | counts
any_figures = st.builds(
    Figures,
    kind=st.sampled_from(TallyKind),
    date_from=st.dates(date(2020, 1, 1), date(2025, 12, 31)),
    date_to=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    precision=st.sampled_from(Precision),
    sessions=maybe,
    party_members=maybe,
    public=maybe,
    audience_total=maybe,
    learners=maybe,
    items=maybe,
)
any_habit = st.builds(
    Habit,
    members=maybe,
    on_day=counts,
    by_reporter=counts,
    in_period=counts,
    parts=counts,
    in_parts=counts,
    total_id=maybe,
    twin_id=maybe,
    past_counts=st.lists(counts, max_size=12).map(tuple),
    past_per_session=histories.map(tuple),
)


@given(any_figures, any_habit)
def test_whatever_comes_each_thing_is_said_once_with_numbers_that_show_it(
    figures: Figures, habit: Habit
) -> None:
    found = oddities(figures, habit)
    assert len({oddity.code for oddity in found}) == len(found)
    for oddity in found:
        if oddity.code in (OddityCode.SAME_AGAIN, OddityCode.ON_TOP_OF_DAYS):
            continue
        too_low = oddity.low is not None and oddity.found < oddity.low
        too_high = oddity.high is not None and oddity.found >= oddity.high
        assert too_low or too_high or (oddity.low is None and oddity.high is None)


@given(st.integers(1, 50), st.integers(301, 10_000))
def test_more_of_what_is_too_much_is_still_too_much(sessions: int, people: int) -> None:
    assert OddityCode.CROWDED in codes(day(sessions, audience_total=sessions * people))
    assert OddityCode.CROWDED in codes(day(sessions, audience_total=sessions * (people + 1)))
