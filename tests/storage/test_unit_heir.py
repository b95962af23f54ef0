"""What goes along when a unit ends: people and what they are in the middle of go on in the successor.

Without a successor they hear that it is over.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, select

from domain.briefing import VIETNAM, Briefing
from domain.role import Role
from domain.unit_change import Change, Ending
from storage import briefing, draft, enrolment, group, invitation, person, reminder, unit_change
from storage.db import Database
from storage.schema import reminder_rest
from storage.unit_heir import UNIT_CLOSED
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY
from tests.storage.province import CLOSURE, MERGER, SINCE, province, roles
from tests.storage.undo import Undo

_DAY = timedelta(days=1)


# --- with a successor, or without ------------------------------------------------------------------


async def test_people_go_on_in_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        who, both = build.reporter(conn, of.old), build.reporter(conn, of.old)
        person.add_membership(conn, both, of.new, Role.REPORTER, date(2026, 2, 1))
        outcome = unit_change.undertake(conn, MERGER, SINCE, NOW)
        assert outcome is not None
        assert outcome.without_unit == 0
        began, ended = date(2026, 1, 1), date(2026, 7, 14)
        assert roles(conn, who) == [
            (of.old, "reporter", began, ended),
            (of.new, "reporter", SINCE, None),
        ]
        assert roles(conn, both) == [
            (of.old, "reporter", began, ended),
            (of.new, "reporter", date(2026, 2, 1), None),
        ]

    await db.write(story)


async def test_a_role_that_begins_later_begins_in_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        who = build.reporter(conn)
        person.add_membership(conn, who, of.old, Role.MEMBER, date(2026, 9, 1))
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        assert roles(conn, who) == [
            (of.old, "member", date(2026, 9, 1), date(2026, 7, 14)),
            (of.new, "member", date(2026, 9, 1), None),
        ]

    await db.write(story)


async def test_invitations_groups_and_briefings_lead_to_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        who = build.reporter(conn, of.old)
        token = invitation.create(
            conn, of.old, Role.REPORTER, None, NOW, NOW + timedelta(days=7), uses=3
        )
        group.register(conn, CHANNEL, "-100", of.old, who, NOW)
        details = Briefing("Hội nghị", datetime(2026, 7, 20, 1, tzinfo=UTC))
        coming = briefing.announce(conn, of.old, who, details, [], "draft:1", NOW)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        found = invitation.find(conn, invitation.hash_of(token), NOW)
        assert isinstance(found, invitation.Invitation)
        assert found.unit_id == of.new
        assert group.unit_of(conn, CHANNEL, "-100") == of.new
        assert briefing.get(conn, coming.id).unit_id == of.new

    await db.write(story)


async def test_who_wants_no_reminders_of_the_unit_wants_none_of_the_successor(
    db: Database,
) -> None:
    def story(conn: Connection) -> list[int | None]:
        of = province(conn)
        mine, both = build.reporter(conn, of.old), build.reporter(conn, of.old)
        person.add_membership(conn, both, of.new, Role.REPORTER, date(2026, 2, 1))
        for who, until in ((mine, None), (both, None), (mine, date(2026, 7, 1))):
            rest = {"person_id": who, "unit_id": of.old, "until": until, "said_at": NOW}
            conn.execute(insert(reminder_rest).values(rest))
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        rows = conn.execute(select(reminder_rest.c.unit_id).order_by(reminder_rest.c.id))
        return [unit_id - of.old for unit_id in rows.scalars()]

    assert await db.write(story) == [2, 0, 0]


async def test_who_waits_to_be_let_in_waits_for_the_successor_or_no_more(db: Database) -> None:
    def story(conn: Connection, change: Change) -> tuple[int, str]:
        of = province(conn)
        unit_change.undertake(conn, Ending(("cell",)), SINCE, NOW)
        token = invitation.create(conn, of.old, Role.MEMBER, None, NOW, NOW + timedelta(days=7))
        by = invitation.find(conn, invitation.hash_of(token), NOW)
        assert isinstance(by, invitation.Invitation)
        asked = enrolment.ask(conn, build.reporter(conn), by, NOW)
        unit_change.undertake(conn, change, SINCE, NOW)
        found = enrolment.get(conn, asked.id)
        result = found.unit_id - of.new, found.state.value
        raise Undo(result)

    for change, result in ((MERGER, (0, "waiting")), (CLOSURE, (-2, "unit_closed"))):
        with pytest.raises(Undo) as undone_:
            await db.write(story, change)
        assert undone_.value.args == (result,)


async def test_without_a_successor_invitations_and_groups_are_closed(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        unit_change.undertake(conn, Ending(("cell",)), SINCE, NOW)
        who = build.reporter(conn, of.old)
        token = invitation.create(conn, of.old, Role.MEMBER, None, NOW, NOW + timedelta(days=7))
        group.register(conn, CHANNEL, "-100", of.old, who, NOW)
        draft.start(conn, CHANNEL, "1", "opinion", "text", {"unit_id": of.old}, NOW)
        outcome = unit_change.undertake(conn, CLOSURE, SINCE, NOW)
        assert outcome is not None
        assert outcome.without_unit == 1
        found = invitation.find(conn, invitation.hash_of(token), NOW)
        assert found is invitation.Refusal.REVOKED
        assert group.unit_of(conn, CHANNEL, "-100") is None
        assert draft.get(conn, CHANNEL, "1") is None

    await db.write(story)


async def test_an_open_report_is_for_the_successor(db: Database) -> None:
    def story(conn: Connection) -> None:
        of = province(conn)
        said = {"form": {"unit_id": of.old, "sessions": 3}, "unit_name": "Đảng ủy xã Cũ"}
        draft.start(conn, CHANNEL, "1", "tally", "confirm", said, NOW)
        unit_change.undertake(conn, MERGER, SINCE, NOW)
        mine = draft.get(conn, CHANNEL, "1")
        assert mine is not None
        assert mine.data == {
            "form": {"unit_id": of.new, "sessions": 3},
            "unit_name": "Đảng ủy xã Mới",
        }

    await db.write(story)


# --- who waited to be let in -----------------------------------------------------------------------


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
