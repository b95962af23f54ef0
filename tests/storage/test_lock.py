"""Periods that are locked: by their date, or by an officer's word, for a whole subtree."""

from datetime import date

from sqlalchemy import Connection

from domain.period import Period
from domain.unit import UnitType
from storage import lock, unit
from storage.db import Database
from storage.lock import Standing
from tests.storage import build
from tests.storage.build import NOW, RULES, TODAY

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


def standing(conn: Connection, unit_id: int, period: Period) -> Standing:
    return lock.standing(conn, unit_id, period, RULES, TODAY)


async def test_an_officer_sees_how_many_units_of_a_subtree_are_locked(db: Database) -> None:
    def said(conn: Connection) -> dict[str, Standing]:
        province, one, _, officer = units(conn)
        unit.add(conn, "cell", "Chi bộ", UnitType.CELL, one)
        lock.say(conn, one, JULY, officer, NOW, locked=True)
        lock.say(conn, one, MARCH, officer, NOW, locked=False)
        return {
            "July": standing(conn, province, JULY),
            "July in one": standing(conn, one, JULY),
            "June": standing(conn, province, JUNE),
            "March": standing(conn, province, MARCH),
        }

    assert await db.write(said) == {
        "July": Standing(units=4, locked=2),
        "July in one": Standing(units=2, locked=2),
        "June": Standing(units=4, locked=0),
        "March": Standing(units=4, locked=2),
    }


async def test_units_that_were_closed_before_a_period_are_not_locked_for_it(db: Database) -> None:
    def said(conn: Connection) -> Standing:
        province, *_ = units(conn)
        closed = date(2026, 6, 30)
        unit.add(conn, "old", "Xã cũ", UnitType.COMMUNE_COMMITTEE, province, valid_to=closed)
        return standing(conn, province, JULY)

    assert await db.write(said) == Standing(units=3, locked=0)


async def test_every_word_makes_the_buttons_before_it_old(db: Database) -> None:
    def said(conn: Connection) -> list[int]:
        province, _, _, officer = units(conn)
        seen = [lock.last_word(conn)]
        for locked in (True, False):
            lock.say(conn, province, JUNE, officer, NOW, locked=locked)
            seen.append(lock.last_word(conn))
        return seen

    first, second, third = await db.write(said)
    assert first == 0
    assert 0 < second < third
