"""Sentences by which somebody wants no reminders for some time, and what is no such sentence."""

from datetime import date

import pytest

from domain.leave import LeaveProblem
from domain.rest import read_rest, says_rest

# A Friday.
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("Dừng nhắc đến 30/11", date(2026, 11, 30)),
        ("không nhắc đến ngày 5/12 nhé", date(2026, 12, 5)),
        ("Đừng nhắc tôi nữa đến hết thứ tư tuần sau.", date(2026, 11, 25)),
        ("tạm dừng nhắc việc tuần sau", date(2026, 11, 29)),
        ("dừng nhắc hết tuần này", date(2026, 11, 22)),
        ("dung nhac 3 ngay", date(2026, 11, 22)),
        ("xin tạm ngừng nhận tin nhắc đến cuối tháng ạ", date(2026, 11, 30)),
        ("đừng nhắc hôm nay", TODAY),
    ],
)
def test_the_last_day_without_reminders_is_read(text: str, until: date) -> None:
    assert says_rest(text, TODAY)
    assert read_rest(text, TODAY) == until


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("dừng nhắc", None),
        ("không cần nhắc tôi nữa", None),
        ("Không nhắc nữa ạ", None),
        ("dừng nhắc đến Tết", LeaveProblem.NO_DAYS),
        ("dừng nhắc đến ngày 1/11/2026", LeaveProblem.REVERSED),
        ("dừng nhắc đến 30/11/2030", LeaveProblem.TOO_LONG),
    ],
)
def test_a_sentence_without_a_day_that_can_be_is_understood_as_far_as_it_goes(
    text: str, answer: LeaveProblem | None
) -> None:
    assert says_rest(text, TODAY)
    assert read_rest(text, TODAY) == answer


@pytest.mark.parametrize(
    "text",
    [
        "3 buổi 45 đv 60 qc hôm qua",
        "không nhắc lại nội dung cũ",
        "đến 30/11",
        "nhắc tôi đến 30/11",
        "bà con đề nghị dừng nhắc đến chuyện này",
        "nghỉ phép đến 30/11",
        "",
    ],
)
def test_other_sentences_are_left_to_those_who_read_them(text: str) -> None:
    assert not says_rest(text, TODAY)
