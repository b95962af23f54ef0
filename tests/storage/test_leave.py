"""Leaves: who is away on a day, who stands in, and for how long that gives a role."""

from datetime import date, timedelta

from sqlalchemy import Connection

from domain.role import Action, Actor, Role
from storage import leave, people, person, unit
from storage.db import Database
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY

DAY = timedelta(days=1)
MONDAY, FRIDAY = date(2026, 7, 20), date(2026, 7, 24)


def team(conn: Connection) -> tuple[int, int, int, int]:
    """A cell, its reporter, a member of it who may stand in, and the cell's other reporter."""
    cell = build.commune(conn, build.province(conn))
    reporter = build.reporter(conn, cell)
    member = build.reporter(conn, cell, Role.MEMBER)
    return cell, reporter, member, build.reporter(conn, cell)


def take(conn: Connection, who: int, first: date, last: date, stand_in: int | None = None) -> int:
    return leave.take(conn, who, first, last, stand_in, who, NOW)


def may_report(conn: Connection, who: int, unit_id: int, day: date) -> bool:
    found = person.actor(conn, CHANNEL, f"chat {who}", day)
    assert isinstance(found, Actor)
    return found.may(Action.REPORT_TALLY, unit.path(conn, unit_id))


async def test_somebody_is_away_from_the_first_day_through_the_last(db: Database) -> None:
    _, reporter, _, other = await db.write(team)
    await db.write(take, reporter, MONDAY, FRIDAY)

    async def away(day: date) -> dict[int, int | None]:
        return await db.read(leave.away, [reporter, other], day)

    assert await away(MONDAY - DAY) == {}
    assert await away(MONDAY) == await away(FRIDAY) == {reporter: None}
    assert await away(FRIDAY + DAY) == {}


async def test_only_those_are_named_who_were_asked_about(db: Database) -> None:
    _, reporter, member, other = await db.write(team)
    await db.write(take, reporter, MONDAY, FRIDAY, member)
    assert await db.read(leave.away, [other], MONDAY) == {}
    assert await db.read(leave.away, [reporter], MONDAY) == {reporter: member}


async def test_a_stand_in_who_is_away_hands_on_and_a_circle_ends_with_nobody(db: Database) -> None:
    _, reporter, member, other = await db.write(team)
    await db.write(take, reporter, MONDAY, FRIDAY, other)
    await db.write(take, other, MONDAY, MONDAY, member)
    both = [reporter, other]
    assert await db.read(leave.away, both, MONDAY) == {reporter: member, other: member}
    assert await db.read(leave.away, both, FRIDAY) == {reporter: other}
    await db.write(take, member, MONDAY, MONDAY, reporter)
    assert await db.read(leave.away, both, MONDAY) == {reporter: None, other: None}


async def test_the_stand_in_reports_for_the_unit_on_these_days_only(db: Database) -> None:
    cell, reporter, member, _ = await db.write(team)
    await db.write(take, reporter, MONDAY, FRIDAY, member)
    days = [MONDAY - DAY, MONDAY, FRIDAY, FRIDAY + DAY]
    may = [await db.read(may_report, member, cell, day) for day in days]
    assert may == [False, True, True, False]


async def test_who_reports_there_already_gets_no_second_role(db: Database) -> None:
    _, reporter, _, other = await db.write(team)
    await db.write(take, reporter, MONDAY, FRIDAY, other)
    actor = await db.read(person.actor, CHANNEL, f"chat {other}", MONDAY)
    assert actor is not None
    assert len(actor.memberships) == 1


async def test_who_reports_on_the_first_or_the_last_day_only_has_a_stand_in_too(
    db: Database,
) -> None:
    cell, leaver, member, starter = await db.write(team)

    def story(conn: Connection) -> None:
        [held] = people.of_person(conn, leaver, TODAY)
        people.end(conn, held, starter, NOW, MONDAY + DAY)
        [held] = people.of_person(conn, starter, TODAY)
        people.end(conn, held, leaver, NOW, TODAY)
        person.add_membership(conn, starter, cell, Role.REPORTER, FRIDAY)
        take(conn, leaver, MONDAY, MONDAY + DAY, member)
        take(conn, starter, FRIDAY - DAY, FRIDAY, member)

    await db.write(story)
    assert await db.read(may_report, member, cell, MONDAY)
    assert await db.read(may_report, member, cell, FRIDAY)


