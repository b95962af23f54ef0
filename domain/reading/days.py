"""From day, month and year numbers to days that can have been meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.period import Period
from domain.reading.model import DateProblem, DateSpan, QuestionCode
from domain.tally import Precision

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_OLDEST_YEAR = 2015
_DAY = timedelta(days=1)
# Before this hour "tonight" is the evening that has just ended.
_NIGHT_ENDS = 3


@dataclass(frozen=True, slots=True)
class Clock:
    """When the message came, in Viet Nam."""

    now: datetime

    @classmethod
    def at(cls, received_at: datetime) -> Clock:
        """Raises ValueError for a naive time: its day would be a guess."""
        if received_at.tzinfo is None:
            raise ValueError("received_at must be aware")
        return cls(received_at.astimezone(VIETNAM))

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def tonight(self) -> date:
        return self.today - _DAY if self.now.hour < _NIGHT_ENDS else self.today

    def ago(self, days: int) -> date:
        return self.today - days * _DAY


def one_day(day: date) -> DateSpan:
    return DateSpan(day, day, Precision.DAY)


def between(first: date, last: date) -> DateSpan:
    return DateSpan(first, last, Precision.RANGE)


def listed(days: set[date]) -> DateSpan:
    ordered = tuple(sorted(days))
    if len(ordered) == 1:
        return one_day(ordered[0])
    return DateSpan(ordered[0], ordered[-1], Precision.LIST, ordered)


def label(period: Period) -> DateSpan:
    return DateSpan(period.start, period.end, Precision(period.kind.value))


def safe_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_year(written: str | None) -> int | None:
    """2026 for "26" and "2026"."""
    if not written:
        return None
    return 2000 + int(written) if len(written) == 2 else int(written)


def nearest_year(month: int, day: int, today: date, *, months: int = 0) -> int:
    """This year, unless last year's date is nearer: "20/12" typed in January.

    For a label of several `months` it is last year's end that is near or far.
    """
    this = safe_date(today.year, month, min(day, 28))
    if this is None or this <= today:
        return today.year
    last = this.replace(year=today.year - 1) + months * timedelta(days=30)
    return today.year if this - today <= today - last else today.year - 1


def cumulative_year(months: int, today: date) -> int:
    """The year of "6 tháng đầu năm" or "cả năm": last year until half of this one's is over."""
    return today.year if today.month * 2 > months else today.year - 1


def resolve_day(
    day: int, month: int, year: int | None, today: date, written: str
) -> date | DateProblem:
    """The day d/m that was meant; the most recent one when the year is left out."""
    if not 1 <= month <= 12:
        return bad_date(written, today)
    found = safe_date(year or nearest_year(month, day, today), month, day)
    if found is None or found.year < _OLDEST_YEAR:
        return bad_date(written, today)
    if found > today:
        return future_date(found, today, written)
    return found


def bad_date(written: str, today: date) -> DateProblem:
    options = (one_day(today - _DAY), one_day(today))
    return DateProblem(QuestionCode.BAD_DATE, written, options)


def future_date(found: date, today: date, written: str) -> DateProblem:
    """A plan, a slip of one digit, or today."""
    this_year = safe_date(today.year, found.month, found.day)
    wrong_year = this_year if found.year > today.year and this_year else None
    slip = wrong_year if wrong_year and wrong_year <= today else _slip(found, today)
    options = [one_day(slip)] if slip else []
    return DateProblem(QuestionCode.FUTURE_DATE, written, (*options, one_day(today)))


def _slip(found: date, today: date) -> date | None:
    """The latest past day of the same month that differs in one digit, else a month before."""
    wanted = f"{found.day:02}"
    for day in range(
        today.day if (found.year, found.month) == (today.year, today.month) else 0, 0, -1
    ):
        if sum(a != b for a, b in zip(f"{day:02}", wanted, strict=True)) == 1:
            candidate = safe_date(found.year, found.month, day)
            if candidate and candidate < today:
                return candidate
    return _month_before(found, today)


def _month_before(found: date, today: date) -> date | None:
    previous = Period.month_of(today.replace(day=1) - _DAY).start
    candidate = safe_date(previous.year, previous.month, found.day)
    return candidate if candidate and candidate <= today else None


def resolve_month(
    month: int, year: int | None, today: date, written: str
) -> DateSpan | DateProblem:
    """The month as a label; a month that has begun may end after today."""
    if not 1 <= month <= 12:
        return bad_date(written, today)
    meant = date(year or nearest_year(month, 1, today, months=1), month, 1)
    if meant.year < _OLDEST_YEAR:
        return bad_date(written, today)
    if meant > today:
        last_year = label(Period.month_of(meant.replace(year=today.year - 1)))
        options = (last_year, one_day(today)) if meant.year == today.year else (one_day(today),)
        return DateProblem(QuestionCode.FUTURE_DATE, written, options)
    return label(Period.month_of(meant))


def begun(span: DateSpan, today: date, written: str) -> DateSpan | DateProblem:
    """The label, unless it starts after today."""
    if span.date_from > today:
        return DateProblem(QuestionCode.FUTURE_DATE, written, (one_day(today),))
    return span


def resolve_range(first: date, last: date, today: date, written: str) -> DateSpan | DateProblem:
    if last > today:
        return future_date(last, today, written)
    return between(first, last) if first < last else one_day(last)


def weekday_before(today: date, weekday: int, *, strictly: bool) -> date:
    """The latest such weekday (Monday is 0), today included unless `strictly`."""
    back = (today.weekday() - weekday) % 7
    return today - (back or (7 if strictly else 0)) * _DAY


def weekday_of_week(today: date, weekday: int, weeks_ago: int) -> date:
    monday = today - today.weekday() * _DAY
    return monday - (7 * weeks_ago - weekday) * _DAY


def week(today: date, weeks_ago: int) -> DateSpan:
    """Monday to Sunday, or to today for the running week."""
    monday = weekday_of_week(today, 0, weeks_ago)
    return DateSpan(monday, min(monday + 6 * _DAY, today), Precision.WEEK)
