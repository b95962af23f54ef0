"""Text entities: offsets in UTF-16 units, errors with byte offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.entities import find_entities, utf16_length, utf16_slice
from sandbox.errors import ApiError
from sandbox.markup_html import parse_html
from sandbox.markup_markdown import parse_markdown

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    ("text", "kind", "covered"),
    [
        ("/start moi", "bot_command", "/start"),
        ("gõ /tongket@bao_cao_bot nhé", "bot_command", "/tongket@bao_cao_bot"),
        ("😀 nhờ @lan_tq xem", "mention", "@lan_tq"),
        ("xem https://x.vn/a?b=1, nhé", "url", "https://x.vn/a?b=1"),
        ("xem tuyenquang.gov.vn.", "url", "tuyenquang.gov.vn"),
        ("gửi a.b@x.vn", "email", "a.b@x.vn"),
        ("#tuyen_truyen", "hashtag", "#tuyen_truyen"),
    ],
)
def test_the_server_finds_entities_by_itself(text: str, kind: str, covered: str) -> None:
    [entity] = find_entities(text)
    assert entity["type"] == kind
    assert utf16_slice(text, entity["offset"], entity["length"]) == covered


@pytest.mark.parametrize("text", ["21/11/2026", "km/h", "3.5 buổi", "a@b", "1.250 lượt", "#1"])
def test_figures_and_dates_are_plain_text(text: str) -> None:
    assert find_entities(text) == []


def test_html_is_parsed_with_nesting_links_and_references() -> None:
    source = '😀 <b>đậm <i>nghiêng</i></b> <a href="https://x.vn">đây</a> &lt;1 &amp; 2&gt;'
    text, entities = parse_html(source)
    assert text == "😀 đậm nghiêng đây <1 & 2>"
    assert [(e["type"], utf16_slice(text, e["offset"], e["length"])) for e in entities] == [
        ("bold", "đậm nghiêng"),
        ("italic", "nghiêng"),
        ("text_link", "đây"),
    ]


def test_code_in_pre_names_its_language() -> None:
    _, entities = parse_html('<pre><code class="language-python">x</code></pre>')
    assert entities == [{"type": "pre", "offset": 0, "length": 1, "language": "python"}]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("chữ <xyz>", 'Unsupported start tag "xyz" at byte offset 6'),
        ("ạ < b", 'Unsupported start tag "" at byte offset 4'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_html_is_refused_with_the_byte_offset(source: str, problem: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {problem}"


def test_markdown_is_parsed() -> None:
    text, entities = parse_markdown("*đậm* _nghiêng_ [đây](https://x.vn) 1\\.250 `a_b`\n>trích")
    assert text == "đậm nghiêng đây 1.250 a_b\ntrích"
    kinds = [(e["type"], utf16_slice(text, e["offset"], e["length"])) for e in entities]
    assert kinds == [
        ("bold", "đậm"),
        ("italic", "nghiêng"),
        ("text_link", "đây"),
        ("code", "a_b"),
        ("blockquote", "trích"),
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("1.250", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("ạ *b", "Can't find end of Bold entity at byte offset 4"),
        ("[a](b", "Can't find end of a URL at byte offset 4"),
    ],
)
def test_broken_markdown_is_refused(source: str, problem: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_markdown(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {problem}"


@given(ANY_TEXT)
def test_escaped_text_comes_back_unchanged(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(f"<b>{escaped}</b>")[0] == text


@given(ANY_TEXT)
def test_every_found_entity_lies_inside_its_text(text: str) -> None:
    for entity in find_entities(f"/a @bcd {text} x.vn"):
        assert entity["length"] > 0
        assert entity["offset"] + entity["length"] <= utf16_length(f"/a @bcd {text} x.vn")


@given(st.text("<>/ab=\"'& \n", max_size=30))
def test_any_html_is_parsed_or_refused(source: str) -> None:
    try:
        text, _ = parse_html(source)
    except ApiError as error:
        assert error.code == 400
    else:
        assert utf16_length(text) <= utf16_length(source)
