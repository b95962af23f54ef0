"""Who holds which role where: listed unit by unit, ended, given again, moved."""

from datetime import date, timedelta

from sqlalchemy import Connection

from domain.role import Action, Actor, Role
from domain.unit import UnitType
from storage import leave, people, person, tally, unit
from storage.db import Database
from storage.people import Held
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY

DAY = timedelta(days=1)


def hire(conn: Connection, name: str, unit_id: int, role: Role = Role.REPORTER) -> int:
    person_id = person.add(conn, name, NOW)
    person.add_account(conn, person_id, CHANNEL, f"chat {person_id}")
    person.add_membership(conn, person_id, unit_id, role, date(2026, 1, 1))
    return person_id


def cell(conn: Connection, parent: int, name: str, position: int) -> int:
    return unit.add(conn, name, name, UnitType.CELL, parent, position=position)


def actor_of(conn: Connection, person_id: int, day: date = TODAY) -> Actor:
    found = person.actor(conn, CHANNEL, f"chat {person_id}", day)
    assert found is not None
    return found


def may_report(conn: Connection, person_id: int, unit_id: int) -> bool:
    return actor_of(conn, person_id).may(Action.REPORT_TALLY, unit.path(conn, unit_id))


def only(conn: Connection, person_id: int) -> Held:
    [held] = people.of_person(conn, person_id, TODAY)
    return held


async def test_people_are_listed_unit_by_unit_in_the_official_order(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[str, str]]:
        top = build.province(conn)
        second = unit.add(conn, "b", "Xã B", UnitType.COMMUNE_COMMITTEE, top, position=2)
        first = unit.add(conn, "a", "Xã A", UnitType.COMMUNE_COMMITTEE, top, position=1)
        hire(conn, "Cán bộ", top, Role.OFFICER)
        hire(conn, "Tổ B1", cell(conn, second, "B1", 1))
        hire(conn, "Tổ A2", cell(conn, first, "A2", 2))
        hire(conn, "Tổ A1", cell(conn, first, "A1", 1))
        hire(conn, "Viên B", second)
        hire(conn, "Viên A", first)
        hire(conn, "Phụ trách A", first, Role.UNIT_LEAD)
        listed = people.below(conn, top, TODAY, 10)
        pages = [h for n in range(0, 8, 2) for h in people.below(conn, top, TODAY, 2, n)]
        assert pages == listed
        assert people.count_below(conn, first, TODAY) == 4
        return [(h.unit_name, h.name) for h in listed[1:]]

    assert await db.write(story) == [
        ("Xã A", "Phụ trách A"),
        ("Xã A", "Viên A"),
        ("Xã B", "Viên B"),
        ("A1", "Tổ A1"),
        ("A2", "Tổ A2"),
        ("B1", "Tổ B1"),
    ]


