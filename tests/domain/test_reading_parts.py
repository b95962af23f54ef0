"""The small readers of the guided form: one number, one date."""

from datetime import date, datetime
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vietnam_number import n2w

from domain.reading import DateProblem, DateSpan, QuestionCode, read_count, read_day
from domain.text import fold

# It has no type stubs, so it is a plain module here.
dateparser = import_module("dateparser")
AT = datetime.fromisoformat("2026-07-14T20:10:00+07:00")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("45", 45),
        ("045", 45),
        ("1.250", 1250),
        ("1,250", 1250),
        ("1 250", None),
        ("1k2", 1200),
        ("1,5k", 1500),
        ("2 nghìn", 2000),
        ("khoảng 45 người", 45),
        ("không", 0),
        ("ko có", 0),
        ("năm mươi hai", 52),
        ("muoi lam", 15),
        ("một trăm linh năm", 105),
        ("một nghìn hai trăm", 1200),
        ("12/7", None),
        ("100%", None),
        ("45 hoặc 54", None),
        ("nhiều", None),
        ("", None),
    ],
)
def test_a_short_answer_is_one_number_or_none(text: str, value: int | None) -> None:
    assert read_count(text) == value


@given(st.integers(0, 99_999))
def test_numbers_in_words_agree_with_another_reader(value: int) -> None:
    # That package writes "lẽ" for "lẻ".
    words = n2w(str(value)).replace("lẽ", "lẻ")
    assert read_count(words) == value
    assert read_count(fold(words)) == value


@given(st.text(max_size=60))
def test_any_answer_is_a_count_or_nothing(text: str) -> None:
    count = read_count(text)
    assert count is None or count >= 0


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("hôm nay", "2026-07-14", "2026-07-14", "day"),
        ("hôm wa", "2026-07-13", "2026-07-13", "day"),
        ("hôm kia", "2026-07-12", "2026-07-12", "day"),
        ("3 ngày trước", "2026-07-11", "2026-07-11", "day"),
        ("12", "2026-07-12", "2026-07-12", "day"),
        ("20", "2026-06-20", "2026-06-20", "day"),
        ("12/7", "2026-07-12", "2026-07-12", "day"),
        ("12-7", "2026-07-12", "2026-07-12", "day"),
        ("12.7", "2026-07-12", "2026-07-12", "day"),
        ("12/7/26", "2026-07-12", "2026-07-12", "day"),
        ("ngày 12 tháng 7 năm 2026", "2026-07-12", "2026-07-12", "day"),
        ("mùng 5", "2026-07-05", "2026-07-05", "day"),
        ("thứ 2", "2026-07-13", "2026-07-13", "day"),
        ("thứ ba", "2026-07-14", "2026-07-14", "day"),
        ("thứ 3 tuần trước", "2026-07-07", "2026-07-07", "day"),
        ("CN vừa rồi", "2026-07-12", "2026-07-12", "day"),
        ("(6,7,8/7)", "2026-07-06", "2026-07-08", "list"),
        ("6/7, 8/7", "2026-07-06", "2026-07-08", "list"),
        ("1-12/7", "2026-07-01", "2026-07-12", "range"),
        ("từ 28/6 đến 3/7", "2026-06-28", "2026-07-03", "range"),
        ("từ đầu tháng đến nay", "2026-07-01", "2026-07-14", "range"),
        ("nửa đầu tháng 6", "2026-06-01", "2026-06-15", "range"),
        ("tuần này", "2026-07-13", "2026-07-14", "week"),
        ("tuần trước", "2026-07-06", "2026-07-12", "week"),
        ("tháng 6", "2026-06-01", "2026-06-30", "month"),
        ("T7/2026", "2026-07-01", "2026-07-31", "month"),
        ("07/2026", "2026-07-01", "2026-07-31", "month"),
        ("tháng trước", "2026-06-01", "2026-06-30", "month"),
        ("quý II", "2026-04-01", "2026-06-30", "quarter"),
        ("6 tháng đầu năm", "2026-01-01", "2026-06-30", "half_year"),
        ("9 tháng đầu năm 2025", "2025-01-01", "2025-09-30", "nine_months"),
        ("năm 2025", "2025-01-01", "2025-12-31", "year"),
        ("nhiệm kỳ 2020-2025", "2020-01-01", "2025-12-31", "term"),
    ],
)
def test_a_short_answer_names_its_days(text: str, first: str, last: str, precision: str) -> None:
    span = read_day(text, AT)
    assert isinstance(span, DateSpan)
    assert (str(span.date_from), str(span.date_to), span.precision) == (first, last, precision)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("T7", QuestionCode.T7),
        ("15/13", QuestionCode.BAD_DATE),
        ("30/2", QuestionCode.BAD_DATE),
        ("20/7", QuestionCode.FUTURE_DATE),
        ("tháng 8", QuestionCode.FUTURE_DATE),
        ("ngày mai", QuestionCode.FUTURE_DATE),
        ("bữa trước", QuestionCode.VAGUE_DATE),
        ("đầu tháng 7", QuestionCode.VAGUE_DATE),
        ("mùng 5 tháng giêng", QuestionCode.LUNAR_DATE),
        ("15/6 âm lịch", QuestionCode.LUNAR_DATE),
        ("thứ ba 13/7", QuestionCode.DATE_CONFLICT),
        ("chưa nhớ", QuestionCode.MISSING_DATE),
        ("", QuestionCode.MISSING_DATE),
    ],
)
def test_an_unclear_date_says_what_is_wrong(text: str, code: QuestionCode) -> None:
    problem = read_day(text, AT)
    assert isinstance(problem, DateProblem)
    assert problem.code is code


def test_the_evening_after_midnight_is_the_day_before() -> None:
    night = datetime.fromisoformat("2026-07-15T00:30:00+07:00")
    tonight, today = read_day("tối nay", night), read_day("hôm nay", night)
    assert isinstance(tonight, DateSpan)
    assert isinstance(today, DateSpan)
    assert (str(tonight.date_from), str(today.date_from)) == ("2026-07-14", "2026-07-15")


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2026, 7, 14)), st.sampled_from("/-."))
def test_full_dates_agree_with_another_reader(day: date, sign: str) -> None:
    text = f"{day.day:02}{sign}{day.month:02}{sign}{day.year}"
    other = dateparser.parse(text, languages=["vi"], settings={"DATE_ORDER": "DMY"})
    span = read_day(text, AT)
    assert other is not None
    assert isinstance(span, DateSpan)
    assert span.date_from == span.date_to == other.date() == day
