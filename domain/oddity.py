"""What is odd in a tally for this unit: a warning that one tap answers, never a refusal.

The bands and the frequency come from the field reference §2.2; the unit's own history is
compared robustly, so that one wild month neither hides nor causes a warning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil, floor
from statistics import median

from domain.deadline import bucket
from domain.period import Cutoff, Period
from domain.tally import NAMED_DAYS, Figures

# 1.4826 × MAD estimates the standard deviation of a normal distribution.
_MAD_TO_SIGMA = 1.4826


class OddityCode(StrEnum):
    """What is odd, the most pressing first."""

    SAME_AGAIN = "same_again"
    ON_TOP_OF_DAYS = "on_top_of_days"
    ON_TOP_OF_TOTAL = "on_top_of_total"
    NO_SESSION = "no_session"
    NOBODY = "nobody"
    ABOVE_MEMBERS = "above_members"
    CROWDED = "crowded"
    SPARSE = "sparse"
    UNUSUAL_ATTENDANCE = "unusual_attendance"
    BUSY_DAY = "busy_day"
    BUSY_MONTH = "busy_month"
    UNUSUAL_COUNT = "unusual_count"


# The most pressing first.
_PRESSING = tuple(OddityCode)


class OddReason(StrEnum):
    """Why odd figures are right all the same, as their sender says; kept for the officer."""

    CHECKED = "checked"
    LARGE_EVENT = "large_event"
    JOINT_EVENT = "joint_event"
    SEVERAL_TOGETHER = "several_together"
    CAMPAIGN = "campaign"
    SMALL_EVENT = "small_event"


_MANY_PEOPLE = (
    OddReason.CHECKED,
    OddReason.LARGE_EVENT,
    OddReason.JOINT_EVENT,
    OddReason.SEVERAL_TOGETHER,
)
_MANY_SESSIONS = (OddReason.CHECKED, OddReason.CAMPAIGN, OddReason.SEVERAL_TOGETHER)

REASONS: dict[OddityCode, tuple[OddReason, ...]] = {
    OddityCode.SAME_AGAIN: (),
    OddityCode.ON_TOP_OF_DAYS: (),
    OddityCode.ON_TOP_OF_TOTAL: (),
    OddityCode.NO_SESSION: (OddReason.CHECKED,),
    OddityCode.NOBODY: (OddReason.CHECKED,),
    OddityCode.ABOVE_MEMBERS: _MANY_PEOPLE,
    OddityCode.CROWDED: _MANY_PEOPLE,
    OddityCode.SPARSE: (OddReason.CHECKED, OddReason.SMALL_EVENT),
    OddityCode.UNUSUAL_ATTENDANCE: (*_MANY_PEOPLE, OddReason.SMALL_EVENT),
    OddityCode.BUSY_DAY: _MANY_SESSIONS,
    OddityCode.BUSY_MONTH: _MANY_SESSIONS,
    OddityCode.UNUSUAL_COUNT: _MANY_SESSIONS,
}
"""The reasons that can be offered for each; none where the question is another one: the same again
or more of it, instead of what is stored or on top of it."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """`found` is what the report comes to, `low` and `high` what is usual; None is no bound.

    All three are people or sessions (items), per session, day or period as the code says;
    `entry_id` is the stored entry that the report meets.
    """

    code: OddityCode
    found: int
    low: int | None = None
    high: int | None = None
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class OddFlag:
    """What was odd about a stored tally, and why it is right; None when nobody said why."""

    codes: tuple[OddityCode, ...]
    reason: OddReason | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a figure is odd. The first five are the reference's (§2.2).

    The others are settings of ours: `enough_history` periods are compared by median and MAD,
    `least_history` to that by their range. `robust_factor` is the usual cut of Iglewicz and
    Hoaglin. However even the past was, a figure is usual within `usual_ratio` times it and when
    it differs by no more than `usual_difference`.
    """

    least_per_session: int = 5
    most_per_session: int = 300
    most_sessions_a_day: int = 10
    many_sessions_a_month: int = 60
    repeat_within: timedelta = timedelta(minutes=30)
    enough_history: int = 6
    least_history: int = 3
    robust_factor: float = 3.5
    usual_ratio: float = 2.5
    usual_difference: int = 5


