"""Buttons as lettered lines, and what a typed answer means."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.zalo_menu import Choice, Menu, Menus, choices_of, keys, lines, menus_from

NOW = 1_750_316_131_602


def rows(*labels: str) -> list[list[dict[str, Any]]]:
    return [[{"text": label, "callback_data": f"d:{label}"}] for label in labels]


def menu(number: int, *labels: str, unasked: bool = False, menus: Menus | None = None) -> Menu:
    return Menu(number, choices_of(rows(*labels), unasked=unasked, menus=menus or Menus()), "")


def picked(menus: Menus, text: str) -> str | None:
    found = menus.chosen(text, NOW)
    return found[1].data if found else None


def answered(
    menus: Menus, new: Menu | None, *, instead: int | None, unasked: bool = False
) -> Menus:
    return menus.answered(new, NOW, instead=instead, unasked=unasked, digest="said now")


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
    assert answered(menus, None, instead=None) == menus
    assert answered(menus, None, instead=7) == menus
    assert answered(menus, None, instead=1).asked is None
    ended = answered(menus, None, instead=2, unasked=True)
    assert (ended.asked, ended.unasked) == (menus.asked, ())
    newer = answered(menus, menu(3, "Sửa"), instead=1)
    assert picked(newer, "a") == "d:Sửa"
    assert newer.chosen("a", NOW - 1) == (newer.before, Choice("a", "Đúng", "d:Đúng"))


@pytest.mark.parametrize("again", [menu(3, "Dự", unasked=True), None])
def test_a_letter_of_a_reminder_sent_twice_is_a_second_tap_on_it(again: Menu | None) -> None:
    menus = answered(
        Menus(unasked=(menu(2, "Vắng", unasked=True),)), again, instead=2, unasked=True
    )
    early = menus.chosen("p", NOW - 1)
    assert early
    assert early[1].data == "d:Vắng"
    assert picked(menus, "p") == ("d:Dự" if again else None)


def test_a_second_tap_finds_that_its_message_has_been_changed_already() -> None:
    menus = Menus(menu(1, "Đúng"), unasked=(menu(2, "Dự", unasked=True),))
    for message_id, unasked in ((1, False), (2, True)):
        done = answered(menus, None, instead=message_id, unasked=unasked).under(message_id)
        assert done
        assert done.digest == "said now"


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
