"""Nil returns, and who has reported: silence, nothing to report and figures are three things."""

import asyncio
from dataclasses import dataclass
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from domain.period import Period
from domain.unit import UnitType
from storage import tally, unit, unit_report
from storage.db import Database
from storage.unit_report import ReportingStatus
from tests.storage import build
from tests.storage.build import NOW
from tests.storage.test_totals import undone

JULY = Period.month_of(date(2026, 7, 1))


def nil(conn: Connection, unit_id: int, period: Period = JULY) -> None:
    unit_report.record_nil(conn, unit_id, period, build.reporter(conn), NOW)


def report(conn: Connection, unit_id: int, day: date = JULY.start) -> int:
    return tally.record(
        conn, unit_id, None, build.figures(day, sessions=1), f"{unit_id}:{day}", NOW
    ).id


@dataclass(frozen=True)
class Case:
    """One commune: in force in July or not, with figures, with a nil return, or with neither."""

    in_force: bool
    figures: bool
    nil: bool


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.lists(st.builds(Case, st.booleans(), st.booleans(), st.booleans()), max_size=8))
async def test_the_status_always_adds_up(db: Database, cases: list[Case]) -> None:
    def run(conn: Connection) -> None:
        top = build.province(conn)
        for number, case in enumerate(cases):
            closed = None if case.in_force else date(2026, 6, 30)
            unit_id = unit.add(
                conn, f"{top}:{number}", "Xã", UnitType.COMMUNE_COMMITTEE, top, valid_to=closed
            )
            if case.figures:
                report(conn, unit_id)
            if case.nil:
                nil(conn, unit_id)
        status = unit_report.status(conn, top, JULY)
        required = [case for case in cases if case.in_force]
        with_figures = [case for case in required if case.figures]
        said_nothing_happened = [case for case in required if case.nil and not case.figures]
        silent = [case for case in required if not case.nil and not case.figures]
        assert status == ReportingStatus(
            len(required), len(with_figures), len(said_nothing_happened)
        )
        assert status.missing == len(silent)

    await undone(db, run)


async def test_a_nil_return_said_twice_stays_said_once(db: Database) -> None:
    unit_id = await db.write(build.province)
    who = await db.write(build.reporter)
    await asyncio.gather(
        *(db.write(unit_report.record_nil, unit_id, JULY, who, NOW) for _ in range(5))
    )
    assert await db.read(build.audit_lines) == [("nil_return", "org_unit", unit_id, who)]


async def test_a_nil_return_counts_for_its_own_period_alone(db: Database) -> None:
    def story(conn: Connection) -> int:
        unit_id = build.commune(conn, build.province(conn))
        nil(conn, unit_id)
        return unit_id

    unit_id = await db.write(story)
    august = Period.month_of(date(2026, 8, 1))
    assert await db.read(unit_report.status, unit_id, JULY) == ReportingStatus(1, 0, 1)
    assert await db.read(unit_report.status, unit_id, august) == ReportingStatus(1, 0, 0)


async def test_a_commune_has_reported_when_its_cell_has(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int]:
        top = build.province(conn)
        with_figures, with_nil = build.commune(conn, top), build.commune(conn, top)
        report(conn, unit.add(conn, "cell 1", "Chi bộ", UnitType.CELL, with_figures))
        nil(conn, unit.add(conn, "cell 2", "Chi bộ", UnitType.CELL, with_nil))
        return top, with_figures

    top, commune = await db.write(story)
    assert await db.read(unit_report.status, top, JULY) == ReportingStatus(2, 1, 1)
    assert await db.read(unit_report.status, commune, JULY) == ReportingStatus(1, 1, 0)


async def test_a_withdrawn_report_leaves_the_unit_missing_again(db: Database) -> None:
    def story(conn: Connection) -> int:
        unit_id = build.commune(conn, build.province(conn))
        tally.withdraw(conn, report(conn, unit_id), build.reporter(conn), NOW)
        return unit_id

    unit_id = await db.write(story)
    assert (await db.read(unit_report.status, unit_id, JULY)).missing == 1


async def test_a_unit_that_is_founded_later_owes_nothing_yet(db: Database) -> None:
    def story(conn: Connection) -> int:
        top = build.province(conn)
        for code, start in (("in july", date(2026, 7, 31)), ("in august", date(2026, 8, 1))):
            unit.add(conn, code, "Xã", UnitType.COMMUNE_COMMITTEE, top, valid_from=start)
        return top

    top = await db.write(story)
    assert (await db.read(unit_report.status, top, JULY)).required == 1
