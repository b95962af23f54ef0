"""Briefings: announced once, with everything that was said, and with what people answered."""

from datetime import timedelta

from sqlalchemy import Connection, select, update

from domain.briefing import Answer, Briefing, BriefingStatus, DueReminder, Rung
from storage import briefing, schema, unit
from storage.briefing import StoredBriefing
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW

STARTS = NOW + timedelta(days=10)
FULL = Briefing(
    title="Hội nghị báo cáo viên tháng 7",
    starts_at=STARTS,
    topic="Nghị quyết",
    place="Hội trường",
    link="https://example.org/hop",
    note="Mang theo tài liệu",
)
LADDER = [
    DueReminder(Rung.INVITATION, NOW, NOW + timedelta(days=3)),
    DueReminder(Rung.TODAY, STARTS - timedelta(hours=2), STARTS),
]


def announce(
    conn: Connection, unit_id: int, origin: str = "telegram:1", details: Briefing = FULL
) -> StoredBriefing:
    officer = build.reporter(conn)
    return briefing.announce(conn, unit_id, officer, details, LADDER, origin, NOW)


async def test_an_announcement_keeps_everything_that_was_said(db: Database) -> None:
    top = await db.write(build.province)
    kept = await db.write(announce, top)
    assert kept.details == FULL
    assert await db.read(briefing.get, kept.id) == kept
    assert await db.read(briefing.find, kept.id) == kept
    assert await db.read(briefing.find, 999_999) is None


async def test_an_announcement_brings_its_ladder(db: Database) -> None:
    await db.write(announce, await db.write(build.province))

    def ladder(conn: Connection) -> list[tuple[object, ...]]:
        columns = schema.reminder.c
        rows = select(columns.rung, columns.due_at, columns.expires_at).order_by(columns.id)
        return [tuple(row) for row in conn.execute(rows)]

    assert await db.read(ladder) == [(r.rung, r.due_at, r.expires_at) for r in LADDER]


async def test_the_same_announcement_twice_is_one_with_one_ladder(db: Database) -> None:
    top = await db.write(build.province)
    first, second = await db.write(announce, top), await db.write(announce, top)
    assert second == first

    def rungs(conn: Connection) -> int:
        return len(conn.execute(select(schema.reminder.c.id)).all())

    assert await db.read(rungs) == len(LADDER)
    assert [line[0] for line in await db.read(build.audit_lines)] == ["announce"]


async def test_upcoming_are_those_one_is_invited_to_soonest_first(db: Database) -> None:
    def story(conn: Connection) -> tuple[frozenset[int], list[int]]:
        top = build.province(conn)
        mine, other = build.commune(conn, top), build.commune(conn, top)

        def at(unit_id: int, origin: str, days: int) -> int:
            details = Briefing(origin, NOW + timedelta(days=days))
            return announce(conn, unit_id, origin, details).id

        later, sooner = at(top, "later", 9), at(mine, "sooner", 2)
        at(other, "not mine", 3)
        at(top, "begun", 0)
        conn.execute(
            update(schema.briefing)
            .where(schema.briefing.c.id == at(top, "cancelled", 4))
            .values(status=BriefingStatus.CANCELLED)
        )
        return unit.path(conn, mine), [sooner, later]

    path, expected = await db.write(story)
    assert [b.id for b in await db.read(briefing.upcoming, path, NOW)] == expected


async def test_answers_are_counted_by_each_persons_last_word(db: Database) -> None:
    def story(conn: Connection) -> int:
        kept = announce(conn, build.province(conn))
        people = [build.reporter(conn) for _ in range(3)]
        for who in people:
            briefing.answer(conn, kept.id, who, Answer.ATTENDING, NOW)
        briefing.answer(conn, kept.id, people[0], Answer.ABSENT, NOW)
        return kept.id

    briefing_id = await db.write(story)
    assert await db.read(briefing.answers, briefing_id) == {Answer.ATTENDING: 2, Answer.ABSENT: 1}
    assert await db.read(briefing.answer_of, briefing_id, 999_999) is None
