"""The model of the real send limits."""

import pytest

from sandbox.app import create_app
from sandbox.errors import ApiError
from sandbox.limits import Limits
from tests.sandbox.rig import in_process

BOT = 1


class Timer:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _retry_after(limits: Limits, chat: int, count: int = 1) -> int:
    with pytest.raises(ApiError) as caught:
        limits.take(BOT, chat, count)
    return caught.value.parameters["retry_after"]


def test_a_private_chat_takes_a_short_burst_and_then_one_message_a_second() -> None:
    timer = Timer()
    limits = Limits(timer=timer)
    for _ in range(5):
        limits.take(BOT, 7)
    assert _retry_after(limits, 7) == 1
    timer.now += 1
    limits.take(BOT, 7)
    assert _retry_after(limits, 7) == 1


def test_a_group_takes_twenty_messages_in_any_minute() -> None:
    timer = Timer()
    limits = Limits(timer=timer)
    for _ in range(20):
        limits.take(BOT, -7)
        timer.now += 1
    assert _retry_after(limits, -7) == 40
    timer.now += 40
    limits.take(BOT, -7)
    assert _retry_after(limits, -7) == 1


def test_an_album_counts_as_many_messages() -> None:
    limits = Limits(timer=Timer())
    limits.take(BOT, -7, 10)
    limits.take(BOT, -7, 10)
    assert _retry_after(limits, -7, 2) == 60


def test_all_chats_together_take_thirty_a_second() -> None:
    timer = Timer()
    limits = Limits(timer=timer)
    for chat in range(1, 31):
        limits.take(BOT, chat)
    assert _retry_after(limits, 31) == 1
    limits.take(2, 31)
    timer.now += 1
    for chat in range(1, 31):
        limits.take(BOT, chat)


def test_a_refused_message_uses_nothing_up() -> None:
    timer = Timer()
    limits = Limits(timer=timer)
    for _ in range(20):
        limits.take(BOT, -7)
        timer.now += 0.125
    for _ in range(30):
        assert _retry_after(limits, -7) == 58
    limits.take(BOT, 8)


async def test_the_refusal_names_the_seconds_and_can_be_switched_off() -> None:
    rig = in_process(create_app())
    person = await rig.started()
    answers = [await rig.bot("sendMessage", chat_id=person, text="x") for _ in range(6)]
    assert [answer["ok"] for answer in answers] == [True] * 5 + [False]
    assert answers[-1] == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert await rig.get("/sim/limits") == {"enabled": True}
    await rig.post("/sim/limits", enabled=False)
    await rig.ok("sendMessage", chat_id=person, text="x")
