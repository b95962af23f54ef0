"""How fast the bot speaks: within a chat's limits, patient, and never twice to a group."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.pace import ATTEMPTS, GROUP_MESSAGES, GROUP_SECONDS, ONCE, Pace
from tests.bot.pacing import Round, Time, in_round, speaking


@pytest.fixture
async def round_() -> AsyncIterator[Round]:
    async with in_round() as made:
        yield made


# --- when the messenger asks for a pause ---------------------------------------------------------


async def test_a_chat_that_must_wait_gets_its_message_when_its_time_has_come(
    round_: Round,
) -> None:
    person = await round_.rig.started()
    await round_.plant(person, retry_after=7)
    await round_.bot.send_message(person, "Đã lưu")
    assert await round_.shown(person) == ["Đã lưu"]
    assert round_.time.slept == [7]


async def test_a_chat_that_must_wait_holds_up_nobody_else(round_: Round) -> None:
    lan, hoa = await round_.rig.started("Lan"), await round_.rig.started("Hoa")
    await round_.plant(lan, retry_after=7)
    round_.time.wake.clear()
    waiting = asyncio.create_task(round_.bot.send_message(lan, "Chờ"))
    await round_.time.asleep.wait()
    await round_.bot.send_message(hoa, "Ngay")
    assert await round_.shown(hoa) == ["Ngay"]
    assert await round_.shown(lan) == []
    round_.time.wake.set()
    await waiting
    assert await round_.shown(lan) == ["Chờ"]


async def test_messages_to_one_chat_do_not_overtake_each_other(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.plant(person, retry_after=7)
    texts = [f"tin {number}" for number in range(5)]
    await asyncio.gather(*(round_.bot.send_message(person, text) for text in texts))
    assert await round_.shown(person) == texts


async def test_after_several_attempts_the_refusal_is_told(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.plant(person, retry_after=7, times=ATTEMPTS)
    with pytest.raises(RetryAfter):
        await round_.bot.send_message(person, "Đã lưu")
    assert round_.time.slept == [7] * (ATTEMPTS - 1)


async def test_before_the_end_of_the_process_nobody_waits_any_more(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.plant(person, retry_after=7)
    round_.pace.close()
    with pytest.raises(RetryAfter):
        await round_.bot.send_message(person, "Đã lưu")
    assert round_.time.slept == []


# --- the minute of a group -----------------------------------------------------------------------


async def test_the_message_after_the_twentieth_in_a_minute_waits_for_the_minute_to_end(
    round_: Round,
) -> None:
    person = await round_.rig.started()
    group, other = await round_.rig.group(person), await round_.rig.group(person)
    for number in range(GROUP_MESSAGES):
        await round_.bot.send_message(group, f"tin {number}")
        round_.time.now += 1
    assert round_.time.slept == []
    await round_.bot.send_message(other, "nhóm khác")
    assert round_.time.slept == []
    await round_.bot.send_message(group, "tin cuối")
    assert round_.time.slept == [GROUP_SECONDS - GROUP_MESSAGES]
    assert (await round_.shown(group))[-1] == "tin cuối"


async def test_a_group_that_was_quiet_for_a_while_waits_for_nothing(round_: Round) -> None:
    group = await round_.rig.group(await round_.rig.started())
    for number in range(2 * GROUP_MESSAGES):
        await round_.bot.send_message(group, f"tin {number}")
        round_.time.now += GROUP_SECONDS / GROUP_MESSAGES
    assert round_.time.slept == []


async def test_what_is_only_changed_in_a_group_does_not_count(round_: Round) -> None:
    group = await round_.rig.group(await round_.rig.started())
    sent = await round_.bot.send_message(group, "0")
    for number in range(1, GROUP_MESSAGES + 5):
        await round_.bot.edit_message_text(str(number), group, sent.message_id)
    await round_.bot.send_message(group, "tin mới")
    assert round_.time.slept == []


async def test_a_person_may_get_more_than_a_group(round_: Round) -> None:
    person = await round_.rig.started()
    for number in range(GROUP_MESSAGES + 5):
        await round_.bot.send_message(person, f"tin {number}")
    assert round_.time.slept == []


# --- when an answer is lost ----------------------------------------------------------------------


async def test_a_person_rather_reads_a_reply_twice_than_not_at_all(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.plant(person, drop_reply=True)
    await round_.bot.send_message(person, "Đã lưu")
    assert await round_.shown(person) == ["Đã lưu", "Đã lưu"]


async def test_a_post_to_a_group_is_never_repeated_blindly(round_: Round) -> None:
    group = await round_.rig.group(await round_.rig.started())
    await round_.plant(group, drop_reply=True)
    with pytest.raises(NetworkError):
        await round_.bot.send_message(group, "Tổng kết tháng 11")
    assert await round_.shown(group) == ["Tổng kết tháng 11"]


async def test_a_message_of_a_mass_send_is_never_repeated(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.plant(person, drop_reply=True)
    with pytest.raises(NetworkError):
        await round_.bot.send_message(person, "Giấy mời", rate_limit_args=ONCE)
    assert await round_.shown(person) == ["Giấy mời"]
    await round_.plant(person, retry_after=7)
    with pytest.raises(RetryAfter):
        await round_.bot.send_message(person, "Giấy mời", rate_limit_args=ONCE)
    assert round_.time.slept == []


async def test_pauses_grow_while_the_messenger_does_not_answer(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.plant(person, disconnect=True, times=ATTEMPTS - 1)
    await round_.bot.send_message(person, "Đã lưu")
    assert await round_.shown(person) == ["Đã lưu"]
    assert round_.time.slept == sorted(set(round_.time.slept))
    assert len(round_.time.slept) == ATTEMPTS - 1


async def test_what_cannot_have_been_sent_is_tried_again_for_a_group_too() -> None:
    time = Time()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        async with speaking(address, Pace(time.tell, time.sleep)) as bot:
            with pytest.raises(NetworkError):
                await bot.send_message(-5002, "Tổng kết tháng 11")
    assert len(time.slept) == ATTEMPTS - 1


async def test_a_message_that_the_messenger_refuses_is_not_tried_again(round_: Round) -> None:
    person = await round_.rig.started()
    with pytest.raises(BadRequest):
        await round_.bot.send_message(person, "x" * 5000)
    calls = await round_.rig.get("/sim/calls", method="sendMessage")
    assert len(calls) == 1
