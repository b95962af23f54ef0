"""What people write when they are away: the days are read, a report is never taken for it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.leave import Days, LeaveProblem, read_days, read_leave, says_away, says_back
from domain.rest import says_rest

DATA = Path(__file__).parents[1] / "data"
# A Sunday.
TODAY = date(2026, 11, 22)


def days(first: tuple[int, int], last: tuple[int, int], year: int = 2026) -> Days:
    """From and to, each as (day, month)."""
    return Days(date(year, first[1], first[0]), date(year, last[1], last[0]))


@pytest.mark.parametrize(
    ("sentence", "away"),
    [
        ("vắng đến ngày 30/11", days((22, 11), (30, 11))),
        ("Vắng tới hết ngày 30", days((22, 11), (30, 11))),
        ("nghỉ phép từ 1/12 đến 5/12", days((1, 12), (5, 12))),
        ("Tôi xin nghỉ phép từ 1 đến 5/12 ạ.", days((1, 12), (5, 12))),
        ("nghi phep tu 1/12 den 5/12", days((1, 12), (5, 12))),
        ("vắng hôm nay", days((22, 11), (22, 11))),
        ("nghỉ ốm ngày mai", days((23, 11), (23, 11))),
        ("vắng 3 ngày", days((22, 11), (24, 11))),
        ("nghỉ 3 ngày từ mai", days((23, 11), (25, 11))),
        ("nghỉ tuần sau", days((23, 11), (29, 11))),
        ("vắng cả tuần này", days((22, 11), (22, 11))),
        ("đi công tác đến hết ngày 30 tháng 11", days((22, 11), (30, 11))),
        ("nghỉ từ thứ 2 đến thứ 6", days((23, 11), (27, 11))),
        ("em xin phép nghỉ việc riêng ngày 25/11 nhé", days((25, 11), (25, 11))),
        ("vắng mặt từ 20/11 đến 25/11", days((20, 11), (25, 11))),
        ("nghỉ thai sản từ 1/1/2027 đến 30/6/2027", days((1, 1), (30, 6), 2027)),
        ("nghỉ từ 28/12 đến 3/1", Days(date(2026, 12, 28), date(2027, 1, 3))),
        ("vắng thứ 7 tuần sau", days((28, 11), (28, 11))),
        ("vắng đến ngày 2", days((22, 11), (2, 12))),
    ],
)
def test_a_sentence_about_being_away_gives_its_days(sentence: str, away: Days) -> None:
    assert read_leave(sentence, TODAY) == away


@pytest.mark.parametrize(
    "sentence",
    [
        "vắng 3 đồng chí",
        "vắng 3",
        "vắng 3/12",
        "vắng 3 đv hôm nay",
        "2 buổi 30 đv, vắng 3 hôm nay",
        "3 buổi 45 đv 60 qc hôm qua",
        "không phát sinh",
        "nghỉ hôm qua",
        "nghỉ đến 31/2",
        "bà con nghỉ làm từ 1/12 đến 5/12 để họp thôn",
        "chi bộ vắng đến ngày 30/11",
        "vắng",
        "",
    ],
)
def test_nothing_else_is_taken_for_a_leave(sentence: str) -> None:
    assert read_leave(sentence, TODAY) is None


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("khi nào khỏe", LeaveProblem.NO_DAYS),
        ("31/2", LeaveProblem.NO_DAYS),
        ("từ 31 đến 5/12 năm sau", LeaveProblem.NO_DAYS),
        ("từ 5/12 đến 1/12", LeaveProblem.REVERSED),
        ("0 ngày", LeaveProblem.REVERSED),
        ("từ 1/11 đến 3/11", LeaveProblem.PAST),
        ("đến 1/12/2027", LeaveProblem.TOO_LONG),
        ("999 ngày", LeaveProblem.TOO_LONG),
        ("từ 1/1/2027 đến 3/1/2028", LeaveProblem.TOO_LONG),
    ],
)
def test_days_that_cannot_be_are_told_apart(words: str, problem: LeaveProblem) -> None:
    assert read_days(words, TODAY) is problem


def test_a_problem_in_a_clear_sentence_is_told_and_not_passed_on_as_a_report() -> None:
    assert read_leave("nghỉ từ 5/12 đến 1/12", TODAY) is LeaveProblem.REVERSED


def test_a_day_alone_answers_the_question() -> None:
    assert read_days("3/12", TODAY) == days((3, 12), (3, 12))
    assert read_days("3/12-5/12", TODAY) == days((3, 12), (5, 12))
    assert read_days("31", TODAY) == days((31, 12), (31, 12))


@pytest.mark.parametrize("sentence", ["tôi xin nghỉ phép ạ", "báo vắng", "em nghỉ ốm", "vắng"])
def test_a_leave_without_days_is_understood_as_a_wish(sentence: str) -> None:
    assert says_away(sentence, TODAY)
    assert read_leave(sentence, TODAY) is None


@pytest.mark.parametrize("sentence", ["vắng 3", "nghỉ phép 2 đồng chí", "bà con nghỉ", "3 buổi"])
def test_no_other_sentence_is_taken_for_that_wish(sentence: str) -> None:
    assert not says_away(sentence, TODAY)


@pytest.mark.parametrize(
    "sentence", ["đã đi làm lại", "Tôi hết phép rồi ạ", "tôi đã trở lại làm việc", "het nghi"]
)
def test_being_back_is_understood(sentence: str) -> None:
    assert says_back(sentence)


@pytest.mark.parametrize("sentence", ["bà con đi làm", "hết", "2 buổi đã đi làm lại", "về thôn"])
def test_being_back_is_not_read_into_other_words(sentence: str) -> None:
    assert not says_back(sentence)


def texts(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict | list):
        for part in found.values() if isinstance(found, dict) else found:
            yield from texts(part)


def test_no_report_or_note_of_the_collections_is_taken_for_a_leave_or_a_rest() -> None:
    files = sorted(DATA.rglob("*.json"))
    phrases = [text for file in files for text in texts(json.loads(file.read_text("utf-8")))]
    assert len(phrases) > 1000
    assert not [p for p in phrases if says_away(p, TODAY) or says_back(p) or says_rest(p, TODAY)]


@settings(derandomize=True, max_examples=200)
@given(
    start=st.integers(0, 200),
    length=st.integers(0, 150),
    today=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
)
def test_full_dates_come_back_as_they_were_written(start: int, length: int, today: date) -> None:
    first = today + timedelta(days=start)
    last = first + timedelta(days=length)
    written = f"từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}"
    assert read_leave(f"vắng {written}", today) == Days(first, last)


@settings(derandomize=True, max_examples=200)
@given(st.text(max_size=40))
def test_no_text_raises_an_error(text: str) -> None:
    assert read_leave(text, TODAY) is None or read_days(text, TODAY)
    assert read_days(text, TODAY)


def test_a_year_and_a_day_is_the_longest() -> None:
    longest = Days(date(2027, 1, 1), date(2028, 1, 2))
    assert read_days("từ 1/1/2027 đến 2/1/2028", TODAY) == longest


def test_the_number_of_today_is_today() -> None:
    assert read_days("ngày 22", TODAY) == Days(TODAY, TODAY)


def test_who_goes_on_after_being_back_says_something_else() -> None:
    assert not says_back("tôi đã đi làm lại, hôm qua 3 buổi 45 đv")
