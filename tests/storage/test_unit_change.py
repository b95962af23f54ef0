"""Units that merge, split, move, close: figures stay where they were and add up where they belong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from domain.briefing import Briefing
from domain.period import Period, same_period_last_year
from domain.role import Role
from domain.status import Status
from domain.tally import TallyKind
from domain.unit import REPORTING_TYPES, UnitType
from domain.unit_change import (
    Change,
    ChangeRefused,
    Ending,
    Founding,
    Moving,
    Obstacle,
    Renaming,
    merged,
)
from storage import (
    briefing,
    draft,
    enrolment,
    group,
    invitation,
    person,
    status,
    tally,
    totals,
    unit,
    unit_change,
)
from storage.db import Database
from storage.schema import membership, reminder_rest, unit_path
from storage.unit_change import State
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, RULES, TODAY
from tests.storage.test_totals import Undo, undone

JUNE, JULY = (Period.month_of(date(2026, month, 1)) for month in (6, 7))
SINCE = date(2026, 7, 15)


@dataclass(frozen=True)
class Province:
    """Two communes, the first with a cell, the second with a sister below the same province."""

    top: int
    old: int
    cell: int
    new: int


def province(conn: Connection) -> Province:
    top = unit.add(conn, "top", "Tỉnh ủy", UnitType.PROVINCE_COMMITTEE)
    old = unit.add(conn, "old", "Đảng ủy xã Cũ", UnitType.COMMUNE_COMMITTEE, top, aliases=["Cũ"])
    cell = unit.add(conn, "cell", "Chi bộ thôn 1", UnitType.CELL, old)
    new = unit.add(conn, "new", "Đảng ủy xã Mới", UnitType.COMMUNE_COMMITTEE, top)
    return Province(top, old, cell, new)


def report(conn: Connection, unit_id: int, day: date, sessions: int) -> None:
    figures, origin = build.figures(day, sessions=sessions), f"{unit_id}:{day}"
    tally.record(conn, unit_id, build.reporter(conn), figures, origin, NOW)


def sessions(conn: Connection, unit_id: int, period: Period) -> int:
    counted = totals.read(conn, unit_id, period).get(TallyKind.ORAL_SESSION)
    return 0 if counted is None else counted.sessions


MERGER = merged(("old",), "new")
CLOSURE = Ending(("old",))


# --- mergers -------------------------------------------------------------------------------------


async def test_the_successor_has_the_figures_of_both_before_and_after_the_merger(
    db: Database,
) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.cell, date(2026, 7, 3), 1)
        report(conn, of.old, date(2026, 7, 4), 10)
        report(conn, of.new, date(2026, 7, 5), 100)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        report(conn, of.cell, TODAY, 1000)
        assert totals.verify(conn) == []
        assert unit.name_above(conn, of.cell) == "Đảng ủy xã Mới"
        return [sessions(conn, unit_id, JULY) for unit_id in (of.new, of.old, of.cell, of.top)]

    assert await db.write(story) == [1111, 1011, 1001, 1111]


async def test_the_same_period_last_year_compares_like_with_like(db: Database) -> None:
    last_july = same_period_last_year(JULY)

    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.old, last_july.start, 5)
        report(conn, of.new, last_july.start, 7)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        report(conn, of.new, TODAY, 13)
        return [sessions(conn, of.new, period) for period in (JULY, last_july)]

    assert await db.write(story) == [13, 12]


async def test_after_a_merger_amid_the_month_the_successor_alone_owes_the_report(
    db: Database,
) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        june, july = (status.of_units(conn, of.top, month, RULES) for month in (JUNE, JULY))
        assert {each.unit_id for each in june} == {of.old, of.new}
        assert {each.unit_id for each in july} == {of.new}

    await db.write(story)


async def test_a_report_of_before_the_merger_stays_the_old_units_and_one_since_is_the_successors(
    db: Database,
) -> None:
    def story(conn: Connection) -> list[list[str]]:
        of = province(conn)
        report(conn, of.cell, JUNE.end, 1)
        before = states(conn, of.top, JUNE)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        assert states(conn, of.top, JUNE) == before
        report(conn, of.cell, TODAY, 1)
        return [before, states(conn, of.top, JULY), states(conn, of.new, JULY)]

    late = ["late", "missing"]
    assert await db.write(story) == [late, ["on_time"], ["on_time"]]


def states(conn: Connection, unit_id: int, month: Period) -> list[str]:
    return [each.status.value for each in status.of_units(conn, unit_id, month, RULES)]


async def test_a_merger_may_found_the_unit_that_goes_on(db: Database) -> None:
    def story(conn: Connection) -> tuple[str, UnitType, int]:
        of = province(conn)
        report(conn, of.old, date(2026, 7, 4), 3)
        report(conn, of.new, date(2026, 7, 4), 4)
        change = merged(("old", "new"), "both", Founding("both", "Đảng ủy xã Cả Hai"))
        unit_change.undertake(conn, change, SINCE, NOW)
        both = unit.by_code(conn, "both")
        assert both is not None
        assert unit.name_above(conn, both.id) == "Tỉnh ủy"
        return both.name, both.type, sessions(conn, both.id, JULY)

    assert await db.write(story) == ("Đảng ủy xã Cả Hai", UnitType.COMMUNE_COMMITTEE, 7)


async def test_a_unit_that_merges_on_takes_along_what_it_took_over(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        last = unit.add(conn, "last", "Xã Sau", UnitType.COMMUNE_COMMITTEE, of.top)
        report(conn, of.cell, date(2026, 7, 4), 3)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        unit_change.undertake(conn, merged(("new",), "last"), TODAY, NOW)
        assert totals.verify(conn) == []
        return [sessions(conn, each, JULY) for each in (last, of.new, of.old, of.top)]

    assert await db.write(story) == [3, 3, 3, 3]


async def test_the_old_name_leads_to_the_successor_from_its_day_on(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        for name in ("Đảng ủy xã Cũ", "dang uy xa cu", "Cũ"):
            before, after = (unit.named(conn, name, on=day) for day in (date(2026, 7, 14), SINCE))
            assert [each.id for each in before] == [of.old]
            assert [each.id for each in after] == [of.new]
            assert [each.id for each in unit.named(conn, name)] == [of.old]

    await db.write(story)


async def test_a_name_that_a_standing_unit_bears_means_that_one(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        change = merged(("old", "new"), "both", Founding("both", "Đảng ủy xã Cũ"))
        unit_change.undertake(conn, change, SINCE, NOW)
        both = unit.by_code(conn, "both")
        assert both is not None
        assert [each.id for each in unit.named(conn, "Đảng ủy xã Cũ")] == [both.id]
        before = unit.named(conn, "Đảng ủy xã Cũ", on=JUNE.end)
        return [of.old in {each.id for each in before}, len(before)]

    assert await db.write(story) == [True, 2]


# --- what goes along -----------------------------------------------------------------------------


def roles(conn: Connection, who: int) -> list[tuple[int, str, date, date | None]]:
    rows = conn.execute(
        select(membership).where(membership.c.person_id == who).order_by(membership.c.id)
    )
    return [(row.unit_id, row.role, row.valid_from, row.valid_to) for row in rows]


async def test_people_go_on_in_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        who, both = build.reporter(conn, of.old), build.reporter(conn, of.old)
        person.add_membership(conn, both, of.new, Role.REPORTER, date(2026, 2, 1))
        outcome = unit_change.undertake(conn, MERGER, SINCE, NOW)
        assert outcome is not None
        assert outcome.without_unit == 0
        began, ended = date(2026, 1, 1), date(2026, 7, 14)
        assert roles(conn, who) == [
            (of.old, "reporter", began, ended),
            (of.new, "reporter", SINCE, None),
        ]
        assert roles(conn, both) == [
            (of.old, "reporter", began, ended),
            (of.new, "reporter", date(2026, 2, 1), None),
        ]

    await db.write(story)


async def test_a_role_that_begins_later_begins_in_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        who = build.reporter(conn)
        person.add_membership(conn, who, of.old, Role.MEMBER, date(2026, 9, 1))
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        assert roles(conn, who) == [
            (of.old, "member", date(2026, 9, 1), date(2026, 7, 14)),
            (of.new, "member", date(2026, 9, 1), None),
        ]

    await db.write(story)


async def test_invitations_groups_and_briefings_lead_to_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        who = build.reporter(conn, of.old)
        token = invitation.create(
            conn, of.old, Role.REPORTER, None, NOW, NOW + timedelta(days=7), uses=3
        )
        group.register(conn, CHANNEL, "-100", of.old, who, NOW)
        details = Briefing("Hội nghị", datetime(2026, 7, 20, 1, tzinfo=UTC))
        coming = briefing.announce(conn, of.old, who, details, [], "draft:1", NOW)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        found = invitation.find(conn, invitation.hash_of(token), NOW)
        assert isinstance(found, invitation.Invitation)
        assert found.unit_id == of.new
        assert group.unit_of(conn, CHANNEL, "-100") == of.new
        assert briefing.get(conn, coming.id).unit_id == of.new

    await db.write(story)


async def test_who_wants_no_reminders_of_the_unit_wants_none_of_the_successor(
    db: Database,
) -> None:
    def story(conn: Connection) -> list[int | None]:
        of = province(conn)
        mine, both = build.reporter(conn, of.old), build.reporter(conn, of.old)
        person.add_membership(conn, both, of.new, Role.REPORTER, date(2026, 2, 1))
        for who, until in ((mine, None), (both, None), (mine, date(2026, 7, 1))):
            rest = {"person_id": who, "unit_id": of.old, "until": until, "said_at": NOW}
            conn.execute(insert(reminder_rest).values(rest))
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        rows = conn.execute(select(reminder_rest.c.unit_id).order_by(reminder_rest.c.id))
        return [unit_id - of.old for unit_id in rows.scalars()]

    assert await db.write(story) == [2, 0, 0]


async def test_who_waits_to_be_let_in_waits_for_the_successor_or_no_more(db: Database) -> None:
    def story(conn: Connection, change: Change) -> tuple[int, str]:
        of = province(conn)
        unit_change.undertake(conn, Ending(("cell",)), SINCE, NOW)
        token = invitation.create(conn, of.old, Role.MEMBER, None, NOW, NOW + timedelta(days=7))
        by = invitation.find(conn, invitation.hash_of(token), NOW)
        assert isinstance(by, invitation.Invitation)
        asked = enrolment.ask(conn, build.reporter(conn), by, NOW)
        unit_change.undertake(conn, change, SINCE, NOW)
        found = enrolment.get(conn, asked.id)
        result = found.unit_id - of.new, found.state.value
        raise Undo(result)

    for change, result in ((MERGER, (0, "waiting")), (CLOSURE, (-2, "unit_closed"))):
        with pytest.raises(Undo) as undone_:
            await db.write(story, change)
        assert undone_.value.args == (result,)


async def test_without_a_successor_invitations_and_groups_are_closed(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, Ending(("cell",)), SINCE, NOW)
        who = build.reporter(conn, of.old)
        token = invitation.create(conn, of.old, Role.MEMBER, None, NOW, NOW + timedelta(days=7))
        group.register(conn, CHANNEL, "-100", of.old, who, NOW)
        draft.start(conn, CHANNEL, "1", "opinion", "text", {"unit_id": of.old}, NOW)
        outcome = unit_change.undertake(conn, CLOSURE, SINCE, NOW)
        assert outcome is not None
        assert outcome.without_unit == 1
        found = invitation.find(conn, invitation.hash_of(token), NOW)
        assert found is invitation.Refusal.REVOKED
        assert group.unit_of(conn, CHANNEL, "-100") is None
        assert draft.get(conn, CHANNEL, "1") is None

    await db.write(story)


async def test_an_open_report_is_for_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        said = {"form": {"unit_id": of.old, "sessions": 3}, "unit_name": "Đảng ủy xã Cũ"}
        draft.start(conn, CHANNEL, "1", "tally", "confirm", said, NOW)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        mine = draft.get(conn, CHANNEL, "1")
        assert mine is not None
        assert mine.data == {
            "form": {"unit_id": of.new, "sessions": 3},
            "unit_name": "Đảng ủy xã Mới",
        }

    await db.write(story)


# --- splits, closures, moves, names --------------------------------------------------------------


async def test_after_a_split_the_history_stays_with_the_unit_that_was(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        who = build.reporter(conn, of.old)
        report(conn, of.old, date(2026, 7, 4), 3)
        parts = (Founding("a", "Đảng ủy xã A"), Founding("b", "Đảng ủy xã B"))
        change = Ending(("old",), ("a", "b"), "a", parts)
        unit_change.undertake(conn, change, SINCE, NOW)
        a, b = (unit.by_code(conn, code) for code in ("a", "b"))
        assert a is not None
        assert b is not None
        assert unit.name_above(conn, of.cell) == a.name
        assert [each[0] for each in roles(conn, who)] == [of.old, a.id]
        assert [each.id for each in unit.named(conn, "Cũ", on=SINCE)] == [a.id, b.id]
        return [sessions(conn, each, JULY) for each in (of.old, a.id, b.id, of.top)]

    assert await db.write(story) == [3, 0, 0, 3]


async def test_units_that_came_with_a_merger_go_on_with_the_heir_of_a_split(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        with pytest.raises(ChangeRefused) as refused:
            unit_change.undertake(conn, Ending(("new",)), TODAY, NOW)
        assert refused.value.obstacle is Obstacle.UNITS_BELOW
        parts = (Founding("a", "Đảng ủy xã A"), Founding("b", "Đảng ủy xã B"))
        unit_change.undertake(conn, Ending(("new",), ("a", "b"), "a", parts), TODAY, NOW)
        assert unit.name_above(conn, of.cell) == "Đảng ủy xã A"

    await db.write(story)


async def test_a_unit_that_moves_takes_its_history_along(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.cell, date(2026, 7, 4), 3)
        unit_change.undertake(conn, Moving("cell", "new"), SINCE, NOW)
        assert totals.verify(conn) == []
        return [sessions(conn, each, JULY) for each in (of.old, of.new, of.top)]

    assert await db.write(story) == [0, 3, 3]


async def test_a_renamed_unit_is_still_found_by_its_old_name(db: Database) -> None:
    def story(conn: Connection) -> list[list[int]]:
        of = province(conn)
        unit_change.undertake(conn, Renaming("old", "Đảng ủy phường Cũ"), SINCE, NOW)
        assert unit.get(conn, of.old).name == "Đảng ủy phường Cũ"
        names = ("Đảng ủy xã Cũ", "dang uy phuong cu", "Cũ")
        found = [[each.id for each in unit.named(conn, name, on=SINCE)] for name in names]
        return [[each - of.old for each in ids] for ids in found]

    assert await db.write(story) == [[0], [0], [0]]


REFUSED: list[tuple[Change, Obstacle, str]] = [
    (merged(("gone",), "new"), Obstacle.UNKNOWN, "gone"),
    (merged(("old",), "gone"), Obstacle.UNKNOWN, "gone"),
    (merged(("top",), "new"), Obstacle.IS_ROOT, "top"),
    (merged(("old", "new"), "new"), Obstacle.GOES_ON_ITSELF, "new"),
    (merged(("old",), "cell"), Obstacle.BELOW_ITSELF, "cell"),
    (merged(("old",), "cell", Founding("cell", "Xã")), Obstacle.CODE_TAKEN, "cell"),
    (merged(("cell", "old"), "x", Founding("x", "Xã")), Obstacle.BELOW_ITSELF, "x"),
    (Ending(("old",), ("new",), "cell"), Obstacle.NO_SUCCESSOR, "cell"),
    (CLOSURE, Obstacle.UNITS_BELOW, "old"),
    (Moving("old", "cell"), Obstacle.BELOW_ITSELF, "cell"),
    (Moving("old", "old"), Obstacle.BELOW_ITSELF, "old"),
    (Moving("top", "old"), Obstacle.IS_ROOT, "top"),
    (Renaming("gone", "Xã"), Obstacle.UNKNOWN, "gone"),
    (merged(("later",), "new"), Obstacle.BEGINS_LATER, "later"),
    (merged(("old",), "later"), Obstacle.BEGINS_LATER, "later"),
    (merged(("ended",), "new"), Obstacle.NOT_IN_FORCE, "ended"),
    (merged(("old",), "ended"), Obstacle.NOT_IN_FORCE, "ended"),
]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("change", "obstacle", "about"), REFUSED)
async def test_what_cannot_be_is_refused_and_nothing_is_changed(
    db: Database, change: Change, obstacle: Obstacle, about: str
) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        kind = UnitType.COMMUNE_COMMITTEE
        unit.add(conn, "later", "Xã", kind, of.top, valid_from=date(2026, 8, 1))
        unit.add(conn, "ended", "Xã", kind, of.top, valid_to=date(2026, 6, 30))
        before = build.audit_lines(conn), unit.count(conn)
        with pytest.raises(ChangeRefused) as refused:
            unit_change.undertake(conn, change, SINCE, NOW)
        assert (refused.value.obstacle, refused.value.unit) == (obstacle, about)
        assert (build.audit_lines(conn), unit.count(conn)) == before

    await db.write(story)


async def test_every_change_leaves_an_audit_line(db: Database) -> None:
    def story(conn: Connection) -> list[str]:
        province(conn)
        changes: list[Change] = [Renaming("old", "Xã"), Moving("cell", "new"), CLOSURE]
        for change in changes:
            unit_change.undertake(conn, change, SINCE, NOW)
        return [action for action, *_ in build.audit_lines(conn)]

    assert await db.write(story) == ["rename", "move", "end"]


# --- days to come --------------------------------------------------------------------------------


async def test_a_change_of_a_day_to_come_waits_and_is_carried_out_once(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        of = province(conn)
        report(conn, of.old, TODAY, 3)
        since = TODAY + timedelta(days=10)
        assert unit_change.undertake(conn, MERGER, since, NOW) is None
        seen = []
        for days in (0, 9, 13, 14):
            unit_change.carry_out_due(conn, NOW + timedelta(days=days))
            seen.append(sessions(conn, of.new, JULY))
        assert unit_change.planned(conn) == []
        owing = [each.unit_id for each in status.of_units(conn, of.top, JULY, RULES)]
        assert owing == [of.new]
        return seen

    assert await db.write(story) == [0, 0, 3, 3]


async def test_what_has_become_impossible_by_its_day_is_kept_with_the_reason(db: Database) -> None:
    def story(conn: Connection) -> None:
        province(conn)
        unit_change.undertake(conn, MERGER, TODAY + timedelta(days=2), NOW)
        unit_change.undertake(conn, Renaming("new", "Xã"), TODAY + timedelta(days=3), NOW)
        unit_change.undertake(conn, merged(("old",), "new"), TODAY, NOW)
        unit_change.carry_out_due(conn, NOW + timedelta(days=5))
        (refused,) = unit_change.planned(conn)
        assert (refused.change, refused.state) == (MERGER, State.REFUSED)
        assert refused.reason == "not_in_force old"
        assert unit_change.cancel(conn, refused.id, NOW)
        assert not unit_change.cancel(conn, refused.id, NOW)
        assert unit_change.planned(conn) == []

    await db.write(story)


# --- any tree, any history -----------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something happens to units, which are taken modulo those that there are."""

    what: str
    one: int
    two: int
    three: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["found", "report", "report", "report", "merge", "split", "move", "close"]),
        st.integers(0, 50),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    min_size=4,
    max_size=25,
)
KINDS = (UnitType.COMMUNE_COMMITTEE, UnitType.CELL)


