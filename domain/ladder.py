"""The ladder of reminders to report: whom to ask, on which days and at which hours.

Only those are asked whose unit misses its report, from some days before it is due until some days
after; from the third rung on those above hear of it as well, without which reminders do little
(DeRenzi, ICTD 2012). Days and hours are those of Asia/Ho_Chi_Minh (reference §10.2, §10.3).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays

from domain.briefing import VIETNAM
from domain.deadline import DeadlineRules
from domain.period import Period
from domain.workday import Calendar

_CLOCK = "((?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ONE_DAY = timedelta(days=1)
# Mùng 6: from the last working day before Tết until then nobody is reminded.
_TET = timedelta(days=5)
_AFTER_TET = 2
# The ladder of a period is over so many days after its last rung, whatever holidays lie between.
_SLACK = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` until just before `closes`; over midnight when it closes earlier than it opens."""

    opens: time
    closes: time

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """ "08:00-11:00"; raises ValueError for anything else."""
        found = re.fullmatch(rf"{_CLOCK}-{_CLOCK}", text)
        if found is None or found[1] == found[2]:
            raise ValueError("hours are written like 08:00-11:00")
        return cls(time.fromisoformat(found[1]), time.fromisoformat(found[2]))

    def hold(self, clock: time) -> bool:
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes

    def overlap(self, other: "Hours") -> bool:
        return self.hold(other.opens) or other.hold(self.opens)


@dataclass(frozen=True, slots=True)
class LadderRules:
    """The department's own ladder.

    `days` are its rungs, each so many calendar days from the due date, in rising order; from the
    rung numbered `lead_from` (the first is 1) on those above are told. `push` are the hours in
    which reminders go out, `evening` those for whom has asked for the evening.
    """

    deadlines: DeadlineRules
    days: tuple[int, ...] = (-5, -2, 0, 1, 3)
    lead_from: int = 3
    push: tuple[Hours, ...] = (Hours(time(8), time(11)), Hours(time(14), time(16, 30)))
    evening: Hours = Hours(time(19, 30), time(20, 30))

    @property
    def calendar(self) -> Calendar:
        return self.deadlines.calendar


# --- days ----------------------------------------------------------------------------------------


@cache
def tet(year: int) -> date:
    """Mùng 1: the first day of the lunar year, by the Vietnamese calendar."""
    of_year = holidays.country_holidays("VN", years=year, language="en_US")
    (first,) = of_year.get_named("Lunar New Year", lookup="iexact")
    return first


def in_tet_pause(day: date, calendar: Calendar) -> bool:
    """From the last working day before Tết until mùng 6, and until the second working day after
    the return to work.
    """
    first = tet(day.year)
    returns = calendar.shift(calendar.next_working_day(first), _AFTER_TET)
    return calendar.shift(first, -1) <= day < max(returns, first + _TET + _ONE_DAY)


def is_reminder_day(day: date, calendar: Calendar) -> bool:
    """A working day outside the pause at Tết."""
    return calendar.is_working_day(day) and not in_tet_pause(day, calendar)


def rung_days(due: date, rules: LadderRules) -> list[date]:
    """The day of each rung. What falls on a day without reminders moves away from the due date:
    before it to the day before, from it on to the day after.
    """
    return [_moved(due + timedelta(days=n), rules.calendar, earlier=n < 0) for n in rules.days]


def _moved(day: date, calendar: Calendar, *, earlier: bool) -> date:
    while not is_reminder_day(day, calendar):
        day += -_ONE_DAY if earlier else _ONE_DAY
    return day


def rung_on(due: date, day: date, rules: LadderRules) -> int | None:
    """The number of the rung that falls on this day, the last one of several; None for no rung."""
    numbers = [n for n, on in enumerate(rung_days(due, rules), start=1) if on == day]
    return numbers[-1] if numbers else None


def may_climb(due: date, day: date, rules: LadderRules) -> bool:
    """Whether the ladder to this due date may have a rung on that day; certain when it may not."""
    if not rules.days:
        return False
    first = timedelta(days=rules.days[0])
    return due + first - _SLACK <= day and due >= over_before(day, rules)


def over_before(day: date, rules: LadderRules) -> date:
    """The ladders to due dates before this one have no rung on that day or later."""
    return day - timedelta(days=max(rules.days, default=0)) - _SLACK


# --- hours ---------------------------------------------------------------------------------------


def is_push_time(moment: datetime, rules: LadderRules) -> bool:
    """Whether reminders may go out now."""
    local = moment.astimezone(VIETNAM)
    return is_reminder_day(local.date(), rules.calendar) and any(
        hours.hold(local.time()) for hours in rules.push
    )


