"""The ladder of reminders: its days, its hours, and whom it asks."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.briefing import VIETNAM
from domain.deadline import DeadlineRules, due_date
from domain.ladder import (
    Circle,
    Hours,
    LadderRules,
    Nudge,
    Owing,
    Quiet,
    call_round,
    closing,
    in_tet_pause,
    is_push_time,
    is_reminder_day,
    may_climb,
    next_evening,
    next_push,
    opening,
    over_before,
    plan,
    rung_days,
    rung_on,
    tet,
)
from domain.period import Period
from domain.workday import Calendar

RULES = LadderRules(DeadlineRules(Calendar.vietnam()))
NOVEMBER = Period.from_code("2026-11")
DUE = date(2026, 12, 7)
OWING = Owing(7, NOVEMBER, DUE)


def on(day: date, hours: int, minutes: int = 0) -> datetime:
    return datetime.combine(day, time(hours, minutes), VIETNAM)


# --- days ------------------------------------------------------------------------------------------


def test_the_rungs_lie_around_the_due_date_and_keep_off_the_weekend() -> None:
    """T−2 is a Saturday and comes on Friday; the rest are working days."""
    days = [date(2026, 12, day) for day in (2, 4, 7, 8, 10)]
    assert rung_days(DUE, RULES) == days
    assert [rung_on(DUE, day, RULES) for day in days] == [1, 2, 3, 4, 5]
    assert rung_on(DUE, date(2026, 12, 3), RULES) is None


def test_what_falls_on_a_day_off_after_the_due_date_comes_on_the_next_working_day() -> None:
    """Due Friday 8 January 2027: T+1 is Saturday, T+3 Monday, and both come on Monday as one."""
    due = date(2027, 1, 8)
    assert rung_days(due, RULES)[3:] == [date(2027, 1, 11), date(2027, 1, 11)]
    assert rung_on(due, date(2027, 1, 11), RULES) == 5


@pytest.mark.parametrize(
    ("year", "first"),
    [(2026, date(2026, 2, 17)), (2027, date(2027, 2, 6)), (2030, date(2030, 2, 2))],
)
def test_the_lunar_year_begins_by_the_vietnamese_calendar(year: int, first: date) -> None:
    assert tet(year) == first


def test_from_the_last_working_day_before_tet_until_two_working_days_after_it_nobody_is_asked() -> (
    None
):
    """Tết 2026: work ends on Friday 13 February and begins again on Monday 23."""
    calendar = RULES.calendar
    days = [date(2026, 2, 9) + timedelta(days=n) for n in range(21)]
    asked = [day.day for day in days if is_reminder_day(day, calendar)]
    assert asked == [9, 10, 11, 12, 25, 26, 27]


def test_in_the_year_in_which_work_begins_on_mung_6_nobody_is_asked_on_that_day() -> None:
    """Mùng 6 of 2027 is Thursday 11 February, a working day; the first reminder is Monday's."""
    assert in_tet_pause(date(2027, 2, 11), RULES.calendar)
    assert in_tet_pause(date(2027, 2, 12), RULES.calendar)
    assert is_reminder_day(date(2027, 2, 15), RULES.calendar)


def test_reminders_of_a_due_date_after_tet_come_before_it_and_after_it() -> None:
    days = rung_days(date(2026, 2, 24), RULES)
    assert days == [date(2026, 2, 12)] * 2 + [date(2026, 2, 25)] * 2 + [date(2026, 2, 27)]


due_dates = st.dates(date(2026, 1, 1), date(2030, 12, 31))
days_off = st.frozensets(due_dates, max_size=40)


@given(due_dates, days_off)
def test_every_rung_has_a_day_on_which_reminders_go_out(due: date, off: frozenset[date]) -> None:
    rules = LadderRules(DeadlineRules(Calendar.vietnam(extra_days_off=off)))
    days = rung_days(due, rules)
    assert len(days) == len(rules.days)
    assert days == sorted(days)
    for day in days:
        assert is_reminder_day(day, rules.calendar)
        number = rung_on(due, day, rules)
        assert number is not None
        assert days[number - 1] == day
        assert day not in days[number:]