@dataclass(frozen=True, slots=True)
class Habit:
    """What is known around a report: its unit, what is stored for its days, and the past.

    Counts are sessions, or items for kinds that have no sessions; the report itself is not in
    them. `on_day` and `by_reporter` count only what the same reporter has sent: for exactly these
    days, and in the whole period (the report's bucket). `parts` are entries for a part of the
    report's days, `others_parts` those of them that somebody else sent; `total_id` is a total whose
    label holds the report's days, `twin_id` an entry with the same figures sent just now.
    `in_period` is what the period came to so far for the unit with all below it, `past_counts` and
    `past_per_session` their sums and people per session in earlier periods of the same length, in
    no order. `locked` is what an officer has said about the period, if anything, and `due` the due
    date that the unit was given.
    """

    members: int | None = None
    on_day: int = 0
    by_reporter: int = 0
    in_period: int = 0
    parts: int = 0
    others_parts: int = 0
    in_parts: int = 0
    total_id: int | None = None
    twin_id: int | None = None
    past_counts: tuple[int, ...] = ()
    past_per_session: tuple[float, ...] = ()
    locked: bool | None = None
    due: date | None = None


def oddities(
    figures: Figures,
    habit: Habit,
    thresholds: Thresholds = Thresholds(),
    cutoff: Cutoff = Cutoff.CALENDAR_MONTH,
) -> tuple[Oddity, ...]:
    """Everything that is odd, the most pressing first; empty for what can be stored unasked."""
    found = [
        *_already_there(figures, habit),
        *_at_a_session(figures, habit, thresholds),
        *_how_many(figures, habit, thresholds, cutoff),
    ]
    return tuple(sorted(found, key=lambda oddity: _PRESSING.index(oddity.code)))


def is_total(figures: Figures) -> bool:
    """Whether the figures stand for a whole labelled period ("tháng 7") and not for named days."""
    return figures.precision not in NAMED_DAYS


def usual_range(past: Sequence[float], thresholds: Thresholds) -> tuple[float, float] | None:
    """From where to where a figure is usual after these; None when they are too few to tell."""
    if len(past) < thresholds.least_history:
        return None
    low, high, reach = min(past), max(past), 0.0
    if len(past) >= thresholds.enough_history:
        low = high = median(past)
        deviation = median(abs(value - low) for value in past)
        reach = thresholds.robust_factor * _MAD_TO_SIGMA * deviation
    reach = max(reach, thresholds.usual_difference)
    return (
        min(low - reach, low / thresholds.usual_ratio),
        max(high + reach, high * thresholds.usual_ratio),
    )


# --- what is stored already ----------------------------------------------------------------------


def _already_there(figures: Figures, habit: Habit) -> Iterator[Oddity]:
    """At most one: the same again is not also a day on top of a total."""
    counted = _counted(figures) or 0
    if habit.twin_id is not None:
        yield Oddity(OddityCode.SAME_AGAIN, counted, entry_id=habit.twin_id)
    elif habit.total_id is not None:
        yield Oddity(OddityCode.ON_TOP_OF_TOTAL, counted, entry_id=habit.total_id)
    elif habit.parts and is_total(figures):
        yield Oddity(OddityCode.ON_TOP_OF_DAYS, counted, high=habit.in_parts)


# --- people at a session -------------------------------------------------------------------------


def _at_a_session(figures: Figures, habit: Habit, thresholds: Thresholds) -> Iterator[Oddity]:
    sessions, people = figures.sessions, _people(figures)
    if sessions is None or people is None:
        return
    if sessions == 0:
        if people:
            yield Oddity(OddityCode.NO_SESSION, people)
    elif people == 0:
        if _everybody_known(figures):
            yield Oddity(OddityCode.NOBODY, sessions)
    else:
        yield from _too_many_members(figures, sessions, habit)
        yield from _crowd(people / sessions, _everybody_known(figures), habit, thresholds)


