"""Planted faults, and the record of what the bot asked."""

import httpx
import pytest

from sandbox.faults import DELIVERY, Fault
from tests.sandbox.rig import TOKEN, Rig


async def test_a_fault_answers_so_many_matching_calls_and_no_others(rig: Rig) -> None:
    person, other = await rig.started(), await rig.started("Minh")
    await rig.post("/sim/faults", method="sendmessage", chat=person, status=500, times=2)
    assert await rig.ok("getMe")
    await rig.ok("sendMessage", chat_id=other, text="x")
    for _ in range(2):
        refusal = await rig.refused("sendMessage", chat_id=person, text="x")
        assert refusal == "Internal Server Error"
    await rig.ok("sendMessage", chat_id=person, text="x")
    assert len(await rig.shown(person)) == 2


def test_a_fault_of_every_method_does_not_hit_the_deliveries_to_a_webhook() -> None:
    fault = Fault(1, status=500)
    assert fault.matches("getMe", None)
    assert not fault.matches(DELIVERY, None)


async def test_retry_after_makes_a_429(rig: Rig) -> None:
    await rig.post("/sim/faults", retry_after=7)
    assert await rig.bot("getMe") == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }


async def test_a_dropped_reply_is_acted_upon_all_the_same(served: Rig) -> None:
    person = await served.started()
    await served.post("/sim/faults", method="sendMessage", drop_reply=True)
    with pytest.raises(httpx.TransportError):
        await served.bot("sendMessage", chat_id=person, text="đã gửi")
    assert [m["text"] for m in await served.shown(person)] == ["/start", "đã gửi"]
    [call] = await served.get("/sim/calls", method="sendMessage")
    assert (call["status"], call["ok"], call["fault"]) == (200, True, 1)


async def test_a_disconnect_comes_before_anything_is_done(served: Rig) -> None:
    person = await served.started()
    await served.post("/sim/faults", method="sendMessage", disconnect=True)
    with pytest.raises(httpx.TransportError):
        await served.bot("sendMessage", chat_id=person, text="mất")
    assert len(await served.shown(person)) == 1
    await served.ok("sendMessage", chat_id=person, text="x")


async def test_a_delay_only_delays(rig: Rig) -> None:
    await rig.post("/sim/faults", method="getMe", delay_ms=1)
    assert await rig.ok("getMe")
    assert (await rig.get("/sim/faults"))["faults"] == []


async def test_faults_are_listed_and_cleared(rig: Rig) -> None:
    await rig.post("/sim/faults", method="getMe", status=502, times=9)
    [fault] = (await rig.get("/sim/faults"))["faults"]
    assert (fault["method"], fault["status"], fault["times"]) == ("getMe", 502, 9)
    reply = await rig.http.delete("/sim/faults")
    assert reply.json() == {"removed": 1}
    await rig.ok("getMe")


async def test_calls_tell_method_arguments_and_outcome_but_never_the_token(rig: Rig) -> None:
    person = await rig.started()
    form = {"chat_id": str(person), "text": "x", "reply_markup": '{"inline_keyboard":[]}'}
    await rig.http.post(f"/bot{TOKEN}/sendMessage", data=form)
    await rig.bot("sendMessage", chat_id=1, text="x")
    sent, refused = await rig.get("/sim/calls", method="sendMessage")
    assert sent["params"] == {
        "chat_id": person,
        "text": "x",
        "reply_markup": {"inline_keyboard": []},
    }
    assert (sent["status"], sent["ok"]) == (200, True)
    assert sent["at"].startswith("2026-11-21T08:00:0")
    assert (refused["status"], refused["description"]) == (400, "Bad Request: chat not found")
    assert await rig.get("/sim/calls", after=refused["id"]) == []
    assert TOKEN.partition(":")[2] not in str(await rig.get("/sim/calls"))


async def test_of_many_calls_only_the_newest_are_listed_when_a_limit_is_given(rig: Rig) -> None:
    for _ in range(3):
        await rig.ok("getMe")
    ids = [call["id"] for call in await rig.get("/sim/calls", method="getMe")]
    newest = await rig.get("/sim/calls", method="getMe", limit=2)
    assert [call["id"] for call in newest] == ids[1:]
    assert await rig.get("/sim/calls", method="getMe", limit=2, after=ids[1]) == newest[1:]
    refusal = await rig.http.get("/sim/calls", params={"limit": 0})
    assert (refusal.status_code, refusal.json()) == (400, {"error": "limit must be at least 1"})


@pytest.mark.parametrize("fault", [{"status": 200}, {"times": 0}, {"metod": "getMe"}])
async def test_a_fault_that_makes_no_sense_is_explained(rig: Rig, fault: dict[str, object]) -> None:
    assert next(iter(fault)) in await rig.sim_error("/sim/faults", **fault)