async def test_an_ended_role_is_gone_at_once_and_the_reports_stay(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        reporter = hire(conn, "Lan", place)
        lead = hire(conn, "Phụ trách", place, Role.UNIT_LEAD)
        entry = tally.record(conn, place, reporter, build.figures(sessions=3), "x", NOW)
        people.end(conn, only(conn, reporter), lead, NOW, TODAY)
        assert not may_report(conn, reporter, place)
        assert actor_of(conn, reporter, TODAY - DAY).memberships
        kept = tally.get(conn, entry.id)
        assert (kept.unit_id, kept.reporter_id) == (place, reporter)
        assert build.audit_lines(conn)[-1] == ("end_role", "person", reporter, lead)

    await db.write(story)


async def test_a_role_can_be_given_and_ended_again_on_the_same_day(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        lead = hire(conn, "Phụ trách", place, Role.UNIT_LEAD)
        new = person.add(conn, "Lan", NOW)
        given = Role.MEMBER, lead, NOW, TODAY
        for _ in range(3):
            held = people.give(conn, new, place, *given)
            assert held is not None
            assert build.audit_lines(conn)[-1] == ("give_role", "person", new, lead)
            assert people.give(conn, new, place, *given) is None
            people.end(conn, held, lead, NOW, TODAY)
            assert people.of_person(conn, new, TODAY) == []
            assert people.find(conn, held.id, TODAY) is None
            assert people.get(conn, held.id).unit_id == place

    await db.write(story)


async def test_a_role_that_ends_takes_its_stand_in_along(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        reporter, member = hire(conn, "Lan", place), hire(conn, "Mai", place, Role.MEMBER)
        leave.take(conn, reporter, TODAY, TODAY + DAY, member, reporter, NOW)
        assert may_report(conn, member, place)
        people.end(conn, only(conn, reporter), member, NOW, TODAY)
        assert not may_report(conn, member, place)

    await db.write(story)


async def test_who_leaves_the_unit_stands_in_for_nobody_there(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        reporter, member = hire(conn, "Lan", place), hire(conn, "Mai", place, Role.MEMBER)
        leave.take(conn, reporter, TODAY, TODAY + DAY, member, reporter, NOW)
        own = next(h for h in people.of_person(conn, member, TODAY) if not h.stands_in)
        people.end(conn, own, reporter, NOW, TODAY)
        assert not may_report(conn, member, place)
        assert leave.away(conn, [reporter], TODAY) == {reporter: None}

    await db.write(story)


async def test_who_stood_in_stays_named_when_they_leave_later(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        reporter, member = hire(conn, "Lan", place), hire(conn, "Mai", place, Role.MEMBER)
        leave.take(conn, reporter, TODAY, TODAY, member, reporter, NOW)
        own = next(h for h in people.of_person(conn, member, TODAY) if not h.stands_in)
        people.end(conn, own, reporter, NOW, TODAY + DAY)
        assert leave.away(conn, [reporter], TODAY) == {reporter: member}

    await db.write(story)


async def test_who_leaves_one_unit_goes_on_standing_in_at_another(db: Database) -> None:
    def story(conn: Connection) -> None:
        top = build.province(conn)
        here, there = build.commune(conn, top), build.commune(conn, top)
        member, reporter = hire(conn, "Mai", here, Role.MEMBER), hire(conn, "Lan", there)
        own = only(conn, member)
        leave.take(conn, reporter, TODAY, TODAY + DAY, member, reporter, NOW)
        people.end(conn, own, reporter, NOW, TODAY)
        assert leave.away(conn, [reporter], TODAY) == {reporter: member}
        assert may_report(conn, member, there)

    await db.write(story)


async def test_a_role_that_ends_makes_no_stand_in_of_the_past_report_longer(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        reporter, member = hire(conn, "Lan", place), hire(conn, "Mai", place, Role.MEMBER)
        leave.take(conn, reporter, TODAY, TODAY, member, reporter, NOW)
        people.end(conn, only(conn, reporter), member, NOW, TODAY + 5 * DAY)
        held = people.of_person(conn, member, TODAY + 3 * DAY)
        assert [each.role for each in held] == [Role.MEMBER]

    await db.write(story)


async def test_a_stand_in_who_becomes_a_reporter_is_shown_the_lasting_role(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        reporter, member = hire(conn, "Lan", place), hire(conn, "Mai", place, Role.MEMBER)
        leave.take(conn, reporter, TODAY, TODAY, member, reporter, NOW)
        given = people.give(conn, member, place, Role.REPORTER, reporter, NOW, TODAY)
        assert given is not None
        assert (given.stands_in, given.until) == (False, None)
        assert people.count_below(conn, place, TODAY) == 2

    await db.write(story)


async def test_a_second_role_of_the_reporter_keeps_the_stand_in(db: Database) -> None:
    def story(conn: Connection) -> None:
        place = build.commune(conn, build.province(conn))
        reporter, member = hire(conn, "Lan", place), hire(conn, "Mai", place, Role.MEMBER)
        person.add_membership(conn, reporter, place, Role.UNIT_LEAD, TODAY)
        leave.take(conn, reporter, TODAY, TODAY + DAY, member, reporter, NOW)
        people.end(conn, people.of_person(conn, reporter, TODAY)[0], member, NOW, TODAY)
        assert may_report(conn, member, place)

    await db.write(story)


async def test_colleagues_are_those_of_the_own_units_reporters_first(db: Database) -> None:
    def story(conn: Connection) -> list[str]:
        top = build.province(conn)
        place, other = build.commune(conn, top), build.commune(conn, top)
        me = hire(conn, "Tôi", place)
        hire(conn, "An", place, Role.MEMBER)
        both = hire(conn, "Bình", place)
        person.add_membership(conn, both, place, Role.UNIT_LEAD, TODAY)
        hire(conn, "Xa", other)
        return [name for _, name in people.colleagues(conn, me, TODAY)]

    assert await db.write(story) == ["Bình", "An"]


async def test_standing_in_makes_nobody_a_colleague(db: Database) -> None:
    def story(conn: Connection) -> list[list[tuple[int, str]]]:
        top = build.province(conn)
        here, there = hire(conn, "Tôi", build.commune(conn, top)), hire(conn, "Xa", top)
        leave.take(conn, there, TODAY, TODAY, here, there, NOW)
        return [people.colleagues(conn, who, TODAY) for who in (here, there)]

    assert await db.write(story) == [[], []]


async def test_whom_to_ask_is_the_nearest_lead(db: Database) -> None:
    def story(conn: Connection) -> list[list[str]]:
        top = build.province(conn)
        place = build.commune(conn, top)
        below = cell(conn, place, "Chi bộ", 1)
        hire(conn, "Cán bộ", top, Role.OFFICER)
        before = people.leads_of(conn, below, TODAY)
        hire(conn, "Phụ trách", place, Role.UNIT_LEAD)
        after = people.leads_of(conn, below, TODAY)
        return [[h.name for h in leads] for leads in (before, after)]

    assert await db.write(story) == [["Cán bộ"], ["Phụ trách"]]


async def test_who_has_blocked_the_bot_is_out_of_reach(db: Database) -> None:
    def story(conn: Connection) -> set[int]:
        place = build.commune(conn, build.province(conn))
        here, gone = hire(conn, "Lan", place), hire(conn, "Mai", place)
        person.set_reachable(conn, CHANNEL, f"chat {gone}", NOW)
        assert people.member_count(conn, place) is None
        return people.reachable(conn, [here, gone]) - {here}

    assert await db.write(story) == set()
