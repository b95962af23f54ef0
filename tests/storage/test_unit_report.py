"""Nil returns: a unit says that nothing took place."""

import asyncio
from datetime import date

from sqlalchemy import Connection

from domain.period import Period
from storage import unit_report
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW

JULY = Period.month_of(date(2026, 7, 1))


async def test_a_nil_return_said_twice_stays_said_once(db: Database) -> None:
    unit_id = await db.write(build.province)
    who = await db.write(build.reporter)
    await asyncio.gather(
        *(db.write(unit_report.record_nil, unit_id, JULY, who, NOW) for _ in range(5))
    )
    assert await db.read(build.audit_lines) == [("nil_return", "org_unit", unit_id, who)]


async def test_only_who_said_it_takes_a_nil_return_back_and_only_once(db: Database) -> None:
    def story(conn: Connection) -> list[bool]:
        unit_id = build.province(conn)
        who, other = build.reporter(conn), build.reporter(conn)
        unit_report.record_nil(conn, unit_id, JULY, who, NOW)
        takers = (other, who, who)
        return [unit_report.take_back_nil(conn, unit_id, JULY, each, NOW) for each in takers]

    assert await db.write(story) == [False, True, False]
    lines = [action for action, *_ in await db.read(build.audit_lines)]
    assert lines == ["nil_return", "nil_undone"]
