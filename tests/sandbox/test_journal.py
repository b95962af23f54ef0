"""A sandbox with a data folder goes on where it stopped."""

from pathlib import Path
from typing import Any

from sandbox.app import create_app
from sandbox.world import World
from tests.sandbox.conftest import START
from tests.sandbox.rig import TOKEN, Rig, in_process

KEYBOARD = {"inline_keyboard": [[{"text": "Đúng", "callback_data": "yes"}]]}


def _open(folder: Path, **options: Any) -> tuple[Rig, World]:
    app = create_app(data=folder, limits=False, **options)
    return in_process(app), app.state.world


async def test_people_chats_messages_files_updates_and_clock_survive(tmp_path: Path) -> None:
    rig, world = _open(tmp_path, now=START)
    person = await rig.person("Lan", role="Báo cáo viên")
    await rig.say(person, "/start")  # before the bot's first call
    await rig.updates()
    group = await rig.group(person)
    said = await rig.post("/sim/message", **{"from": person, "document": {"text": "chào"}})
    await rig.ok("sendMessage", chat_id=person, text="Đúng chứ?", reply_markup=KEYBOARD)
    await rig.post("/sim/clock", now="2027-03-01T08:00:00")
    before = await rig.shown(person)
    world.close()

    again, world = _open(tmp_path)
    assert (await again.get("/sim/clock"))["now"].startswith("2027-03-01T08:00")
    assert await again.shown(person) == before
    assert (await again.get("/sim/people"))["people"][0]["role"] == "Báo cáo viên"
    [update] = await again.ok("getUpdates")
    assert update["message"]["message_id"] == said["message_id"]
    stored = await again.ok("getFile", file_id=said["message"]["document"]["file_id"])
    path = f"/file/bot{TOKEN}/{stored['file_path']}"
    assert (await again.http.get(path)).content == "chào".encode()
    await again.ok("sendMessage", chat_id=group, text="x")
    tap = {"from": person, "message_id": before[-1]["message_id"], "button": "yes", "wait": 0}
    assert (await again.post("/sim/tap", **tap))["answer"] is None
    world.close()


async def test_what_was_acknowledged_or_changed_stays_so(tmp_path: Path) -> None:
    rig, world = _open(tmp_path)
    person = await rig.started()
    await rig.ok("sendMessage", chat_id=person, text="một")
    world.journal.flush()
    await rig.ok("editMessageText", chat_id=person, message_id=2, text="hai")
    await rig.ok("deleteMessage", chat_id=person, message_id=1)
    await rig.post("/sim/member", chat=person, user=person, status="block")
    revision = (await rig.get(f"/sim/chats/{person}/messages"))["revision"]
    world.close()

    again, world = _open(tmp_path)
    assert len(await again.updates()) == 1  # the block; /start was acknowledged before
    answer = await again.get(f"/sim/chats/{person}/messages", after_revision=revision - 1)
    assert [m["message_id"] for m in answer["messages"]] == [1]
    assert [m["text"] for m in await again.shown(person)] == ["/start", "hai"]
    refusal = await again.refused("sendMessage", chat_id=person, text="x")
    assert refusal == "Forbidden: bot was blocked by the user"
    world.close()
