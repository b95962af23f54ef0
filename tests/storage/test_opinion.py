"""Opinion notes: stored once, counted by field, their texts in no count and no audit line."""

from datetime import timedelta

from sqlalchemy import Connection, select

from domain.opinion import Breadth, Category, Stance, Suggestion, Urgency
from storage import opinion, schema
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW

TEXT = "Bà con đề nghị sửa cầu tràn"


def fields(category: Category = Category.INFRASTRUCTURE) -> Suggestion:
    return Suggestion(
        category, Urgency.NOTABLE, Stance.CONCERNED, Breadth.MANY, "thôn Khởn", is_proposal=True
    )


def send(conn: Connection, unit_id: int, origin: str, category: Category = Category.HEALTH) -> int:
    sender = build.reporter(conn)
    return opinion.record(conn, unit_id, sender, TEXT, fields(category), origin, NOW)


async def test_a_note_is_kept_with_its_fields(db: Database) -> None:
    unit_id = await db.write(build.province)
    note_id = await db.write(send, unit_id, "telegram:1", Category.INFRASTRUCTURE)

    def kept(conn: Connection) -> tuple[object, ...]:
        columns = schema.opinion_note.c
        names = ("text", "category", "urgency", "stance", "breadth", "place_text", "is_proposal")
        chosen = [columns[name] for name in (*names, "status", "created_at")]
        return tuple(conn.execute(select(*chosen).where(columns.id == note_id)).one())

    assert await db.read(kept) == (
        *(TEXT, "infrastructure", "notable", "concerned", "many", "thôn Khởn", True),
        *("new", NOW),
    )


async def test_the_same_note_twice_is_one(db: Database) -> None:
    unit_id = await db.write(build.province)
    first = await db.write(send, unit_id, "telegram:1")
    assert await db.write(send, unit_id, "telegram:1", Category.LAND_ENVIRONMENT) == first
    hour = timedelta(hours=1)
    counted = await db.read(opinion.count_by_category, unit_id, NOW - hour, NOW + hour)
    assert counted == {Category.HEALTH: 1}


async def test_the_audit_line_of_a_note_has_none_of_its_words(db: Database) -> None:
    note_id = await db.write(send, await db.write(build.province), "telegram:1")

    def line(conn: Connection) -> tuple[object, ...]:
        columns = schema.audit_event.c
        return tuple(
            conn.execute(select(columns.action, columns.subject_id, columns.details)).one()
        )

    assert await db.read(line) == ("send_note", note_id, {"category": "health"})


async def test_notes_are_counted_by_field_below_the_unit_most_first(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int]:
        top = build.province(conn)
        below, elsewhere = build.commune(conn, top), build.province(conn)
        for number, (unit_id, category) in enumerate(
            [
                (top, Category.HEALTH),
                (below, Category.EDUCATION),
                (below, Category.EDUCATION),
                (elsewhere, Category.DISASTER),
            ]
        ):
            send(conn, unit_id, str(number), category)
        return top, below

    top, below = await db.write(story)
    hour = timedelta(hours=1)
    counted = await db.read(opinion.count_by_category, top, NOW, NOW + hour)
    assert list(counted.items()) == [(Category.EDUCATION, 2), (Category.HEALTH, 1)]
    assert await db.read(opinion.count_by_category, below, NOW, NOW + hour) == {
        Category.EDUCATION: 2
    }
    assert await db.read(opinion.count_by_category, top, NOW - hour, NOW) == {}
