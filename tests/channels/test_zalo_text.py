"""Text for Zalo and text from Zalo: styles, parts, commands, names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo_text import as_command, fold, from_html, plain, split, without_mention


@pytest.mark.parametrize(
    ("html", "text", "styles"),
    [
        ("chào", "chào", []),
        ("<b>3</b> buổi", "3 buổi", [(0, 1, ["b"])]),
        ("🙂 <b>Lan</b>", "🙂 Lan", [(3, 3, ["b"])]),
        ("<b>đậm <i>cả hai</i></b>", "đậm cả hai", [(0, 4, ["b"]), (4, 6, ["b", "i"])]),
        ("<u>a</u><s>b</s>", "ab", [(0, 1, ["u"]), (1, 1, ["s"])]),
        ("<strong>a</strong> <em>b</em> <del>c</del>", "a b c", None),
        ("<code>3 buổi</code>", "3 buổi", []),
        ("<blockquote>trích</blockquote>", "trích", []),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3", []),
        ('<a href="https://x.vn/a">Mở</a>', "Mở (https://x.vn/a)", []),
        ('<a href="https://x.vn/a">https://x.vn/a</a>', "https://x.vn/a", []),
        ('<a href="tg://user?id=7">Phụ trách</a>', "Phụ trách", []),
    ],
)
def test_html_becomes_text_with_zalos_four_styles(
    html: str, text: str, styles: list[tuple[int, int, list[str]]] | None
) -> None:
    parameters = from_html(html).parameters()
    assert parameters["text"] == text
    if styles is not None:
        runs = parameters.get("text_styles", [])
        assert [(run["start"], run["len"], run["st"]) for run in runs] == styles


@given(st.text(alphabet="abc đừng🙂\n ", max_size=400), st.integers(2, 60))
def test_parts_fit_and_nothing_but_space_is_lost(text: str, limit: int) -> None:
    parts = [part.text for part in split(plain(text), limit)]
    assert all(0 < len(part.encode("utf-16-le")) // 2 <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_parts_break_at_line_ends_before_spaces_before_words() -> None:
    texts = [part.text for part in split(plain("một hai\nba bốn năm\nsáubảytám"), 9)]
    assert texts == ["một hai", "ba bốn", "năm", "sáubảytám"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đúng.", "dung"), ("◀ Quay lại", "quay lai"), ("  HUỶ  ", "huy"), ("✖", ""), ("đ", "d")],
)
def test_comparing_knows_no_tone_marks_case_or_signs(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Báo cáo", "/baocao"),
        ("bao cao", "/baocao"),
        ("baocao", "/baocao"),
        ("Dư luận!", "/duluan"),
        ("Tổng kết tháng 10", "/tongket tháng 10"),
        ("/tongket quý 3", "/tongket quý 3"),
        ("báo cáo 3 buổi", "báo cáo 3 buổi"),
        ("Báo cáo\n3 buổi", "Báo cáo\n3 buổi"),
        ("tổng kết một hai", "tổng kết một hai"),
        ("tổng kết tháng hai ba bốn năm sáu bảy", "tổng kết tháng hai ba bốn năm sáu bảy"),
        ("3 buổi 45 đv", "3 buổi 45 đv"),
        ("", ""),
    ],
)
def test_a_command_needs_no_slash_and_a_sentence_is_no_command(text: str, command: str) -> None:
    aliases = {"baocao": "baocao", "tongket": "tongket", "duluan": "duluan"}
    assert as_command(text, aliases, {"tongket": re.compile("thang|quy")}) == command


def test_the_bots_name_is_taken_out_wherever_it_stands() -> None:
    name = "Bot Báo cáo"
    assert without_mention("@Bot Báo cáo tổng kết", name) == "tổng kết"
    assert without_mention("tổng kết @bot báo cáo", name) == "tổng kết"
    assert without_mention("@Bot Báo cáo", name) == ""
