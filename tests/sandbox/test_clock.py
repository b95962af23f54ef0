"""The movable clock."""

import asyncio

from tests.sandbox.rig import Rig


async def test_messages_carry_the_sandboxs_time(rig: Rig) -> None:
    person = await rig.started()
    await rig.post("/sim/clock", now="2026-12-15T09:00:00+07:00")
    sent = await rig.ok("sendMessage", chat_id=person, text="x")
    assert 0 <= sent["date"] - 1_797_300_000 < 60


async def test_the_clock_moves_by_seconds_and_counts_its_moves(rig: Rig) -> None:
    before = await rig.get("/sim/clock")
    assert before["now"].startswith("2026-11-21T08:00:0")
    assert before["now"].endswith("+07:00")
    after = await rig.post("/sim/clock", advance=86_400)
    assert after["now"].startswith("2026-11-22T08:00:0")
    assert after["version"] == before["version"] + 1


async def test_the_clock_goes_back_only_when_told_the_time(rig: Rig) -> None:
    assert "backwards" in await rig.sim_error("/sim/clock", advance=-1)
    moved = await rig.post("/sim/clock", now="2021-01-01T00:00:00")
    assert moved["now"].startswith("2021-01-01T00:00:0")
    assert "exactly one" in await rig.sim_error("/sim/clock")


async def test_the_page_can_jump_to_the_bots_next_timer(rig: Rig) -> None:
    due = "2026-11-25T07:30:00+07:00"
    assert (await rig.get("/sim/clock", next_due=due))["next_due"] == due
    jumped = await rig.post("/sim/clock", to_next_due=True)
    assert jumped["now"].startswith("2026-11-25T07:30:0")
    again = await rig.post("/sim/clock", to_next_due=True)
    assert again["version"] == jumped["version"]
    assert (await rig.get("/sim/clock", next_due=""))["next_due"] is None


async def test_a_bot_hears_at_once_that_the_clock_was_moved(rig: Rig) -> None:
    waiting = asyncio.create_task(rig.get("/sim/clock", known_version=0, wait=30))
    await asyncio.sleep(0)
    await rig.post("/sim/clock", advance=60)
    assert (await waiting)["version"] == 1
    assert (await rig.get("/sim/clock", known_version=0, wait=30))["version"] == 1
