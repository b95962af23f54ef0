"""Registered groups."""

from storage import group
from storage.db import Database
from tests.storage import build
from tests.storage.build import CHANNEL, NOW


async def test_a_group_sees_the_unit_it_was_first_registered_for(db: Database) -> None:
    unit_id, other = await db.write(build.province), await db.write(build.province)
    officer = await db.write(build.reporter)
    assert await db.read(group.unit_of, CHANNEL, "-100") is None
    await db.write(group.register, CHANNEL, "-100", unit_id, officer, NOW)
    await db.write(group.register, CHANNEL, "-100", other, officer, NOW)
    assert await db.read(group.unit_of, CHANNEL, "-100") == unit_id
    assert [line[0] for line in await db.read(build.audit_lines)] == ["register"]


async def test_a_group_that_became_a_supergroup_stays_the_same_group(db: Database) -> None:
    unit_id, officer = await db.write(build.province), await db.write(build.reporter)
    await db.write(group.register, CHANNEL, "-100", unit_id, officer, NOW)
    await db.write(group.migrate, CHANNEL, "-100", "-100200")
    assert await db.read(group.unit_of, CHANNEL, "-100200") == unit_id
    assert await db.read(group.unit_of, CHANNEL, "-100") is None
