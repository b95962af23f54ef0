"""Live totals: always what a recount gives, and what a plain sum in Python gives."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from domain.period import Period, bucket_of
from domain.tally import MOST, Approximation, Figures, Precision, TallyKind
from domain.totals import Totals, of_figures, total
from domain.unit import UnitType
from storage import tally, totals, unit
from storage.db import Database
from storage.schema import period_total
from tests.storage import build
from tests.storage.build import NOW
from tests.storage.undo import undone

KINDS = (TallyKind.ORAL_SESSION, TallyKind.TRAINING_CLASS, TallyKind.ONLINE_POST)
BUCKET = Period.month_of(date(2026, 7, 1))


@st.composite
def some_figures(draw: st.DrawFn) -> Figures:
    number = st.none() | st.integers(0, 500)
    first = draw(st.dates(date(2024, 12, 25), date(2026, 4, 5)))
    days = draw(st.sampled_from([0, 0, 0, 3, 40, 100, 250, 400]))
    members, public = draw(number), draw(number)
    stated = draw(st.none() | st.integers(0, 500))
    return Figures(
        kind=draw(st.sampled_from(KINDS)),
        date_from=first,
        date_to=first + timedelta(days=days),
        precision=Precision.RANGE,
        sessions=draw(number),
        party_members=members,
        public=public,
        audience_total=None if stated is None else stated + (members or 0) + (public or 0),
        learners=draw(number),
        items=draw(number),
        approximation=draw(st.none() | st.sampled_from(Approximation)),
    )


@dataclass(frozen=True)
class Step:
    """Report, correct or withdraw; numbers are taken modulo what there is."""

    what: str
    which: int
    figures: Figures


steps = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(["report", "report", "correct", "withdraw"]),
        which=st.integers(0, 30),
        figures=some_figures(),
    ),
    max_size=14,
)
# Each unit's parent, as an earlier unit's place in the list.
trees = st.lists(st.integers(0, 30), max_size=5)


class World:
    """A tree of units, and in plain Python what the database should hold."""

    def __init__(self, conn: Connection, tree: list[int]) -> None:
        self.conn = conn
        self.units = [build.province(conn)]
        self.parent: dict[int, int] = {}
        for number in tree:
            parent = self.units[number % len(self.units)]
            child = build.commune(conn, parent)
            self.units.append(child)
            self.parent[child] = parent
        self.author = build.reporter(conn)
        self.entries: dict[int, tuple[int, Figures | None]] = {}

    def take(self, step: Step) -> None:
        if step.what == "report" or not self.entries:
            unit_id = self.units[step.which % len(self.units)]
            origin = f"{self.units[0]}:{len(self.entries)}"
            kept = tally.record(self.conn, unit_id, self.author, step.figures, origin, NOW)
            self.entries[kept.id] = unit_id, step.figures
            return
        tally_id = list(self.entries)[step.which % len(self.entries)]
        unit_id, _ = self.entries[tally_id]
        if step.what == "correct":
            tally.correct(self.conn, tally_id, self.author, step.figures, NOW)
            self.entries[tally_id] = unit_id, step.figures
        else:
            tally.withdraw(self.conn, tally_id, self.author, NOW)
            self.entries[tally_id] = unit_id, None

    def below(self, unit_id: int) -> set[int]:
        children = {child for child, parent in self.parent.items() if parent == unit_id}
        return {unit_id}.union(*(self.below(child) for child in children))

    def own(self, units: set[int], period: Period) -> dict[TallyKind, Totals]:
        standing = [f for unit_id, f in self.entries.values() if f and unit_id in units]
        inside = [f for f in standing if period.contains(bucket_of(f.date_from, f.date_to))]
        sums = {k: total([of_figures(f) for f in inside if f.kind is k]) for k in KINDS}
        return {kind: summed for kind, summed in sums.items() if summed.entries}


PERIODS = (
    Period.month_of(date(2025, 1, 1)),
    Period.quarter_of(date(2025, 1, 1)),
    Period.half_of(date(2025, 1, 1)),
    Period.nine_months_of(2025),
    Period.year_of(date(2025, 1, 1)),
    Period.term(2024, 2027),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees, story=steps)
async def test_totals_follow_every_report_correction_and_withdrawal(
    db: Database, tree: list[int], story: list[Step]
) -> None:
    def run(conn: Connection) -> None:
        world = World(conn, tree)
        for step in story:
            world.take(step)
        assert totals.verify(conn) == []
        for unit_id in world.units:
            for period in PERIODS:
                expected = world.own(world.below(unit_id), period)
                assert totals.read(conn, unit_id, period) == expected

    await undone(db, run)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees, story=steps)
async def test_a_unit_is_its_own_entries_and_its_children(
    db: Database, tree: list[int], story: list[Step]
) -> None:
    period = Period.term(2024, 2027)

    def run(conn: Connection) -> None:
        world = World(conn, tree)
        for step in story:
            world.take(step)
        for unit_id in world.units:
            children = [child for child, parent in world.parent.items() if parent == unit_id]
            parts = [totals.read(conn, child, period) for child in children]
            parts.append(world.own({unit_id}, period))
            sums = {k: total([part.get(k, Totals()) for part in parts]) for k in KINDS}
            whole = totals.read(conn, unit_id, period)
            assert {k: whole.get(k, Totals()) for k in KINDS} == sums

    await undone(db, run)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees, story=steps)
async def test_rebuilding_right_totals_changes_nothing(
    db: Database, tree: list[int], story: list[Step]
) -> None:
    def kept(conn: Connection) -> set[tuple[object, ...]]:
        return {tuple(row) for row in conn.execute(select(period_total))}

    def run(conn: Connection) -> None:
        world = World(conn, tree)
        for step in story:
            world.take(step)
        before = kept(conn)
        totals.rebuild(conn)
        assert kept(conn) == before

    await undone(db, run)


def two_reports(conn: Connection) -> tuple[int, int]:
    top = build.province(conn)
    below = build.commune(conn, top)
    for number in range(2):
        figures = build.figures(BUCKET.start, sessions=3, party_members=45, public=60)
        tally.record(conn, below, None, figures, f"{below}:{number}", NOW)
    return top, below


async def test_a_row_that_was_tampered_with_is_found_and_mended(db: Database) -> None:
    top, _ = await db.write(two_reports)
    await db.write(
        lambda conn: conn.execute(
            update(period_total).where(period_total.c.unit_id == top).values(sessions=7)
        ).close()
    )
    (found,) = await db.read(totals.verify)
    assert (found.unit_id, found.bucket, found.kind) == (top, "2026-07", "oral_session")
    assert found.kept is not None
    assert found.counted is not None
    assert (found.kept.sessions, found.counted.sessions) == (7, 6)
    await db.write(totals.rebuild)
    assert await db.read(totals.verify) == []
    assert (await db.read(totals.read, top, BUCKET))[TallyKind.ORAL_SESSION].sessions == 6


async def test_a_row_that_is_missing_or_too_many_is_found_and_mended(db: Database) -> None:
    top, below = await db.write(two_reports)

    def tamper(conn: Connection) -> None:
        row = conn.execute(select(period_total).where(period_total.c.unit_id == top)).one()
        conn.execute(delete(period_total).where(period_total.c.unit_id == top))
        conn.execute(insert(period_total).values({**row._mapping, "unit_id": below, "kind": "x"}))

    await db.write(tamper)
    missing, invented = await db.read(totals.verify)
    assert (missing.unit_id, missing.kept) == (top, None)
    assert (invented.unit_id, invented.kind, invented.counted) == (below, "x", None)
    await db.write(totals.rebuild)
    assert await db.read(totals.verify) == []


async def test_a_total_that_nobody_could_split_stays_apart(db: Database) -> None:
    def story(conn: Connection) -> int:
        top = build.province(conn)
        whole = build.figures(BUCKET.start, sessions=1, audience_total=105)
        split = build.figures(BUCKET.start, sessions=1, party_members=4, public=6)
        tally.record(conn, top, None, whole, "1", NOW)
        tally.record(conn, top, None, split, "2", NOW)
        return top

    top = await db.write(story)
    summed = (await db.read(totals.read, top, BUCKET))[TallyKind.ORAL_SESSION]
    assert (summed.party_members, summed.public, summed.unsplit) == (4, 6, 105)
    assert summed.attendance == 115
    assert summed.party_members_known == summed.public_known == 1


async def test_where_nobody_stated_an_audience_it_is_unknown_and_not_zero(db: Database) -> None:
    def story(conn: Connection) -> int:
        top = build.province(conn)
        tally.record(conn, top, None, build.figures(BUCKET.start, sessions=1), "1", NOW)
        return top

    top = await db.write(story)
    summed = (await db.read(totals.read, top, BUCKET))[TallyKind.ORAL_SESSION]
    assert summed.attendance is None
    assert summed.known("party_members") is None


async def test_a_period_without_entries_has_no_row_at_all(db: Database) -> None:
    top, _ = await db.write(two_reports)
    assert await db.read(totals.read, top, Period.month_of(date(2026, 8, 1))) == {}


async def test_an_entry_counts_in_every_period_that_holds_it_and_in_no_smaller_one(
    db: Database,
) -> None:
    def story(conn: Connection) -> int:
        top = build.province(conn)
        in_july = build.figures(date(2026, 7, 16), sessions=1)
        whole_year = replace(
            build.figures(date(2026, 1, 1), sessions=100), date_to=date(2026, 12, 31)
        )
        term = replace(build.figures(date(2025, 1, 1), sessions=1000), date_to=date(2030, 12, 31))
        for number, figures in enumerate((in_july, whole_year, term)):
            tally.record(conn, top, None, figures, str(number), NOW)
        return top

    top = await db.write(story)
    july = date(2026, 7, 1)

    async def sessions(period: Period) -> int:
        return (await db.read(totals.read, top, period))[TallyKind.ORAL_SESSION].sessions

    assert await sessions(Period.month_of(july)) == 1
    assert await sessions(Period.quarter_of(july)) == 1
    assert await sessions(Period.half_of(july)) == 1
    assert await sessions(Period.nine_months_of(2026)) == 1
    assert await sessions(Period.year_of(july)) == 101
    assert await sessions(Period.term(2025, 2030)) == 1101


async def test_moving_an_entry_to_another_month_and_kind_leaves_no_empty_row(
    db: Database,
) -> None:
    def story(conn: Connection) -> tuple[int, int]:
        top = build.province(conn)
        author = build.reporter(conn)
        kept = tally.record(conn, top, author, build.figures(sessions=1), "1", NOW)
        moved = replace(build.figures(date(2026, 6, 30), items=5), kind=TallyKind.ONLINE_POST)
        tally.correct(conn, kept.id, author, moved, NOW)
        return top, len(conn.execute(select(period_total)).all())

    top, rows = await db.write(story)
    assert rows == 1
    assert await db.read(totals.read, top, BUCKET) == {}
    june = await db.read(totals.read, top, Period.month_of(date(2026, 6, 1)))
    assert june[TallyKind.ONLINE_POST].items == 5


async def test_a_nations_sum_fits(db: Database) -> None:
    """More than 32 bits: 2,500 times the most that one report may state."""

    def story(conn: Connection) -> int:
        top = build.province(conn)
        most = build.figures(BUCKET.start, public=MOST)
        for number in range(3):
            tally.record(conn, top, None, most, str(number), NOW)
        conn.execute(update(period_total).values(public=2_500 * MOST))
        tally.record(conn, top, None, most, "one more", NOW)
        return top

    top = await db.write(story)
    assert (await db.read(totals.read, top, BUCKET))[TallyKind.ORAL_SESSION].public == 2_501 * MOST


async def test_a_tree_of_any_depth_carries_totals_to_its_root(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        chain = [build.province(conn)]
        for depth in range(6):
            chain.append(unit.add(conn, f"d{depth}", "Chi bộ", UnitType.CELL, parent_id=chain[-1]))
        tally.record(conn, chain[-1], None, build.figures(sessions=2), "1", NOW)
        return chain

    for unit_id in await db.write(story):
        summed = await db.read(totals.read, unit_id, BUCKET)
        assert summed[TallyKind.ORAL_SESSION].sessions == 2


async def test_a_week_is_added_up_from_its_days(db: Database) -> None:
    def story(conn: Connection) -> dict[TallyKind, Totals]:
        top = build.province(conn)
        unit_id = build.commune(conn, top)
        # Sunday, Monday, the Sunday after it, and the Monday of the next week.
        for number, day in enumerate((28, 29, 35, 36)):
            when = date(2026, 6, 1) + timedelta(days=day - 1)
            figures = build.figures(when, sessions=1, public=10)
            tally.record(conn, unit_id, None, figures, f"{unit_id}:{number}", NOW)
        month = replace(build.figures(date(2026, 7, 1)), date_to=date(2026, 7, 31), sessions=9)
        tally.record(conn, unit_id, None, month, f"{unit_id}:month", NOW)
        return totals.read(conn, top, Period.week_of(date(2026, 7, 1)))

    figures = build.figures(sessions=1, public=10)
    twice = of_figures(figures) + of_figures(figures)
    assert await db.write(story) == {TallyKind.ORAL_SESSION: twice}
