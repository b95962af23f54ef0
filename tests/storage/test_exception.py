"""Other due dates that officers give to units."""

from datetime import UTC, date, datetime

from sqlalchemy import Connection

from domain.period import Period
from domain.unit import UnitType
from storage import exception, lock, unit
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW, RULES

JULY, AUGUST = Period.from_code("2026-07"), Period.from_code("2026-08")
DUE, LATER = date(2026, 8, 5), date(2026, 8, 25)


def due(conn: Connection, unit_id: int, period: Period = JULY) -> date:
    return exception.due_of(conn, unit_id, period, RULES)


async def test_a_due_date_holds_for_all_units_below_and_for_that_month_alone(db: Database) -> None:
    def story(conn: Connection) -> list[date]:
        top = build.province(conn)
        one, other = build.commune(conn, top), build.commune(conn, top)
        cell = unit.add(conn, "cell", "Chi bộ", UnitType.CELL, one)
        exception.say(conn, one, JULY, LATER, build.reporter(conn, top), NOW)
        return [due(conn, one), due(conn, cell), due(conn, other), due(conn, one, AUGUST)]

    assert await db.write(story) == [LATER, LATER, DUE, date(2026, 9, 7)]


async def test_the_newest_word_counts_and_the_rule_can_come_back(db: Database) -> None:
    def story(conn: Connection) -> list[date]:
        top = build.province(conn)
        unit_id, officer = build.commune(conn, top), build.reporter(conn, top)
        seen = []
        for of, day in ((unit_id, LATER), (top, date(2026, 8, 14)), (unit_id, None)):
            exception.say(conn, of, JULY, day, officer, NOW)
            seen.append(due(conn, unit_id))
        return seen

    assert await db.write(story) == [LATER, date(2026, 8, 14), DUE]


async def test_the_lock_keeps_its_distance_from_another_due_date(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[bool, int]]:
        top = build.province(conn)
        unit_id, officer = build.commune(conn, top), build.reporter(conn, top)
        build.commune(conn, top)

        def locked(day: date) -> tuple[bool, int]:
            standing = lock.standing(conn, top, JULY, RULES, day)
            return lock.locks(conn, unit_id, JULY, RULES, day), standing.locked

        after_the_rule, after_its_own = date(2026, 8, 18), date(2026, 9, 5)
        seen = [locked(after_the_rule)]
        exception.say(conn, unit_id, JULY, LATER, officer, NOW)
        seen += [locked(after_the_rule), locked(after_its_own)]
        lock.say(conn, unit_id, JULY, officer, NOW, locked=True)
        return [*seen, locked(DUE)]

    assert await db.write(story) == [(True, 3), (False, 2), (True, 3), (True, 1)]


async def test_who_gave_the_due_date_is_in_the_audit_log(db: Database) -> None:
    def story(conn: Connection) -> bool:
        top = build.province(conn)
        officer = build.reporter(conn, top)
        exception.say(conn, top, JULY, LATER, officer, datetime(2026, 8, 1, tzinfo=UTC))
        return build.audit_lines(conn)[-1] == ("extend", "org_unit", top, officer)

    assert await db.write(story)
