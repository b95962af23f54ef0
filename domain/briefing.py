"""The monthly online briefing of reporters (hội nghị báo cáo viên): its data and its reminders.

The date is announced by letter and cannot be computed (reference §10.2): an officer enters it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.text import fold, normalise
from domain.workday import Calendar

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class BriefingStatus(StrEnum):
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    DONE = "done"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What an invited person answers (RSVP)."""

    ATTENDING = "attending"
    ABSENT = "absent"
    SUBSTITUTE = "substitute"


class BriefingProblem(StrEnum):
    """Why a briefing cannot be announced yet."""

    NO_TITLE = "no_title"
    NO_START = "no_start"
    TOO_LONG = "too_long"
    NOT_A_LINK = "not_a_link"
    PAST = "past"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class BriefingDraft:
    """What an officer has entered so far."""

    title: str | None = None
    topic: str | None = None
    starts_at: datetime | None = None
    place: str | None = None
    link: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Briefing:
    """An announced briefing; `starts_at` is aware."""

    title: str
    starts_at: datetime
    topic: str | None = None
    place: str | None = None
    link: str | None = None
    note: str | None = None
    status: BriefingStatus = BriefingStatus.PLANNED


class Rung(StrEnum):
    """The steps of the reminder ladder, in order (reference §10.2); T is the day it is held."""

    INVITATION = "invitation"
    CONFIRM = "confirm"
    TODAY = "today"
    ATTENDANCE = "attendance"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class DueReminder:
    """One rung with its time, and the time from which it is stale; both in Asia/Ho_Chi_Minh."""

    rung: Rung
    due_at: datetime
    expires_at: datetime


_LONGEST = {"title": 200, "topic": 300, "place": 200, "link": 500, "note": 1000}
_FURTHEST = timedelta(days=366)


def problems(briefing: BriefingDraft | Briefing, now: datetime) -> tuple[BriefingProblem, ...]:
    """What must be mended before this briefing can be announced at `now`; empty when nothing."""
    return tuple(_problems(briefing, now))


def _problems(briefing: BriefingDraft | Briefing, now: datetime) -> Iterator[BriefingProblem]:
    if not (briefing.title or "").strip():
        yield BriefingProblem.NO_TITLE
    if any(len(getattr(briefing, name) or "") > most for name, most in _LONGEST.items()):
        yield BriefingProblem.TOO_LONG
    if briefing.link and not _is_link(briefing.link):
        yield BriefingProblem.NOT_A_LINK
    if briefing.starts_at is None:
        yield BriefingProblem.NO_START
    elif briefing.starts_at <= now:
        yield BriefingProblem.PAST
    elif briefing.starts_at > now + _FURTHEST:
        yield BriefingProblem.TOO_FAR


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in parts.netloc and not re.search(r"\s", text)


# The ladder. Push hours are reference §10.3; the link of the day goes out before them.
_INVITATION_TIME = time(8, 30)
_CONFIRM_TIME = time(14)
_TODAY_TIME = time(7)
_AFTER_TIME = time(9)
_PUSH_HOURS = ((time(8), time(11)), (time(14), time(16, 30)))
_FOLLOW_UP_LASTS = timedelta(days=7)


def plan(
    starts_at: datetime, announced_at: datetime, calendar: Calendar
) -> tuple[DueReminder, ...]:
    """The reminders still to be sent for a briefing, strictly in order, in Asia/Ho_Chi_Minh.

    Days before the briefing are working days; the two after it are moved to the next working
    day. A rung whose time has passed at the announcement is left out, except the invitation: it
    goes out in the next push hours, or at once when none are left before the reminder of the day
    (or, on the day itself, before the start). A reminder is stale once the next one is due or the
    briefing starts; the last one after a week. Raises ValueError for a time without a zone.
    """
    start, announced = _local(starts_at), _local(announced_at)
    rungs = [*_before(start, announced, calendar), *_after(start, announced, calendar)]
    stale = [due for _, due in rungs[1:]]
    return (
        tuple(
            DueReminder(rung, due, min(next_due, start) if due < start else next_due)
            for (rung, due), next_due in zip(
                rungs, [*stale, rungs[-1][1] + _FOLLOW_UP_LASTS], strict=True
            )
        )
        if rungs
        else ()
    )


def _before(
    start: datetime, announced: datetime, calendar: Calendar
) -> Iterator[tuple[Rung, datetime]]:
    if announced >= start:
        return
    today = _at(start.date(), _TODAY_TIME)
    invitation = max(_at(calendar.shift(start.date(), -3), _INVITATION_TIME), announced)
    latest = today if announced < today < start else start
    in_push_hours = next_push(invitation, calendar)
    invitation = in_push_hours if in_push_hours < latest else invitation
    yield Rung.INVITATION, invitation
    confirm = _at(calendar.shift(start.date(), -1), _CONFIRM_TIME)
    later = ((Rung.CONFIRM, confirm), (Rung.TODAY, today))
    yield from ((rung, due) for rung, due in later if invitation < due < start)


