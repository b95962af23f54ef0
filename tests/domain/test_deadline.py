"""When reports are due, and from when on a change is a request."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadline import (
    DeadlineRules,
    bucket,
    due_date,
    has_begun,
    is_locked,
    is_over,
    lock_date,
    month_of,
    own_window,
    read_due,
    window,
)
from domain.period import Cutoff, Period, following, previous
from domain.tally import Figures, Precision, TallyKind
from domain.workday import Calendar

VIETNAM = Calendar.vietnam()
RULES = DeadlineRules(VIETNAM)
AT_15 = DeadlineRules(VIETNAM, Cutoff.DAY_15, deadline_day=20)

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
periods = st.builds(
    lambda make, day: make(day),
    st.sampled_from([Period.week_of, Period.month_of, Period.quarter_of, Period.year_of]),
    days,
)
rules = st.builds(
    DeadlineRules,
    calendar=st.just(VIETNAM),
    cutoff=st.sampled_from(Cutoff),
    deadline_day=st.integers(1, 31),
    grace_days=st.none() | st.integers(0, 60),
)


def coded(code: str) -> Period:
    return Period.from_code(code)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2026-07", date(2026, 6, 15), date(2026, 7, 14)),
        ("2026-Q3", date(2026, 6, 15), date(2026, 9, 14)),
        ("2026-H1", date(2025, 12, 15), date(2026, 6, 14)),
        ("2026-9M", date(2025, 12, 15), date(2026, 9, 14)),
        ("2026", date(2025, 12, 15), date(2026, 12, 14)),
        ("2026-W29", date(2026, 7, 13), date(2026, 7, 19)),
        ("2025..2030", date(2024, 12, 15), date(2030, 12, 14)),
    ],
)
def test_with_the_cut_off_on_day_15_a_period_runs_from_15_to_14(
    code: str, first: date, last: date
) -> None:
    assert window(coded(code), Cutoff.DAY_15) == (first, last)
    assert window(coded(code), Cutoff.CALENDAR_MONTH) == (coded(code).start, coded(code).end)


@pytest.mark.parametrize(
    ("code", "due"),
    [
        ("2026-07", date(2026, 8, 5)),
        # 5/9 and 5/12 are Saturdays.
        ("2026-08", date(2026, 9, 7)),
        ("2026-11", date(2026, 12, 7)),
        ("2026-Q3", date(2026, 10, 5)),
        ("2026", date(2027, 1, 5)),
        # Monday 19/10 follows the week.
        ("2026-W42", date(2026, 10, 19)),
    ],
)
def test_a_report_is_due_on_the_fifth_or_the_working_day_after_it(code: str, due: date) -> None:
    assert due_date(coded(code), RULES) == due


def test_with_the_cut_off_on_day_15_july_is_due_in_july() -> None:
    assert due_date(coded("2026-07"), AT_15) == date(2026, 7, 20)


def test_a_deadline_in_the_tet_holidays_is_moved_behind_them() -> None:
    sixteenth = DeadlineRules(VIETNAM, deadline_day=16)
    assert due_date(coded("2026-01"), sixteenth) == date(2026, 2, 23)


def test_a_deadline_on_day_31_is_the_last_day_of_a_short_month() -> None:
    assert due_date(coded("2026-03"), DeadlineRules(VIETNAM, deadline_day=31)) == date(2026, 5, 4)


def test_figures_may_be_changed_for_ten_days_after_the_due_date() -> None:
    july = coded("2026-07")
    # 15/8 is a Saturday.
    assert lock_date(july, RULES) == date(2026, 8, 17)
    assert not is_locked(july, RULES, date(2026, 8, 17))
    assert is_locked(july, RULES, date(2026, 8, 18))


def test_without_days_of_grace_only_an_officer_locks() -> None:
    by_hand = DeadlineRules(VIETNAM, grace_days=None)
    july = coded("2026-07")
    assert lock_date(july, by_hand) is None
    assert not is_locked(july, by_hand, date(2030, 1, 1))
    assert is_locked(july, by_hand, date(2026, 7, 1), said=True)


def test_a_period_that_an_officer_has_reopened_is_open_after_its_lock_date() -> None:
    assert not is_locked(coded("2026-07"), RULES, date(2026, 12, 1), said=False)


@given(periods, rules)
def test_a_report_is_due_on_a_working_day_after_its_last_day_and_before_the_lock(
    period: Period, rules: DeadlineRules
) -> None:
    due, lock = due_date(period, rules), lock_date(period, rules)
    assert due > window(period, rules.cutoff)[1]
    assert VIETNAM.is_working_day(due)
    if lock is not None:
        assert lock >= due
        assert VIETNAM.is_working_day(lock)


@given(periods, rules)
def test_what_was_due_before_is_never_due_after_the_next(
    period: Period, rules: DeadlineRules
) -> None:
    assert due_date(previous(period), rules) <= due_date(period, rules)


@given(periods, rules)
def test_windows_of_one_kind_follow_each_other_without_a_gap(
    period: Period, rules: DeadlineRules
) -> None:
    _, before = window(previous(period), rules.cutoff)
    assert before + timedelta(days=1) == window(period, rules.cutoff)[0]


@given(periods, rules, days)
def test_once_locked_a_period_stays_locked(
    period: Period, rules: DeadlineRules, today: date
) -> None:
    if is_locked(period, rules, today):
        assert is_locked(period, rules, today + timedelta(days=1))


# --- by which cut-off a day counts ----------------------------------------------------------------


def of_days(first: date, last: date, precision: Precision = Precision.RANGE) -> Figures:
    return Figures(TallyKind.ORAL_SESSION, first, last, precision, sessions=1)


@given(days, st.sampled_from(Cutoff))
def test_every_day_belongs_to_exactly_one_month(day: date, cutoff: Cutoff) -> None:
    by_name = Period.month_of(day)
    near = (previous(by_name), by_name, following(by_name))
    holding = [
        month for month in near if window(month, cutoff)[0] <= day <= window(month, cutoff)[1]
    ]
    assert holding == [bucket(of_days(day, day), cutoff)]
    assert holding == [month_of(day, replace(RULES, cutoff=cutoff))]


@given(days, st.integers(0, 500), st.sampled_from(Cutoff))
def test_a_range_counts_in_a_period_whose_days_hold_it(
    first: date, length: int, cutoff: Cutoff
) -> None:
    last = first + timedelta(days=length)
    begins, ends = window(bucket(of_days(first, last), cutoff), cutoff)
    assert begins <= first
    assert last <= ends


@given(st.integers(2024, 2030), st.sampled_from(Cutoff))
def test_the_days_of_the_months_are_the_days_of_the_year(year: int, cutoff: Cutoff) -> None:
    months = [window(Period.month_of(date(year, month, 1)), cutoff) for month in range(1, 13)]
    first, last = window(Period.year_of(date(year, 1, 1)), cutoff)
    assert sum((end - begin).days + 1 for begin, end in months) == (last - first).days + 1


@pytest.mark.parametrize(
    ("precision", "first", "last", "code"),
    [
        (Precision.MONTH, date(2026, 7, 1), date(2026, 7, 31), "2026-07"),
        (Precision.YEAR, date(2026, 1, 1), date(2026, 12, 31), "2026"),
        # Two months' days: the quarter holds both.
        (Precision.RANGE, date(2026, 7, 1), date(2026, 7, 31), "2026-Q3"),
        (Precision.WEEK, date(2026, 7, 13), date(2026, 7, 19), "2026-Q3"),
        (Precision.DAY, date(2026, 12, 31), date(2026, 12, 31), "2027-01"),
    ],
)
def test_who_names_a_month_means_the_one_that_is_called_so(
    precision: Precision, first: date, last: date, code: str
) -> None:
    assert bucket(of_days(first, last, precision), Cutoff.DAY_15).code == code


def test_a_month_begins_and_ends_with_the_days_whose_figures_it_holds() -> None:
    july = coded("2026-07")
    begun = [has_begun(july, AT_15, date(2026, 6, day)) for day in (14, 15)]
    over = [is_over(july, AT_15, date(2026, 7, day)) for day in (14, 15)]
    assert (begun, over) == ([False, True], [False, True])
    assert own_window(july, AT_15) == (date(2026, 6, 15), date(2026, 7, 14))
    assert own_window(july, RULES) is None


# --- another due date -----------------------------------------------------------------------------


def test_the_lock_keeps_its_distance_from_another_due_date() -> None:
    july, due = coded("2026-07"), date(2026, 8, 25)
    assert lock_date(july, RULES, due) == date(2026, 9, 4)
    assert not is_locked(july, RULES, date(2026, 9, 4), due=due)
    assert is_locked(july, RULES, date(2026, 9, 5), due=due)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("15/12", date(2026, 12, 15)),
        ("5.1", date(2027, 1, 5)),
        ("05-01-2027", date(2027, 1, 5)),
        ("15/12/2025", date(2025, 12, 15)),
        ("31/11", None),
        ("29/2/2027", None),
        ("mai", None),
        ("15/12/26", date(2026, 12, 15)),
        ("", None),
    ],
)
def test_a_due_date_is_read_as_it_is_typed(text: str, due: date | None) -> None:
    assert read_due(text, coded("2026-11")) == due
