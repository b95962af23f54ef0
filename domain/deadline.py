"""When a period's report is due, and until when its figures may be changed freely.

Two days, set apart: after the due date a report is late, after the lock date a change is a request
(field reference §3.2, §3.3). Days are days in Asia/Ho_Chi_Minh.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from domain.period import Cutoff, Period, PeriodKind, bucket_of, day_in_label
from domain.tally import NAMED_DAYS, Figures, Precision
from domain.workday import Calendar

_ONE_DAY = timedelta(days=1)
_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})(?:[/.-]((?:20)?[0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """The department's own rules; a week always has the days of the calendar.

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
    (NĐ 09/2019/NĐ-CP, which party committees may follow); a term is its years.
    """
    if cutoff is Cutoff.CALENDAR_MONTH or period.kind is PeriodKind.WEEK:
        return period.start, period.end
    return (period.start - _ONE_DAY).replace(day=15), period.end.replace(day=14)


def own_window(period: Period, rules: DeadlineRules) -> tuple[date, date] | None:
    """The window where it is not simply the days that the period's name says."""
    days = window(period, rules.cutoff)
    return None if days == (period.start, period.end) else days


def bucket(figures: Figures, cutoff: Cutoff) -> Period:
    """The period under which an entry is counted in the totals."""
    return bucket_of_days(figures.date_from, figures.date_to, figures.precision, cutoff)


@lru_cache
def bucket_of_days(first: date, last: date, precision: Precision, cutoff: Cutoff) -> Period:
    """The period under which an entry with these dates is counted.

    Days count by the cut-off; who names a month or longer ("tháng 7: 12 buổi") means the one that
    is called so, whatever its days are (reference §3.2).
    """
    if precision in (*NAMED_DAYS, Precision.WEEK):
        return bucket_of(day_in_label(first, cutoff), day_in_label(last, cutoff))
    return bucket_of(first, last)


def month_of(day: date, rules: DeadlineRules) -> Period:
    """The month that the figures of this day belong to."""
    return Period.month_of(day_in_label(day, rules.cutoff))


def has_begun(period: Period, rules: DeadlineRules, today: date) -> bool:
    return window(period, rules.cutoff)[0] <= today


def is_over(period: Period, rules: DeadlineRules, today: date) -> bool:
    return window(period, rules.cutoff)[1] < today


def due_date(period: Period, rules: DeadlineRules) -> date:
    """The last day on which a report is on time.

    A week is due on the first working day after it; everything else on the first `deadline_day`
    after its window, or the first working day from there on.
    """
    _, last = window(period, rules.cutoff)
    if period.kind is PeriodKind.WEEK:
        return rules.calendar.next_working_day(last + _ONE_DAY)
    return rules.calendar.next_working_day(_first_after(last, rules.deadline_day))


def lock_date(period: Period, rules: DeadlineRules, due: date | None = None) -> date | None:
    """The last day on which its figures may be changed without asking; None for no such day.

    `due` is the due date of a unit that an officer gave another one; the lock keeps its distance.
    """
    if rules.grace_days is None:
        return None
    grace = timedelta(days=rules.grace_days)
    return rules.calendar.next_working_day((due or due_date(period, rules)) + grace)


def is_locked(
    period: Period,
    rules: DeadlineRules,
    today: date,
    said: bool | None = None,
    due: date | None = None,
) -> bool:
    """Whether a change has to be asked for; `said` is what an officer decided, if anything, and
    `due` the unit's own due date, if it has one.
    """
    if said is not None:
        return said
    _, last_day = window(period, rules.cutoff)
    if today <= last_day:
        # It is due and locked later; most reports are of such a period, and need no calendar.
        return False
    last = lock_date(period, rules, due)
    return last is not None and today > last


def read_due(text: str, period: Period) -> date | None:
    """A due date as it is typed, "15/12" or "15/12/2026"; without a year the first one after the
    period has begun. None when it is no date.
    """
    match = _DATE.fullmatch(text.strip(" .,;"))
    if match is None:
        return None
    day, month, year = (int(part) if part else 0 for part in match.groups())
    try:
        due = date(year % 100 + 2000 if year else period.start.year, month, day)
        return due if year or due >= period.start else due.replace(year=due.year + 1)
    except ValueError:  # 31/11, or 29/2 of the wrong year
        return None


def _first_after(day: date, deadline_day: int) -> date:
    this_month = _in_month(day.year, day.month, deadline_day)
    if this_month > day:
        return this_month
    next_month = day.replace(day=28) + timedelta(days=4)
    return _in_month(next_month.year, next_month.month, deadline_day)


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
