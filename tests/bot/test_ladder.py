"""The promises of the ladder, kept by the real outbox over random calendars, trees, people, reports
and times at which the bot is up.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.outbox import Outbox
from bot.ways import Way, Ways
from domain.briefing import VIETNAM
from domain.deadline import DeadlineRules, due_date
from domain.ladder import LadderRules, is_push_time, rung_days
from domain.period import Period
from domain.role import Role
from domain.unit import UnitType
from domain.workday import Calendar
from handlers.desk import Say
from storage import leave, person, rest, tally, unit, unit_report
from storage.db import Database
from tests.storage import build
from tests.storage.build import CHANNEL

# One is due after Tết, one around 2 September, one on an ordinary Monday.
MONTHS = [Period.from_code(code) for code in ("2027-01", "2027-08", "2026-11")]
ROLES = (Role.REPORTER, Role.UNIT_LEAD, Role.OFFICER, Role.MEMBER)
CLOCKS = [time(7, 59), time(8), time(11), time(14), time(20)]


@dataclass(frozen=True)
class Story:
    """What is drawn: `people` are lists of (unit, role), units by number, 0 the province; `reports`
    are (unit, day, nil); `away` and `resting` are (person, day, length, stand-in).
    """

    month: Period
    off: frozenset[date]
    communes: int
    cells: int
    people: tuple[tuple[tuple[int, Role], ...], ...]
    reports: tuple[tuple[int, int, bool], ...]
    away: tuple[tuple[int, int, int, int], ...]
    resting: tuple[tuple[int, int, int], ...]
    down: frozenset[int]

    @property
    def rules(self) -> LadderRules:
        return LadderRules(DeadlineRules(Calendar.vietnam(extra_days_off=self.off)))

    @property
    def due(self) -> date:
        return due_date(self.month, self.rules.deadlines)

    @property
    def days(self) -> Sequence[date]:
        """Those of the rungs, and the days before and after each."""
        near = (-1, 0, 1)
        rungs = rung_days(self.due, self.rules)
        return sorted({day + timedelta(days=n) for day in rungs for n in near})


@dataclass
class Life:
    """The story as it is lived: everything that was sent, with what was missing then."""

    story: Story
    db: Database
    now: datetime = build.NOW
    units: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    reported: set[int] = field(default_factory=set)
    sent: list[tuple[datetime, int, Say]] = field(default_factory=list)
    idle: set[tuple[int, date]] = field(default_factory=set)

    def furnish(self, conn: Connection) -> None:
        root = build.province(conn)
        self.units = [root]
        for number in range(self.story.communes):
            kind = UnitType.COMMUNE_COMMITTEE
            commune = unit.add(conn, f"c{number}", f"Xã {number}", kind, root)
            self.units.append(commune)
            for _ in range(self.story.cells):
                build.cell(conn, commune)
        for number, roles in enumerate(self.story.people):
            who = person.add(conn, "Người", build.NOW)
            person.add_account(conn, who, CHANNEL, str(1000 + number))
            self.people.append(who)
            for at, role in roles:
                person.add_membership(conn, who, self._unit(at), role, date(2026, 1, 1))

    def _unit(self, number: int) -> int:
        return self.units[number % len(self.units)]

    async def live(self) -> None:
        await self.db.write(self.furnish)
        ways = _Heard(self.db, {CHANNEL: Way({}, {})}, self)
        outbox = Outbox(self.db, ways, lambda: self.now, self.story.rules, 3)
        for number, day in enumerate(self.story.days):
            for clock in CLOCKS:
                self.now = datetime.combine(day, clock, VIETNAM)
                if clock == time(7, 59):
                    await self.db.write(self._today, number, day)
                if number not in self.story.down:
                    await outbox.tick()
            await self.db.write(self._reports, number, day)

    def _today(self, conn: Connection, number: int, day: date) -> None:
        for who, on, length, other in self.story.away:
            if on == number:
                until, stand_in = day + timedelta(days=length), self._person(other)
                someone = stand_in if stand_in != self._person(who) else None
                leave.take(conn, self._person(who), day, until, someone, 1, self.now)
                self._leaves(self._person(who), day, until)
        for who, on, length in self.story.resting:
            if on == number:
                until = day + timedelta(days=length)
                rest.begin(conn, self._person(who), None, until, self.now)
                self._leaves(self._person(who), day, until)

    def _leaves(self, who: int, day: date, until: date) -> None:
        self.idle |= {(who, day + timedelta(days=n)) for n in range((until - day).days + 1)}

    def _person(self, number: int) -> int:
        return self.people[number % len(self.people)]

    def _reports(self, conn: Connection, number: int, day: date) -> None:
        for of, on, nil in self.story.reports:
            unit_id = self._unit(of)
            if on != number or unit_id == self.units[0] or unit_id in self.reported:
                continue
            self.reported.add(unit_id)
            if nil:
                unit_report.record_nil(conn, unit_id, self.story.month, self.people[0], self.now)
            else:
                figures = build.figures(self.story.month.start, sessions=1)
                tally.record(conn, unit_id, None, figures, f"{unit_id}", self.now)

    def hear(self, address: str, message: Say) -> None:
        own, told = message.values["own"], message.values["told"]
        about = {each.unit_id for each in (*own, *told) if each.period == self.story.month}
        assert not about & self.reported, "somebody was asked for what had been reported"
        who = self.people[int(address) - 1000]
        assert (who, self.now.date()) not in self.idle, "somebody was asked who is away or rests"
        self.sent.append((self.now, who, message))


@dataclass(frozen=True)
class _Heard(Ways):
    """People who are always there."""

    life: Life

    async def send(
        self, channel: str, address: str, message: Say, *, spares: bool = True, **more: Any
    ) -> None:
        message.text()
        self.life.hear(address, message)


few = st.integers(0, 9)
days = st.integers(0, 14)
stories = st.builds(
    Story,
    month=st.sampled_from(MONTHS),
    off=st.frozensets(st.dates(date(2027, 1, 28), date(2027, 2, 25)), max_size=6),
    communes=st.integers(1, 4),
    cells=st.integers(0, 2),
    people=st.lists(
        st.lists(st.tuples(few, st.sampled_from(ROLES)), max_size=3, unique=True).map(tuple),
        min_size=1,
        max_size=7,
    ).map(tuple),
    reports=st.lists(st.tuples(few, days, st.booleans()), max_size=5).map(tuple),
    away=st.lists(st.tuples(few, days, days, few), max_size=2).map(tuple),
    resting=st.lists(st.tuples(few, days, days), max_size=2).map(tuple),
    down=st.frozensets(days, max_size=6),
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


async def lived(story: Story, file: Path, fresh: Path) -> Life:
    shutil.copy(fresh, file)
    async with Database(f"sqlite:///{file}") as db:
        life = Life(story, db)
        await life.live()
    return life


@settings(max_examples=20)
@given(story=stories)
def test_whatever_happens_nobody_is_asked_at_the_wrong_time_twice_or_for_what_is_there(
    story: Story, folder: Path, migrated_file: Path
) -> None:
    life = asyncio.run(lived(story, folder / "a.db", migrated_file))
    rules = story.rules
    assert all(is_push_time(at, rules) for at, _, _ in life.sent)
    a_day = Counter((at.date(), who) for at, who, _ in life.sent)
    assert not a_day or max(a_day.values()) == 1
    asked = Counter(
        (who, each.unit_id, each.period.code)
        for _, who, message in life.sent
        for each in (*message.values["own"], *message.values["told"])
    )
    assert not asked or max(asked.values()) <= len(rules.days)


@settings(max_examples=12)
@given(story=stories)
def test_who_leads_a_unit_that_stays_silent_hears_of_it_by_the_third_rung(
    story: Story, folder: Path, migrated_file: Path
) -> None:
    """Unless the bot is down, or they are away or rest on all those days."""
    up = replace(story, down=frozenset())
    life = asyncio.run(lived(up, folder / "b.db", migrated_file))
    late = rung_days(up.due, up.rules)[up.rules.lead_from - 1 :]
    silent = set(life.units[1:]) - life.reported
    officers = {
        life.people[number]
        for number, roles in enumerate(up.people)
        if any(role is Role.OFFICER and at % len(life.units) == 0 for at, role in roles)
    }
    for officer in officers:
        present = [day for day in late if (officer, day) not in life.idle]
        heard = {
            each.unit_id
            for _, who, message in life.sent
            if who == officer
            for each in (*message.values["own"], *message.values["told"])
        }
        assert not present or silent <= heard
