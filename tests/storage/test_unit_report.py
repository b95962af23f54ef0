"""Nil returns: a unit says that nothing took place."""

import asyncio
from datetime import date

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