@given(due_dates)
def test_a_ladder_that_cannot_climb_on_a_day_has_no_rung_on_it(due: date) -> None:
    for day in rung_days(due, RULES):
        assert may_climb(due, day, RULES)


@given(due_dates)
def test_a_ladder_is_over_only_when_it_climbs_no_more(due: date) -> None:
    for day in rung_days(due, RULES):
        assert over_before(day, RULES) <= due
    assert over_before(due + timedelta(days=60), RULES) > due


def test_without_rungs_nobody_is_ever_asked() -> None:
    rules = LadderRules(RULES.deadlines, days=())
    assert not may_climb(DUE, DUE, rules)
    assert rung_on(DUE, DUE, rules) is None


# --- hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "goes_out"),
    [
        (time(7, 59), False),
        (time(8), True),
        (time(10, 59), True),
        (time(11), False),
        (time(12), False),
        (time(14), True),
        (time(16, 29), True),
        (time(16, 30), False),
        (time(22), False),
    ],
)
def test_reminders_go_out_in_push_hours_of_working_days(clock: time, goes_out: bool) -> None:
    assert is_push_time(datetime.combine(DUE, clock, VIETNAM), RULES) is goes_out
    assert not is_push_time(datetime.combine(date(2026, 12, 6), clock, VIETNAM), RULES)


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        (on(DUE, 9, 10), on(DUE, 9, 10)),
        (on(DUE, 6), on(DUE, 8)),
        (on(DUE, 12), on(DUE, 14)),
        (on(DUE, 17), on(date(2026, 12, 8), 8)),
        (on(date(2026, 12, 11), 17), on(date(2026, 12, 14), 8)),
        (on(date(2026, 2, 13), 9), on(date(2026, 2, 25), 8)),
    ],
)
def test_what_is_called_outside_these_hours_waits_for_the_next(
    moment: datetime, then: datetime
) -> None:
    assert next_push(moment, RULES) == then


def test_the_evening_is_todays_until_it_has_begun() -> None:
    evening = on(DUE, 19, 30), on(DUE, 20, 30)
    assert next_evening(on(DUE, 9), RULES) == evening
    following = on(date(2026, 12, 8), 19, 30), on(date(2026, 12, 8), 20, 30)
    assert next_evening(on(DUE, 19, 30), RULES) == following


def test_a_day_of_the_ladder_is_stale_when_its_last_hours_are_over() -> None:
    assert opening(DUE, RULES) == on(DUE, 8)
    assert closing(DUE, RULES) == on(DUE, 16, 30)


