"""Numbers, days and periods as official Vietnamese text writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.period import Period
from domain.tally import Approximation, Figures, Precision, TallyKind
from wording import format as fmt


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (45, "45"), (1250, "1.250"), (67279, "67.279"), (1_000_000, "1.000.000")],
)
def test_thousands_take_a_dot(number: int, text: str) -> None:
    assert fmt.count(number) == text


def test_a_number_that_was_not_stated_is_a_dash_and_not_zero() -> None:
    assert fmt.count(None) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [("102.6", "102,6 %"), ("107", "107 %"), ("107.14", "107,1 %"), ("0.05", "0,1 %")],
)
def test_a_percentage_takes_a_comma(value: str, text: str) -> None:
    assert fmt.percent(Decimal(value)) == text


@pytest.mark.parametrize(("value", "text"), [("8.24", "+8,2 %"), ("-5.1", "−5,1 %"), ("0", "0 %")])
def test_a_change_shows_its_direction(value: str, text: str) -> None:
    assert fmt.signed_percent(Decimal(value)) == text


def test_an_instant_is_shown_in_vietnamese_time() -> None:
    late = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert fmt.moment(late) == "03:30 Thứ Bảy 21/11/2026"
    assert fmt.local_dmy(late) == "21/11/2026"


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (Period.month_of(date(2026, 7, 9)), "tháng 7/2026"),
        (Period.quarter_of(date(2026, 7, 9)), "quý III/2026"),
        (Period.half_of(date(2026, 7, 9)), "6 tháng cuối năm 2026"),
        (Period.half_of(date(2026, 1, 9)), "6 tháng đầu năm 2026"),
        (Period.nine_months_of(2026), "9 tháng năm 2026"),
        (Period.year_of(date(2021, 1, 1)), "năm 2021"),
        (Period.term(2010, 2015), "nhiệm kỳ 2010–2015"),
        (Period.week_of(date(2026, 7, 9)), "tuần 6/7–12/7/2026"),
    ],
)
def test_a_period_has_the_name_that_reports_use(period: Period, text: str) -> None:
    assert fmt.period(period) == text


@pytest.mark.parametrize(
    ("precision", "first", "last", "days", "text"),
    [
        (Precision.DAY, date(2026, 7, 13), date(2026, 7, 13), (), "Thứ Hai 13/7/2026"),
        (
            Precision.LIST,
            date(2026, 7, 6),
            date(2026, 7, 8),
            (date(2026, 7, 6), date(2026, 7, 8)),
            "6/7, 8/7/2026",
        ),
        (
            Precision.RANGE,
            date(2026, 7, 1),
            date(2026, 7, 12),
            (),
            "từ 1/7/2026 đến 12/7/2026",
        ),
        (Precision.MONTH, date(2026, 7, 1), date(2026, 7, 31), (), "tháng 7/2026"),
        (Precision.WEEK, date(2026, 7, 13), date(2026, 7, 14), (), "từ 13/7/2026 đến 14/7/2026"),
        (Precision.TERM, date(2010, 1, 1), date(2015, 12, 31), (), "nhiệm kỳ 2010–2015"),
    ],
)
def test_the_days_of_an_entry_are_read_back_as_absolute_dates(
    precision: Precision, first: date, last: date, days: tuple[date, ...], text: str
) -> None:
    figures = Figures(TallyKind.ORAL_SESSION, first, last, precision, days)
    assert fmt.dates(figures) == text


def test_an_approximate_figure_says_in_which_direction() -> None:
    assert [fmt.approximation(kind) for kind in (*Approximation, None)] == [
        "khoảng ",
        "trên ",
        "gần ",
        "",
    ]
