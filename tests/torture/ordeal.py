"""One ordeal: people talk to the bot while it is killed again and again, and the way to it fails."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, func, select

from domain.briefing import Briefing, DueReminder, Rung
from domain.role import Role
from domain.unit import UnitType
from storage import briefing, person, unit
from storage.inbox import InboxState
from storage.schema import delivery, inbox
from tests.torture import on_zalo
from tests.torture.chat import Violation
from tests.torture.committee import Committee
from tests.torture.newcomers import Lead, Newcomer
from tests.torture.people import Person
from tests.torture.stage import START, Kept, Stage, Way, staged
from tests.torture.verdict import judge, traces

REPORTERS = 12
LEAD, NEWCOMER = 2000, 3000
QUIET_WITHIN = 60.0
QUIET_LOOKS = 5
BRIEFINGS = 4
RUNGS = (Rung.INVITATION, Rung.CONFIRM, Rung.TODAY)
STEP = timedelta(minutes=5)

FAULTS: tuple[dict[str, object], ...] = (
    {"retry_after": 1},
    {"status": 502},
    {"disconnect": True},
    {"drop_reply": True},
    {"drop_reply": True},
    {"delay_ms": 300},
)
SPOKEN = ("sendMessage", "sendMessage", "editMessageText", "answerCallbackQuery")
# What hits the way to the bot: a delivery whose reply is lost comes again, a slow one is overtaken.
METHODS = {
    Way.POLLING: ("getUpdates", *SPOKEN),
    Way.WEBHOOK: ("webhook", "webhook", *SPOKEN),
    Way.ZALO_TOO: ("getUpdates", *SPOKEN),
}


@dataclass(frozen=True)
class Outcome:
    """What an ordeal was made of; `lives` are those that came so far as to ask for messages."""

    kills: int
    lives: int
    updates: int
    reports: int
    seconds: float


def endure(folder: Path, kept: Kept, way: Way, seed: int, kills: int) -> Outcome:
    """Run one ordeal in an empty folder; raises Violation with the stories of those concerned."""
    return asyncio.run(_endure(folder, kept, way, seed, kills))


async def _endure(folder: Path, kept: Kept, way: Way, seed: int, kills: int) -> Outcome:
    begun, rng = time.monotonic(), Random(seed)
    async with staged(folder, kept, way) as stage:
        await stage.database.write(furnish)
        people = _people(stage, rng)
        if way is Way.ZALO_TOO:
            people += await on_zalo.enter(stage, rng)
        try:
            await _play(stage, people, rng, kills)
        except* Violation as broken:
            raise Violation(_told(seed, folder, people, broken.exceptions[0])) from None
        reports = sum(r.state != "unconfirmed" for p in people for r in p.reports)
        return Outcome(
            stage.lives - 1, stage.runs(), stage.updates, reports, time.monotonic() - begun
        )


def _people(stage: Stage, rng: Random) -> list[Person]:
    """Those on Telegram; the lead comes first."""

    def own(kind: type[Person], number: int) -> Person:
        return kind(stage, number, Random(rng.random()))

    reporters = [own(Person, LEAD + n) for n in range(1, REPORTERS + 1)]
    return [own(Lead, LEAD), own(Newcomer, NEWCOMER), own(Newcomer, NEWCOMER + 1), *reporters]


def furnish(conn: Connection) -> None:
    """A province with a few cells, a lead, a reporter for each chat, and the coming briefings."""
    root = unit.add(conn, "tinh", "Tỉnh ủy Tuyên Quang", UnitType.PROVINCE_COMMITTEE)
    kind = UnitType.COMMUNE_COMMITTEE
    communes = [unit.add(conn, f"xa-{n}", f"Đảng ủy xã {n}", kind, root) for n in range(3)]
    lead = _member(conn, LEAD, root, Role.OFFICER)
    for n in range(1, REPORTERS + 1):
        _member(conn, LEAD + n, communes[n % len(communes)], Role.REPORTER)
    for n in range(BRIEFINGS):
        first = START + 2 * STEP + n * len(RUNGS) * STEP
        ladder = [
            DueReminder(rung, first + i * STEP, first + (i + 60) * STEP)
            for i, rung in enumerate(RUNGS)
        ]
        details = Briefing(f"Hội nghị thử lửa {n}", START + timedelta(hours=10))
        briefing.announce(conn, root, lead, details, ladder, f"torture:{n}", START)


def _member(conn: Connection, chat: int, unit_id: int, role: Role) -> int:
    person_id = person.add(conn, f"Báo cáo viên thứ {chat}", START, consent_version="2026-11")
    person.add_account(conn, person_id, "telegram", str(chat))
    person.add_membership(conn, person_id, unit_id, role, date(2026, 1, 1))
    return person_id


# --- the play ------------------------------------------------------------------------------------


async def _play(stage: Stage, people: list[Person], rng: Random, kills: int) -> None:
    """People act until the killing is over; then each stops in the middle of a dialogue, the bot is
    killed once more, and they go on.
    """
    for each in people:
        await each.chat.enter()
    committee = Committee(stage, LEAD, Random(rng.random()))
    await committee.meet()
    over = asyncio.Event()
    halfway = asyncio.Barrier(len(people) + 1)
    async with asyncio.TaskGroup() as group:
        trouble = group.create_task(_make_trouble(stage, Random(rng.random())))
        token = group.create_task(_begin(group, people, over, halfway))
        group.create_task(committee.keep_asking(over))
        stage.in_peace = False
        await _kill_and_restart(stage, Random(rng.random()), kills)
        trouble.cancel()
        await stage.clear_faults()
        stage.in_peace = True
        stage.start_bot()
        over.set()
        await token
        await halfway.wait()
        stage.kill_bot()
        process = stage.start_bot_afresh()
        await halfway.wait()
    try:
        await _until_quiet(stage)
        calls = await stage.get("/sim/calls", method="sendMessage")
    finally:
        process.kill()
        process.wait()
    wrong = await stage.database.read(judge, stage.updates, people, calls)
    if wrong := [*wrong, *await committee.wrong(), *traces(stage)]:
        raise Violation("\n".join(wrong))


async def _begin(
    group: asyncio.TaskGroup, people: list[Person], over: asyncio.Event, halfway: asyncio.Barrier
) -> None:
    for each in people:
        group.create_task(_live(each, people, over, halfway))


async def _live(
    each: Person, people: list[Person], over: asyncio.Event, halfway: asyncio.Barrier
) -> None:
    if isinstance(each, Newcomer):
        lead = people[0]
        if not isinstance(lead, Lead):
            raise TypeError("the first of the people is the lead")
        await each.enrol(await lead.invitations.get())
    if isinstance(each, Lead):
        for _ in range(sum(isinstance(p, Newcomer) for p in people)):
            each.invitations.put_nowait(await each.invite())
    await each.keep_busy(over)

    async def stop_and_go_on() -> None:
        await halfway.wait()
        await halfway.wait()

    await each.end(stop_and_go_on)


async def _kill_and_restart(stage: Stage, rng: Random, kills: int) -> None:
    """One life in three ends while it starts or takes up what is left. Of the others every second
    one ends where it hurts most: when much is stored and the answers are still on the way.
    """
    for _ in range(kills):
        before = stage.runs()
        stage.start_bot()
        if rng.random() < 1 / 3:
            await asyncio.sleep(rng.uniform(0.05, 1.5))
        else:
            await stage.until_it_runs(before)
            await asyncio.sleep(rng.uniform(0, 0.8))
        if rng.random() < 0.5:
            await stage.post("/sim/faults", {"delay_ms": 500, "times": 20})
            await asyncio.sleep(rng.uniform(0.05, 0.4))
        stage.kill_bot()
        await stage.clear_faults()
        await asyncio.sleep(rng.choice((0, 0, rng.uniform(0, 0.2))))


async def _make_trouble(stage: Stage, rng: Random) -> None:
    """Faults in the bot's way, and a clock that moves on from reminder to reminder."""
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(rng.uniform(0.1, 0.5))
            method, times = rng.choice(METHODS[stage.way]), rng.choice((1, 1, 2, 5))
            fault = {"method": method, "times": times} | rng.choice(FAULTS)
            await stage.post("/sim/faults", fault)
            if stage.way is Way.ZALO_TOO and rng.random() < on_zalo.TROUBLE:
                fault = {"method": rng.choice(on_zalo.METHODS)} | rng.choice(FAULTS[1:])
                await stage.post("/sim/faults", fault | {"platform": "zalo"})
            if rng.random() < 0.3:
                await stage.post("/sim/clock", {"advance": STEP.total_seconds()})


