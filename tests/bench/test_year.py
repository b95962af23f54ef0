"""The simulated year in small: three months of ten units, through the real outbox and the sandbox."""

from datetime import date, datetime

import pytest

from bench import year
from bench.year import Result, simulate
from domain.briefing import VIETNAM
from sandbox.app import create_app
from storage.db import Database
from tests.sandbox.rig import over_http
from tests.storage.build import LADDER

UNITS, PEOPLE = 10, 40


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_in_three_months_around_the_mergers_nobody_is_asked_for_what_is_there(
    db: Database,
) -> None:
    async with over_http(create_app(limits=False)) as rig:
        await rig.http.post(f"/bot{year.TOKEN}/getMe")
        chats = []
        for number in range(PEOPLE):
            chats.append(await rig.person(f"Người {number}"))
            await rig.say(chats[-1], "/start")
        address = str(rig.http.base_url).rstrip("/")
        result = await simulate(db, address, chats, UNITS, date(2027, 6, 1), date(2027, 8, 31))
        received = [await rig.shown(chat) for chat in chats]
    from_bot = sum(message["from"]["is_bot"] for shown in received for message in shown)
    assert from_bot == len(result.sent) > PEOPLE
    assert (result.already, result.outside, result.doubled) == (0, 0, 0)
    assert [month.counts.required for month in result.months] == [10, 6, 6]
    assert "sent to people who had already reported: 0 of" in "\n".join(result.lines())


def test_a_broken_promise_would_be_counted() -> None:
    evening = datetime(2027, 6, 7, 22, tzinfo=VIETNAM)
    sent = year.Sent(evening, "1", 1), year.Sent(evening, "1", 0)
    result = Result(1, sent, LADDER, ())
    assert (result.already, result.outside, result.doubled) == (1, 2, 1)
