"""What is known around a report before it is stored: its unit, its days, its past."""

from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from random import Random

import pytest
from sqlalchemy import Connection, update

from domain.oddity import Habit, Thresholds, is_total
from domain.period import Period, bucket_of
from domain.tally import Figures, Precision, TallyKind
from storage import habit, lock, tally
from storage.db import Database
from storage.schema import org_unit
from tests.storage import build
from tests.storage.build import NOW, TODAY

HALF_AN_HOUR = Thresholds().repeat_within
THREE = build.figures(sessions=3, party_members=45, public=60)
JULY = replace(
    THREE, date_from=date(2026, 7, 1), date_to=date(2026, 7, 31), precision=Precision.MONTH
)
YESTERDAY = TODAY - timedelta(days=1)

_numbers = count(1)


@dataclass(frozen=True)
class Place:
    """A commune with two reporters, in its province."""

    province: int
    unit: int
    reporter: int
    colleague: int


def place(conn: Connection) -> Place:
    province = build.province(conn)
    unit_id = build.commune(conn, province)
    return Place(province, unit_id, build.reporter(conn, unit_id), build.reporter(conn, unit_id))


def keep(
    conn: Connection, where: Place, figures: Figures, *, by: int | None = None, at: datetime = NOW
) -> int:
    origin = f"telegram:{next(_numbers)}"
    return tally.record(conn, where.unit, by or where.reporter, figures, origin, at).id


def around(
    conn: Connection, where: Place, figures: Figures = THREE, replaces: int | None = None
) -> Habit:
    return habit.around(conn, where.unit, where.reporter, figures, NOW, HALF_AN_HOUR, replaces)


async def test_around_the_first_report_there_is_nothing(db: Database) -> None:
    where = await db.write(place)
    assert await db.read(around, where) == Habit()


async def test_the_size_of_the_unit_is_known_where_somebody_entered_it(db: Database) -> None:
    def sized(conn: Connection) -> Habit:
        where = place(conn)
        size = update(org_unit).where(org_unit.c.id == where.unit).values(member_count=250)
        conn.execute(size)
        return around(conn, where)

    assert (await db.write(sized)).members == 250


async def test_sessions_are_counted_by_day_by_person_and_for_the_unit(db: Database) -> None:
    def filled(conn: Connection) -> Habit:
        where = place(conn)
        keep(conn, where, build.figures(sessions=2))
        keep(conn, where, build.figures(YESTERDAY, sessions=4))
        keep(conn, where, build.figures(sessions=8), by=where.colleague)
        keep(conn, where, build.figures(TODAY - timedelta(days=30), sessions=16))
        keep(conn, where, replace(THREE, kind=TallyKind.CONTEST, sessions=32))
        return around(conn, where)

    known = await db.write(filled)
    assert (known.on_day, known.by_reporter, known.in_period) == (2, 6, 14)


async def test_what_somebody_reports_for_another_unit_does_not_count_for_this_one(
    db: Database,
) -> None:
    def filled(conn: Connection) -> Habit:
        where = place(conn)
        keep(conn, replace(where, unit=build.commune(conn, where.province)), THREE)
        return around(conn, where)

    assert await db.write(filled) == Habit()


async def test_a_period_is_that_of_the_unit_with_all_below_it_as_its_past_is(db: Database) -> None:
    def filled(conn: Connection) -> Habit:
        where = place(conn)
        below = replace(where, unit=build.cell(conn, where.unit))
        june = build.figures(TODAY - timedelta(days=30), sessions=4)
        old = keep(conn, where, build.figures(sessions=8))
        keep(conn, where, build.figures(YESTERDAY, sessions=1))
        keep(conn, below, build.figures(sessions=2))
        keep(conn, below, june)
        return around(conn, where, replaces=old)

    known = await db.write(filled)
    assert (known.on_day, known.by_reporter, known.in_period) == (0, 1, 3)
    assert known.past_counts == (4,)


async def test_what_was_withdrawn_and_what_is_corrected_do_not_count(db: Database) -> None:
    def filled(conn: Connection) -> Habit:
        where = place(conn)
        gone, old = keep(conn, where, THREE), keep(conn, where, THREE)
        tally.withdraw(conn, gone, where.reporter, NOW)
        return around(conn, where, replaces=old)

    assert await db.write(filled) == Habit()


