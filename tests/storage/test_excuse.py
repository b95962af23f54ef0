"""Units that are excused from reporting: what is kept of it; what follows is in test_status.py."""

from datetime import date

from sqlalchemy import Connection

from domain.period import Period
from storage import excuse
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW

JULY = Period.month_of(date(2026, 7, 1))


async def test_who_excused_and_required_again_is_in_the_audit_log(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int, list[int]]:
        unit_id = build.province(conn)
        officer = build.reporter(conn, unit_id)
        words = [excuse.last_word(conn)]
        for excused in (True, False):
            excuse.say(conn, unit_id, JULY, officer, NOW, excused=excused)
            words.append(excuse.last_word(conn))
        return unit_id, officer, words

    unit_id, officer, words = await db.write(story)
    assert words == sorted(set(words))
    assert words[0] == 0
    assert await db.read(build.audit_lines) == [
        ("excuse", "org_unit", unit_id, officer),
        ("require", "org_unit", unit_id, officer),
    ]
