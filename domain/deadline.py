"""When a period's report is due, and until when its figures may be changed freely.

Two days, set apart: after the due date a report is late, after the lock date a change is a request
(field reference §3.2, §3.3). Days are days in Asia/Ho_Chi_Minh.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.period import Period, PeriodKind
from domain.workday import Calendar

_ONE_DAY = timedelta(days=1)


class Cutoff(StrEnum):
    """Which days a period's figures are taken from."""

    CALENDAR_MONTH = "calendar_month"
    DAY_15 = "day15"


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """The department's own rules; a week and a term always have the days of the calendar.

    `deadline_day` is the day of the month, 1 to 31; a shorter month has it on its last day.
    `grace_days` are the calendar days from the due date to the lock; None locks nothing by itself.
    """

    calendar: Calendar
    cutoff: Cutoff = Cutoff.CALENDAR_MONTH
    deadline_day: int = 5
    grace_days: int | None = 10


def window(period: Period, cutoff: Cutoff) -> tuple[date, date]:
    """The first and the last day whose figures belong to the period.

    With the cut-off on day 15, July runs from 15 June to 14 July, and a year from 15 December
    (NĐ 09/2019/NĐ-CP, which party committees may follow).
    """
    by_calendar = period.kind in (PeriodKind.WEEK, PeriodKind.TERM)
    if cutoff is Cutoff.CALENDAR_MONTH or by_calendar:
        return period.start, period.end
    return (period.start - _ONE_DAY).replace(day=15), period.end.replace(day=14)


def due_date(period: Period, rules: DeadlineRules) -> date:
    """The last day on which a report is on time.

    A week is due on the first working day after it; everything else on the first `deadline_day`
    after its window, or the first working day from there on.
    """
    _, last = window(period, rules.cutoff)
    if period.kind is PeriodKind.WEEK:
        return rules.calendar.next_working_day(last + _ONE_DAY)
    return rules.calendar.next_working_day(_first_after(last, rules.deadline_day))


def lock_date(period: Period, rules: DeadlineRules) -> date | None:
    """The last day on which its figures may be changed without asking; None for no such day."""
    if rules.grace_days is None:
        return None
    grace = timedelta(days=rules.grace_days)
    return rules.calendar.next_working_day(due_date(period, rules) + grace)


def is_locked(period: Period, rules: DeadlineRules, today: date, said: bool | None = None) -> bool:
    """Whether a change has to be asked for; `said` is what an officer decided, if anything."""
    if said is not None:
        return said
    last = lock_date(period, rules)
    return last is not None and today > last


def _first_after(day: date, deadline_day: int) -> date:
    this_month = _in_month(day.year, day.month, deadline_day)
    if this_month > day:
        return this_month
    next_month = day.replace(day=28) + timedelta(days=4)
    return _in_month(next_month.year, next_month.month, deadline_day)


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
