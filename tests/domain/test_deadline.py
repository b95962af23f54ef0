"""When reports are due, and from when on a change is a request."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadline import Cutoff, DeadlineRules, due_date, is_locked, lock_date, window
from domain.period import Period, previous
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
        ("2025..2030", date(2025, 1, 1), date(2030, 12, 31)),
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
