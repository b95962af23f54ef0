"""A unit ends without anybody who goes on for it: whoever waited to be let in hears of it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from domain.briefing import VIETNAM
from domain.role import Role
from domain.unit_change import Ending
from storage import enrolment, invitation, reminder, unit_change
from storage.db import Database
from storage.unit_heir import UNIT_CLOSED
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY
from tests.storage.test_unit_change import province

_DAY = timedelta(days=1)


def _waiting(conn: Connection, unit_id: int) -> int:
    """The person who waits to be let into the unit."""
    token = invitation.create(conn, unit_id, Role.MEMBER, None, NOW, NOW + 7 * _DAY)
    by = invitation.find(conn, invitation.hash_of(token), NOW)
    assert isinstance(by, invitation.Invitation)
    who = build.reporter(conn)
    enrolment.ask(conn, who, by, NOW)
    return who


async def test_newcomers_of_a_unit_that_closes_are_told_once_and_others_are_not(
    db: Database,
) -> None:
    def story(conn: Connection) -> tuple[list[int], list[int]]:
        of = province(conn)
        first, second = _waiting(conn, of.cell), _waiting(conn, of.cell)
        _waiting(conn, of.old)
        unit_change.undertake(conn, Ending(("cell",)), TODAY, NOW)
        taken = reminder.take(conn, [CHANNEL], NOW + _DAY, 10)
        assert {each.message for each in taken} == {UNIT_CLOSED}
        recorded = [action for action, *_ in build.audit_lines(conn)]
        assert recorded.count("enrolment_unit_closed") == 2
        assert reminder.take(conn, [CHANNEL], NOW + _DAY, 10) == []
        return [each.person_id for each in taken], [first, second]

    told, waited = await db.write(story)
    assert told == waited


async def test_what_is_carried_out_at_midnight_is_told_in_the_morning(db: Database) -> None:
    midnight = datetime(2026, 12, 1, tzinfo=VIETNAM)

    def story(conn: Connection) -> tuple[int, int]:
        _waiting(conn, province(conn).cell)
        unit_change.undertake(conn, Ending(("cell",)), midnight.date(), NOW)
        unit_change.carry_out_due(conn, midnight)
        morning = midnight + timedelta(hours=8)
        early = reminder.take(conn, [CHANNEL], morning - timedelta(minutes=1), 10)
        return len(early), len(reminder.take(conn, [CHANNEL], morning, 10))

    assert await db.write(story) == (0, 1)
