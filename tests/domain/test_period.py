"""Reporting periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.period import (
    Cutoff,
    Period,
    PeriodKind,
    bucket_of,
    codes_inside,
    day_in_label,
    following,
    previous,
    read_period,
    same_period_last_year,
)

TODAY = date(2026, 11, 21)
DAYS = st.dates(date(1945, 9, 2), date(2090, 12, 31))
YEARS = st.integers(1945, 2090)
PERIODS = st.one_of(
    DAYS.map(Period.week_of),
    DAYS.map(Period.month_of),
    DAYS.map(Period.quarter_of),
    DAYS.map(Period.half_of),
    YEARS.map(Period.nine_months_of),
    DAYS.map(Period.year_of),
    st.builds(lambda first, length: Period.term(first, first + length), YEARS, st.integers(1, 9)),
)


@pytest.mark.parametrize(
    ("period", "code", "start", "end"),
    [
        (Period.month_of(date(2024, 2, 10)), "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (Period.quarter_of(date(2026, 8, 1)), "2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        (Period.half_of(date(2026, 6, 30)), "2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        (Period.half_of(date(2026, 7, 1)), "2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        (Period.nine_months_of(2026), "2026-9M", date(2026, 1, 1), date(2026, 9, 30)),
        (Period.year_of(date(2026, 5, 5)), "2026", date(2026, 1, 1), date(2026, 12, 31)),
        (Period.week_of(date(2026, 7, 14)), "2026-W29", date(2026, 7, 13), date(2026, 7, 19)),
        (Period.week_of(date(2027, 1, 1)), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (Period.term(2010, 2015), "2010..2015", date(2010, 1, 1), date(2015, 12, 31)),
    ],
)
def test_a_period_has_its_days_and_its_code(
    period: Period, code: str, start: date, end: date
) -> None:
    assert (period.code, period.start, period.end) == (code, start, end)


@given(PERIODS)
def test_a_code_gives_back_its_period(period: Period) -> None:
    assert Period.from_code(period.code) == period


@given(PERIODS)
def test_a_code_can_be_typed_after_the_command(period: Period) -> None:
    assert read_period(period.code, TODAY) == period


@given(DAYS, DAYS)
def test_codes_of_months_sort_by_time(one: date, other: date) -> None:
    first, second = Period.month_of(min(one, other)), Period.month_of(max(one, other))
    assert first.code <= second.code


@pytest.mark.parametrize("code", ["", "2026-13", "2026-Q5", "2026-W54", "2015..2010", "tháng 7"])
def test_anything_else_is_not_a_code(code: str) -> None:
    with pytest.raises(ValueError):
        Period.from_code(code)


def test_a_term_ends_in_a_later_year() -> None:
    with pytest.raises(ValueError, match="later year"):
        Period.term(2015, 2015)


@given(PERIODS)
def test_the_period_before_ends_where_this_one_begins(period: Period) -> None:
    before = previous(period)
    assert before.kind is period.kind
    match period.kind:
        case PeriodKind.TERM:
            assert before.end.year == period.start.year
            assert before.end.year - before.start.year == period.end.year - period.start.year
        case PeriodKind.NINE_MONTHS:
            assert before == Period.nine_months_of(period.start.year - 1)
        case _:
            assert before.end + timedelta(days=1) == period.start


@given(PERIODS)
def test_the_period_after_is_the_one_that_this_comes_before(period: Period) -> None:
    assert previous(following(period)) == period


@pytest.mark.parametrize(
    ("code", "last_year"),
    [
        ("2026-07", "2025-07"),
        ("2024-02", "2023-02"),
        ("2026-Q3", "2025-Q3"),
        ("2026-H2", "2025-H2"),
        ("2026-9M", "2025-9M"),
        ("2026", "2025"),
        ("2026-W29", "2025-W29"),
        ("2026-W53", "2025-W52"),
        ("2015..2020", "2010..2015"),
    ],
)
def test_the_same_period_of_last_year_has_the_same_label(code: str, last_year: str) -> None:
    assert same_period_last_year(Period.from_code(code)).code == last_year


def test_a_year_contains_its_months_and_not_the_week_that_leaves_it() -> None:
    year = Period.year_of(TODAY)
    assert year.contains(Period.month_of(TODAY))
    assert year.contains(year)
    assert not year.contains(Period.week_of(date(2026, 12, 31)))


@pytest.mark.parametrize(
    ("date_from", "date_to", "code"),
    [
        (date(2026, 7, 14), date(2026, 7, 14), "2026-07"),
        (date(2026, 7, 1), date(2026, 7, 12), "2026-07"),
        (date(2026, 5, 25), date(2026, 6, 3), "2026-Q2"),
        (date(2026, 3, 30), date(2026, 4, 2), "2026-H1"),
        (date(2026, 6, 29), date(2026, 7, 5), "2026-9M"),
        (date(2026, 9, 30), date(2026, 10, 1), "2026-H2"),
        (date(2026, 5, 1), date(2026, 11, 1), "2026"),
        (date(2021, 1, 1), date(2021, 12, 31), "2021"),
        (date(2010, 1, 1), date(2015, 12, 31), "2010..2015"),
        (date(2026, 12, 28), date(2027, 1, 3), "2026..2027"),
    ],
)
def test_an_entry_counts_under_the_smallest_period_that_holds_it(
    date_from: date, date_to: date, code: str
) -> None:
    assert bucket_of(date_from, date_to).code == code


@given(DAYS, st.integers(0, 2_500))
def test_a_bucket_holds_the_days_of_its_entry(day: date, length: int) -> None:
    end = day + timedelta(days=length)
    bucket = bucket_of(day, end)
    assert bucket.start <= day
    assert end <= bucket.end
    assert bucket_of(bucket.start, bucket.end) == bucket


def test_a_range_that_ends_before_it_starts_has_no_bucket() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        bucket_of(date(2026, 7, 2), date(2026, 7, 1))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "2026-11"),
        ("   ", "2026-11"),
        ("tháng này", "2026-11"),
        ("tháng trước", "2026-10"),
        ("2021", "2021"),
        ("năm 2021", "2021"),
        ("7/2026", "2026-07"),
        ("07-2026", "2026-07"),
        ("tháng 7", "2026-07"),
        ("tháng 12", "2025-12"),
        ("thang 7 2026", "2026-07"),
        ("tháng 7 năm 2025", "2025-07"),
        ("tháng 7 năm ngoái", "2025-07"),
        ("tháng bảy", "2026-07"),
        ("tháng năm", "2026-05"),
        ("t7/2026", "2026-07"),
        ("T7/26", "2026-07"),
        ("7", "2026-07"),
        ("quý 3", "2026-Q3"),
        ("quý 4", "2026-Q4"),
        ("quý III/2026", "2026-Q3"),
        ("quý iv năm 2025", "2025-Q4"),
        ("q3", "2026-Q3"),
        ("quý này", "2026-Q4"),
        ("quý trước", "2026-Q3"),
        ("6 tháng đầu năm", "2026-H1"),
        ("6 tháng đầu năm nay", "2026-H1"),
        ("6 tháng cuối năm 2025", "2025-H2"),
        ("6 tháng cuối năm ngoái", "2025-H2"),
        ("9 tháng", "2026-9M"),
        ("9 tháng đầu năm 2024", "2024-9M"),
        ("năm nay", "2026"),
        ("cả năm", None),
        ("cả năm 2025", "2025"),
        ("năm ngoái", "2025"),
        ("năm kia", "2024"),
        ("từ đầu năm đến nay", "2026"),
        ("nhiệm kỳ 2010-2015", "2010..2015"),
        ("2010–2015", "2010..2015"),
        ("từ năm 2010 đến năm 2015", "2010..2015"),
        ("tuần này", "2026-W47"),
        ("tuần trước", "2026-W46"),
        ("tuần 29", "2026-W29"),
        ("Tha\u0301ng 7/2026.", "2026-07"),
        ("tháng 13", None),
        ("31/7", None),
        ("2015-2010", None),
        ("tuần 53/2025", None),
        ("quý 5", None),
        ("linh tinh", None),
        ("tháng giêng", None),
    ],
)
def test_a_typed_period_is_read_as_people_mean_it(typed: str, code: str | None) -> None:
    period = read_period(typed, TODAY)
    assert (period and period.code) == code


def test_early_in_the_year_the_second_half_is_last_years() -> None:
    period = read_period("6 tháng cuối năm", date(2026, 3, 1))
    assert period == Period.half_of(date(2025, 12, 1))


@given(st.text(max_size=40) | st.text("0123456789 thangquy/-.năm", max_size=20), DAYS)
def test_no_text_makes_the_reading_fail(typed: str, today: date) -> None:
    period = read_period(typed, today)
    assert period is None or period.start <= period.end


# --- the cut-off ----------------------------------------------------------------------------------


@given(DAYS, DAYS, st.sampled_from(Cutoff))
def test_the_order_of_days_is_kept_when_they_are_counted_by_month(
    one: date, other: date, cutoff: Cutoff
) -> None:
    first, last = min(one, other), max(one, other)
    assert day_in_label(first, cutoff) <= day_in_label(last, cutoff)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "2026-12"),
        ("tháng này", "2026-12"),
        ("tháng trước", "2026-11"),
        ("tháng 12", "2026-12"),
        ("quý này", "2026-Q4"),
        ("tuần này", "2026-W47"),
    ],
)
def test_from_the_fifteenth_on_this_month_is_the_next_one_where_that_is_the_cut_off(
    text: str, code: str
) -> None:
    period = read_period(text, TODAY, Cutoff.DAY_15)
    assert period is not None
    assert period.code == code


@given(PERIODS, DAYS, st.integers(0, 800))
def test_a_bucket_lies_in_a_period_exactly_when_its_code_is_listed(
    period: Period, first: date, length: int
) -> None:
    bucket = bucket_of(first, first + timedelta(days=length))
    assert (bucket.code in codes_inside(period)) is period.contains(bucket)
    for code in codes_inside(period):
        assert period.contains(Period.from_code(code))