def opening(day: date, rules: LadderRules) -> datetime:
    """When the reminders of a day begin to go out."""
    return datetime.combine(day, rules.push[0].opens, VIETNAM)


def closing(day: date, rules: LadderRules) -> datetime:
    """From when on the reminders of a day are stale."""
    return datetime.combine(day, rules.push[-1].closes, VIETNAM)


def next_push(moment: datetime, rules: LadderRules) -> datetime:
    """The moment itself when reminders may go out, otherwise when they next may."""
    local = moment.astimezone(VIETNAM)
    if is_push_time(local, rules):
        return local
    if is_reminder_day(local.date(), rules.calendar):
        for hours in rules.push:
            if local.time() < hours.opens:
                return datetime.combine(local.date(), hours.opens, VIETNAM)
    following = _moved(local.date() + _ONE_DAY, rules.calendar, earlier=False)
    return opening(following, rules)


def next_evening(moment: datetime, rules: LadderRules) -> tuple[datetime, datetime]:
    """The evening of whoever asks to be reminded then: from when, and until when."""
    local = moment.astimezone(VIETNAM)
    is_past = local.time() >= rules.evening.opens
    day = local.date() + _ONE_DAY if is_past else local.date()
    opens, closes = rules.evening.opens, rules.evening.closes
    return datetime.combine(day, opens, VIETNAM), datetime.combine(day, closes, VIETNAM)


# --- whom ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owing:
    """A unit that misses its report for a period, and when that is due."""

    unit_id: int
    period: Period
    due: date


@dataclass(frozen=True, slots=True)
class Circle:
    """The people around a unit: who may report for it, and who leads it or the units above it."""

    own: tuple[int, ...] = ()
    above: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiet:
    """Whom to leave alone on a day: `away` with a stand-in or nobody, `resting` at their own wish,
    `given_up` for a unit that is no longer theirs, `reminded` because they had their message.
    """

    away: Mapping[int, int | None] = field(default_factory=dict)
    resting: frozenset[int] = frozenset()
    given_up: frozenset[tuple[int, int]] = frozenset()
    reminded: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Nudge:
    """One unit and period in the message that a person gets on a day.

    `rung` is None for a round that somebody called. `told` are those above, the others are asked
    to report; `for_person` is the one whom they stand in for.
    """

    person_id: int
    unit_id: int
    period: Period
    due: date
    rung: int | None
    told: bool = False
    for_person: int | None = None


def plan(
    day: date,
    owing: Iterable[Owing],
    circles: Mapping[int, Circle],
    quiet: Quiet,
    rules: LadderRules,
) -> list[Nudge]:
    """Who is reminded on a day of what, by the ladder. All of a person's are one message."""
    units = list(owing)
    rungs = {due: rung_on(due, day, rules) for due in {unit.due for unit in units}}
    nudges: list[Nudge] = []
    for unit in units:
        rung = rungs[unit.due]
        if rung is not None:
            circle = circles.get(unit.unit_id, Circle())
            nudges += _of_unit(unit, rung, circle, quiet, tells=rung >= rules.lead_from)
    return nudges


def call_round(owing: Iterable[Owing], circles: Mapping[int, Circle], quiet: Quiet) -> list[Nudge]:
    """Who is reminded when somebody calls a round: those who may report, whatever the day."""
    return [
        nudge
        for unit in owing
        for nudge in _of_unit(unit, None, circles.get(unit.unit_id, Circle()), quiet, tells=False)
    ]


def _of_unit(
    unit: Owing, rung: int | None, circle: Circle, quiet: Quiet, *, tells: bool
) -> Iterator[Nudge]:
    """Each person once: who is asked to report for the unit is not told of it as well."""
    seen: set[int] = set()
    for told, people in ((False, circle.own), (True, circle.above if tells else ())):
        for person in people:
            found = _present(person, unit.unit_id, quiet)
            if found is not None and found not in seen:
                seen.add(found)
                absent = person if found != person else None
                yield Nudge(found, unit.unit_id, unit.period, unit.due, rung, told, absent)


def _present(person: int, unit_id: int, quiet: Quiet) -> int | None:
    """The person, or who stands in for them; None when neither is to be reminded of this unit.

    Nobody stands in for whom has been reminded, rests or has given the unit up.
    """
    if not _is_open(person, unit_id, quiet):
        return None
    if person not in quiet.away:
        return person
    other = quiet.away[person]
    if other is None or other in quiet.away or not _is_open(other, unit_id, quiet):
        return None
    return other


def _is_open(person: int, unit_id: int, quiet: Quiet) -> bool:
    return (
        person not in quiet.resting
        and person not in quiet.reminded
        and (person, unit_id) not in quiet.given_up
    )