@pytest.mark.parametrize(
    ("earlier", "ago", "found"),
    [
        (THREE, 0, True),
        (THREE, 30, True),
        (THREE, 31, False),
        (replace(THREE, public=None), 1, False),
        (replace(THREE, party_members=46), 1, False),
        (build.figures(YESTERDAY, sessions=3, party_members=45, public=60), 1, False),
        (replace(THREE, topic="chuyển đổi số"), 1, True),
    ],
)
async def test_the_same_figures_again_are_recognised_for_half_an_hour(
    db: Database, earlier: Figures, ago: int, found: bool
) -> None:
    def sent(conn: Connection) -> tuple[int, Habit]:
        where = place(conn)
        before = NOW - timedelta(minutes=ago)
        first = keep(conn, where, earlier, by=where.colleague, at=before)
        return first, around(conn, where)

    first, known = await db.write(sent)
    assert known.twin_id == (first if found else None)


async def test_a_month_total_finds_the_days_that_it_holds(db: Database) -> None:
    def filled(conn: Connection) -> tuple[Habit, list[int], list[int]]:
        where = place(conn)
        mine = [keep(conn, where, THREE), keep(conn, where, build.figures(YESTERDAY, sessions=1))]
        keep(conn, where, build.figures(sessions=5), by=where.colleague)
        keep(conn, where, build.figures(date(2026, 6, 30), sessions=9))
        gone = keep(conn, where, build.figures(YESTERDAY, sessions=7))
        tally.withdraw(conn, gone, where.reporter, NOW)
        replaced = habit.parts(conn, where.unit, where.reporter, JULY)
        return around(conn, where, JULY), mine, replaced

    known, mine, replaced = await db.write(filled)
    assert (known.parts, known.others_parts, known.in_parts) == (3, 1, 9)
    assert known.total_id is None
    assert replaced == mine


@pytest.mark.parametrize(
    ("first", "last", "precision"),
    [
        (date(2026, 7, 1), date(2026, 7, 31), Precision.MONTH),
        (date(2026, 7, 1), date(2026, 9, 30), Precision.QUARTER),
        (date(2026, 1, 1), date(2026, 12, 31), Precision.YEAR),
        (date(2026, 7, 13), date(2026, 7, 19), Precision.WEEK),
    ],
)
async def test_a_day_finds_the_total_that_holds_it(
    db: Database, first: date, last: date, precision: Precision
) -> None:
    def filled(conn: Connection) -> tuple[int, Habit]:
        where = place(conn)
        whole = replace(JULY, date_from=first, date_to=last, precision=precision)
        keep(conn, where, replace(THREE, date_from=date(2026, 7, 10), precision=Precision.RANGE))
        return keep(conn, where, whole, at=NOW - timedelta(days=1)), around(conn, where)

    total, known = await db.write(filled)
    assert known.total_id == total


async def test_the_week_over_new_year_is_found_from_both_years(db: Database) -> None:
    monday, sunday = date(2025, 12, 29), date(2026, 1, 4)

    def filled(conn: Connection) -> tuple[int, list[int | None]]:
        where = place(conn)
        week = replace(THREE, date_from=monday, date_to=sunday, precision=Precision.WEEK)
        days = [build.figures(day, sessions=1) for day in (monday, sunday)]
        total = keep(conn, where, week)
        return total, [around(conn, where, figures).total_id for figures in days]

    total, found = await db.write(filled)
    assert found == [total, total]


async def test_the_past_is_the_units_own_months_of_this_kind(db: Database) -> None:
    def filled(conn: Connection) -> Habit:
        where = place(conn)
        sister = replace(where, unit=build.commune(conn, where.province))
        for day in (date(2025, 7, 31), date(2026, 3, 1), date(2026, 3, 31), date(2026, 6, 30)):
            keep(conn, where, replace(THREE, date_from=day, date_to=day))
        june = replace(THREE, date_from=date(2026, 6, 1), date_to=date(2026, 6, 1))
        keep(conn, where, replace(june, kind=TallyKind.CONTEST))
        keep(conn, where, replace(JULY, date_from=date(2026, 4, 1), date_to=date(2026, 6, 30)))
        keep(conn, sister, june)
        keep(conn, where, replace(THREE, date_from=date(2025, 6, 30), date_to=date(2025, 6, 30)))
        return around(conn, where)

    known = await db.write(filled)
    assert sorted(known.past_counts) == [3, 3, 6]
    assert known.past_per_session == (35, 35, 35)


