"""Working days in Viet Nam."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.workday import Calendar

VIETNAM = Calendar.vietnam()
SATURDAY = 5
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))

# Reference §10.1, with the in-lieu days.
PAID_HOLIDAYS = [
    *(date(2026, 1, 1), *(date(2026, 2, day) for day in range(16, 21)), date(2026, 4, 27)),
    *(date(2026, 4, 30), date(2026, 5, 1), date(2026, 9, 1), date(2026, 9, 2), date(2026, 11, 24)),
    *(date(2027, 1, 1), date(2027, 2, 5), date(2027, 2, 8), date(2027, 2, 9), date(2027, 4, 16)),
    *(date(2027, 4, 30), date(2027, 5, 3), date(2027, 9, 2), date(2027, 9, 3), date(2027, 11, 24)),
    *(date(2028, 1, 3), date(2028, 1, 26), date(2028, 1, 27), date(2028, 1, 28), date(2028, 4, 4)),
    *(date(2028, 5, 1), date(2028, 5, 2), date(2028, 9, 1), date(2028, 9, 4), date(2028, 11, 24)),
]


@pytest.mark.parametrize("day", PAID_HOLIDAYS, ids=str)
def test_a_paid_holiday_or_its_day_in_lieu_is_off(day: date) -> None:
    assert day.weekday() < 5, "the table names days that would otherwise be worked"
    assert not VIETNAM.is_working_day(day)


def test_culture_day_was_worked_before_it_became_a_holiday() -> None:
    assert VIETNAM.is_working_day(date(2025, 11, 24))


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 11, 22)])
def test_a_weekend_is_off(day: date) -> None:
    assert not VIETNAM.is_working_day(day)


def test_a_saturday_that_a_decree_swapped_is_worked() -> None:
    assert VIETNAM.is_working_day(date(2026, 8, 22))
    assert not VIETNAM.is_working_day(date(2026, 8, 31))


def test_the_department_can_add_days_off_and_working_days() -> None:
    calendar = Calendar.vietnam(
        extra_days_off=frozenset({date(2026, 11, 23), date(2026, 11, 28)}),
        extra_working_days=frozenset({date(2026, 11, 28)}),
    )
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert calendar.is_working_day(date(2026, 11, 28))


def test_shifting_steps_over_the_weekend_and_the_holiday() -> None:
    friday = date(2026, 11, 20)
    assert VIETNAM.shift(friday, 1) == date(2026, 11, 23)
    assert VIETNAM.shift(friday, 2) == date(2026, 11, 25)
    assert VIETNAM.shift(date(2026, 11, 25), -2) == friday
    assert VIETNAM.shift(friday, 0) == friday


def test_a_working_day_is_its_own_next_working_day() -> None:
    assert VIETNAM.next_working_day(date(2026, 11, 20)) == date(2026, 11, 20)
    assert VIETNAM.next_working_day(date(2026, 11, 21)) == date(2026, 11, 23)


@given(DAYS, st.integers(1, 15))
def test_a_shift_passes_exactly_that_many_working_days(day: date, n: int) -> None:
    later = VIETNAM.shift(day, n)
    between = [day + timedelta(days=i) for i in range(1, (later - day).days + 1)]
    assert VIETNAM.is_working_day(later)
    assert sum(map(VIETNAM.is_working_day, between)) == n


# The first day of Tết and the tenth of the third lunar month, reckoned for UTC+7 with an algorithm
# of its own: in 2030 the new moon falls on 2 February in Viet Nam, on the 3rd in China.
LUNAR_HOLIDAYS = [
    *(date(2026, 2, 17), date(2026, 4, 26), date(2027, 2, 6), date(2027, 4, 16)),
    *(date(2028, 1, 26), date(2028, 4, 4), date(2029, 2, 13), date(2029, 4, 23)),
    *(date(2030, 2, 2), date(2030, 4, 12), date(2031, 1, 23), date(2031, 4, 1)),
]


@pytest.mark.parametrize("day", LUNAR_HOLIDAYS, ids=str)
def test_the_lunar_holidays_are_those_of_viet_nam(day: date) -> None:
    assert not VIETNAM.is_working_day(day)


def test_tet_2030_begins_a_day_before_the_chinese_new_year() -> None:
    names = holidays.country_holidays("VN", years=2030)
    assert names[date(2030, 2, 2)] == "Lunar New Year"


@pytest.mark.parametrize("year", range(2026, 2031))
def test_culture_day_or_its_day_in_lieu_is_off_from_2026_on(year: int) -> None:
    day = date(year, 11, 24)
    assert not VIETNAM.is_working_day(day)
    if day.weekday() > SATURDAY - 1:
        assert not VIETNAM.is_working_day(day + timedelta(days=7 - day.weekday()))


def test_what_the_table_says_of_a_day_wins_and_is_followed_at_once() -> None:
    monday, saturday = date(2026, 11, 23), date(2026, 11, 28)
    decreed: dict[date, bool] = {}
    calendar = Calendar.vietnam(extra_days_off=frozenset({monday}), decreed=decreed)
    assert [calendar.is_working_day(day) for day in (monday, saturday)] == [False, False]
    decreed.update({monday: True, saturday: True})
    assert [calendar.is_working_day(day) for day in (monday, saturday)] == [True, True]
    decreed[monday] = False
    assert calendar.next_working_day(monday) == date(2026, 11, 25)
