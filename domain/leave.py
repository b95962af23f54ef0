"""Who says that they are away, and on which days: "vắng đến ngày 30/11", "nghỉ phép từ 1/12 đến 5/12".

Why somebody is away is nobody's business here: a reason is passed over and never kept.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from domain.briefing import VIETNAM, read_start
from domain.text import fold, normalise

_LONGEST = timedelta(days=366)
# A date without a year may lie so far back: somebody is away since then.
_SINCE = timedelta(days=60)
_ONE_DAY = timedelta(days=1)


class LeaveProblem(StrEnum):
    NO_DAYS = "no_days"
    PAST = "past"
    REVERSED = "reversed"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of an absence."""

    first: date
    last: date


_WEEK = r"(?: tuan (?:nay|sau|toi))?"
_DAY = (
    r"(?:(?:(?:het )?ngay )?[0-9]{1,2}(?: ?(?:[/.-]|thang) ?[0-9]{1,2}(?: ?(?:[/.-]|nam) ?[0-9]{2,4})?)?"
    rf"|hom nay|(?:ngay )?mai|ngay kia|(?:thu ?|t)(?:[2-7]|hai|ba|tu|nam|sau|bay){_WEEK}"
    rf"|(?:chu nhat|cn){_WEEK})"
)
_TO = r"(?:den|toi)(?: het)?"
_RANGE = re.compile(rf"(?:tu )?(?P<first>{_DAY}) ?(?:{_TO}|-|–) ?(?P<last>{_DAY})")
_UNTIL = re.compile(rf"{_TO} (?P<last>{_DAY})")
_SOME_DAYS = re.compile(rf"(?P<number>[0-9]{{1,3}}) ngay(?: (?:ke )?tu (?P<first>{_DAY}))?")
_WHOLE_WEEK = re.compile(r"(?:ca |het )?tuan (?P<which>nay|sau|toi)")
_SINGLE = re.compile(rf"(?:trong |vao )?(?P<first>{_DAY})")
_NUMBER = re.compile(r"(?:het )?(?:ngay )?([0-9]{1,2})")

_AWAY = (
    r"(?:(?:toi|em|minh|chau|bao cao|bao|xin|xin phep|cho|se|phai|dong chi|a|da) )*"
    r"(?:vang(?: mat)?|nghi(?: (?:phep|om|benh|viec rieng|mat|che do|thai san|cuoi))*"
    r"|di (?:cong tac|vang|hoc|phep|vien))"
)
_POLITE = r"(?: (?:nhe|a|nha|thua .+))*"
# Nothing else may stand in the sentence: "vắng 3 đồng chí" belongs to a report.
_SAYS_AWAY = re.compile(rf"{_AWAY}(?: (?:trong|vao))? (?P<days>.+?){_POLITE}")
_SAYS_ONLY_THAT = re.compile(rf"{_AWAY}{_POLITE}")

_SAYS_BACK = re.compile(
    r"(?:(?:toi|em|minh|chau|bao cao|xin bao|da) )*"
    r"(?:(?:het|xong) (?:nghi )?phep|het (?:vang|nghi)|(?:di|tro lai|ve) lam(?: viec)?(?: lai)?)"
    r"(?: (?:hom nay|tu hom nay|roi|a|nhe))*"
)
# A number alone may be a count of people: such a sentence needs a word that tells of days.
_TELLS_OF_DAYS = re.compile(r"\b(?:ngay|den|toi|tu|mai|hom nay|tuan|thu|chu nhat|thang)\b")


def says_away(text: str, today: date) -> bool:
    """Whether a sentence says nothing but that its sender is away: "tôi xin nghỉ phép ạ"."""
    plain = plainly(text)
    return _SAYS_ONLY_THAT.fullmatch(plain) is not None or _leave_in(plain, today) is not None


def read_leave(text: str, today: date) -> Days | LeaveProblem | None:
    """The days in a sentence that says nothing but that its sender is away; None where it does not
    say when, and for any other sentence.
    """
    return _leave_in(plainly(text), today)


def _leave_in(plain: str, today: date) -> Days | LeaveProblem | None:
    said = _SAYS_AWAY.fullmatch(plain)
    if said is None or not _TELLS_OF_DAYS.search(said["days"]):
        return None
    days = read_days(said["days"], today)
    return None if days is LeaveProblem.NO_DAYS else days


def says_back(text: str) -> bool:
    """Whether a sentence says nothing but that its sender is back at work."""
    return _SAYS_BACK.fullmatch(plainly(text)) is not None


def read_days(text: str, today: date) -> Days | LeaveProblem:
    """The days in "đến 30/11", "từ 1 đến 5/12", "mai", "3 ngày", "tuần sau"; both ends included.

    A day without month or year is the next one to come, but a date may lie a few weeks back.
    """
    days = _spoken(plainly(text), today)
    if days is None:
        return LeaveProblem.NO_DAYS
    if days.last < days.first:
        return LeaveProblem.REVERSED
    if days.last < today:
        return LeaveProblem.PAST
    return LeaveProblem.TOO_LONG if days.last - days.first > _LONGEST else days


# One message is asked several questions in turn.
@lru_cache(maxsize=1)
def plainly(text: str) -> str:
    """A sentence as these rules read it: small letters without tone marks, commas and final stop."""
    return " ".join(fold(normalise(text)).replace(",", " ").split()).strip(" .!")


def _spoken(text: str, today: date) -> Days | None:
    if found := _RANGE.fullmatch(text):
        return _range(found["first"], found["last"], today)
    if found := _UNTIL.fullmatch(text):
        return _days(today, _day(found["last"], today))
    if found := _SOME_DAYS.fullmatch(text):
        first = _day(found["first"], today) if found["first"] else today
        return _days(first, first + (int(found["number"]) - 1) * _ONE_DAY if first else None)
    if found := _WHOLE_WEEK.fullmatch(text):
        monday = today - timedelta(days=today.weekday())
        monday += timedelta(days=0 if found["which"] == "nay" else 7)
        return Days(max(monday, today), monday + timedelta(days=6))
    if found := _SINGLE.fullmatch(text):
        day = _day(found["first"], today)
        return _days(day, day)
    return None


def _range(first: str, last: str, today: date) -> Days | None:
    """ "từ 1 đến 5/12": a number alone takes the month of the other end."""
    end = _day(last, today)
    number = _NUMBER.fullmatch(first)
    if number is None or end is None or _NUMBER.fullmatch(last):
        return _days(_day(first, today), end)
    return _days(_dated(end.year, end.month, int(number[1])), end)


def _days(first: date | None, last: date | None) -> Days | None:
    return Days(first, last) if first and last else None


def _day(words: str, today: date) -> date | None:
    number = _NUMBER.fullmatch(words)
    if number is not None:
        return _next_of_number(int(number[1]), today)
    dated = any(mark in words for mark in ("/", ".", "-", "thang"))
    # A day is read as a start at midnight.
    since = datetime.combine(today - _SINCE if dated else today, time(), VIETNAM)
    start = read_start(f"{words} 0h", since)
    return start.date() if start else None


def _next_of_number(number: int, today: date) -> date | None:
    """The next day of this number; None for one that neither this month nor the next has."""
    next_month = today.replace(day=1) + timedelta(days=31)
    this, following = (_dated(d.year, d.month, number) for d in (today, next_month))
    return this if this and this >= today else following


def _dated(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