def test_hours_may_go_over_midnight() -> None:
    night = Hours.parse("21:00-06:30")
    assert [night.hold(time(hour)) for hour in (20, 21, 0, 6, 7)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert night.overlap(Hours.parse("06:00-07:00"))
    assert Hours.parse("06:00-07:00").overlap(night)
    assert not night.overlap(Hours.parse("06:30-20:00"))


@pytest.mark.parametrize("text", ["", "8-11", "08:00", "08:00-08:00", "25:00-26:00", "a-b"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="like 08:00-11:00"):
        Hours.parse(text)


# --- whom ------------------------------------------------------------------------------------------

CIRCLE = {7: Circle(own=(1, 2), above=(8, 9))}
NOBODY = Quiet()


def asked(day: date, quiet: Quiet = NOBODY, circles: dict[int, Circle] = CIRCLE) -> list[Nudge]:
    return plan(day, [OWING], circles, quiet, RULES)


def people(nudges: list[Nudge], *, told: bool) -> list[int]:
    return [nudge.person_id for nudge in nudges if nudge.told is told]


def test_before_the_due_date_only_those_are_asked_who_may_report() -> None:
    for day in (2, 4):
        nudges = asked(date(2026, 12, day))
        assert (people(nudges, told=False), people(nudges, told=True)) == ([1, 2], [])


def test_from_the_third_rung_on_those_above_are_told() -> None:
    for day in (7, 8, 10):
        nudges = asked(date(2026, 12, day))
        assert (people(nudges, told=False), people(nudges, told=True)) == ([1, 2], [8, 9])


def test_between_the_rungs_nobody_is_asked() -> None:
    assert asked(date(2026, 12, 3)) == []


def test_for_whom_is_away_the_stand_in_is_asked_and_without_one_nobody() -> None:
    nudges = asked(DUE, Quiet(away={1: 3, 2: None, 8: 9}))
    assert people(nudges, told=False) == [3]
    assert nudges[0].for_person == 1
    assert people(nudges, told=True) == [9]


def test_a_stand_in_who_is_away_too_is_left_alone() -> None:
    assert people(asked(DUE, Quiet(away={1: 3, 3: None})), told=False) == [2]


def test_who_rests_has_given_the_unit_up_or_had_the_message_is_left_alone() -> None:
    quiet = Quiet(
        resting=frozenset({1}), given_up=frozenset({(2, 7), (9, 5)}), reminded=frozenset({8})
    )
    nudges = asked(DUE, quiet)
    assert (people(nudges, told=False), people(nudges, told=True)) == ([], [9])


def test_who_is_asked_to_report_is_not_told_of_the_same_unit() -> None:
    nudges = asked(DUE, circles={7: Circle(own=(1,), above=(1, 8))})
    assert (people(nudges, told=False), people(nudges, told=True)) == ([1], [8])


def test_a_unit_without_people_does_not_stop_the_others() -> None:
    assert asked(DUE, circles={}) == []


def test_a_round_asks_those_who_may_report_on_any_day_and_tells_nobody_above() -> None:
    nudges = call_round([OWING], CIRCLE, Quiet(reminded=frozenset({2})))
    assert [(nudge.person_id, nudge.rung, nudge.told) for nudge in nudges] == [(1, None, False)]


ids = st.integers(1, 9)
circles = st.dictionaries(
    st.integers(20, 24),
    st.builds(Circle, st.lists(ids, unique=True).map(tuple), st.lists(ids, unique=True).map(tuple)),
)
quiets = st.builds(
    Quiet,
    st.dictionaries(ids, st.none() | ids, max_size=4),
    st.frozensets(ids, max_size=3),
    st.frozensets(st.tuples(ids, st.integers(20, 24)), max_size=4),
    st.frozensets(ids, max_size=3),
)
months = st.sampled_from([Period.from_code(f"2026-{month:02}") for month in range(1, 13)])


@given(circles, quiets, st.lists(st.tuples(st.integers(20, 24), months), unique=True), due_dates)
def test_nobody_is_reminded_twice_of_a_unit_and_nobody_who_is_to_be_left_alone(
    around: dict[int, Circle], quiet: Quiet, units: list[tuple[int, Period]], day: date
) -> None:
    owing = [Owing(unit_id, period, due_date(period, RULES.deadlines)) for unit_id, period in units]
    nudges = plan(day, owing, around, quiet, RULES)
    keys = [(nudge.person_id, nudge.unit_id, nudge.period) for nudge in nudges]
    assert len(keys) == len(set(keys))
    assert not nudges or is_reminder_day(day, RULES.calendar)
    for nudge in nudges:
        assert nudge.person_id not in quiet.reminded | quiet.resting | set(quiet.away)
        assert (nudge.person_id, nudge.unit_id) not in quiet.given_up
        assert nudge.rung == rung_on(nudge.due, day, RULES)


@given(circles, quiets, st.integers(20, 24), months)
def test_whoever_leads_a_silent_unit_is_told_by_the_third_rung(
    around: dict[int, Circle], quiet: Quiet, unit_id: int, period: Period
) -> None:
    due = due_date(period, RULES.deadlines)
    days = set(rung_days(due, RULES))
    reached = {
        nudge.person_id
        for day in days
        for nudge in plan(day, [Owing(unit_id, period, due)], around, quiet, RULES)
        if nudge.rung is not None and nudge.rung >= RULES.lead_from
    }
    circle = around.get(unit_id, Circle())
    left_alone = quiet.resting | quiet.reminded | set(quiet.away)
    for person in (*circle.own, *circle.above):
        assert person in reached or person in left_alone or (person, unit_id) in quiet.given_up
