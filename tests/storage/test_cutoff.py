"""Another cut-off counts every entry anew, and nothing else changes."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from domain.period import Cutoff, Period
from domain.tally import Precision, TallyKind
from storage import cutoff, habit, tally, totals
from storage.db import Database
from storage.schema import audit_event
from tests.storage import build
from tests.storage.build import NOW
from tests.storage.undo import undone

JULY, AUGUST = Period.from_code("2026-07"), Period.from_code("2026-08")
YEAR = Period.from_code("2026")


def report(conn: Connection, unit_id: int, day: date, by: Cutoff) -> None:
    figures = build.figures(day, sessions=1)
    tally.record(conn, unit_id, None, figures, f"{unit_id}:{day}", NOW, cutoff=by)


def sessions(conn: Connection, unit_id: int, period: Period) -> int:
    found = totals.read(conn, unit_id, period).get(TallyKind.ORAL_SESSION)
    return found.sessions if found else 0


async def test_with_the_cut_off_on_day_15_the_end_of_july_counts_for_august(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[int, int]]:
        unit_id = build.commune(conn, build.province(conn))
        for day in (JULY.end, JULY.start, date(2026, 7, 15), date(2026, 7, 14)):
            report(conn, unit_id, day, Cutoff.CALENDAR_MONTH)
        seen = [(sessions(conn, unit_id, JULY), sessions(conn, unit_id, AUGUST))]
        for by in (Cutoff.DAY_15, Cutoff.CALENDAR_MONTH):
            assert cutoff.keep_to(conn, by, NOW)
            assert not cutoff.keep_to(conn, by, NOW)
            assert totals.verify(conn) == []
            seen.append((sessions(conn, unit_id, JULY), sessions(conn, unit_id, AUGUST)))
        return seen

    assert await db.write(story) == [(4, 0), (2, 2), (4, 0)]


async def test_who_names_a_month_means_the_month_of_that_name(db: Database) -> None:
    def story(conn: Connection) -> int:
        unit_id = build.commune(conn, build.province(conn))
        july = build.figures(JULY.start, sessions=12)
        figures = replace(july, date_to=JULY.end, precision=Precision.MONTH)
        tally.record(conn, unit_id, None, figures, f"{unit_id}", NOW)
        cutoff.keep_to(conn, Cutoff.DAY_15, NOW)
        return sessions(conn, unit_id, JULY)

    assert await db.write(story) == 12


async def test_a_correction_moves_an_entry_by_the_cut_off(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int]:
        unit_id = build.commune(conn, build.province(conn))
        report(conn, unit_id, JULY.start, Cutoff.DAY_15)
        (entry,) = tally.of_message(conn, f"{unit_id}:{JULY.start}")
        later = build.figures(date(2026, 7, 20), sessions=3)
        tally.correct(conn, entry.id, build.reporter(conn), later, NOW, cutoff=Cutoff.DAY_15)
        return sessions(conn, unit_id, JULY), sessions(conn, unit_id, AUGUST)

    assert await db.write(story) == (0, 3)


async def test_what_is_odd_is_measured_in_the_month_of_the_cut_off(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        unit_id = build.commune(conn, build.province(conn))
        for day in (date(2026, 6, 14), date(2026, 6, 15), date(2026, 7, 14), date(2026, 7, 15)):
            report(conn, unit_id, day, Cutoff.DAY_15)
        new, lately = build.figures(date(2026, 7, 1), sessions=1), timedelta(minutes=30)
        later = NOW + timedelta(days=1)
        near = habit.around(conn, unit_id, 1, new, later, lately, cutoff=Cutoff.DAY_15)
        before = replace(new, date_from=date(2026, 6, 20), date_to=date(2026, 6, 20))
        same = habit.around(conn, unit_id, 1, before, later, lately, cutoff=Cutoff.DAY_15)
        return [near.in_period, same.in_period]

    assert await db.write(story) == [2, 2]


async def test_the_change_of_the_cut_off_is_in_the_audit_log(db: Database) -> None:
    def story(conn: Connection) -> list[object]:
        cutoff.keep_to(conn, Cutoff.DAY_15, NOW)
        said = select(audit_event.c.details).where(audit_event.c.action == "change_cutoff")
        return list(conn.execute(said).scalars())

    assert await db.write(story) == [{"old": "calendar_month", "new": "day15"}]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.dates(date(2025, 12, 15), date(2026, 12, 14)), unique=True, max_size=20),
    by=st.sampled_from(Cutoff),
)
async def test_the_months_of_a_year_add_up_to_the_year(
    db: Database, days: list[date], by: Cutoff
) -> None:
    def story(conn: Connection) -> None:
        unit_id = build.commune(conn, build.province(conn))
        for day in days:
            report(conn, unit_id, day, by)
        months = [Period.month_of(date(2026, month, 1)) for month in range(1, 13)]
        year = sessions(conn, unit_id, YEAR)
        assert sum(sessions(conn, unit_id, month) for month in months) == year
        assert year == (len(days) if by is Cutoff.DAY_15 else sum(d.year == 2026 for d in days))

    await undone(db, story)