async def test_two_colleagues_may_have_the_same_stand_in_from_the_same_day(db: Database) -> None:
    cell, reporter, member, other = await db.write(team)
    first = await db.write(take, reporter, MONDAY, FRIDAY, member)
    await db.write(take, other, MONDAY, FRIDAY, member)
    await db.write(leave.end, first, MONDAY + DAY, reporter, NOW)
    assert await db.read(may_report, member, cell, FRIDAY)


async def test_back_early_ends_the_stand_ins_role_too(db: Database) -> None:
    cell, reporter, member, _ = await db.write(team)
    taken = await db.write(take, reporter, MONDAY, FRIDAY, member)
    await db.write(leave.end, taken, FRIDAY, reporter, NOW)
    assert await db.read(leave.away, [reporter], FRIDAY - DAY) == {reporter: member}
    assert await db.read(leave.away, [reporter], FRIDAY) == {}
    assert await db.read(may_report, member, cell, FRIDAY - DAY)
    assert not await db.read(may_report, member, cell, FRIDAY)


async def test_a_leave_that_comes_to_nothing_is_never_one(db: Database) -> None:
    cell, reporter, member, _ = await db.write(team)
    taken = await db.write(take, reporter, MONDAY, FRIDAY, member)
    await db.write(leave.end, taken, TODAY, reporter, NOW)
    assert await db.read(leave.coming, reporter, TODAY) is None
    assert await db.read(leave.away, [reporter], MONDAY) == {}
    assert not await db.read(may_report, member, cell, MONDAY)


async def test_a_leave_that_is_given_up_for_its_first_day_is_none_that_comes(db: Database) -> None:
    _, reporter, _, _ = await db.write(team)
    taken = await db.write(take, reporter, MONDAY, FRIDAY)
    assert await db.read(leave.coming, reporter, FRIDAY) is not None
    await db.write(leave.end, taken, MONDAY, reporter, NOW)
    assert await db.read(leave.coming, reporter, TODAY) is None


async def test_the_newest_word_about_a_day_counts(db: Database) -> None:
    cell, reporter, member, other = await db.write(team)
    await db.write(take, reporter, MONDAY, FRIDAY, member)
    await db.write(take, reporter, MONDAY + DAY, FRIDAY + DAY, other)
    found = [await db.read(leave.away, [reporter], MONDAY + n * DAY) for n in range(2)]
    assert found == [{reporter: member}, {reporter: other}]
    assert not await db.read(may_report, member, cell, FRIDAY)


async def test_a_leave_that_was_to_begin_on_the_last_day_of_a_new_one_is_taken_back(
    db: Database,
) -> None:
    _, reporter, member, other = await db.write(team)
    await db.write(take, reporter, FRIDAY, FRIDAY + DAY, member)
    await db.write(take, reporter, MONDAY, FRIDAY, other)
    assert await db.read(leave.away, [reporter], FRIDAY) == {reporter: other}
    assert await db.read(leave.away, [reporter], FRIDAY + DAY) == {}


async def test_an_old_word_of_being_back_makes_no_leave_longer(db: Database) -> None:
    cell, reporter, member, _ = await db.write(team)
    taken = await db.write(take, reporter, MONDAY, FRIDAY, member)
    await db.write(leave.end, taken, FRIDAY + 3 * DAY, reporter, NOW)
    assert await db.read(leave.away, [reporter], FRIDAY + DAY) == {}
    assert not await db.read(may_report, member, cell, FRIDAY + DAY)


async def test_a_later_leave_is_not_touched_by_an_earlier_one(db: Database) -> None:
    _, reporter, _, _ = await db.write(team)
    await db.write(take, reporter, FRIDAY, FRIDAY)
    await db.write(take, reporter, MONDAY, MONDAY)
    coming = await db.read(leave.coming, reporter, TODAY)
    assert coming is not None
    assert (coming.first_day, coming.stand_in) == (MONDAY, None)
    assert await db.read(leave.away, [reporter], FRIDAY) == {reporter: None}


async def test_taking_and_ending_leave_an_audit_line(db: Database) -> None:
    _, reporter, member, _ = await db.write(team)
    taken = await db.write(take, reporter, MONDAY, FRIDAY, member)
    await db.write(leave.end, taken, FRIDAY, member, NOW)
    assert await db.read(build.audit_lines) == [
        ("take_leave", "person", reporter, reporter),
        ("end_leave", "leave", taken, member),
    ]
