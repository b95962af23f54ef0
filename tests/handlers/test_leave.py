"""Leaves that somebody else says, and taps that come too late."""

from datetime import date, timedelta

from sqlalchemy import Connection

from domain.role import Role
from handlers import leave
from handlers.desk import Say, Sender
from storage import draft as drafts
from storage import leave as leaves
from storage import people
from storage.db import Database
from storage.draft import Draft
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY
from wording.format import VIETNAM

DAY = timedelta(days=1)


def speaks(person_id: int) -> Sender:
    return Sender(CHANNEL, f"chat {person_id}", NOW.astimezone(VIETNAM), f"x:{person_id}")


def draft_of(conn: Connection, who: int) -> Draft:
    found = drafts.get(conn, CHANNEL, f"chat {who}")
    assert found is not None
    return found


def asked_for_a_stand_in(conn: Connection, who: int, absent: int, stand_in: int) -> Draft:
    """The dialogue of `who` about `absent`, at the question who stands in."""
    state = leave.LeaveDraft(absent, None, ((stand_in, "Mai"),), TODAY, TODAY + DAY)
    leave.DIALOGUE.open(conn, speaks(who), leave.ASK_STAND_IN, state)
    return draft_of(conn, who)


def tap(conn: Connection, who: int, draft: Draft, *action: object) -> Say:
    return leave.hear_tap(conn, speaks(who), draft, [str(part) for part in action])


def team(conn: Connection) -> tuple[int, int, int]:
    """A commune, its reporter and a member of it."""
    place = build.commune(conn, build.province(conn))
    return place, build.reporter(conn, place), build.reporter(conn, place, Role.MEMBER)


async def test_a_colleague_who_has_left_meanwhile_cannot_stand_in(db: Database) -> None:
    def story(conn: Connection) -> None:
        _, reporter, member = team(conn)
        draft = asked_for_a_stand_in(conn, reporter, reporter, member)
        [held] = people.of_person(conn, member, TODAY)
        people.end(conn, held, reporter, NOW, TODAY)
        assert tap(conn, reporter, draft, "by", member).key == "leave.colleague_gone"
        assert leaves.coming(conn, reporter, TODAY) is None

    await db.write(story)


async def test_nobody_is_chosen_who_was_not_offered(db: Database) -> None:
    def story(conn: Connection) -> None:
        place, reporter, member = team(conn)
        draft = asked_for_a_stand_in(conn, reporter, reporter, member)
        other = build.reporter(conn, place)
        assert tap(conn, reporter, draft, "by", other).key == "leave.ask_stand_in"

    await db.write(story)


async def test_whose_role_has_ended_meanwhile_marks_nobody_as_away(db: Database) -> None:
    def story(conn: Connection) -> None:
        place, reporter, member = team(conn)
        lead = build.reporter(conn, place, Role.UNIT_LEAD)
        draft = asked_for_a_stand_in(conn, lead, reporter, member)
        [held] = people.of_person(conn, lead, TODAY)
        people.end(conn, held, reporter, NOW, TODAY)
        assert tap(conn, lead, draft, "nobody").key == "people.not_yours"
        assert leaves.coming(conn, reporter, TODAY) is None

    await db.write(story)


async def test_a_lead_marks_somebody_and_both_others_are_told(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[str, int]]:
        place, reporter, member = team(conn)
        lead = build.reporter(conn, place, Role.UNIT_LEAD)
        draft = asked_for_a_stand_in(conn, lead, reporter, member)
        assert tap(conn, lead, draft, "by", member).key == "leave.taken"
        assert leaves.away(conn, [reporter], TODAY) == {reporter: member}
        told = conn.exec_driver_sql("SELECT message, person_id FROM delivery ORDER BY id").all()
        names = {reporter: 1, member: 2}
        return [(message, names[who]) for message, who in told]

    assert await db.write(story) == [("leave.stand_in", 2), ("leave.marked", 1)]


async def test_somebody_out_of_reach_is_neither_marked_nor_called_back(db: Database) -> None:
    def story(conn: Connection) -> None:
        top = build.province(conn)
        here, there = build.commune(conn, top), build.commune(conn, top)
        reporter = build.reporter(conn, here)
        stranger = build.reporter(conn, there, Role.UNIT_LEAD)
        taken = leaves.take(conn, reporter, TODAY, date(2026, 7, 20), None, reporter, NOW)
        assert leave._begin_for(conn, speaks(stranger), reporter) == Say("people.not_yours")
        assert leave.end_leave(conn, speaks(stranger), taken).key == "people.not_yours"
        assert leave.end_leave(conn, speaks(reporter), taken).key == "leave.ended"
        assert leave.end_leave(conn, speaks(reporter), taken).key == "leave.over"

    await db.write(story)


async def test_who_is_not_away_yet_is_not_back_either(db: Database) -> None:
    def story(conn: Connection) -> None:
        _, reporter, _ = team(conn)
        taken = leaves.take(conn, reporter, TODAY + DAY, TODAY + DAY, None, reporter, NOW)
        assert leave._back_now(conn, speaks(reporter)).key == "leave.not_away"
        assert leaves.coming(conn, reporter, TODAY) == leaves.get(conn, taken)

    await db.write(story)


async def test_who_comes_back_early_was_away_until_the_day_before(db: Database) -> None:
    def story(conn: Connection) -> None:
        _, reporter, member = team(conn)
        taken = leaves.take(conn, reporter, TODAY - DAY, TODAY + DAY, member, reporter, NOW)
        assert leave._back_now(conn, speaks(reporter)).key == "leave.ended"
        kept = leaves.get(conn, taken)
        assert (kept.first_day, kept.last_day) == (TODAY - DAY, TODAY - DAY)

    await db.write(story)


async def test_who_gives_a_leave_up_before_it_begins_was_never_away(db: Database) -> None:
    def story(conn: Connection) -> None:
        _, reporter, _ = team(conn)
        taken = leaves.take(conn, reporter, TODAY + DAY, TODAY + DAY, None, reporter, NOW)
        assert leave.end_leave(conn, speaks(reporter), taken).key == "leave.ended"
        assert leaves.coming(conn, reporter, TODAY) is None

    await db.write(story)


async def test_a_stand_in_who_is_replaced_is_told_and_one_who_stays_is_not(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[str, int]]:
        place, reporter, member = team(conn)
        other = build.reporter(conn, place, Role.MEMBER)
        for stand_in in (member, member, other):
            draft = asked_for_a_stand_in(conn, reporter, reporter, stand_in)
            assert tap(conn, reporter, draft, "by", stand_in).key == "leave.taken"
        names = {member: 1, other: 2}
        told = conn.exec_driver_sql("SELECT message, person_id FROM delivery ORDER BY id").all()
        return [(message, names[who]) for message, who in told]

    assert await db.write(story) == [
        ("leave.stand_in", 1),
        ("leave.stand_in", 1),
        ("leave.stand_in", 2),
        ("leave.stand_in_over", 1),
    ]
