"""A prepared statement does what SQLAlchemy's own way does, on both engines."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound

from storage.db import Database
from storage.prepared import Prepared
from storage.schema import day_off, draft, invitation

AT = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
DRAFT = {
    "channel": "telegram",
    "address": "1001",
    "dialogue": "tally",
    "step": "sessions",
    "version": 1,
    "data": {"đơn vị": ["xã", None, 3]},
    "updated_at": AT,
}
START = Prepared(insert(draft).returning(draft.c.id))
SAVE = Prepared(update(draft).where(draft.c.id == bindparam("of_id")))
OLD = Prepared(
    select(draft).where(draft.c.dialogue == "tally", draft.c.version >= bindparam("from"))
)


def plainly(conn: Connection) -> list[dict[str, object]]:
    return [dict(row) for row in conn.execute(select(draft)).mappings()]


async def test_what_is_written_is_read_back_by_either_way(db: Database) -> None:
    def write(conn: Connection) -> tuple[object, list[dict[str, object]], list[dict[str, object]]]:
        conn.execute(insert(draft), DRAFT | {"address": "1000"})
        made = START.one(conn, DRAFT)
        prepared = [dict(row._mapping) for row in OLD.rows(conn, {"from": 1})]
        return made.id, prepared, plainly(conn)

    made, prepared, plain = await db.write(write)
    assert prepared == plain
    assert plain[1] == DRAFT | {"id": made}


async def test_an_update_changes_what_it_names_and_nothing_else(db: Database) -> None:
    def write(conn: Connection) -> list[dict[str, object]]:
        kept, changed = START.one(conn, DRAFT | {"address": "1"}).id, START.one(conn, DRAFT).id
        SAVE.run(conn, {"of_id": changed, "step": "public", "version": 2})
        assert kept != changed
        return plainly(conn)

    first, second = await db.write(write)
    assert (first["step"], first["version"]) == ("sessions", 1)
    assert (second["step"], second["version"], second["data"]) == ("public", 2, DRAFT["data"])


async def test_no_row_is_none_or_an_error_where_one_is_needed(db: Database) -> None:
    def look(conn: Connection) -> None:
        assert OLD.rows(conn, {"from": 9}) in ([], ())
        assert OLD.first(conn, {"from": 9}) is None
        with pytest.raises(NoResultFound):
            OLD.one(conn, {"from": 9})

    await db.write(look)
    await db.read(look)


async def test_a_broken_rule_is_sqlalchemys_own_error_and_names_no_value(db: Database) -> None:
    broken = Prepared(insert(invitation))
    values = {
        "token_hash": "bí mật",
        "unit_id": 77,
        "role": "reporter",
        "uses_left": -1,
        "expires_at": AT,
        "created_by": None,
        "created_at": AT,
    }
    with pytest.raises(IntegrityError) as told:
        await db.write(lambda conn: broken.run(conn, values))
    assert "bí mật" not in str(told.value)


async def test_a_value_that_is_not_given_is_an_error(db: Database) -> None:
    never_run = Prepared(select(draft).where(draft.c.version >= bindparam("from")))
    with pytest.raises(Exception, match="from"):
        await db.write(lambda conn: never_run.rows(conn, {}))


async def test_days_and_instants_are_written_each_in_its_own_way(db: Database) -> None:
    said = {"day": date(2026, 9, 2), "working": False, "note": None, "said_at": AT}
    enter = Prepared(insert(day_off))
    entered_then = Prepared(
        select(day_off).where(day_off.c.day == said["day"], day_off.c.said_at == AT)
    )

    def write(conn: Connection) -> list[dict[str, object]]:
        enter.run(conn, said)
        return [dict(row._mapping) for row in entered_then.rows(conn, {})]

    assert await db.write(write) == [said]


async def test_a_read_that_begins_with_one_sees_one_state_to_its_end(db: Database) -> None:
    await db.write(lambda conn: START.run(conn, DRAFT))

    def look(conn: Connection) -> bool:
        OLD.rows(conn, {"from": 1})
        return conn.in_transaction()

    assert await db.read(look)
