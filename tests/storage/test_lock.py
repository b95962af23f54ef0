"""Periods that are locked: by their date, or by an officer's word, for a whole subtree."""

from datetime import date

from sqlalchemy import Connection

from domain.deadline import DeadlineRules
from domain.period import Period
from domain.workday import Calendar
from storage import lock
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW, TODAY

RULES = DeadlineRules(Calendar.vietnam())
JUNE, JULY, MARCH = (Period.month_of(date(2026, month, 1)) for month in (6, 7, 3))
QUARTER_2 = Period.quarter_of(date(2026, 6, 1))


def units(conn: Connection) -> tuple[int, int, int, int]:
    """A province, two communes, and an officer."""
    province = build.province(conn)
    one, other = build.commune(conn, province), build.commune(conn, province)
    return province, one, other, build.reporter(conn, province)


def locked(conn: Connection, unit_id: int, period: Period) -> bool:
    return lock.locks(conn, unit_id, period, RULES, TODAY)


async def test_a_period_is_locked_once_its_lock_date_is_past(db: Database) -> None:
    _, one, _, _ = await db.write(units)
    assert await db.read(locked, one, MARCH)
    assert not await db.read(locked, one, JUNE)


async def test_a_lock_holds_for_everything_below_and_nothing_beside(db: Database) -> None:
    def said(conn: Connection) -> dict[str, bool]:
        province, one, other, officer = units(conn)
        lock.say(conn, one, JULY, officer, NOW, locked=True)
        lock.say(conn, province, JUNE, officer, NOW, locked=True)
        return {
            "one in July": locked(conn, one, JULY),
            "other in July": locked(conn, other, JULY),
            "other in June": locked(conn, other, JUNE),
            "province in July": locked(conn, province, JULY),
        }

    assert await db.write(said) == {
        "one in July": True,
        "other in July": False,
        "other in June": True,
        "province in July": False,
    }


async def test_a_locked_quarter_locks_its_months_and_not_the_other_way(db: Database) -> None:
    def said(conn: Connection) -> tuple[bool, bool]:
        _, one, other, officer = units(conn)
        lock.say(conn, one, QUARTER_2, officer, NOW, locked=True)
        lock.say(conn, other, JUNE, officer, NOW, locked=True)
        return locked(conn, one, JUNE), locked(conn, other, QUARTER_2)

    assert await db.write(said) == (True, False)


async def test_the_newest_word_counts(db: Database) -> None:
    def said(conn: Connection) -> list[bool]:
        province, one, _, officer = units(conn)
        lock.say(conn, province, QUARTER_2, officer, NOW, locked=True)
        lock.say(conn, one, JUNE, officer, NOW, locked=False)
        reopened = locked(conn, one, JUNE)
        lock.say(conn, province, JUNE, officer, NOW, locked=True)
        return [reopened, locked(conn, one, JUNE)]

    assert await db.write(said) == [False, True]


async def test_a_period_can_be_reopened_after_its_lock_date(db: Database) -> None:
    def said(conn: Connection) -> bool:
        province, one, _, officer = units(conn)
        lock.say(conn, province, MARCH, officer, NOW, locked=False)
        return locked(conn, one, MARCH)

    assert not await db.write(said)


async def test_who_locked_and_reopened_is_in_the_audit_log(db: Database) -> None:
    def said(conn: Connection) -> tuple[int, int]:
        province, _, _, officer = units(conn)
        lock.say(conn, province, JUNE, officer, NOW, locked=True)
        lock.say(conn, province, JUNE, officer, NOW, locked=False)
        return province, officer

    province, officer = await db.write(said)
    assert await db.read(build.audit_lines) == [
        ("lock", "org_unit", province, officer),
        ("reopen", "org_unit", province, officer),
    ]
