"""Opinion notes: what the bot suggests, and what it never does."""

import json
from itertools import product
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.opinion import (
    Breadth,
    Category,
    OpinionProblem,
    Stance,
    Urgency,
    at_least,
    problems,
    suggest,
)
from domain.privacy import Verdict, screen
from domain.text import fold

DATA = Path(__file__).parents[1] / "data" / "opinion_notes"


class Note(TypedDict, total=False):
    id: str
    text: str
    category: str
    urgency: str
    stance: str
    breadth: str
    place_text: str | None


def _notes(*names: str) -> list[Note]:
    found: list[Note] = []
    for name in names:
        found += json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _name(note: Note) -> str:
    return note["id"]


EVERY_NOTE = _notes("reference", "composed", "more")
FULLY_LABELLED = _notes("reference", "composed")


@pytest.mark.parametrize("note", EVERY_NOTE, ids=_name)
def test_a_note_is_suggested_its_category_and_urgency(note: Note) -> None:
    suggestion = suggest(note["text"])
    assert (suggestion.category, suggestion.urgency) == (note["category"], note["urgency"])


@pytest.mark.parametrize("note", EVERY_NOTE, ids=_name)
def test_a_note_typed_without_tone_marks_keeps_its_category(note: Note) -> None:
    assert suggest(fold(note["text"])).category == note["category"]


@pytest.mark.parametrize("note", FULLY_LABELLED, ids=_name)
def test_a_note_is_suggested_its_stance_and_breadth(note: Note) -> None:
    suggestion = suggest(note["text"])
    assert (suggestion.stance, suggestion.breadth) == (note["stance"], note["breadth"])


@pytest.mark.parametrize("note", EVERY_NOTE, ids=_name)
def test_an_ordinary_note_passes_the_privacy_screen(note: Note) -> None:
    assert screen(note["text"]).verdict is Verdict.CLEAR


def test_the_notes_cover_every_category_and_urgency() -> None:
    assert {note["category"] for note in EVERY_NOTE} == set(Category)
    assert {note["urgency"] for note in EVERY_NOTE} == set(Urgency)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Nhiều hộ dân ở thôn băn khoăn về đơn giá đất", "thôn"),
        ("Đoạn đường liên thôn xuống cấp, mong sớm sửa", "đường liên thôn"),
        ("Bà con tổ dân phố 5 phản ánh mất nước", "tổ dân phố 5"),
        ("Bà con thôn Nà Lầu mong có sóng điện thoại", "thôn Nà Lầu"),
        ("Giá xăng dầu tăng, hàng ngày cũng đắt hơn", None),
    ],
)
def test_the_place_is_quoted_from_the_note_and_is_never_a_house(
    text: str, place: str | None
) -> None:
    assert suggest(text).place_text == place


@pytest.mark.parametrize(
    ("text", "is_proposal"),
    [
        ("Đề nghị mở thêm điểm tiếp nhận hồ sơ", True),
        ("kien nghi xa sua cau", True),
        ("Người dân đã kiến nghị hai lần nhưng chưa chuyển biến", False),
        ("Bà con phấn khởi vì được mùa", False),
    ],
)
def test_a_request_is_a_proposal_and_an_old_request_is_not(text: str, is_proposal: bool) -> None:
    assert suggest(text).is_proposal is is_proposal


@pytest.mark.parametrize(
    "text",
    [
        "Đã tập huấn phòng, chống sạt lở và lũ quét cho đội xung kích hôm nay",
        "Hôm nay tuyên truyền phòng chống đuối nước tại trường",
    ],
)
def test_teaching_about_a_danger_is_not_a_danger(text: str) -> None:
    assert suggest(text).urgency is Urgency.NORMAL


def test_good_news_about_a_notable_matter_stays_ordinary() -> None:
    assert suggest("Bà con phấn khởi vì đền bù công khai").urgency is Urgency.NORMAL
    assert suggest("Bà con bức xúc vì đền bù chậm").urgency is Urgency.NOTABLE


def test_a_suggestion_may_raise_the_urgency_and_never_lowers_it() -> None:
    for chosen, suggested in product(Urgency, Urgency):
        result = at_least(chosen, suggested)
        order = list(Urgency)
        assert order.index(result) == max(order.index(chosen), order.index(suggested))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ngắn quá", (OpinionProblem.TOO_SHORT,)),
        ("   \u200b ngắn quá      ", (OpinionProblem.TOO_SHORT,)),
        ("x" * 10, ()),
        ("x" * 2_000, ()),
        ("x" * 2_001, (OpinionProblem.TOO_LONG,)),
    ],
)
def test_a_note_has_ten_to_two_thousand_characters(
    text: str, expected: tuple[OpinionProblem, ...]
) -> None:
    assert problems(text) == expected


@given(st.text(max_size=300))
def test_any_text_gets_a_suggestion(text: str) -> None:
    suggestion = suggest(text)
    assert suggestion.stance in Stance
    assert suggestion.breadth in Breadth
