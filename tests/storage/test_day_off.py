"""Days off and working days that a decree adds."""

from datetime import date

from sqlalchemy import Connection

from storage import day_off
from storage.day_off import DecreedDay
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW

TET, SATURDAY = date(2027, 2, 10), date(2027, 2, 20)


async def test_a_day_that_is_entered_again_is_replaced_and_can_be_forgotten(db: Database) -> None:
    def story(conn: Connection) -> list[list[DecreedDay]]:
        seen = []
        day_off.say(conn, [DecreedDay(SATURDAY, True, None), DecreedDay(TET, False, "QĐ 1")], NOW)
        seen.append(day_off.all_days(conn))
        day_off.say(conn, [DecreedDay(TET, True, "QĐ 2")], NOW)
        seen.append(day_off.all_days(conn))
        assert day_off.remove(conn, [TET, date(2027, 1, 1)], NOW) == [TET]
        seen.append(day_off.all_days(conn))
        return seen

    swapped = DecreedDay(SATURDAY, True, None)
    assert await db.write(story) == [
        [DecreedDay(TET, False, "QĐ 1"), swapped],
        [DecreedDay(TET, True, "QĐ 2"), swapped],
        [swapped],
    ]


async def test_every_day_that_is_entered_or_forgotten_is_in_the_audit_log(db: Database) -> None:
    def story(conn: Connection) -> list[str]:
        day_off.say(conn, [DecreedDay(TET, False, None)], NOW)
        day_off.remove(conn, [TET], NOW)
        return [line[0] for line in build.audit_lines(conn)][-2:]

    assert await db.write(story) == ["decree_day", "forget_day"]
