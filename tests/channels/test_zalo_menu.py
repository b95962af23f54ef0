"""Buttons as lettered lines, and what a typed answer means."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo_menu import Menu, Menus, choices_of, keys, lines, menus_from

NOW = 1_750_316_131_602


def rows(*labels: str) -> list[list[dict[str, Any]]]:
    return [[{"text": label, "callback_data": f"d:{label}"}] for label in labels]


def menu(number: int, *labels: str, unasked: bool = False, menus: Menus | None = None) -> Menu:
    return Menu(number, choices_of(rows(*labels), unasked=unasked, menus=menus or Menus()), "")


def picked(menus: Menus, text: str) -> str | None:
    found = menus.chosen(text, NOW)
    return found[1].data if found else None


def test_a_menu_stands_below_the_text_line_by_line() -> None:
    keyboard = [
        *rows("1", "2", "✔ Đúng"),
        [{"text": "Mở", "url": "https://x.vn"}],
        *rows("◀ Quay lại"),
    ]
    choices = choices_of(keyboard, unasked=False, menus=Menus())
    assert lines(keyboard, choices, "(chọn)") == (
        "Mở: https://x.vn\n1 · 2\na. Đúng\nb. Quay lại\n(chọn)"
    )


def test_numbers_alone_need_no_hint() -> None:
    keyboard = rows("1", "2")
    assert lines(keyboard, choices_of(keyboard, unasked=False, menus=Menus()), "(chọn)") == "1 · 2"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a", "d:✔ Đúng"),
        ("B)", "d:Sửa"),
        ("sua", "d:Sửa"),
        ("3", "d:3"),
        ("ă", None),
        ("ab", None),
        ("", None),
        (".", None),
        ("đúng rồi đấy", None),
        ("4", None),
    ],
)
def test_an_answer_is_a_letter_a_label_or_no_choice(text: str, data: str | None) -> None:
    assert picked(Menus(menu(1, "✔ Đúng", "Sửa", "3")), text) == data


def test_labels_that_differ_only_in_tone_marks_need_their_letter() -> None:
    menus = Menus(menu(1, "Sửa", "Sữa"))
    assert picked(menus, "sua") is None
    assert picked(menus, "b") == "d:Sữa"


def test_the_newest_of_what_was_asked_for_lives_and_an_unasked_one_beside_it() -> None:
    menus = Menus().with_asked(menu(1, "Đúng"), 1).with_asked(menu(2, "Sửa"), 2)
    menus = menus.with_unasked(menu(3, "Dự", unasked=True))
    assert (picked(menus, "a"), picked(menus, "p"), picked(menus, "đúng")) == (
        "d:Sửa",
        "d:Dự",
        None,
    )


def test_the_same_label_means_what_was_asked_for_then_what_is_newest() -> None:
    menus = Menus()
    for number in (1, 2):
        new = Menu(
            number,
            choices_of(
                [[{"text": "Vắng", "callback_data": f"rsvp:{number}"}]], unasked=True, menus=menus
            ),
            "",
        )
        menus = menus.with_unasked(new)
    assert (picked(menus, "vắng"), picked(menus, "p")) == ("rsvp:2", "rsvp:1")
    asked = menus.with_asked(menu(3, "Vắng"), 3)
    assert picked(asked, "vắng") == "d:Vắng"


@pytest.mark.parametrize("newer", [True, False])
def test_a_letter_older_than_what_is_shown_means_the_menu_before(newer: bool) -> None:
    menus = Menus().with_asked(menu(1, "Đúng"), NOW - 1000)
    menus = menus.with_asked(menu(2, "Sửa") if newer else None, NOW)
    early = menus.chosen("a", NOW - 1)
    assert early
    assert early[1].data == "d:Đúng"
    assert picked(menus, "a") == ("d:Sửa" if newer else None)


def test_a_letter_older_than_the_first_menu_means_nothing() -> None:
    assert Menus().with_asked(menu(1, "Đúng"), NOW).chosen("a", NOW - 1) is None


def test_an_answer_ends_the_menu_that_it_stands_for_and_no_other() -> None:
    menus = Menus(menu(1, "Đúng"), unasked=(menu(2, "Dự", unasked=True),))
    assert menus.answered(None, NOW, instead=None, unasked=False) == menus
    assert menus.answered(None, NOW, instead=7, unasked=False) == menus
    assert menus.answered(None, NOW, instead=1, unasked=False).asked is None
    ended = menus.answered(None, NOW, instead=2, unasked=True)
    assert (ended.asked, ended.unasked) == (menus.asked, ())
    newer = menus.answered(menu(3, "Sửa"), NOW, instead=1, unasked=False)
    assert (picked(newer, "a"), newer.before) == ("d:Sửa", menus.asked)


def test_letters_of_unasked_menus_come_round_and_the_oldest_makes_way() -> None:
    menus = Menus()
    for number in range(5):
        new = menu(number, "Dự", "Vắng", "Cử người", unasked=True, menus=menus)
        menus = menus.with_unasked(new)
    assert [each.message_id for each in menus.unasked] == [1, 2, 3, 4][-3:]
    letters = [choice.key for each in menus.unasked for choice in each.choices]
    assert len(letters) == len(set(letters))


def test_closing_one_menu_leaves_the_others() -> None:
    menus = Menus(menu(1, "Đúng"), unasked=(menu(2, "Dự", unasked=True),))
    assert menus.without(1) == Menus(None, before=menus.asked, unasked=menus.unasked)
    assert menus.without(2) == Menus(menus.asked)
    assert menus.without(3) == menus
    assert menus.is_unasked(2)
    assert not menus.is_unasked(1)


@given(st.integers(0, 60), st.booleans())
def test_every_choice_has_a_letter_of_its_own(count: int, unasked: bool) -> None:
    given_keys = keys(count, unasked=unasked, taken=Menus())
    assert len(set(given_keys)) == count


def test_menus_are_kept_as_json_and_come_back_the_same() -> None:
    menus = Menus(menu(1, "Đúng", "1"), menu(0, "Sửa"), NOW, (menu(2, "Dự", unasked=True),))
    assert menus_from(json.loads(json.dumps(menus.plain()))) == menus
    assert menus_from({}) == Menus()
