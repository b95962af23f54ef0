"""Whom the monthly word on Zalo goes to."""

from datetime import date, timedelta

from sqlalchemy import Connection, update

from domain.period import Period
from domain.role import Role
from storage import monthly, person, tally, unit_report
from storage.db import Database
from storage.schema import membership
from tests.storage import build
from tests.storage.build import NOW

JUNE = Period.month_of(date(2026, 6, 1))
TODAY = date(2026, 7, 1)


def _on_zalo(conn: Connection, unit_id: int, role: Role = Role.REPORTER) -> int:
    who = build.reporter(conn, unit_id, role)
    person.add_account(conn, who, "zalo", f"zalo {who}")
    return who


def _end_role(conn: Connection, who: int, day: date) -> None:
    conn.execute(update(membership).where(membership.c.person_id == who).values(valid_to=day))


async def _told(db: Database) -> list[int]:
    return await db.read(monthly.whom, JUNE, JUNE.end, TODAY)


async def test_reporters_on_zalo_are_told_and_nobody_who_has_telegram_alone(db: Database) -> None:
    def people(conn: Connection) -> int:
        root = build.province(conn)
        build.reporter(conn, root)
        return _on_zalo(conn, root)

    who = await db.write(people)
    assert await _told(db) == [who]


async def test_a_lead_is_told_only_of_reports_of_their_own(db: Database) -> None:
    def people(conn: Connection) -> int:
        root = build.province(conn)
        _on_zalo(conn, root, Role.UNIT_LEAD)
        lead = _on_zalo(conn, root, Role.UNIT_LEAD)
        figures = build.figures(date(2026, 6, 30), sessions=3)
        tally.record(conn, root, lead, figures, "zalo:1:1", NOW)
        return lead

    lead = await db.write(people)
    assert await _told(db) == [lead]


async def test_who_came_later_left_or_cannot_be_reached_is_not_told(db: Database) -> None:
    def people(conn: Connection) -> None:
        root = build.province(conn)
        late = build.reporter(conn)
        person.add_account(conn, late, "zalo", "late")
        person.add_membership(conn, late, root, Role.REPORTER, TODAY)
        _end_role(conn, _on_zalo(conn, root), JUNE.end)
        gone = _on_zalo(conn, root)
        person.set_reachable(conn, "zalo", f"zalo {gone}", NOW)

    await db.write(people)
    assert await _told(db) == []


async def test_what_was_withdrawn_is_no_report(db: Database) -> None:
    def people(conn: Connection) -> None:
        root = build.province(conn)
        lead = _on_zalo(conn, root, Role.UNIT_LEAD)
        figures = build.figures(date(2026, 6, 30), sessions=3)
        made = tally.record(conn, root, lead, figures, "zalo:1:1", NOW)
        tally.withdraw(conn, made.id, lead, NOW + timedelta(hours=1))

    await db.write(people)
    assert await _told(db) == []


async def test_that_nothing_took_place_is_known_of_who_said_it_and_when(db: Database) -> None:
    def people(conn: Connection) -> tuple[int, int]:
        root = build.province(conn)
        who, other = _on_zalo(conn, root), _on_zalo(conn, root)
        unit_report.record_nil(conn, root, JUNE, who, NOW)
        return who, other

    who, other = await db.write(people)
    assert await db.read(monthly.said_nil, who, JUNE)
    assert not await db.read(monthly.said_nil, other, JUNE)
    assert not await db.read(monthly.said_nil, who, Period.month_of(TODAY))
