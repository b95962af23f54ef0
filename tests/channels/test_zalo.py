"""A dialogue with buttons on a messenger that has none: python-telegram-bot's own handlers over real
HTTP against the strict sandbox.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter

from channels.zalo_line import UNASKED, QuotaSpent
from tests.channels.zalo_desk import HTML, LIMITS, Office, keyboard, office, running


@pytest.fixture
async def bot() -> AsyncIterator[Office]:
    async with office() as made:
        yield made


async def _person(bot: Office) -> int:
    person = await bot.zalo.rig.person("Lan")
    assert await bot.ask(person, "chào") == "Đã nghe: chào"
    return person


# --- a dialogue ----------------------------------------------------------------------------------


async def test_a_dialogue_runs_from_a_command_without_slash_to_its_end(bot: Office) -> None:
    person = await _person(bot)
    assert await bot.ask(person, "Báo cáo") == (
        "Bao nhiêu buổi?\n\n1 · 2\na. Hủy\n(trả lời bằng chữ cái)"
    )
    last = await bot.zalo.say(person, "37")
    asked = await bot.answer(person, last)
    assert asked["text"] == "37 buổi, đúng chứ?\n\na. Đúng\nb. Sửa\n(trả lời bằng chữ cái)"
    assert asked["text_styles"] == [{"start": 0, "len": 7, "st": ["b"]}]
    assert await bot.ask(person, "A.") == "Đã ghi."
    assert (bot.heard[1:], bot.facts) == (["37", "pick:✔ Đúng"], ["stored"])


@pytest.mark.parametrize("answer", ["a", "A", "a.", " a) ", "Đúng", "dung", "ĐÚNG", "đúng."])
async def test_a_choice_is_made_by_its_letter_or_its_label_with_or_without_tone_marks(
    bot: Office, answer: str
) -> None:
    person = await _person(bot)
    await bot.ask(person, "/baocao")
    await bot.ask(person, "37")
    assert await bot.ask(person, answer) == "Đã ghi."


async def test_a_number_stays_an_answer_and_is_a_choice_only_where_it_is_its_label(
    bot: Office,
) -> None:
    person = await _person(bot)
    await bot.ask(person, "báo cáo")
    assert (await bot.ask(person, "2")).startswith("Đúng chứ?")
    assert bot.heard[-1] == "pick:2"


async def test_a_tone_marked_letter_is_no_choice(bot: Office) -> None:
    person = await _person(bot)
    await bot.ask(person, "báo cáo")
    assert (await bot.ask(person, "ạ")).startswith("ạ buổi")


async def test_a_letter_sent_twice_is_one_choice_made_twice_and_not_the_next_one(
    bot: Office,
) -> None:
    person = await _person(bot)
    await bot.ask(person, "báo cáo")
    await bot.ask(person, "37")
    await bot.zalo.quirks(down=True)
    for _ in range(2):
        last = await bot.zalo.say(person, "a")
    await bot.zalo.quirks(down=False)
    assert (await bot.answer(person, last))["text"] == "Đã ghi."
    assert (await bot.answer(person, last + 1))["text"] == "Nút này đã cũ."
    assert bot.heard[-2:] == ["pick:✔ Đúng", "old pick:✔ Đúng"]
    assert bot.facts == ["stored"]


async def test_an_old_choice_is_answered_by_a_message_since_there_is_no_window(
    bot: Office,
) -> None:
    person = await _person(bot)
    await bot.app.bot.send_message(bot.chat(), "Cũ", reply_markup=keyboard("Xem"))
    assert await bot.ask(person, "a") == "Nút này đã cũ."
    assert bot.heard[-1] == "old pick:Xem"


# --- menus that came unasked ---------------------------------------------------------------------


async def test_a_reminder_in_a_dialogue_takes_no_letter_of_it_and_can_be_answered(
    bot: Office,
) -> None:
    person = await _person(bot)
    await bot.ask(person, "báo cáo")
    await bot.ask(person, "37")
    sent = await bot.app.bot.send_message(
        bot.chat(), "Hội nghị ngày mai", reply_markup=keyboard("Dự", "Vắng"), api_kwargs=UNASKED
    )
    assert sent.text == "Hội nghị ngày mai\n\np. Dự\nq. Vắng\n(trả lời bằng chữ cái)"
    await bot.app.bot.send_message(
        bot.chat(), "Hội nghị tuần sau", reply_markup=keyboard("Dự", "Vắng"), api_kwargs=UNASKED
    )
    assert await bot.ask(person, "a") == "Đã ghi."
    assert await bot.ask(person, "q") == "Nút này đã cũ."
    assert bot.heard[-1] == "old pick:Vắng"
    assert "r. Dự\ns. Vắng" in (await bot.zalo.shown(person))[-5]["text"]


async def test_an_edited_reminder_keeps_out_of_the_dialogues_letters(bot: Office) -> None:
    person = await _person(bot)
    sent = await bot.app.bot.send_message(
        bot.chat(), "Hội nghị", reply_markup=keyboard("Dự"), api_kwargs=UNASKED
    )
    await bot.ask(person, "báo cáo")
    await bot.app.bot.edit_message_text(
        "Đã ghi: dự", bot.chat(), sent.message_id, reply_markup=keyboard("Đổi")
    )
    assert "p. Đổi" in (await bot.zalo.shown(person))[-1]["text"]
    assert (await bot.ask(person, "37")).startswith("37 buổi")


async def test_menus_are_known_again_after_a_restart() -> None:
    async with office() as first:
        person = await _person(first)
        await first.app.bot.send_message(first.chat(), "Chọn", reply_markup=keyboard("Xem"))
        async with running(first.zalo, LIMITS, first.notebook, polls=False) as second:
            await second.app.bot.get_me()
        assert await first.ask(person, "a") == "Nút này đã cũ."


# --- saying --------------------------------------------------------------------------------------


async def test_an_edit_is_a_new_message_only_when_it_says_something_new(bot: Office) -> None:
    person = await _person(bot)
    sent = await bot.app.bot.send_message(bot.chat(), "Chọn", reply_markup=keyboard("A1"))
    with pytest.raises(BadRequest, match="not modified"):
        await bot.app.bot.edit_message_text(
            "Chọn", bot.chat(), sent.message_id, reply_markup=keyboard("A1")
        )
    count = len(await bot.zalo.shown(person))
    await bot.app.bot.edit_message_text("Khác", bot.chat(), sent.message_id)
    assert [m["text"] for m in (await bot.zalo.shown(person))[count:]] == ["Khác"]
    assert await bot.ask(person, "a") == "Đã nghe: a"


async def test_a_long_text_comes_in_parts_at_line_ends_with_the_menu_last(bot: Office) -> None:
    person = await _person(bot)
    count = len(await bot.zalo.shown(person))
    lines = "\n".join(f"<b>{number}</b> buổi tuyên truyền ở xã" for number in range(150))
    await bot.app.bot.send_message(bot.chat(), lines, parse_mode=HTML, reply_markup=keyboard("Xem"))
    parts = (await bot.zalo.shown(person))[count:]
    assert len(parts) == 3
    assert all(len(part["text"]) <= 1900 for part in parts)
    assert "\n".join(part["text"] for part in parts).startswith("0 buổi tuyên truyền ở xã\n1 buổi")
    assert parts[-1]["text"].endswith("a. Xem\n(trả lời bằng chữ cái)")
    first = parts[1]["text"].split()[0]
    assert parts[1]["text_styles"][0] == {"start": 0, "len": len(first), "st": ["b"]}


async def test_a_link_button_is_shown_as_its_address(bot: Office) -> None:
    person = await _person(bot)
    markup = {"inline_keyboard": [[{"text": "Mở", "url": "https://example.vn/x"}]]}
    await bot.app.bot.send_message(bot.chat(), "Xem", api_kwargs={"reply_markup": markup})
    assert (await bot.zalo.shown(person))[-1]["text"] == "Xem\n\nMở: https://example.vn/x"


async def test_a_document_is_a_message_with_its_address(bot: Office) -> None:
    person = await _person(bot)
    await bot.app.bot.send_document(
        bot.chat(), b"xlsx", caption="<b>Tổng hợp</b>", parse_mode=HTML, filename="tổng hợp.xlsx"
    )
    shown = (await bot.zalo.shown(person))[-1]
    [(url, (chat, content))] = bot.shelf.published.items()
    assert shown["text"] == f"Tổng hợp\n\ntổng hợp.xlsx: {url}"
    assert (chat, content) == (bot.chat(), b"xlsx")


async def test_a_picture_goes_by_its_address(bot: Office) -> None:
    person = await _person(bot)
    await bot.app.bot.send_photo(bot.chat(), b"\x89PNG", caption="Biểu đồ", filename="a.png")
    shown = (await bot.zalo.shown(person))[-1]
    assert shown["photo_url"] in bot.shelf.published
    assert shown["caption"] == "Biểu đồ"
    await bot.app.bot.send_photo(
        bot.chat(), b"\x89PNG", caption="Chọn", filename="b.png", reply_markup=keyboard("Xem")
    )
    picture, words = (await bot.zalo.shown(person))[-2:]
    assert (picture["photo_url"] in bot.shelf.published, "a. Xem" in words["text"]) == (True, True)


async def test_without_a_public_address_files_are_named_and_said_to_be_missing(
    bot: Office,
) -> None:
    person = await _person(bot)
    bot.shelf.address = None
    await bot.app.bot.send_document(bot.chat(), b"x", filename="a.xlsx")
    await bot.app.bot.send_photo(bot.chat(), b"x")
    await bot.app.bot.send_photo(bot.chat(), b"x", caption="Biểu đồ")
    texts = [message["text"] for message in (await bot.zalo.shown(person))[-3:]]
    assert texts == ["a.xlsx: chưa gửi được", "(không có ảnh)", "Biểu đồ\n\n(không có ảnh)"]


async def test_what_zalo_does_not_have_is_done_silently_or_refused(bot: Office) -> None:
    await _person(bot)
    assert await bot.app.bot.set_my_commands([("baocao", "Báo cáo")])
    assert (await bot.app.bot.get_webhook_info()).url == ""
    with pytest.raises(BadRequest, match=r"(?i)Zalo has no sendPoll"):
        await bot.app.bot.send_poll(bot.chat(), "?", ["1", "2"])


# --- refusals ------------------------------------------------------------------------------------


async def test_a_chat_that_the_bot_does_not_know_is_not_found(bot: Office) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.app.bot.send_message(5, "x")


@pytest.mark.parametrize("refusals", ["status", "envelope"])
@pytest.mark.parametrize(
    ("status", "error"),
    [(400, BadRequest), (403, NetworkError), (404, BadRequest), (408, NetworkError)],
)
async def test_a_refusal_becomes_the_librarys_error(
    bot: Office, refusals: str, status: int, error: type[Exception]
) -> None:
    await _person(bot)
    await bot.zalo.quirks(refusals=refusals)
    await bot.zalo.sim("/sim/faults", method="sendMessage", status=status)
    with pytest.raises(error) as raised:
        await bot.app.bot.send_message(bot.chat(), "x")
    assert type(raised.value) is error


@pytest.mark.parametrize("fault", [{"status": 502}, {"disconnect": True}, {"drop_reply": True}])
async def test_a_failing_network_is_the_librarys_network_error_and_names_no_token(
    bot: Office, fault: dict[str, Any]
) -> None:
    await _person(bot)
    await bot.zalo.sim("/sim/faults", method="sendMessage", **fault)
    with pytest.raises(NetworkError) as raised:
        await bot.app.bot.send_message(bot.chat(), "x")
    assert "zalo-test" not in repr(raised.value)


async def test_a_429_is_a_pause_until_the_month_explains_it(bot: Office) -> None:
    await _person(bot)
    await bot.zalo.quirks(quota=0)
    with pytest.raises(RetryAfter) as raised:
        await bot.app.bot.send_message(bot.chat(), "x")
    assert raised.value.retry_after == LIMITS.retry
    bot.notebook.month_spent = True
    with pytest.raises(QuotaSpent):
        await bot.app.bot.send_message(bot.chat(), "x")


async def test_reminders_stop_before_replies_do_and_cost_no_call(bot: Office) -> None:
    person = await _person(bot)
    bot.notebook.unasked_allowed = False
    with pytest.raises(QuotaSpent):
        await bot.app.bot.send_message(bot.chat(), "Nhắc", api_kwargs=UNASKED)
    assert await bot.ask(person, "vẫn trả lời") == "Đã nghe: vẫn trả lời"


async def test_each_message_is_metered_once_and_each_way(bot: Office) -> None:
    person = await _person(bot)
    await bot.ask(person, "báo cáo")
    await bot.app.bot.send_message(bot.chat(), "Nhắc", api_kwargs=UNASKED)
    assert bot.notebook.month == {"in": 2, "replies": 2, "unasked": 1}


# --- hearing -------------------------------------------------------------------------------------


async def test_a_message_that_comes_again_is_heard_once(bot: Office) -> None:
    person = await _person(bot)
    await bot.zalo.quirks(replays=2)
    await bot.ask(person, "một")
    await bot.ask(person, "hai")
    polls = await bot.zalo.rig.get("/sim/calls", method="getUpdates")
    assert len(polls) >= 3
    assert bot.heard == ["chào", "một", "hai"]


@pytest.mark.parametrize("idle", ["status", "envelope"])
async def test_an_idle_poll_is_no_error_in_either_form(idle: str) -> None:
    async with office() as bot:
        await bot.zalo.quirks(idle=idle)
        person = await _person(bot)
        calls = await bot.zalo.rig.get("/sim/calls", method="getUpdates")
        assert any(call["description"] == "Request timeout" for call in calls)
        assert await bot.ask(person, "vẫn nghe") == "Đã nghe: vẫn nghe"


async def test_what_the_inbox_could_not_take_is_kept_in_hand_and_taken_later() -> None:
    async with office() as bot:
        person = await _person(bot)
        bot.closed = True
        last = await bot.zalo.say(person, "quan trọng")
        while (await bot.zalo.bot_facts())["pending"]:
            assert bot.closed
        bot.closed = False
        assert (await bot.answer(person, last))["text"] == "Đã nghe: quan trọng"


async def test_a_message_that_arrives_while_the_bot_stops_is_taken_in() -> None:
    async with office(limits=replace(LIMITS, poll=2)) as bot:
        person = await _person(bot)
        assert bot.app.updater
        await bot.app.updater.stop()
        await bot.zalo.say(person, "đúng lúc dừng")
    assert [raw["message"]["text"] for raw in bot.came] == ["chào", "đúng lúc dừng"]


async def test_polls_keep_their_floor() -> None:
    async with office(limits=replace(LIMITS, floor=0.2)) as bot:
        person = await _person(bot)
        for text in ("một", "hai"):
            await bot.ask(person, text)
        calls = await bot.zalo.rig.get("/sim/calls", method="getUpdates")
        starts = [float(call["at"][17:23]) for call in calls]
        gaps = [(b - a) % 60 for a, b in pairwise(starts)]
        # Seen from the other side: one call may come late, all of them cannot.
        assert sum(gaps) / len(gaps) >= 0.15


async def test_what_has_no_words_arrives_as_what_it_is(bot: Office) -> None:
    person = await _person(bot)
    for body in ({"photo": True}, {"sticker": True}, {"voice": True}, {"document": True}):
        sent = await bot.zalo.sim("/sim/message", **{"from": person, **body})
        await bot.answer(person, sent["message_id"])
    assert bot.heard[1:] == ["photo", "sticker", "voice", "document"]


async def test_a_few_words_may_follow_some_commands_and_no_others(bot: Office) -> None:
    person = await _person(bot)
    assert await bot.ask(person, "Tổng kết quý 3") == "Đã nghe: /tongket quý 3"
    assert await bot.ask(person, "lịch họp tuần này") == "Đã nghe: lịch họp tuần này"
    assert await bot.ask(person, "lịch") == "Đã nghe: /lich"
    sentence = "tổng kết năm học của trường xã rất tốt"
    assert await bot.ask(person, sentence) == f"Đã nghe: {sentence}"


async def test_in_a_group_the_bot_answers_to_its_name_only(bot: Office) -> None:
    person = await _person(bot)
    made = await bot.zalo.sim("/sim/chats", type="group", title="Ban", members=[person])
    group = made["id"]
    name = (await bot.app.bot.get_me()).first_name
    last = await bot.zalo.say(person, f"@{name} tổng kết tháng 10", chat=group)
    assert (await bot.answer(group, last))["text"] == "Đã nghe: /tongket tháng 10"
    chat = bot.came[-1]["message"]["chat"]
    assert (chat["type"], chat["id"] < 0) == ("group", True)
    last = await bot.zalo.say(person, f"chào @{name} 3 buổi 45 đv", chat=group)
    assert (await bot.answer(group, last))["text"] == "Đã nghe: /lich"
    assert "45 đv" not in str(bot.came[-1])
