"""Odd figures that were kept carry a flag, version by version."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from domain.oddity import OddFlag, OddityCode, OddReason
from storage import oddity, tally
from storage.db import Database
from storage.schema import tally_version
from storage.tally import StoredTally
from tests.storage import build
from tests.storage.build import NOW

MANY = build.figures(sessions=1, audience_total=400)
CROWD = OddFlag((OddityCode.CROWDED, OddityCode.UNUSUAL_COUNT), OddReason.LARGE_EVENT)


def stored(conn: Connection, flag: OddFlag | None = None) -> StoredTally:
    unit_id = build.commune(conn, build.province(conn))
    person_id = build.reporter(conn, unit_id)
    return tally.record(conn, unit_id, person_id, MANY, "telegram:1", NOW, odd=flag)


def reasons(conn: Connection, tally_id: int) -> list[str | None]:
    """The reason kept with each version."""
    version = tally_version.c
    rows = select(version.odd_reason).where(version.tally_id == tally_id).order_by(version.version)
    return list(conn.execute(rows).scalars())


@pytest.mark.parametrize("flag", [None, CROWD, replace(CROWD, reason=None)])
async def test_what_was_odd_and_why_it_is_right_is_kept(db: Database, flag: OddFlag | None) -> None:
    entry = await db.write(stored, flag)
    assert await db.read(oddity.flag_of, entry.id) == flag


async def test_a_correction_to_ordinary_figures_leaves_the_flag_with_the_old_version(
    db: Database,
) -> None:
    entry = await db.write(stored, CROWD)
    ordinary = replace(MANY, audience_total=40)
    await db.write(tally.correct, entry.id, entry.reporter_id or 0, ordinary, NOW)
    assert await db.read(oddity.flag_of, entry.id) is None
    assert await db.read(reasons, entry.id) == ["large_event", None]