class Land:
    """A tree, and in plain Python what the database should make of it."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.day = date(2026, 5, 20)
        self.ids: dict[str, int] = {}
        self.kinds: dict[str, UnitType] = {}
        self.parent: dict[str, str | None] = {}
        self.goes_on: dict[str, str] = {}
        self.begun: dict[str, date] = {}
        self.ended: dict[str, date] = {}
        self.entries: list[tuple[str, date, int]] = []
        self.top = self.add(UnitType.PROVINCE_COMMITTEE, None)
        for kind, above in zip((*KINDS, *KINDS), (0, 1, 0, 3), strict=True):
            self.add(kind, list(self.ids)[above])

    def add(self, kind: UnitType, parent: str | None) -> str:
        code = f"u{len(self.ids)}"
        above = None if parent is None else self.ids[parent]
        self.ids[code] = unit.add(self.conn, code, code, kind, above, valid_from=self.day)
        self._know(code, kind, parent)
        return code

    def _know(self, code: str, kind: UnitType, parent: str | None) -> None:
        self.kinds[code], self.parent[code], self.begun[code] = kind, parent, self.day

    def take(self, step: Step) -> None:
        codes = list(self.ids)
        one, three = (codes[1 + n % (len(codes) - 1)] for n in (step.one, step.three))
        two = codes[step.two % len(codes)]
        self.day += timedelta(days=5)
        match step.what:
            case "found" if one not in self.ended:
                self.add(KINDS[step.two % 2], one if step.three % 2 else self.top)
            case "report":
                report(self.conn, self.ids[one], self.day, step.two)
                self.entries.append((one, self.day, step.two))
            case "merge":
                self.try_(merged((one, three), two), lambda: self.end({one, three}, two))
            case "split":
                self._split(one, with_heir=step.two % 2 == 0)
            case "move":
                self.try_(Moving(one, two), lambda: self.parent.update({one: two}))
            case "close":
                self.try_(Ending((one,)), lambda: self.end({one}, None))

    def _split(self, one: str, with_heir: bool) -> None:
        a, b = f"u{len(self.ids)}", f"u{len(self.ids) + 1}"
        parts = Founding(a, a), Founding(b, b)
        change = Ending((one,), (a, b), a if with_heir else None, parts)
        if not self.try_(change, lambda: None):
            return
        for code in (a, b):
            found = unit.by_code(self.conn, code)
            assert found is not None
            self.ids[code] = found.id
            self._know(code, self.kinds[one], self.parent[one])
        if with_heir:
            for code in self.ids:
                if code not in self.ended and self._nearest(code) == one:
                    self.parent[code] = a
        self.end({one}, None)

    def _nearest(self, code: str) -> str | None:
        """The standing unit that this one stands below."""
        return next((each for each in self.line(code)[1:] if each not in self.ended), None)

    def try_(self, change: Change, then: Callable[[], object]) -> bool:
        at = datetime(2027, 1, 1, tzinfo=UTC)
        try:
            assert unit_change.undertake(self.conn, change, self.day, at) is not None
        except ChangeRefused:
            return False
        then()
        return True

    def end(self, units: set[str], heir: str | None) -> None:
        for each in units:
            self.ended[each] = self.day
            self.goes_on[each] = heir or ""

    def place(self, code: str) -> str | None:
        return self.goes_on.get(code) or self.parent[code]

    def below(self, top: str) -> set[str]:
        return {code for code in self.ids if top in self.line(code)}

    def line(self, code: str) -> list[str]:
        found: list[str] = []
        at: str | None = code
        while at is not None:
            assert at not in found
            found.append(at)
            at = self.place(at)
        return found

    def counted(self, units: set[str], period: Period, *, entries: bool = False) -> int:
        """The sessions of these units in the period, or the number of their entries."""
        return sum(
            1 if entries else number
            for code, day, number in self.entries
            if code in units and period.start <= day <= period.end
        )

    def owes(self, code: str, period: Period) -> bool:
        return (
            self.kinds[code] in REPORTING_TYPES
            and self.begun[code] <= period.end
            and (code not in self.ended or self.ended[code] > period.end)
        )

    def has_reported(self, top: str, period: Period) -> bool:
        """Whether there are figures that are not another unit's to answer for."""
        return any(
            self.counted({code}, period, entries=True) and self.answers(top, code, period)
            for code in self.below(top)
        )

    def answers(self, top: str, code: str, period: Period) -> bool:
        """Unless a unit between owed the report itself, which has since handed down."""
        line = self.line(code)
        between = line[: line.index(top)]
        return not any(
            self.owes(each, period) and each in self.ended and top not in self.parents(each)
            for each in between
        )

    def parents(self, code: str) -> list[str]:
        above = self.parent[code]
        return [] if above is None else [above, *self.parents(above)]

    def owing(self, top: str, period: Period) -> int:
        return sum(self.owes(code, period) for code in self.below(top))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_totals_and_statuses_add_up_whatever_becomes_of_the_units(
    db: Database, story: list[Step]
) -> None:
    def run(conn: Connection) -> None:
        land = Land(conn)
        for step in story:
            land.take(step)
        assert totals.verify(conn) == []
        for month in (JUNE, JULY, Period.month_of(date(2026, 8, 1))):
            for code, unit_id in land.ids.items():
                below = land.below(code)
                assert sessions(conn, unit_id, month) == land.counted(below, month)
                found = status.of_units(conn, unit_id, month, RULES)
                assert {each.unit_id: each.status is not Status.MISSING for each in found} == {
                    land.ids[each]: land.has_reported(each, month)
                    for each in below
                    if land.owes(each, month)
                }
                _a_parent_is_its_own_and_its_children(conn, land, code, month)

    await undone(db, run)


def _a_parent_is_its_own_and_its_children(
    conn: Connection, land: Land, code: str, month: Period
) -> None:
    children = [each for each in land.ids if each != code and land.place(each) == code]
    parts = [sessions(conn, land.ids[each], month) for each in children]
    own = land.counted({code}, month)
    assert sessions(conn, land.ids[code], month) == own + sum(parts)
    owing = sum(land.owing(each, month) for each in children)
    assert land.owing(code, month) == owing + land.owes(code, month)


async def test_paths_of_units_that_merge_say_what_is_inherited(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[int, int, int, bool]]:
        of = province(conn)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        rows = conn.execute(select(unit_path).where(unit_path.c.unit_id.in_([of.old, of.cell])))
        names = {of.top: 0, of.old: 1, of.cell: 2, of.new: 3}
        return sorted((names[r.unit_id], names[r.ancestor_id], r.depth, r.inherited) for r in rows)

    assert await db.write(story) == [
        (1, 0, 2, False),
        (1, 1, 0, False),
        (1, 3, 1, True),
        (2, 0, 3, False),
        (2, 1, 1, False),
        (2, 2, 0, False),
        (2, 3, 2, True),
    ]