async def test_a_month_of_which_something_is_unknown_is_no_measure(db: Database) -> None:
    def filled(conn: Connection) -> Habit:
        where = place(conn)
        april, may, june = (date(2026, month, 3) for month in (4, 5, 6))
        keep(conn, where, build.figures(april, sessions=3, party_members=45))
        keep(conn, where, build.figures(may, party_members=45, public=60))
        keep(conn, where, build.figures(june, sessions=2, audience_total=50))
        keep(conn, where, build.figures(june, sessions=2, party_members=10, public=20))
        return around(conn, where)

    known = await db.write(filled)
    assert sorted(known.past_counts) == [3, 4]
    assert known.past_per_session == (20,)


async def test_posts_are_counted_as_items(db: Database) -> None:
    def filled(conn: Connection) -> Habit:
        where = place(conn)
        posts = replace(build.figures(items=12), kind=TallyKind.ONLINE_POST)
        keep(conn, where, posts)
        keep(conn, where, replace(posts, date_from=date(2026, 6, 2), date_to=date(2026, 6, 2)))
        return around(conn, where, posts)

    known = await db.write(filled)
    assert (known.in_period, known.past_counts, known.past_per_session) == (12, (12,), ())


async def test_what_an_officer_said_of_the_period_comes_along(db: Database) -> None:
    def said(conn: Connection) -> list[bool | None]:
        where = place(conn)
        known = [around(conn, where).locked]
        for locked in (True, False):
            lock.say(
                conn, where.province, Period.month_of(TODAY), where.reporter, NOW, locked=locked
            )
            known.append(around(conn, where).locked)
        return known

    assert await db.write(said) == [None, True, False]


PERIODS = (Period.week_of, Period.month_of, Period.quarter_of, Period.half_of, Period.year_of)


def some_figures(rng: Random) -> Figures:
    """Named days, or a label, of a year; with few numbers, so that they meet often."""
    day = date(2026, 1, 1) + timedelta(days=rng.randrange(365))
    label_ = rng.choice(PERIODS)(day)
    whole = rng.random() < 0.4
    return replace(
        THREE,
        kind=rng.choice((TallyKind.ORAL_SESSION, TallyKind.CONTEST)),
        date_from=label_.start if whole else day,
        date_to=label_.end if whole else day + timedelta(days=rng.choice((0, 0, 0, 9))),
        precision=Precision(label_.kind) if whole else Precision.RANGE,
        sessions=rng.choice((1, 2, None)),
    )


def counted_by_hand(
    kept: dict[int, tuple[int, Figures]], where: Place, figures: Figures
) -> tuple[object, ...]:
    """What is there around the figures, from all entries of the unit; no SQL."""
    first, last = figures.date_from, figures.date_to
    near = {n: (by, f) for n, (by, f) in kept.items() if f.kind is figures.kind}
    same = {n for n, (_, f) in near.items() if (f.date_from, f.date_to) == (first, last)}
    bucket = bucket_of(first, last)
    inside = {n for n, (_, f) in near.items() if bucket_of(f.date_from, f.date_to) == bucket}
    parts = {n for n, (_, f) in near.items() if first <= f.date_from and f.date_to <= last} - same
    totals_ = {
        n
        for n, (_, f) in near.items()
        if f.date_from <= first and last <= f.date_to and is_total(f)
    }
    own = {n for n, (by, _) in near.items() if by == where.reporter}

    def sessions(of: set[int]) -> int:
        return sum(near[n][1].sessions or 0 for n in of)

    return (
        sessions(same & own),
        sessions(inside & own),
        sessions(inside),
        len(parts),
        len(parts - own),
        sessions(parts),
        max(totals_, default=None),
        max((n for n in same if near[n][1] == figures), default=None),
    )


async def test_what_is_there_is_what_a_count_by_hand_finds(db: Database) -> None:
    rng = Random(4)

    def compare(conn: Connection) -> list[tuple[tuple[object, ...], tuple[object, ...]]]:
        where = place(conn)
        kept: dict[int, tuple[int, Figures]] = {}
        for _ in range(80):
            by, figures = rng.choice((where.reporter, where.colleague)), some_figures(rng)
            kept[keep(conn, where, figures, by=by)] = (by, figures)
        asked = [some_figures(rng) for _ in range(120)]
        return [
            (counted_by_hand(kept, where, f), astuple(around(conn, where, f))[1:9]) for f in asked
        ]

    compared = await db.write(compare)
    assert all(sum(bool(by_hand[i]) for by_hand, _ in compared) > 5 for i in range(8))
    assert [found for _, found in compared] == [by_hand for by_hand, _ in compared]
