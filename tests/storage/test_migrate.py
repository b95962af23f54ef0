"""The schema: built by migrations alone, the same on both engines, and never losing data."""

from collections.abc import Mapping
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import totals, unit
from storage.db import Database
from storage.migrate import config, current, migrate, newest, versions
from storage.schema import metadata

# What a database at version 0001 may hold: a row of each table, in plain SQL as of that version.
# It never changes, whatever becomes of storage.schema. Totals agree with the entry.
ROWS_OF_0001 = """
INSERT INTO org_unit (id, code, name, type, parent_id, position, valid_from, member_count)
    VALUES (1, 'p', 'Tỉnh uỷ', 'province_committee', NULL, 0, '2025-07-01', NULL),
           (2, 'c', 'Đảng uỷ xã', 'commune_committee', 1, 3, NULL, 250);
INSERT INTO unit_path (unit_id, ancestor_id, depth) VALUES (1, 1, 0), (2, 2, 0), (2, 1, 1);
INSERT INTO unit_alias (unit_id, folded) VALUES (1, 'tinh uy'), (2, 'dang uy xa');
INSERT INTO person (id, display_name, consent_version, consented_at, created_at)
    VALUES (1, 'Báo cáo viên', '1', '2026-07-01 01:00:00', '2026-07-01 01:00:00');
INSERT INTO account (id, person_id, channel, address) VALUES (1, 1, 'telegram', '1001');
INSERT INTO membership (id, person_id, unit_id, role, valid_from)
    VALUES (1, 1, 2, 'reporter', '2026-07-01');
INSERT INTO invitation (id, token_hash, unit_id, role, uses_left, expires_at, created_by,
                        created_at)
    VALUES (1, 'abc', 2, 'reporter', 1, '2026-08-01 00:00:00', 1, '2026-07-01 01:00:00');
INSERT INTO group_chat (id, channel, address, unit_id, registered_by, created_at)
    VALUES (1, 'telegram', '-100', 1, 1, '2026-07-01 01:00:00');
INSERT INTO draft (id, channel, address, dialogue, step, version, data, updated_at)
    VALUES (1, 'telegram', '1001', 'tally', 'sessions', 2, '{"a": 1}', '2026-07-02 01:00:00');
INSERT INTO tally (id, unit_id, reporter_id, version, state, kind, date_from, date_to, precision,
                   dates, sessions, audience_total, approximation, bucket, origin, created_at)
    VALUES (1, 2, 1, 1, 'active', 'oral_session', '2026-07-02', '2026-07-02', 'day',
            '[]', 3, 105, 'over', '2026-07', 'telegram:1', '2026-07-02 01:00:00');
INSERT INTO tally_version (tally_id, version, author_id, at, state, kind, date_from, date_to,
                           precision, dates, sessions, audience_total, approximation)
    VALUES (1, 1, 1, '2026-07-02 01:00:00', 'active', 'oral_session', '2026-07-02', '2026-07-02',
            'day', '[]', 3, 105, 'over');
INSERT INTO period_total (unit_id, bucket, kind, bucket_from, bucket_to, entries, sessions,
                          sessions_known, party_members, party_members_known, public,
                          public_known, unsplit, unsplit_known, learners, learners_known, items, items_known,
                          about, over, under)
    VALUES (1, '2026-07', 'oral_session', '2026-07-01', '2026-07-31', 1, 3, 1, 0, 0, 0, 0, 105, 1,
            0, 0, 0, 0, 0, 1, 0),
           (2, '2026-07', 'oral_session', '2026-07-01', '2026-07-31', 1, 3, 1, 0, 0, 0, 0, 105, 1,
            0, 0, 0, 0, 0, 1, 0);
INSERT INTO unit_report (unit_id, period, status, reported_by, reported_at)
    VALUES (2, '2026-06', 'nil_return', 1, '2026-07-02 01:00:00');
INSERT INTO target (id, unit_id, name, period, period_from, period_to, planned, done, source)
    VALUES (1, 1, 'Lớp bồi dưỡng', '2026', '2026-01-01', '2026-12-31', 28, 30, 'Báo cáo 1');
INSERT INTO opinion_note (id, unit_id, sender_id, text, category, urgency, stance, breadth,
                          is_proposal, status, origin, created_at)
    VALUES (1, 2, 1, 'Đường hỏng', 'infrastructure', 'normal', 'concerned', 'many', false, 'new',
            'telegram:2', '2026-07-02 01:00:00');
INSERT INTO briefing (id, unit_id, title, starts_at, status, created_by, created_at, origin)
    VALUES (1, 1, 'Hội nghị tháng 7', '2026-07-20 01:30:00', 'planned', 1,
            '2026-07-02 01:00:00', 'telegram:3');
INSERT INTO briefing_answer (briefing_id, person_id, answer, answered_at)
    VALUES (1, 1, 'attending', '2026-07-03 01:00:00');
INSERT INTO reminder (id, briefing_id, rung, due_at, expires_at, state)
    VALUES (1, 1, 'today', '2026-07-20 00:00:00', '2026-07-20 01:30:00', 'waiting');
INSERT INTO delivery (id, key, person_id, message, briefing_id, state, created_at,
                      expires_at)
    VALUES (1, 'briefing:1:invitation:1', 1, 'briefing.invitation', 1, 'sent',
            '2026-07-15 01:30:00', '2026-07-19 07:00:00');
INSERT INTO audit_event (id, at, actor_id, action, subject, subject_id, details)
    VALUES (1, '2026-07-02 01:00:00', 1, 'report', 'tally', 1, '{}');
"""

