"""A post to a group of which no answer came: it is recognised where it stands, and never doubled."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from telegram.error import BadRequest, NetworkError

from bot.lost import LOOK, SUPERGROUPS
from bot.pace import ATTEMPTS, Pace
from storage.zalo import FIRST_NUMBER
from tests.bot.pacing import Round, Time, in_round, speaking

SUMMARY = "Tổng kết tháng 11"
GREETING = "Chào các đồng chí"


@pytest.fixture
async def round_() -> AsyncIterator[Round]:
    async with in_round() as made:
        yield made


async def asked(round_: Round, kind: str = "supergroup") -> tuple[int, int]:
    """A group in which we have written, and somebody has just asked for the summary: the group, and
    who asked.
    """
    person = await round_.rig.started()
    group = await round_.rig.group(person, kind=kind)
    greeting = await round_.bot.send_message(group, GREETING)
    await round_.bot.delete_message(group, greeting.message_id)
    await ask(round_, group, person)
    return group, person


async def ask(round_: Round, group: int, person: int) -> None:
    round_.pace.heard(group, await round_.rig.say(person, "/tongket", group))


async def chatter(round_: Round, group: int, person: int, times: int) -> None:
    for number in range(times):
        await round_.rig.say(person, f"chuyện khác {number}", group)


async def calls(round_: Round, method: str) -> int:
    """How many there were, the greeting apart."""
    found = await round_.rig.get("/sim/calls", method=method)
    return sum(call["params"].get("text") != GREETING for call in found)


async def test_a_post_that_is_out_is_recognised_and_not_repeated(round_: Round) -> None:
    group, _ = await asked(round_)
    await round_.plant(group, drop_reply=True)
    assert await round_.bot.send_message(group, f"<b>{SUMMARY}</b>", parse_mode="HTML")
    assert await round_.shown(group) == [SUMMARY]
    assert await calls(round_, "sendMessage") == 1
    assert await calls(round_, "editMessageText") == 1


async def test_it_is_recognised_behind_what_others_wrote_meanwhile(round_: Round) -> None:
    group, person = await asked(round_)
    await chatter(round_, group, person, LOOK - 1)
    await round_.plant(group, drop_reply=True)
    await round_.bot.send_message(group, SUMMARY)
    assert await round_.shown(group) == [SUMMARY]
    assert await calls(round_, "sendMessage") == 1


@pytest.mark.parametrize("fault", [{"disconnect": True}, {"status": 502}])
async def test_a_post_that_is_not_out_is_sent_again(
    round_: Round, fault: dict[str, object]
) -> None:
    group, person = await asked(round_)
    await chatter(round_, group, person, 2)
    await round_.plant(group, **fault)
    await round_.bot.send_message(group, SUMMARY)
    assert await round_.shown(group) == [SUMMARY]


async def test_after_much_talk_the_second_of_two_is_taken_away(round_: Round) -> None:
    group, person = await asked(round_)
    await chatter(round_, group, person, LOOK + 1)
    await round_.plant(group, drop_reply=True)
    await round_.bot.send_message(group, SUMMARY)
    [_, first, second] = [m for m in await round_.rig.shown(group) if m["from"]["is_bot"]]
    assert first["text"] == SUMMARY
    assert not first["deleted"]
    assert second["deleted"]


async def test_what_we_wrote_before_is_not_written_over(round_: Round) -> None:
    group, person = await asked(round_)
    await ask(round_, group, person)
    await round_.bot.send_message(group, "Tổng kết tháng 10")
    await round_.plant(group, method="sendMessage", drop_reply=True, times=2)
    await round_.bot.send_message(group, SUMMARY)
    await round_.bot.send_message(group, "Còn tiếp")
    assert await round_.shown(group) == ["Tổng kết tháng 10", SUMMARY, "Còn tiếp"]


async def test_what_comes_in_while_the_answer_is_waited_for_does_not_hide_the_post(
    round_: Round,
) -> None:
    group, person = await asked(round_)
    await round_.plant(group, drop_reply=True)
    round_.time.wake.clear()
    posting = asyncio.create_task(round_.bot.send_message(group, SUMMARY))
    await round_.time.asleep.wait()
    await ask(round_, group, person)
    round_.time.wake.set()
    await posting
    assert await round_.shown(group) == [SUMMARY]
    assert await calls(round_, "sendMessage") == 1


async def test_a_post_of_ours_that_we_do_not_know_is_not_written_over(round_: Round) -> None:
    """A bot that was killed may have written it; so nothing is touched before our own first post."""
    person = await round_.rig.started()
    group = await round_.rig.group(person, kind="supergroup")
    await ask(round_, group, person)
    await round_.rig.ok("sendMessage", chat_id=group, text="Tổng kết tháng 10")
    await round_.plant(group, drop_reply=True)
    with pytest.raises(NetworkError):
        await round_.bot.send_message(group, SUMMARY)
    assert await round_.shown(group) == ["Tổng kết tháng 10", SUMMARY]


async def test_it_is_not_looked_for_without_end(round_: Round) -> None:
    group, person = await asked(round_)
    await chatter(round_, group, person, 3 * LOOK)
    await round_.plant(group, disconnect=True)
    await round_.bot.send_message(group, SUMMARY)
    assert await round_.shown(group) == [SUMMARY]
    assert await calls(round_, "editMessageText") == 2 * LOOK


async def test_a_post_that_the_messenger_refuses_is_not_looked_for(round_: Round) -> None:
    group, _ = await asked(round_)
    with pytest.raises(BadRequest):
        await round_.bot.send_message(group, "x" * 5000)
    assert await calls(round_, "editMessageText") == 0


async def test_a_post_that_cannot_have_been_sent_is_not_looked_for() -> None:
    time = Time()
    pace = Pace(time.tell, time.sleep)
    pace.heard(SUPERGROUPS[-1], 7)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with speaking(f"http://127.0.0.1:{nobody.getsockname()[1]}", pace) as bot:
            with pytest.raises(NetworkError):
                await bot.send_message(SUPERGROUPS[-1], SUMMARY)
    assert len(time.slept) == ATTEMPTS - 1


async def test_a_change_of_which_no_answer_came_is_no_post(round_: Round) -> None:
    group, _ = await asked(round_)
    sent = await round_.bot.send_message(group, "Tổng kết")
    await round_.plant(group, method="editMessageText", drop_reply=True)
    with pytest.raises(NetworkError):
        await round_.bot.edit_message_text(SUMMARY, group, sent.message_id)
    assert await round_.shown(group) == [SUMMARY]


async def test_when_the_second_answer_is_lost_too_nothing_more_is_sent(round_: Round) -> None:
    group, _ = await asked(round_)
    await round_.plant(group, method="sendMessage", disconnect=True, times=9)
    with pytest.raises(NetworkError):
        await round_.bot.send_message(group, SUMMARY)
    assert await round_.shown(group) == []
    assert await calls(round_, "sendMessage") == 2


async def test_in_a_basic_group_nothing_can_be_told_so_nothing_is_repeated(round_: Round) -> None:
    group, _ = await asked(round_, kind="group")
    assert group not in SUPERGROUPS
    assert -FIRST_NUMBER not in SUPERGROUPS, "a group of Zalo's"
    await round_.plant(group, disconnect=True)
    with pytest.raises(NetworkError):
        await round_.bot.send_message(group, SUMMARY)
    assert await calls(round_, "sendMessage") == 1
    assert await calls(round_, "editMessageText") == 0


async def test_before_the_end_of_the_process_nobody_looks_for_anything(round_: Round) -> None:
    group, _ = await asked(round_)
    await round_.plant(group, disconnect=True)
    round_.pace.close()
    with pytest.raises(NetworkError):
        await round_.bot.send_message(group, SUMMARY)
    assert await calls(round_, "editMessageText") == 0
