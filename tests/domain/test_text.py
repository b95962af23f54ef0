"""Everything that people type comes into one spelling."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import align, fold, normalise


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hoà uỷ thuý khoẻ", "hòa ủy thúy khỏe"),
        ("HOÀ Uỷ ban", "HÒA Ủy ban"),
        ("quý hoàn toàn quà", "quý hoàn toàn quà"),
        ("１２ buổi，٣ qc", "12 buổi,3 qc"),
        ("45\u00a0đv\u200b 60\u2009qc\u202e", "45 đv 60 qc"),
        ("a\r\nb\u2028c\td", "a\n\nb\nc d"),
        (unicodedata.normalize("NFD", "tuyên truyền miệng"), "tuyên truyền miệng"),
        ("tuyên truyền miệng", "tuyên truyền miệng"),
    ],
)
def test_the_same_words_are_always_spelt_alike(typed: str, expected: str) -> None:
    assert normalise(typed) == expected


def test_folding_drops_case_tone_marks_and_d_bar() -> None:
    assert fold("Đảng Ủy xã: THỨ Năm, ơ ư") == "dang uy xa: thu nam, o u"


@given(st.text())
def test_any_text_can_be_normalised_twice_with_the_same_result(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text())
def test_folding_a_normalised_text_keeps_its_length(text: str) -> None:
    clean = normalise(text)
    assert len(fold(clean)) == len(clean)


@given(st.text())
def test_every_place_leads_back_into_the_original(text: str) -> None:
    aligned = align(text)
    assert len(aligned.origin) == len(aligned.text) + 1
    assert list(aligned.origin) == sorted(aligned.origin)
    assert aligned.span(0, len(aligned.text))[1] == len(text)


def test_a_span_finds_its_word_in_decomposed_text() -> None:
    original = unicodedata.normalize("NFD", "đảng viên 45")
    aligned = align(original)
    start, end = aligned.span(aligned.text.index("45"), len(aligned.text))
    assert original[start:end] == "45"