def _after(
    start: datetime, announced: datetime, calendar: Calendar
) -> Iterator[tuple[Rung, datetime]]:
    attendance = calendar.shift(start.date(), 1)
    week_later = calendar.next_working_day(start.date() + timedelta(days=7))
    follow_up = max(week_later, calendar.shift(attendance, 1))
    for rung, day in ((Rung.ATTENDANCE, attendance), (Rung.FOLLOW_UP, follow_up)):
        due = _at(day, _AFTER_TIME)
        if due > announced:
            yield rung, due


def next_push(moment: datetime, calendar: Calendar) -> datetime:
    """`moment` itself in push hours (reference §10.3), otherwise their next beginning."""
    moment = _local(moment)
    if calendar.is_working_day(moment.date()):
        for opens, closes in _PUSH_HOURS:
            if moment.time() < opens:
                return _at(moment.date(), opens)
            if moment.time() < closes:
                return moment
    return _at(calendar.shift(moment.date(), 1), _PUSH_HOURS[0][0])


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone")
    return moment.astimezone(VIETNAM)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, VIETNAM)


# How people type the start, as patterns over folded text.
_TIME = re.compile(
    r"(?<![\w/.-])(?P<hour>[0-9]{1,2})(?:"
    r":(?P<minute>[0-9]{2})"
    r"|\s*(?:gio|[hg])\s*(?:(?P<spoken>[0-9]{1,2})(?!\s*[/.-]?\s*[0-9])|(?P<half>ruoi))?"
    r")(?P<evening>\s+toi\b)?(?![\w:])"
)
# "tối nay" is the evening; "tuần tới" is not.
_AFTERNOON = re.compile(r"\bchieu\b|\btoi (?:nay|mai|ngay|thu|chu nhat|cn|[0-9])")
_DAY_MONTH = re.compile(
    r"(?<![\w/.-])(?P<day>[0-9]{1,2})\s*(?:[/.-]|thang)\s*(?P<month>[0-9]{1,2})"
    r"(?:\s*(?:[/.-]|nam)\s*(?P<year>[0-9]{4}|[0-9]{2}))?(?![\w/])"
)
_NAMED_DAYS = (
    (re.compile(r"\b(?:hom|sang|trua|chieu|toi) nay\b"), 0),
    (re.compile(r"\bmai\b"), 1),
    (re.compile(r"\bngay kia\b"), 2),
)
_WEEKDAY = re.compile(
    r"\b(?:(?:thu |t)(?P<n>[2-7]|hai|ba|tu|nam|sau|bay)|chu nhat|cn)\b(?P<next> tuan (?:sau|toi))?"
)
_WEEKDAYS = {
    "2": 0,
    "3": 1,
    "4": 2,
    "5": 3,
    "6": 4,
    "7": 5,
    "hai": 0,
    "ba": 1,
    "tu": 2,
    "nam": 3,
    "sau": 4,
    "bay": 5,
}
_SUNDAY = 6


def read_start(text: str, now: datetime) -> datetime | None:
    """The start in "8h30 thứ 6 27/11", "14h ngày 27/11/2026", "mai 8h"; in Asia/Ho_Chi_Minh.

    A date without a year is the next one to come, a weekday alone the next such day. None when
    the day or the hour is missing, does not exist, or the weekday contradicts the date. The start
    may lie in the past: `problems` says so. Never raises for any text; `now` must be aware.
    """
    spoken, today = fold(normalise(text)), _local(now).date()
    clock = _TIME.search(spoken)
    if clock is None:
        return None
    days = spoken[: clock.start()] + " " + spoken[clock.end() :]
    try:
        day = _read_day(days, today)
        return _at(day, _read_clock(clock, days)) if day else None
    except ValueError:  # 31/2, 25h, weekday and date that disagree
        return None


def _read_clock(found: re.Match[str], around: str) -> time:
    hour = int(found["hour"])
    if hour < 12 and (found["evening"] or _AFTERNOON.search(around)):
        hour += 12
    minute = 30 if found["half"] else int(found["minute"] or found["spoken"] or 0)
    return time(hour, minute)


def _read_day(text: str, today: date) -> date | None:
    weekday = _WEEKDAY.search(text)
    day = _read_date(text, today) or _read_named_day(text, today)
    if weekday is None:
        return day
    wanted = _WEEKDAYS.get(
        weekday["n"], int(weekday["n"]) - 2 if (weekday["n"] or "").isdigit() else _SUNDAY
    )
    if day is None:
        return _next_weekday(wanted, today, in_next_week=bool(weekday["next"]))
    if day.weekday() != wanted:
        raise ValueError("the weekday is not that of the date")
    return day


def _read_date(text: str, today: date) -> date | None:
    found = _DAY_MONTH.search(text)
    if found is None:
        return None
    day, month = int(found["day"]), int(found["month"])
    if year := found["year"]:
        return date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _read_named_day(text: str, today: date) -> date | None:
    for words, days in _NAMED_DAYS:
        if words.search(text):
            return today + timedelta(days=days)
    return None


def _next_weekday(weekday: int, today: date, *, in_next_week: bool) -> date:
    if in_next_week:
        return today - timedelta(days=today.weekday()) + timedelta(days=7 + weekday)
    return today + timedelta(days=(weekday - today.weekday()) % 7)