def _too_many_members(figures: Figures, sessions: int, habit: Habit) -> Iterator[Oddity]:
    attending, members = figures.party_members, habit.members
    if attending is not None and members is not None and attending > members * sessions:
        yield Oddity(OddityCode.ABOVE_MEMBERS, ceil(attending / sessions), high=members)


def _crowd(
    per_session: float, complete: bool, habit: Habit, thresholds: Thresholds
) -> Iterator[Oddity]:
    """At most one: a crowd beyond any bound is not also one beyond the unit's own."""
    usual = usual_range(habit.past_per_session, thresholds)
    if per_session > thresholds.most_per_session:
        yield Oddity(OddityCode.CROWDED, ceil(per_session), high=thresholds.most_per_session)
    elif complete and per_session < thresholds.least_per_session:
        yield Oddity(OddityCode.SPARSE, floor(per_session), low=thresholds.least_per_session)
    elif usual is not None and _outside(per_session, usual, below=complete):
        yield _unusual(OddityCode.UNUSUAL_ATTENDANCE, per_session, usual)


def _people(figures: Figures) -> int | None:
    """Lượt or learners as far as they are known; None when nobody was counted."""
    if figures.attendance is not None:
        return figures.attendance
    known = (figures.party_members, figures.public, figures.learners)
    stated = [people for people in known if people is not None]
    return sum(stated) if stated else None


def _everybody_known(figures: Figures) -> bool:
    """One part alone, such as the party members, says nothing about too few."""
    return figures.attendance is not None or figures.learners is not None


# --- how many sessions or items --------------------------------------------------------------------


def _how_many(
    figures: Figures, habit: Habit, thresholds: Thresholds, cutoff: Cutoff
) -> Iterator[Oddity]:
    if figures.sessions is not None:
        yield from _busy_day(figures, figures.sessions, habit, thresholds)
    yield from _busy_period(figures, habit, thresholds, cutoff)


def _busy_day(
    figures: Figures, sessions: int, habit: Habit, thresholds: Thresholds
) -> Iterator[Oddity]:
    a_day = (habit.on_day + sessions) / _days(figures)
    if a_day > thresholds.most_sessions_a_day:
        yield Oddity(OddityCode.BUSY_DAY, ceil(a_day), high=thresholds.most_sessions_a_day)


def _busy_period(
    figures: Figures, habit: Habit, thresholds: Thresholds, cutoff: Cutoff
) -> Iterator[Oddity]:
    """At most one: too many for one person is not also unusual for the unit."""
    counted = _counted(figures)
    if counted is None:
        return
    period = bucket(figures, cutoff)
    many = thresholds.many_sessions_a_month * _months(period)
    by_reporter, in_period = habit.by_reporter + counted, habit.in_period + counted
    usual = usual_range(habit.past_counts, thresholds)
    # A month that is still filled day by day has fewer than the others all the time.
    whole = is_total(figures) and period.start == figures.date_from and not habit.in_period
    if figures.sessions is not None and by_reporter >= many:
        yield Oddity(OddityCode.BUSY_MONTH, by_reporter, high=many)
    elif usual is not None and _outside(in_period, usual, below=whole):
        yield _unusual(OddityCode.UNUSUAL_COUNT, in_period, usual)


def _counted(figures: Figures) -> int | None:
    return figures.items if figures.sessions is None else figures.sessions


def _days(figures: Figures) -> int:
    return len(figures.dates) or (figures.date_to - figures.date_from).days + 1


def _months(period: Period) -> int:
    first, last = period.start, period.end
    return 12 * (last.year - first.year) + last.month - first.month + 1


# --- the usual -----------------------------------------------------------------------------------


def _outside(value: float, usual: tuple[float, float], *, below: bool) -> bool:
    low, high = usual
    return value > high or (below and value < low)


def _unusual(code: OddityCode, value: float, usual: tuple[float, float]) -> Oddity:
    low, high = usual
    found = ceil(value) if value > high else floor(value)
    return Oddity(code, found, max(0, ceil(low)), floor(high))