Kept = Mapping[str, list[dict[str, Any]]]


def fill(conn: Connection) -> None:
    for statement in ROWS_OF_0001.split(";\n"):
        if statement.strip():
            conn.exec_driver_sql(statement.strip())


def rows(conn: Connection) -> Kept:
    """Everything in the database, as plain SQL sees it, without Alembic's own mark."""
    tables = sorted(set(inspect(conn).get_table_names()) - {"alembic_version"})
    return {
        table: [dict(row) for row in conn.execute(text(f'SELECT * FROM "{table}"')).mappings()]
        for table in tables
    }


def differences(conn: Connection) -> object:
    return compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata)


def checks_and_references(conn: Connection) -> object:
    """What Alembic's comparison does not look at."""
    inspector = inspect(conn)
    return {
        table: (
            sorted(str(check["name"]) for check in inspector.get_check_constraints(table)),
            sorted(str(key["name"]) for key in inspector.get_foreign_keys(table)),
            inspector.get_pk_constraint(table)["constrained_columns"],
        )
        for table in metadata.tables
    }


async def test_the_models_and_the_migrated_database_do_not_differ(db: Database) -> None:
    assert await db.read(differences) == []


async def test_migrations_build_what_the_models_would(db: Database, empty_url: str) -> None:
    async with Database(empty_url) as empty:
        await empty.write(metadata.create_all)
        expected = await empty.read(checks_and_references)
    assert await db.read(checks_and_references) == expected


async def test_an_empty_database_has_no_version_and_a_migrated_one_the_newest(
    empty_url: str,
) -> None:
    async with Database(empty_url) as db:
        assert await db.read(current) is None
        await migrate(db)
        assert await db.read(current) == newest()


async def test_migrating_again_changes_nothing(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await migrate(db, "0001")
        await db.write(fill)
        await migrate(db)
        before = await db.read(rows)
        await migrate(db)
        assert await db.read(rows) == before


async def test_other_names_of_units_stay_as_they_were_found(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await migrate(db, "0001")
        await db.write(fill)
        await migrate(db)
        kept = (await db.read(rows))["unit_alias"]
        assert [(row["folded"], row["written"]) for row in kept] == [
            ("tinh uy", "tinh uy"),
            ("dang uy xa", "dang uy xa"),
        ]
        [found] = await db.read(unit.named, "Đảng ủy xã")
        assert found.id == 2


async def test_a_database_of_the_first_version_keeps_its_data(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await migrate(db, "0001")
        await db.write(fill)
        before = await db.read(rows)
        await migrate(db)
        after = await db.read(rows)
        assert await db.read(differences) == []
        assert await db.read(totals.verify) == []
    assert all(before.values()), "a table of the first version is missing among the rows"
    for table, kept in before.items():
        assert len(after[table]) == len(kept), table
        for old, new in zip(kept, after[table], strict=True):
            assert {name: new[name] for name in old.keys() & new.keys()} == {
                name: old[name] for name in old.keys() & new.keys()
            }


async def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await db.write(lambda conn: conn.exec_driver_sql("CREATE TABLE tally (id INTEGER)").close())
        before = await db.read(rows)
        with pytest.raises(Exception, match="tally"):
            await migrate(db)
        assert await db.read(rows) == before
        assert await db.read(current) is None


def test_the_files_are_named_by_the_versions_that_they_make() -> None:
    steps = ScriptDirectory.from_config(config()).walk_revisions()
    assert versions() == sorted(step.revision for step in steps)
