"""Reporting periods: which days they hold, how they are named, and how people type them."""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

from domain.text import fold, normalise

_ONE_DAY = timedelta(days=1)
_CUTOFF_DAY = 15


class Cutoff(StrEnum):
    """Which days a period's figures are taken from."""

    CALENDAR_MONTH = "calendar_month"
    DAY_15 = "day15"


class PeriodKind(StrEnum):
    """The kinds of period in use (reference §3.1)."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    NINE_MONTHS = "nine_months"
    YEAR = "year"
    TERM = "term"


@dataclass(frozen=True, slots=True, order=False)
class Period:
    """A span of whole days, both ends inclusive, in the calendar of Viet Nam.

    With the cut-off on day 15 a period keeps its name and these days, which it is known by; the
    days whose figures it holds are its `window` (domain.deadline).
    Build one with the constructors below: they are the only spans that `code` can name.
    """

    kind: PeriodKind
    start: date
    end: date

    @classmethod
    def week_of(cls, day: date) -> "Period":
        """Monday to Sunday."""
        monday = day - timedelta(days=day.weekday())
        return cls(PeriodKind.WEEK, monday, monday + timedelta(days=6))

    @classmethod
    def month_of(cls, day: date) -> "Period":
        return cls._months(PeriodKind.MONTH, day.year, day.month, day.month)

    @classmethod
    def quarter_of(cls, day: date) -> "Period":
        first = (day.month - 1) // 3 * 3 + 1
        return cls._months(PeriodKind.QUARTER, day.year, first, first + 2)

    @classmethod
    def half_of(cls, day: date) -> "Period":
        """6 tháng đầu năm, or 6 tháng cuối năm."""
        first = 1 if day.month <= 6 else 7
        return cls._months(PeriodKind.HALF_YEAR, day.year, first, first + 5)

    @classmethod
    def nine_months_of(cls, year: int) -> "Period":
        return cls._months(PeriodKind.NINE_MONTHS, year, 1, 9)

    @classmethod
    def year_of(cls, day: date) -> "Period":
        return cls._months(PeriodKind.YEAR, day.year, 1, 12)

    @classmethod
    def term(cls, first_year: int, last_year: int) -> "Period":
        """A term given by its years: from 1 January of the first to 31 December of the last.

        A term really starts and ends at the close of a congress, within these years, so two
        terms that follow each other (2010–2015, 2015–2020) share a calendar year.
        Raises ValueError unless the last year is after the first.
        """
        if last_year <= first_year:
            raise ValueError("a term ends in a later year than it starts")
        return cls(PeriodKind.TERM, date(first_year, 1, 1), date(last_year, 12, 31))

    @classmethod
    def _months(cls, kind: PeriodKind, year: int, first: int, last: int) -> "Period":
        last_day = calendar.monthrange(year, last)[1]
        return cls(kind, date(year, first, 1), date(year, last, last_day))

    @property
    def code(self) -> str:
        """A short name for links and storage; codes of one kind sort by time.

        "2026-07", "2026-Q3", "2026-H1", "2026-9M", "2026", "2026-W29" (ISO week), "2010..2015".
        """
        year = f"{self.start.year:04}"
        match self.kind:
            case PeriodKind.WEEK:
                iso = self.start.isocalendar()
                return f"{iso.year:04}-W{iso.week:02}"
            case PeriodKind.MONTH:
                return f"{year}-{self.start.month:02}"
            case PeriodKind.QUARTER:
                return f"{year}-Q{self.end.month // 3}"
            case PeriodKind.HALF_YEAR:
                return f"{year}-H{self.end.month // 6}"
            case PeriodKind.NINE_MONTHS:
                return f"{year}-9M"
            case PeriodKind.YEAR:
                return year
            case PeriodKind.TERM:
                return f"{year}..{self.end.year:04}"

    @classmethod
    def from_code(cls, code: str) -> "Period":
        """The period that has this `code`; raises ValueError for anything else."""
        for shape, build in _CODES:
            if match := re.fullmatch(shape, code):
                return build(*(int(group) for group in match.groups()))
        raise ValueError("not the code of a period")

    def contains(self, other: "Period") -> bool:
        return self.start <= other.start and other.end <= self.end


def _month(year: int, month: int) -> Period:
    return Period.month_of(date(year, month, 1))


def _quarter(year: int, quarter: int) -> Period:
    return Period.quarter_of(date(year, quarter * 3, 1))


def _half(year: int, half: int) -> Period:
    return Period.half_of(date(year, half * 6, 1))


def _year(year: int) -> Period:
    return Period.year_of(date(year, 1, 1))


def _week(year: int, week: int) -> Period:
    return Period.week_of(date.fromisocalendar(year, week, 1))


_CODES: tuple[tuple[str, Callable[..., Period]], ...] = (
    (r"([0-9]{4})-([0-9]{2})", _month),
    (r"([0-9]{4})-Q([1-4])", _quarter),
    (r"([0-9]{4})-H([12])", _half),
    (r"([0-9]{4})-9M", Period.nine_months_of),
    (r"([0-9]{4})", _year),
    (r"([0-9]{4})-W([0-9]{2})", _week),
    (r"([0-9]{4})\.\.([0-9]{4})", Period.term),
)


def previous(period: Period) -> Period:
    """The period of the same kind just before this one.

    Nine months start every January, so theirs is last year's; a term hands over within a year,
    so the one before 2015–2020 is 2010–2015.
    """
    if period.kind is PeriodKind.TERM:
        first, last = period.start.year, period.end.year
        return Period.term(first - (last - first), first)
    if period.kind is PeriodKind.NINE_MONTHS:
        return Period.nine_months_of(period.start.year - 1)
    return _CONTAINING[period.kind](period.start - _ONE_DAY)


def following(period: Period) -> Period:
    """The period of the same kind just after this one: the one whose `previous` this is."""
    if period.kind is PeriodKind.TERM:
        first, last = period.start.year, period.end.year
        return Period.term(last, last + (last - first))
    if period.kind is PeriodKind.NINE_MONTHS:
        return Period.nine_months_of(period.start.year + 1)
    return _CONTAINING[period.kind](period.end + _ONE_DAY)


# The kinds that follow each other without a gap, so that a day tells which one is meant.
_CONTAINING: Mapping[PeriodKind, Callable[[date], Period]] = {
    PeriodKind.WEEK: Period.week_of,
    PeriodKind.MONTH: Period.month_of,
    PeriodKind.QUARTER: Period.quarter_of,
    PeriodKind.HALF_YEAR: Period.half_of,
    PeriodKind.YEAR: Period.year_of,
}


def same_period_last_year(period: Period) -> Period:
    """Cùng kỳ năm trước: the same label one year earlier; for a term, the term before.

    Week 53 is compared with the last week of the year before.
    """
    if period.kind is PeriodKind.TERM:
        return previous(period)
    if period.kind is PeriodKind.WEEK:
        year, week, _ = period.start.isocalendar()
        last_week = date(year - 1, 12, 28).isocalendar().week
        return _week(year - 1, min(week, last_week))
    first, last = period.start.month, period.end.month
    return Period._months(period.kind, period.start.year - 1, first, last)


def day_in_label(day: date, cutoff: Cutoff) -> date:
    """A day of the month, by its name, that the figures of `day` belong to; order is kept.

    With the cut-off on day 15 the figures of 15 June belong to July.
    """
    if cutoff is Cutoff.CALENDAR_MONTH or day.day < _CUTOFF_DAY:
        return day
    return Period.month_of(day).end + _ONE_DAY


@lru_cache(maxsize=256)
def codes_inside(period: Period) -> tuple[str, ...]:
    """The codes of all buckets that lie in a period, itself included where it is one."""
    return tuple(dict.fromkeys(_buckets_inside(period)))


def _buckets_inside(period: Period) -> Iterator[str]:
    month = Period.month_of(period.start)
    while month.start <= period.end:
        for containing in _BUCKETS:
            bucket = containing(month.start)
            if period.contains(bucket):
                yield bucket.code
        month = following(month)
    years = range(period.start.year, period.end.year + 1)
    for first, last in combinations(years, 2):
        if period.contains(term := Period.term(first, last)):
            yield term.code


def bucket_of(date_from: date, date_to: date) -> Period:
    """The smallest standard period under which an entry with these dates is counted in the totals.

    Tried in this order: month, quarter, half-year, nine months, year, term. A day, a week or any
    range inside one calendar month counts under that month; a range that is no standard period
    counts under the smallest one that holds it (25/5–3/6: quý II); ranges over several years
    become a term of those years. Raises ValueError when the range ends before it starts.
    """
    if date_to < date_from:
        raise ValueError("the range ends before it starts")
    for containing in _BUCKETS:
        period = containing(date_from)
        if period.start <= date_from and date_to <= period.end:
            return period
    return Period.term(date_from.year, date_to.year)


_BUCKETS: tuple[Callable[[date], Period], ...] = (
    Period.month_of,
    Period.quarter_of,
    Period.half_of,
    lambda day: Period.nine_months_of(day.year),
    Period.year_of,
)


# What people type after /tongket: each row is matched against the whole folded text, the first
# match wins, and the reader of the row fills in what was left out.
_Y = r"(?P<year>(?:19|20)[0-9]{2})"
_IN_YEAR = rf"(?:\s*(?:[/.-]|nam)?\s*{_Y})?"
_LAST = "(?:truoc|vua roi|vua qua|roi)"
_RELATIVE_YEARS = ((r"\bnam nay\b", 0), (rf"\bnam (?:ngoai|{_LAST})\b", -1), (r"\bnam kia\b", -2))
_NUMBER_WORDS = {
    "mot": 1,
    "hai": 2,
    "ba": 3,
    "tu": 4,
    "bon": 4,
    "nam": 5,
    "sau": 6,
    "bay": 7,
    "tam": 8,
    "chin": 9,
    "muoi": 10,
    "muoi mot": 11,
    "muoi hai": 12,
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
}

_Fields = dict[str, str]
_Reader = Callable[[_Fields, date], Period]


def _number(text: str) -> int:
    return _NUMBER_WORDS.get(text) or int(text)


def _in_year(build: Callable[[int], Period], fields: _Fields, today: date) -> Period:
    """In the year given, or in the latest year in which the period has begun."""
    if year := fields.get("year"):
        return build(int(year) if len(year) == 4 else 2000 + int(year))
    period = build(today.year)
    return period if period.start <= today else build(today.year - 1)


def _numbered(build: Callable[[int, int], Period]) -> _Reader:
    return lambda fields, today: _in_year(
        lambda year: build(year, _number(fields["n"])), fields, today
    )


def _yearly(build: Callable[[int], Period]) -> _Reader:
    return lambda fields, today: _in_year(build, fields, today)


def _this(build: Callable[[date], Period]) -> _Reader:
    return lambda _fields, today: build(today)


def _last(build: Callable[[date], Period]) -> _Reader:
    return lambda _fields, today: previous(build(today))


def _read_term(fields: _Fields, _today: date) -> Period:
    return Period.term(int(fields["year"]), int(fields["until"]))


_SPOKEN: tuple[tuple[str, _Reader], ...] = (
    ("(?:thang nay)?", _this(Period.month_of)),
    (f"thang {_LAST}", _last(Period.month_of)),
    ("tuan nay", _this(Period.week_of)),
    (f"tuan {_LAST}", _last(Period.week_of)),
    ("quy nay", _this(Period.quarter_of)),
    (f"quy {_LAST}", _last(Period.quarter_of)),
    ("(?:tu )?dau nam den nay", _this(Period.year_of)),
    (rf"(?:ca )?(?:nam )?{_Y}", _yearly(_year)),
    (
        rf"(?:nhiem ky|giai doan|tu nam|tu)?\s*{_Y}\s*(?:-|\.\.|den nam|den)"
        r"\s*(?P<until>(?:19|20)[0-9]{2})",
        _read_term,
    ),
    (rf"(?:thang|t)?\s*(?P<n>0?[1-9]|1[0-2]){_IN_YEAR}", _numbered(_month)),
    (
        r"(?:thang|t)\s*(?P<n>0?[1-9]|1[0-2])\s*[/.-]\s*(?P<year>[0-9]{2})",
        _numbered(_month),
    ),
    (rf"thang (?P<n>{'|'.join(_NUMBER_WORDS)}){_IN_YEAR}", _numbered(_month)),
    (rf"(?:quy|q)\s*(?P<n>0?[1-4]|i{{1,3}}|iv|mot|hai|ba|tu|bon){_IN_YEAR}", _numbered(_quarter)),
    (rf"(?:6|sau) thang(?: dau nam)?{_IN_YEAR}", _yearly(lambda year: _half(year, 1))),
    (rf"(?:6|sau) thang cuoi nam{_IN_YEAR}", _yearly(lambda year: _half(year, 2))),
    (rf"(?:9|chin) thang(?: dau nam)?{_IN_YEAR}", _yearly(Period.nine_months_of)),
    (rf"tuan (?:thu )?(?P<n>0?[1-9]|[1-4][0-9]|5[0-3]){_IN_YEAR}", _numbered(_week)),
)


def read_period(text: str, today: date, cutoff: Cutoff = Cutoff.CALENDAR_MONTH) -> Period | None:
    """What a person means by "7/2026", "quý III", "6 tháng đầu năm", "năm ngoái", "2010–2015"…

    Reads text with or without tone marks, and the codes of `Period.code`. Nothing at all means
    the current month. A period without a year is the most recent one that has begun by `today`.
    With the cut-off on day 15 the current month is the one that today's figures belong to.
    None when it cannot be read; never raises.
    """
    spoken = re.sub(r"\s+", " ", re.sub("[‐-―−]", "-", fold(normalise(text)))).strip(" .,;:!?")
    try:
        # A week has the days of the calendar whatever the cut-off is.
        day = today if "tuan" in spoken else day_in_label(today, cutoff)
        return _read_code(spoken) or _read_spoken(spoken, day)
    except ValueError:  # a date that does not exist: week 53, a term that ends before it starts
        return None


def _read_code(text: str) -> Period | None:
    modern = re.match("(?:19|20)[0-9]{2}[-.]", text)
    known = modern and any(re.fullmatch(shape, text.upper()) for shape, _ in _CODES)
    return Period.from_code(text.upper()) if known else None


def _read_spoken(text: str, today: date) -> Period | None:
    for words, offset in _RELATIVE_YEARS:
        text = re.sub(words, f"nam {today.year + offset}", text)
    for shape, read in _SPOKEN:
        if match := re.fullmatch(shape, text):
            given = {name: value for name, value in match.groupdict().items() if value}
            return read(given, today)
    return None