async def _until_quiet(stage: Stage) -> None:
    """Until everything that was delivered is done and every reminder is out; for some looks in a row,
    as what Zalo has just handed over is on its way and counted by nobody.
    """
    deadline, looks = time.monotonic() + QUIET_WITHIN, 0
    while looks < QUIET_LOOKS and time.monotonic() < deadline:
        looks = looks + 1 if await stage.database.read(_is_quiet, stage.updates) else 0
        await asyncio.sleep(0.1)


def _is_quiet(conn: Connection, updates: int) -> bool:
    done = select(func.count()).where(inbox.c.state != InboxState.WAITING)
    waiting = select(func.count()).where(inbox.c.state == InboxState.WAITING)
    left = select(func.count()).where(delivery.c.state.in_(("queued", "sending")))
    known, *open_ = (conn.execute(counted).scalar_one() for counted in (done, waiting, left))
    return known >= updates and not any(open_)


def _told(seed: int, folder: Path, people: list[Person], broken: BaseException) -> str:
    """The violation with the story of everybody whom it names."""
    concerned = [p for p in people if str(p.chat.person) in str(broken)]
    stories = [f"--- {p.chat.person}\n" + "\n".join(p.chat.story[-60:]) for p in concerned]
    return "\n".join([f"seed {seed}, files in {folder}", str(broken), *stories])
