"""Photos of an entry: kept by name only, after one agreement, and gone with the entry."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from storage import evidence, schema, tally
from storage.db import Database
from storage.evidence import Evidence, Photo
from tests.storage import build
from tests.storage.build import NOW

HALL = Photo("AgACAgUAAxkBAAIB", 1280, 960)
STAGE = Photo("AgACAgUAAxkBAAIC", 960, 1280)
LATER = NOW + timedelta(minutes=5)


def an_entry(conn: Connection, origin: str = "telegram:1") -> tuple[int, int]:
    """An entry and its reporter."""
    unit_id = build.commune(conn, build.province(conn))
    person_id = build.reporter(conn, unit_id)
    return tally.record(
        conn, unit_id, person_id, build.figures(sessions=3), origin, NOW
    ).id, person_id


def another_entry(conn: Connection, person_id: int) -> int:
    unit_id: int = conn.execute(select(schema.tally.c.unit_id)).scalar_one()
    figures = build.figures(sessions=1)
    return tally.record(conn, unit_id, person_id, figures, "telegram:2", NOW).id


async def test_photos_of_an_entry_come_back_in_the_order_in_which_they_were_sent(
    db: Database,
) -> None:
    tally_id, person_id = await db.write(an_entry)
    other_id = await db.write(another_entry, person_id)
    first = await db.write(evidence.attach, tally_id, person_id, HALL, NOW)
    second = await db.write(evidence.attach, tally_id, person_id, STAGE, LATER)
    await db.write(evidence.attach, other_id, person_id, HALL, LATER)
    assert await db.read(evidence.of_tally, tally_id) == [
        Evidence(first, tally_id, HALL, NOW),
        Evidence(second, tally_id, STAGE, LATER),
    ]
    assert await db.read(evidence.count, tally_id) == 2
    assert await db.read(evidence.find, second) == Evidence(second, tally_id, STAGE, LATER)


def test_nothing_but_the_name_the_size_and_the_time_of_a_photo_is_kept() -> None:
    assert set(schema.evidence.c.keys()) == {
        "id",
        "tally_id",
        "file_id",
        "width",
        "height",
        "sent_at",
    }


async def test_the_same_photo_goes_with_an_entry_once(db: Database) -> None:
    tally_id, person_id = await db.write(an_entry)
    first = await db.write(evidence.attach, tally_id, person_id, HALL, NOW)
    assert await db.write(evidence.attach, tally_id, person_id, HALL, LATER) == first
    assert await db.read(evidence.count, tally_id) == 1


async def test_a_photo_that_is_taken_off_is_gone_and_its_number_never_comes_back(
    db: Database,
) -> None:
    tally_id, person_id = await db.write(an_entry)
    first = await db.write(evidence.attach, tally_id, person_id, HALL, NOW)
    second = await db.write(evidence.attach, tally_id, person_id, STAGE, NOW)
    photo = Evidence(second, tally_id, STAGE, NOW)
    await db.write(evidence.take_off, photo, person_id, LATER)
    assert await db.read(evidence.find, second) is None
    assert [kept.id for kept in await db.read(evidence.of_tally, tally_id)] == [first]
    assert await db.write(evidence.attach, tally_id, person_id, STAGE, LATER) > second


async def test_with_a_withdrawn_entry_its_photos_are_gone_and_no_others(db: Database) -> None:
    tally_id, person_id = await db.write(an_entry)
    other_id = await db.write(another_entry, person_id)
    await db.write(evidence.attach, tally_id, person_id, HALL, NOW)
    await db.write(evidence.attach, other_id, person_id, STAGE, NOW)
    await db.write(tally.withdraw, tally_id, person_id, LATER)
    assert await db.read(evidence.count, tally_id) == 0
    assert await db.read(evidence.count, other_id) == 1


async def test_a_corrected_entry_keeps_its_photos(db: Database) -> None:
    tally_id, person_id = await db.write(an_entry)
    await db.write(evidence.attach, tally_id, person_id, HALL, NOW)
    await db.write(tally.correct, tally_id, person_id, build.figures(sessions=2), LATER)
    assert await db.read(evidence.count, tally_id) == 1


async def test_a_photo_goes_with_no_entry_that_does_not_exist(db: Database) -> None:
    _, person_id = await db.write(an_entry)
    with pytest.raises(IntegrityError):
        await db.write(evidence.attach, 999, person_id, HALL, NOW)


async def test_a_person_agrees_to_the_notice_once_with_its_version_and_time(db: Database) -> None:
    _, person_id = await db.write(an_entry)
    assert not await db.read(evidence.has_agreed, person_id)
    await db.write(evidence.agree, person_id, "2026-11", NOW)
    await db.write(evidence.agree, person_id, "2027-01", LATER)
    assert await db.read(evidence.has_agreed, person_id)
    rows = await db.read(lambda conn: conn.execute(select(schema.evidence_consent)).all())
    assert [tuple(row) for row in rows] == [(person_id, "2026-11", NOW)]


async def test_the_agreement_of_one_is_not_that_of_another(db: Database) -> None:
    _, person_id = await db.write(an_entry)
    colleague_id = await db.write(build.reporter)
    await db.write(evidence.agree, person_id, "2026-11", NOW)
    assert not await db.read(evidence.has_agreed, colleague_id)


async def test_who_attached_took_off_and_agreed_stands_in_the_audit_log(db: Database) -> None:
    tally_id, person_id = await db.write(an_entry)
    await db.write(evidence.agree, person_id, "2026-11", NOW)
    photo_id = await db.write(evidence.attach, tally_id, person_id, HALL, NOW)
    await db.write(evidence.take_off, Evidence(photo_id, tally_id, HALL, NOW), person_id, LATER)
    assert (await db.read(build.audit_lines))[-3:] == [
        ("agree_to_photos", "person", person_id, person_id),
        ("attach_photo", "tally", tally_id, person_id),
        ("take_off_photo", "tally", tally_id, person_id),
    ]
