"""Reminders on their way out, over a real server: at most once each, every outcome kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select
from telegram.ext import ExtBot

from bot.outbox import Outbox
from bot.pace import Pace
from bot.ways import Way, Ways
from channels.telegram import AiohttpRequest
from domain.briefing import Briefing, DueReminder, Rung
from domain.role import Role
from sandbox.app import create_app
from storage import briefing, person, reminder, unit
from storage.db import Database
from storage.schema import account, delivery
from tests.sandbox.rig import TOKEN, Rig, over_http
from tests.storage import build
from tests.storage.build import CHANNEL, LADDER, NOW

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

HOUR = timedelta(hours=1)
TITLE = "Hội nghị báo cáo viên tháng 7"
RUNGS = (Rung.INVITATION, Rung.CONFIRM)


@asynccontextmanager
async def a_bot(address: str) -> AsyncIterator[ExtBot[Any]]:
    """A bot that speaks to `address`; whether anybody answers there is not asked beforehand."""
    request, polling = AiohttpRequest(), AiohttpRequest()
    async with request, polling:
        yield ExtBot(
            TOKEN,
            base_url=f"{address}/bot",
            request=request,
            get_updates_request=polling,
            rate_limiter=Pace(),
        )


@dataclass
class Round:
    """The outbox of one bot, a clock to move, and the people in their chats."""

    db: Database
    rig: Rig
    bot: ExtBot[Any]
    now: datetime = NOW
    seconds: float = 0.0
    people: list[int] = field(default_factory=list)

    def outbox(self, batch: int = 25, bot: ExtBot[Any] | None = None) -> Outbox:
        now, seconds = (lambda: self.now), (lambda: self.seconds)
        ways = Ways(self.db, {CHANNEL: Way({"1": bot or self.bot}, {})})
        return Outbox(self.db, ways, now, LADDER, batch, seconds)

    async def invited(self, *chats: int) -> None:
        """A briefing to which the people of these chats are invited."""
        self.people += chats
        await self.db.write(_announce, chats)

    async def fault(self, **what: object) -> None:
        await self.rig.post("/sim/faults", method="sendMessage", **what)

    async def received(self, chat: int) -> list[str]:
        """What the bot has said in a chat."""
        shown = await self.rig.shown(chat)
        return [str(m["text"]) for m in shown if m["from"]["is_bot"]]

    async def ledger(self) -> list[tuple[str, str | None]]:
        """The outcome of each delivery with its reason, oldest first."""
        return await self.db.read(_ledger)


def _announce(conn: Connection, chats: tuple[int, ...]) -> None:
    """Two rungs, one due now and one in an hour, each stale after two hours."""
    root = unit.root(conn)
    top = root.id if root else build.province(conn)
    for chat in chats:
        person_id = person.add(conn, "Báo cáo viên", NOW)
        person.add_account(conn, person_id, CHANNEL, str(chat))
        person.add_membership(conn, person_id, top, Role.REPORTER, build.TODAY)
    ladder = [
        DueReminder(rung, NOW + n * HOUR, NOW + (n + 2) * HOUR) for n, rung in enumerate(RUNGS)
    ]
    details = Briefing(TITLE, NOW + timedelta(days=10))
    briefing.announce(conn, top, person.add(conn, "Cán bộ", NOW), details, ladder, TITLE, NOW)


def _ledger(conn: Connection) -> list[tuple[str, str | None]]:
    rows = conn.execute(select(delivery.c.state, delivery.c.reason).order_by(delivery.c.id))
    return [(row.state, row.reason) for row in rows]


def _unreachable(conn: Connection) -> list[str]:
    rows = conn.execute(select(account.c.address).where(account.c.unreachable_since.is_not(None)))
    return list(rows.scalars())


@pytest.fixture
async def round_(db: Database) -> AsyncIterator[Round]:
    async with over_http(create_app(limits=False)) as rig, a_bot(str(rig.http.base_url)) as bot:
        yield Round(db, rig, bot)


async def test_a_due_reminder_is_sent_once_with_its_answers_as_buttons(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.invited(person)
    outbox = round_.outbox()
    await outbox.tick()
    await outbox.tick()
    [text] = await round_.received(person)
    assert TITLE in text
    message = (await round_.rig.shown(person))[-1]
    [row] = message["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in row] == ["✅ Dự", "Vắng", "Cử người thay"]
    assert await round_.ledger() == [("sent", None)]


async def test_nothing_goes_out_before_its_time(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.invited(person)
    round_.now = NOW - timedelta(seconds=1)
    outbox = round_.outbox()
    await outbox.tick()
    assert await round_.received(person) == []
    round_.now = NOW + HOUR
    await outbox.tick()
    assert len(await round_.received(person)) == 2


async def test_two_rounds_at_once_send_each_message_once(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.invited(person)
    outbox = round_.outbox()
    await asyncio.gather(*(outbox.tick() for _ in range(5)))
    assert len(await round_.received(person)) == 1


async def test_who_has_blocked_the_bot_is_remembered_and_not_tried_again(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.rig.post("/sim/member", chat=person, user=person, status="block")
    await round_.invited(person)
    outbox = round_.outbox()
    await outbox.tick()
    assert await round_.ledger() == [("unreachable", "blocked")]
    assert await round_.db.read(_unreachable) == [str(person)]
    round_.now += HOUR
    await outbox.tick()
    assert [state for state, _ in await round_.ledger()] == ["unreachable"] * 2
    assert len(await round_.rig.get("/sim/calls", method="sendMessage")) == 1


async def test_a_chat_that_is_gone_is_remembered_too(round_: Round) -> None:
    await round_.invited(4711)
    await round_.outbox().tick()
    assert await round_.ledger() == [("unreachable", "chat_not_found")]
    assert await round_.db.read(_unreachable) == ["4711"]


async def test_a_message_that_is_refused_is_not_tried_again(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.invited(person)
    await round_.fault(status=400)
    outbox = round_.outbox()
    await outbox.tick()
    await outbox.tick()
    assert await round_.ledger() == [("failed", "refused")]
    assert await round_.received(person) == []
    assert await round_.db.read(_unreachable) == []


async def test_asked_to_wait_it_sends_later_and_once(round_: Round) -> None:
    person = await round_.rig.started()
    await round_.invited(person)
    await round_.fault(retry_after=3)
    outbox = round_.outbox()
    await outbox.tick()
    assert await round_.ledger() == [("queued", "rate_limited")]
    assert await round_.received(person) == []
    await outbox.tick()
    assert await round_.received(person) == []
    round_.seconds += 4
    await outbox.tick()
    await outbox.tick()
    assert await round_.ledger() == [("sent", None)]
    assert len(await round_.received(person)) == 1


@pytest.mark.parametrize("fault", [{"drop_reply": True}, {"status": 500}, {"status": 502}])
async def test_what_may_be_out_is_never_repeated(round_: Round, fault: dict[str, object]) -> None:
    person = await round_.rig.started()
    await round_.invited(person)
    await round_.fault(**fault)
    outbox = round_.outbox()
    await outbox.tick()
    await outbox.tick()
    assert await round_.ledger() == [("unknown", "no_answer")]
    assert len(await round_.received(person)) == (1 if "drop_reply" in fault else 0)
    assert len(await round_.rig.get("/sim/calls", method="sendMessage")) == 1


async def test_without_a_connection_nothing_is_out_and_everything_waits(round_: Round) -> None:
    """A connection that was never made carried nothing: the network comes back, and they go."""
    person = await round_.rig.started()
    await round_.invited(person)
    async with a_bot("http://127.0.0.1:1") as offline:
        await round_.outbox(bot=offline).tick()
    assert [state for state, _ in await round_.ledger()] == ["queued"]
    await round_.outbox().tick()
    assert len(await round_.received(person)) == 1


async def test_one_persons_outcome_is_no_other_persons(round_: Round) -> None:
    lan, minh, hoa = [await round_.rig.started(name) for name in ("Lan", "Minh", "Hoa")]
    await round_.invited(lan, minh, hoa)
    await round_.fault(chat=lan, drop_reply=True)
    await round_.fault(chat=minh, retry_after=1)
    outbox = round_.outbox()
    await outbox.tick()
    states = [state for state, _ in await round_.ledger()]
    assert states == ["unknown", "queued", "sent"]
    round_.seconds += 2
    await outbox.tick()
    assert [len(await round_.received(chat)) for chat in (lan, minh, hoa)] == [1, 1, 1]


async def test_a_round_sends_no_more_than_its_batch(round_: Round) -> None:
    chats = [await round_.rig.started() for _ in range(3)]
    await round_.invited(*chats)
    outbox = round_.outbox(batch=2)
    await outbox.tick()
    assert [len(await round_.received(chat)) for chat in chats] == [1, 1, 0]
    await outbox.tick()
    assert [len(await round_.received(chat)) for chat in chats] == [1, 1, 1]


async def test_what_is_stale_is_not_sent_any_more(round_: Round) -> None:
    first, second = [await round_.rig.started() for _ in range(2)]
    await round_.invited(first, second)
    outbox = round_.outbox(batch=1)
    await outbox.tick()
    round_.now = NOW + 5 * HOUR
    await outbox.tick()
    assert await round_.ledger() == [("sent", None), ("expired", None)]
    assert [len(await round_.received(chat)) for chat in (first, second)] == [1, 0]


async def test_what_the_last_process_was_sending_is_not_repeated(round_: Round) -> None:
    first, second = [await round_.rig.started() for _ in range(2)]
    await round_.invited(first, second)
    await round_.db.write(reminder.expand_due, NOW)
    await round_.db.write(reminder.take, [CHANNEL], NOW, 1)
    restarted = round_.outbox()
    await restarted.start()
    await restarted.tick()
    assert [state for state, _ in await round_.ledger()] == ["unknown", "sent"]
    assert [len(await round_.received(chat)) for chat in (first, second)] == [0, 1]


# --- the ladder ------------------------------------------------------------------------------------

FIRST_RUNG = datetime(2026, 7, 31, 1, tzinfo=UTC)


async def missing(round_: Round) -> int:
    """Somebody whose unit misses its July, on the first day of its ladder at 08:00; their chat."""
    chat = await round_.rig.started()

    def furnish(conn: Connection) -> None:
        commune = build.commune(conn, build.province(conn))
        person_id = person.add(conn, "Báo cáo viên", NOW)
        person.add_account(conn, person_id, CHANNEL, str(chat))
        person.add_membership(conn, person_id, commune, Role.REPORTER, build.TODAY)

    await round_.db.write(furnish)
    round_.now = FIRST_RUNG
    return chat


async def test_a_missing_report_is_asked_for_once_with_its_buttons(round_: Round) -> None:
    chat = await missing(round_)
    for outbox in (round_.outbox(), round_.outbox()):
        await outbox.start()
        await outbox.tick()
        await outbox.tick()
    [text] = await round_.received(chat)
    assert "tháng 7/2026" in text
    rows = (await round_.rig.shown(chat))[-1]["reply_markup"]["inline_keyboard"]
    assert next(button["callback_data"] for row in rows for button in row) == "nudge:report"
    assert await round_.ledger() == [("sent", None)]


async def test_what_the_ladder_cannot_say_holds_up_nothing_else(
    round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("bot.outbox.nudge_messages", broken)
    await missing(round_)
    later = FIRST_RUNG + HOUR

    def alert(conn: Connection) -> None:
        who = conn.execute(select(account.c.person_id)).scalar_one()
        reminder.queue(conn, [who], key="a", message="common.error", at=later, expires_at=later)

    await round_.db.write(alert)
    await round_.outbox().tick()
    assert sorted(await round_.ledger()) == [("failed", "error"), ("sent", None)]
