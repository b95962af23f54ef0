"""The ladder as it is kept: its next day, its messages, and what is left of them when they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import Connection, select

from domain.briefing import VIETNAM
from domain.ladder import LadderRules
from domain.period import Period
from domain.role import Role
from domain.unit_change import merged
from storage import (
    exception,
    excuse,
    ladder,
    leave,
    lock,
    nudge,
    reminder,
    rest,
    tally,
    unit,
    unit_change,
    unit_report,
)
from storage.db import Database
from storage.nudge import Owed
from storage.reminder import LADDER as MESSAGE
from storage.reminder import Delivery, DeliveryState
from storage.schema import delivery
from tests.storage import build
from tests.storage.build import CHANNEL, LADDER, RULES

NOVEMBER = Period.from_code("2026-11")
# The rungs of November, which is due on Monday 7 December.
T5, T2, T, T1, T3 = (date(2026, 12, day) for day in (2, 4, 7, 8, 10))
QUIET_DAY = date(2026, 12, 3)


def at(day: date, hour: int = 8, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), VIETNAM)


@dataclass(frozen=True)
class Cast:
    """A province with two communes, of which `mine` has a lead and a reporter of its cell."""

    top: int
    mine: int
    other: int
    officer: int
    lead: int
    reporter: int
    neighbour: int


def furnish(conn: Connection) -> Cast:
    top = build.province(conn)
    mine, other = build.commune(conn, top, "Lâm Bình"), build.commune(conn, top)
    cell = build.cell(conn, mine)
    return Cast(
        top,
        mine,
        other,
        officer=build.reporter(conn, top, Role.OFFICER),
        lead=build.reporter(conn, mine, Role.UNIT_LEAD),
        reporter=build.reporter(conn, cell),
        neighbour=build.reporter(conn, other),
    )


@pytest.fixture
async def cast(db: Database) -> Cast:
    return await db.write(furnish)


def tick(conn: Connection, now: datetime, rules: LadderRules = LADDER) -> list[Delivery]:
    """What is sent now, as the outbox does it; each is through at once."""
    ladder.schedule(conn, now, rules)
    ladder.expand_due(conn, now, rules)
    taken = reminder.take(conn, [CHANNEL], now, 100)
    for each in taken:
        reminder.settle(conn, each.id, DeliveryState.SENT, now)
    return taken


def people(taken: Sequence[Delivery]) -> set[int]:
    assert all(each.message == MESSAGE for each in taken)
    return {each.person_id for each in taken}


async def sent(db: Database, now: datetime) -> set[int]:
    return people(await db.write(tick, now))


def report(conn: Connection, unit_id: int, day: date = date(2026, 11, 20)) -> None:
    figures = build.figures(day, sessions=1)
    tally.record(conn, unit_id, None, figures, f"{unit_id} {day}", at(QUIET_DAY))


async def asked(db: Database, who: int, day: date) -> list[Owed]:
    left = await db.read(nudge.standing, who, day, day, LADDER)
    return list(left.own)


async def told(db: Database, who: int, day: date) -> list[Owed]:
    left = await db.read(nudge.standing, who, day, day, LADDER)
    return list(left.told)


# --- when ------------------------------------------------------------------------------------------


async def test_the_next_day_of_the_ladder_is_known_beforehand(db: Database, cast: Cast) -> None:
    for now, due in (
        (at(T5, 7), at(T5)),
        (at(T5, 9), at(T5)),
        (at(T5, 17), at(T2)),
        (at(date(2026, 12, 20)), at(date(2026, 12, 31))),
    ):
        await db.write(ladder.schedule, now, LADDER)
        assert await db.read(reminder.next_due) == due


async def test_looking_ahead_again_changes_nothing(db: Database, cast: Cast) -> None:
    for _ in range(3):
        await db.write(ladder.schedule, at(QUIET_DAY), LADDER)
    assert await sent(db, at(T2)) == {cast.lead, cast.reporter, cast.neighbour}
    assert await sent(db, at(T2)) == set()


async def test_without_rungs_nothing_is_due(db: Database, cast: Cast) -> None:
    await db.write(ladder.schedule, at(T5), LADDER)
    await db.write(ladder.schedule, at(T5), LadderRules(RULES, days=()))
    assert await db.read(reminder.next_due) is None


async def test_an_extended_deadline_has_its_own_ladder(db: Database, cast: Cast) -> None:
    extended = date(2026, 12, 17)
    await db.write(exception.say, cast.other, NOVEMBER, extended, cast.officer, at(QUIET_DAY))
    assert await sent(db, at(T)) == {cast.lead, cast.reporter, cast.officer}
    assert await sent(db, at(date(2026, 12, 11))) == {cast.neighbour}
    assert await sent(db, at(extended)) == {cast.neighbour, cast.officer}
    (owed,) = await asked(db, cast.neighbour, extended)
    assert owed.due == extended


# --- whom ------------------------------------------------------------------------------------------


async def test_everybody_who_may_report_for_a_missing_unit_is_asked(
    db: Database, cast: Cast
) -> None:
    assert await sent(db, at(T5)) == {cast.lead, cast.reporter, cast.neighbour}


async def test_nobody_is_asked_between_the_rungs(db: Database, cast: Cast) -> None:
    assert await sent(db, at(QUIET_DAY)) == set()


async def test_whose_unit_has_reported_is_not_asked(db: Database, cast: Cast) -> None:
    await db.write(report, cast.mine)
    assert await sent(db, at(T5)) == {cast.neighbour}


async def test_a_nil_return_and_an_excuse_end_the_ladder_too(db: Database, cast: Cast) -> None:
    await db.write(unit_report.record_nil, cast.mine, NOVEMBER, cast.lead, at(QUIET_DAY))
    await db.write(
        lambda conn: excuse.say(
            conn, cast.other, NOVEMBER, cast.officer, at(QUIET_DAY), excused=True
        )
    )
    assert await sent(db, at(T2)) == set()


async def test_a_locked_month_is_not_asked_for(db: Database, cast: Cast) -> None:
    await db.write(
        lambda conn: lock.say(conn, cast.top, NOVEMBER, cast.officer, at(T1), locked=True)
    )
    assert await sent(db, at(T3)) == set()


async def test_from_the_due_day_on_who_leads_is_told_of_all_units_in_one_message(
    db: Database, cast: Cast
) -> None:
    assert cast.officer not in await sent(db, at(T2))
    assert cast.officer in await sent(db, at(T))
    listed = await told(db, cast.officer, T)
    assert [owed.unit_id for owed in listed] == [cast.mine, cast.other]
    contact = listed[0].contact
    assert contact is not None
    assert contact.telegram == f"chat {cast.lead}"


async def test_an_officer_of_the_unit_itself_is_told_and_its_lead_only_asked(
    db: Database, cast: Cast
) -> None:
    officer = await db.write(build.reporter, cast.mine, Role.OFFICER)
    await sent(db, at(T))
    assert [owed.unit_id for owed in await told(db, officer, T)] == [cast.mine]
    assert [owed.unit_id for owed in await asked(db, cast.lead, T)] == [cast.mine]
    assert await told(db, cast.lead, T) == []


async def test_who_reports_for_several_units_gets_one_message_of_all(
    db: Database, cast: Cast
) -> None:
    await db.write(build.also, cast.reporter, cast.other)
    taken = await db.write(tick, at(T5))
    assert sorted(each.person_id for each in taken) == sorted(
        [cast.lead, cast.reporter, cast.neighbour]
    )
    assert [owed.unit_id for owed in await asked(db, cast.reporter, T5)] == [cast.mine, cast.other]


async def test_two_months_at_once_are_one_message(db: Database, cast: Cast) -> None:
    """The October of the other commune was extended so far that both ladders meet on one day."""
    october = Period.from_code("2026-10")
    await db.write(exception.say, cast.other, october, T, cast.officer, at(QUIET_DAY))
    taken = await db.write(tick, at(T))
    assert [each.person_id for each in taken].count(cast.neighbour) == 1
    months = [owed.period.code for owed in await asked(db, cast.neighbour, T)]
    assert months == ["2026-10", "2026-11"]


async def test_the_stand_in_of_whom_is_away_is_asked(db: Database, cast: Cast) -> None:
    stand_in = await db.write(build.reporter)
    await db.write(leave.take, cast.neighbour, T5, T2, stand_in, cast.neighbour, at(QUIET_DAY))
    assert await sent(db, at(T5)) == {cast.lead, cast.reporter, stand_in}
    assert await sent(db, at(T)) == {cast.lead, cast.reporter, cast.neighbour, cast.officer}


async def test_who_rests_is_asked_again_when_the_day_is_over(db: Database, cast: Cast) -> None:
    await db.write(rest.begin, cast.neighbour, None, T2, at(QUIET_DAY))
    assert cast.neighbour not in await sent(db, at(T2))
    assert cast.neighbour in await sent(db, at(T))


async def test_who_has_given_a_unit_up_is_asked_again_only_at_their_word(
    db: Database, cast: Cast
) -> None:
    await db.write(rest.begin, cast.neighbour, cast.other, None, at(T5))
    assert cast.neighbour not in await sent(db, at(T2))
    await db.write(rest.end, cast.neighbour, at(T2), T2)
    assert cast.neighbour in await sent(db, at(T))


async def test_a_day_that_an_officer_holds_back_is_left_out(db: Database, cast: Cast) -> None:
    await db.write(rest.hold, cast.mine, NOVEMBER, T2, cast.officer, at(T5))
    await db.write(rest.hold, cast.mine, NOVEMBER, T2, cast.officer, at(T5))
    assert await sent(db, at(T2)) == {cast.neighbour}
    assert {cast.lead, cast.reporter} <= await sent(db, at(T))


async def test_a_day_that_is_let_go_again_comes_as_it_would_have(db: Database, cast: Cast) -> None:
    await db.write(rest.hold, cast.top, NOVEMBER, T2, cast.officer, at(T5))
    await db.write(rest.release, cast.top, NOVEMBER, T2, cast.officer, at(T5))
    assert await sent(db, at(T2)) == {cast.lead, cast.reporter, cast.neighbour}


async def test_for_a_unit_that_is_no_more_the_people_of_its_one_successor_are_asked(
    db: Database, cast: Cast
) -> None:
    """November is due in December, after the merger of 1 December: the old unit still owes it."""

    def merge(conn: Connection) -> None:
        gone, heir = unit.code(conn, cast.mine), unit.code(conn, cast.other)
        unit_change.undertake(conn, merged((gone,), heir), date(2026, 12, 1), at(T5, 7))

    await db.write(merge)
    assert await sent(db, at(T5)) == {cast.lead, cast.reporter, cast.neighbour}
    asked_for = [owed.unit_id for owed in await asked(db, cast.neighbour, T5)]
    assert asked_for == [cast.mine, cast.other]


# --- once, and in time ------------------------------------------------------------------------------


async def test_who_was_asked_is_not_asked_again_that_day(db: Database, cast: Cast) -> None:
    await sent(db, at(T5))
    for hour in (9, 10, 14, 16):
        assert await sent(db, at(T5, hour)) == set()
        assert await db.read(reminder.next_due) == at(T2)


async def test_what_fell_due_while_the_bot_was_down_is_sent_the_same_day(
    db: Database, cast: Cast
) -> None:
    await db.write(ladder.schedule, at(QUIET_DAY), LADDER)
    assert await sent(db, at(T2, 15)) == {cast.lead, cast.reporter, cast.neighbour}


async def test_what_fell_due_on_an_earlier_day_is_never_sent(db: Database, cast: Cast) -> None:
    await db.write(ladder.schedule, at(QUIET_DAY), LADDER)
    assert await sent(db, at(date(2026, 12, 5), 9)) == set()
    assert await db.read(reminder.next_due) == at(T)


async def test_a_bot_that_wakes_after_the_hours_of_the_day_says_nothing_then_or_the_next_day(
    db: Database, cast: Cast
) -> None:
    await db.write(ladder.schedule, at(QUIET_DAY), LADDER)
    await db.write(ladder.expand_due, at(T2, 17), LADDER)
    assert await db.read(lambda conn: conn.execute(select(delivery.c.id)).all()) == []
    assert await db.read(reminder.next_due) == at(T)


async def test_a_day_that_was_missed_is_found_again_when_the_clock_is_moved_back(
    db: Database, cast: Cast
) -> None:
    """As the demo's and the training ground's clocks are."""
    await db.write(ladder.schedule, at(QUIET_DAY), LADDER)
    await db.write(ladder.expand_due, at(T2, 17), LADDER)
    assert await sent(db, at(T2, 9)) == {cast.lead, cast.reporter, cast.neighbour}


async def test_what_could_not_go_out_in_its_hours_is_closed(db: Database, cast: Cast) -> None:
    await db.write(ladder.schedule, at(QUIET_DAY), LADDER)
    await db.write(ladder.expand_due, at(T2), LADDER)
    assert await db.write(reminder.take, [CHANNEL], at(T2, 16, 30), 10) == []
    states = await db.read(lambda conn: set(conn.execute(select(delivery.c.state)).scalars()))
    assert states == {"expired"}


async def test_outside_push_hours_the_ladder_waits_and_everything_else_goes_out(
    db: Database, cast: Cast
) -> None:
    def alert(conn: Connection) -> list[Delivery]:
        ladder.schedule(conn, at(T2), LADDER)
        ladder.expand_due(conn, at(T2), LADDER)
        later = at(T2, 23)
        reminder.queue(
            conn, [cast.officer], key="a", message="alert", at=at(T2, 12), expires_at=later
        )
        return reminder.take(conn, [CHANNEL], at(T2, 12), 10, holds_ladder=True)

    assert [each.message for each in await db.write(alert)] == ["alert"]
    assert len(await db.write(reminder.take, [CHANNEL], at(T2, 14), 10)) == 3


async def test_a_message_with_a_time_of_its_own_waits_for_it(db: Database, cast: Cast) -> None:
    def wish(conn: Connection) -> None:
        reminder.queue(
            conn,
            [cast.lead],
            key="e",
            message="evening",
            at=at(T2),
            expires_at=at(T2, 20, 30),
            not_before=at(T2, 19, 30),
        )

    await db.write(wish)
    assert await db.read(reminder.next_due) == at(T2, 19, 30)
    assert await db.write(reminder.take, [CHANNEL], at(T2, 19, 29), 10) == []
    assert len(await db.write(reminder.take, [CHANNEL], at(T2, 19, 30), 10)) == 1


async def test_who_has_reported_since_has_nothing_left_in_the_message(
    db: Database, cast: Cast
) -> None:
    await sent(db, at(T))
    await db.write(report, cast.mine)
    assert await asked(db, cast.lead, T) == []
    assert [owed.unit_id for owed in await told(db, cast.officer, T)] == [cast.other]


async def test_a_round_that_was_called_is_the_message_of_the_day(db: Database, cast: Cast) -> None:
    def call(conn: Connection) -> None:
        seen = ladder.look(conn, T2, LADDER)
        ladder.queue(conn, ladder.planned(conn, T2, LADDER), at(T2), LADDER)
        assert seen.quiet.reminded == frozenset()

    await db.write(call)
    taken = await db.write(reminder.take, [CHANNEL], at(T2), 10)
    assert people(taken) == {cast.lead, cast.reporter, cast.neighbour}
    assert await sent(db, at(T2, 9)) == set()
    seen = await db.read(ladder.look, T2, LADDER)
    assert seen.quiet.reminded == people(taken)


async def test_a_round_called_twice_before_it_goes_out_is_one_message(
    db: Database, cast: Cast
) -> None:
    """Called in the evening and in the early morning, for the same hours."""
    for now in (at(QUIET_DAY, 18), at(T2, 6)):
        nudges = await db.read(ladder.planned, T2, LADDER)
        await db.write(ladder.queue, nudges, now, LADDER)
    assert await db.write(reminder.take, [CHANNEL], at(T2, 7), 10) == []
    taken = await db.write(tick, at(T2))
    assert sorted(each.person_id for each in taken) == sorted(
        [cast.lead, cast.reporter, cast.neighbour]
    )


async def test_who_goes_away_rests_or_gives_up_after_the_planning_has_nothing_left(
    db: Database, cast: Cast
) -> None:
    await sent(db, at(T))
    await db.write(leave.take, cast.lead, T, T, None, cast.lead, at(T, 9))
    await db.write(rest.begin, cast.reporter, None, T, at(T, 9))
    await db.write(rest.begin, cast.neighbour, cast.other, None, at(T, 9))
    for who in (cast.lead, cast.reporter, cast.neighbour):
        assert await asked(db, who, T) == []
    contacts = [owed.contact for owed in await told(db, cast.officer, T)]
    assert [contact is None for contact in contacts] == [False, True]


async def test_a_nil_return_is_taken_back_by_who_said_it_and_nobody_else(
    db: Database, cast: Cast
) -> None:
    await db.write(unit_report.record_nil, cast.other, NOVEMBER, cast.neighbour, at(T5))
    when = at(T5, 9)
    assert not await db.write(unit_report.take_back_nil, cast.other, NOVEMBER, cast.lead, when)
    assert cast.neighbour not in await sent(db, at(T2))
    assert await db.write(unit_report.take_back_nil, cast.other, NOVEMBER, cast.neighbour, when)
    assert cast.neighbour in await sent(db, at(T))


async def test_every_word_about_reminders_leaves_a_line(db: Database, cast: Cast) -> None:
    def words(conn: Connection) -> None:
        rest.begin(conn, cast.lead, None, T2, at(T5))
        rest.end(conn, cast.lead, at(T5), T5)
        rest.hold(conn, cast.top, NOVEMBER, T2, cast.officer, at(T5))
        rest.release(conn, cast.top, NOVEMBER, T2, cast.officer, at(T5))
        unit_report.record_nil(conn, cast.other, NOVEMBER, cast.lead, at(T5))
        unit_report.take_back_nil(conn, cast.other, NOVEMBER, cast.lead, at(T5))

    await db.write(words)
    lines = [action for action, *_ in await db.read(build.audit_lines)]
    assert lines == [
        "rest_reminders",
        "wake_reminders",
        "hold_reminders",
        "release_reminders",
        "nil_return",
        "nil_undone",
    ]


async def test_who_says_when_they_rest_until_can_read_it(db: Database, cast: Cast) -> None:
    assert await db.read(rest.until, cast.lead, T5) is None
    await db.write(rest.begin, cast.lead, None, T2, at(T5))
    assert await db.read(rest.until, cast.lead, T5) == T2
    assert await db.read(rest.until, cast.lead, T2 + timedelta(days=1)) is None


async def test_a_unit_that_was_given_up_is_named_until_it_is_taken_back(
    db: Database, cast: Cast
) -> None:
    rest_id = await db.write(rest.begin, cast.lead, cast.mine, None, at(T5))
    found = await db.read(rest.given_up, rest_id, T5)
    assert found is not None
    assert found.unit_name == "Lâm Bình"
    await db.write(rest.end, cast.lead, at(T5), T5)
    assert await db.read(rest.given_up, rest_id, T5) is None
