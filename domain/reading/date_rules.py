"""What each way to name a day or a period means (the field reference §8, always day/month)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from domain.period import Period
from domain.reading.days import (
    Clock,
    bad_date,
    begun,
    between,
    cumulative_year,
    full_year,
    future_date,
    label,
    listed,
    nearest_year,
    one_day,
    resolve_day,
    resolve_month,
    resolve_range,
    safe_date,
    week,
    weekday_before,
    weekday_of_week,
)
from domain.reading.model import DateProblem, DateSpan, QuestionCode

Meaning = DateSpan | DateProblem | date
Rule = Callable[[re.Match[str], Clock], Meaning | None]


_D = r"(?:0?[1-9]|[12]\d|3[01])"
_S = r"[/.]"
_Y = r"(?:20\d\d|\d\d)(?!\d)"
_DAY_WORD = r"(?:ngay|hom|sang|trua|chieu|toi|dem)"
_PARTS_OF_DAY = r"(?:(?:vao |luc )?(?:buoi )?(?:sang|trua|chieu|toi|dem) )?"
_PAST = r"(?:vua roi|vua qua|vua xong|truoc|roi|qua)"
_WEEKDAYS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_VAGUE = r"""(?:hom|bua|may hom|may bua|dot) (?:truoc|no|ay|roi)|(?:hom|bua) (?:bua|hom|ray)|hom truoc|may (?:hom|ngay) (?:nay|qua|truoc|vua qua|gan day)
|vua roi|vua qua|moi day|gan day|dao nay|(?:dau|cuoi|giua) (?:thang(?: (?:nay|truoc|\d{1,2}))?|tuan(?: (?:nay|truoc))?)""".replace(
    "\n", ""
)


# --- rules ------------------------------------------------------------------


def _lunar(match: re.Match[str], clock: Clock) -> Meaning:
    return DateProblem(QuestionCode.LUNAR_DATE, match.group().strip())


def _vague(match: re.Match[str], clock: Clock) -> Meaning:
    whole = "thang" in match.group() or "tuan" in match.group()
    options = () if whole else tuple(one_day(clock.ago(days)) for days in (1, 2, 3))
    return DateProblem(QuestionCode.VAGUE_DATE, match.group().strip(), options)


def _month_before_day(text: str) -> tuple[int, int, int | None]:
    day, month, *year = re.findall(r"\d+", text)
    return int(day), int(month), full_year(year[0]) if year else None


def _full_date(match: re.Match[str], clock: Clock) -> Meaning | None:
    day, month, year = _month_before_day(match.group())
    if "bare" in match.groupdict() and not _plausible(day, month):
        return None
    return resolve_day(day, month, year, clock.today, match.group().strip())


def _plausible(day: int, month: int) -> bool:
    """A day, or a slip in one: "32/7" and "15/13" are neither pairs nor attended/total."""
    return (day <= 31 and month <= 31) or (day < 40 and month <= 12)


def _iso(match: re.Match[str], clock: Clock) -> Meaning:
    year, month, day = map(int, re.findall(r"\d+", match.group()))
    return resolve_day(day, month, year, clock.today, match.group())


def _bare_day(match: re.Match[str], clock: Clock) -> Meaning | None:
    day = int(match["day"])
    today = clock.today
    month = today if day <= today.day else Period.month_of(today).start - timedelta(days=1)
    return safe_date(month.year, month.month, day) or bad_date(match.group().strip(), today)


def _range(match: re.Match[str], clock: Clock) -> Meaning | None:
    written = match.group().strip()
    last = _end_of_range(match, clock, written)
    if isinstance(last, DateProblem):
        return last
    month = int(match["m1"] or last.month)
    year = full_year(match["y1"]) or (last.year if month <= last.month else last.year - 1)
    first = safe_date(year, month, int(match["d1"]))
    if first is None or first > last:
        return bad_date(written, clock.today) if match["from"] else None
    return resolve_range(first, last, clock.today, written)


def _end_of_range(match: re.Match[str], clock: Clock, written: str) -> date | DateProblem:
    month, year = int(match["m2"] or match["m3"]), full_year(match["y2"] or match["y3"])
    return resolve_day(int(match["d2"]), month, year, clock.today, written)


def _since(match: re.Match[str], clock: Clock) -> Meaning | None:
    today = clock.today
    if match["day"]:
        first = resolve_day(int(match["day"]), int(match["month"]), None, today, match.group())
        return first if isinstance(first, DateProblem) else between(first, today)
    starts = {
        "tuan": today - timedelta(days=today.weekday()),
        "thang": Period.month_of(today).start,
        "quy": Period.quarter_of(today).start,
        "nam": Period.year_of(today).start,
    }
    return between(starts[match["unit"]], today)


def _list(match: re.Match[str], clock: Clock) -> Meaning | None:
    month, year = int(match["month"] or match["month2"]), full_year(match["year"])
    numbers = [int(day) for day in re.findall(r"\d+", match["days"])]
    if numbers != sorted(set(numbers)):
        return None
    days = [resolve_day(day, month, year, clock.today, match.group().strip()) for day in numbers]
    problem = next((day for day in days if isinstance(day, DateProblem)), None)
    return problem or listed({day for day in days if isinstance(day, date)})


def _month(match: re.Match[str], clock: Clock) -> Meaning:
    written = match.group().strip()
    return resolve_month(int(match["month"]), full_year(match["year"]), clock.today, written)


def _months(match: re.Match[str], clock: Clock) -> Meaning | None:
    first, last = int(match["first"]), int(match["last"])
    end = resolve_month(last, full_year(match["year"]), clock.today, match.group())
    if isinstance(end, DateProblem) or not 1 <= first < last:
        return end if isinstance(end, DateProblem) else None
    start = date(end.date_from.year, first, 1)
    if (first, last) in ((1, 6), (7, 12)):
        return label(Period.half_of(start))
    if last - first == 2 and first % 3 == 1:
        return label(Period.quarter_of(start))
    return between(start, end.date_to)


_MONTHS = (
    "mot",
    "hai",
    "ba",
    "tu",
    "nam",
    "s6u",
    "bay",
    "tam",
    "chin",
    "muoi",
    "muoi mot",
    "muoi hai",
)


def _spoken_month(match: re.Match[str], clock: Clock) -> Meaning:
    number = _MONTHS.index(match["month"]) + 1
    return resolve_month(number, full_year(match["year"]), clock.today, match.group())


def _june_or_next(match: re.Match[str], clock: Clock) -> Meaning:
    """ "thang sau" without tone marks: June, or a plan for next month."""
    june = resolve_month(6, None, clock.today, match.group())
    options = (june,) if isinstance(june, DateSpan) else ()
    return DateProblem(QuestionCode.VAGUE_DATE, match.group(), options)


def _until(match: re.Match[str], clock: Clock) -> Meaning:
    """ "tính đến 14/7" does not say since when: this month, or this year?"""
    today = clock.today
    starts = (Period.month_of(today).start, Period.year_of(today).start)
    return DateProblem(
        QuestionCode.VAGUE_DATE, match.group(), tuple(between(start, today) for start in starts)
    )


def _numbered_week(match: re.Match[str], clock: Clock) -> Meaning:
    number = int(match["week"])
    if not 10 <= number <= 52:
        return DateProblem(QuestionCode.VAGUE_DATE, match.group())
    monday = date.fromisocalendar(clock.today.year, number, 1)
    return begun(label(Period.week_of(monday)), clock.today, match.group())


def _half_month(match: re.Match[str], clock: Clock) -> Meaning:
    month = resolve_month(int(match["month"]), None, clock.today, match.group())
    if isinstance(month, DateProblem):
        return month
    if match["which"] == "dau":
        middle = month.date_from.replace(day=15)
        return resolve_range(month.date_from, middle, clock.today, match.group())
    return resolve_range(month.date_from.replace(day=16), month.date_to, clock.today, match.group())


def _relative_month(match: re.Match[str], clock: Clock) -> Meaning:
    this = Period.month_of(clock.today)
    if match["past"]:
        this = Period.month_of(this.start - timedelta(days=1))
    return label(this)


def _quarter(match: re.Match[str], clock: Clock) -> Meaning | None:
    written = match["number"]
    number = _ROMAN.get(written) or int(written)
    first = 3 * number - 2
    year = full_year(match["year"]) or nearest_year(first, 1, clock.today, months=3)
    return begun(label(Period.quarter_of(date(year, first, 1))), clock.today, match.group())


def _relative_quarter(match: re.Match[str], clock: Clock) -> Meaning:
    this = Period.quarter_of(clock.today)
    if match["past"]:
        this = Period.quarter_of(this.start - timedelta(days=1))
    return label(this)


def _half_year(match: re.Match[str], clock: Clock) -> Meaning:
    last = match["which"] is not None and "cuoi" in match["which"]
    month = 7 if last else 1
    nearest = nearest_year(7, 1, clock.today, months=6) if last else cumulative_year(6, clock.today)
    year = full_year(match["year"]) or nearest
    return begun(label(Period.half_of(date(year, month, 1))), clock.today, match.group())


def _first_months(match: re.Match[str], clock: Clock) -> Meaning | None:
    count = {"ba": 3, "chin": 9}.get(match["count"]) or int(match["count"])
    year = full_year(match["year"]) or cumulative_year(count, clock.today)
    if count == 9:
        return begun(label(Period.nine_months_of(year)), clock.today, match.group())
    if count == 3:
        return begun(label(Period.quarter_of(date(year, 1, 1))), clock.today, match.group())
    if not 1 <= count <= 12 or not match["start"]:
        return None
    return between(date(year, 1, 1), Period.month_of(date(year, count, 1)).end)


def _year(match: re.Match[str], clock: Clock) -> Meaning:
    year = int(match["year"] or clock.today.year - bool(match["past"]))
    if match.group().startswith("ca nam") and not match["year"]:
        year = cumulative_year(12, clock.today)
    return begun(label(Period.year_of(date(year, 1, 1))), clock.today, match.group())


def _term(match: re.Match[str], clock: Clock) -> Meaning | None:
    first, last = int(match["first"]), int(match["last"])
    return label(Period.term(first, last)) if first < last else None


def _ago(days: int) -> Rule:
    return lambda _match, clock: clock.ago(days)


def _days_ago(match: re.Match[str], clock: Clock) -> Meaning:
    words = {"hai": 2, "ba": 3, "bon": 4, "nam": 5}
    written = match["count"]
    return clock.ago(words.get(written) or int(written))


def _tonight(_match: re.Match[str], clock: Clock) -> Meaning:
    return clock.tonight


def _tomorrow(match: re.Match[str], clock: Clock) -> Meaning:
    return future_date(clock.ago(-1), clock.today, match.group().strip())


def _week(match: re.Match[str], clock: Clock) -> Meaning:
    return week(clock.today, 1 if match["past"] else 0)


def _number(name: str | None) -> int:
    """0 for "2" and "hai" (Monday) to 5; 6 for Sunday, which has no number."""
    if name is None:
        return 6
    return int(name) - 2 if name.isdigit() else _WEEKDAYS[name]


def _weekday(match: re.Match[str], clock: Clock) -> Meaning:
    number = _number(match["name"])
    when = match["when"] or ""
    if "tuan nay" in when:
        day = weekday_of_week(clock.today, number, 0)
        return day if day <= clock.today else future_date(day, clock.today, match.group().strip())
    if "tuan" in when:
        return weekday_of_week(clock.today, number, 1)
    return weekday_before(clock.today, number, strictly=bool(when))


def _weekdays(match: re.Match[str], clock: Clock) -> Meaning | None:
    """ "từ thứ 2 đến thứ 6 tuần trước": the last day decides the week."""
    last = _weekday(match, clock)
    length = _number(match["name"]) - _number(match["first"])
    if isinstance(last, date) and length > 0:
        return between(last - timedelta(days=length), last)
    return last if isinstance(last, DateProblem) else None


def _t_number(match: re.Match[str], clock: Clock) -> Meaning | None:
    number = int(match["month"])
    month = resolve_month(number, full_year(match["year"]), clock.today, match.group().strip())
    if match["year"] or match["lead"] or not 2 <= number <= 7:
        return month
    day = one_day(weekday_before(clock.today, number - 2, strictly=False))
    options = (month, day) if isinstance(month, DateSpan) else (day,)
    return DateProblem(QuestionCode.T7, match["t"], options)


_SEP_LIST = r"(?:\s?[,+&]\s?|,? va )"
_WHEN = rf"(?: dau tuan)?(?: cua)? ?(?P<when>tuan {_PAST}|tuan nay|{_PAST})?"
_NAMES = r"hai|ba|tu|nam|sau|bay|[2-7]"
_NOT_A_COUNT = r"(?!\s?(?:buoi|cuoc|b|c|hoi nghi|dang vien|dv|qc|quan chung|nguoi|luot|lop|hn)\b)"


def _compile(rules: list[tuple[str, Rule, bool]]) -> list[tuple[re.Pattern[str], Rule, bool]]:
    return [(re.compile(rf"(?:{pattern})(?!\w)"), rule, loose) for pattern, rule, loose in rules]


# The order matters: what a rule takes is gone for the rules below it.
RULES = _compile(
    [
        (r"thang sau", _june_or_next, False),
        (
            rf"tinh den(?: het)?(?: ngay)? (?:\d\d?/\d\d?(?:/{_Y})?|nay|hom nay|thoi diem nay)",
            _until,
            False,
        ),
        (
            rf"(?P<days>{_D}-{_D}(?:-{_D}){{1,6}})/(?P<month>\d\d?)(?P<month2>x)?(?:/(?P<year>{_Y}))?",
            _list,
            False,
        ),
        (
            rf"(?:trong )?thang (?P<month>muoi hai|muoi mot|muoi|mot|hai|ba|tu|nam|s6u|bay|tam|chin)(?! (?:buoi|cuoc|nay|truoc|roi|qua))(?:(?:/| nam )(?P<year>{_Y}))?",
            _spoken_month,
            False,
        ),
        (
            rf"tuan (?:thu )?(?P<week>\d\d?){_NOT_A_COUNT}(?:(?: cua)? thang \d\d?)?",
            _numbered_week,
            False,
        ),
        (
            rf"(?:ngay )?(?:mung|mong)? ?{_D}(?: thang |/)(?:gieng|chap)|ngay ram(?: thang \w+)?|ram thang \w+"
            rf"|(?:ngay )?(?:mung|mong|ngay) {_D} (?:thang gieng|thang chap|tet)|thang (?:gieng|chap)"
            rf"|(?:ngay |mung |mong )?{_D}(?:/\d\d?| thang \d\d?) ?\(?(?:am lich|al|am)|mung {_D}[/ ]?(?:am lich|al)",
            _lunar,
            False,
        ),
        (
            rf"(?P<from>tu )?(?:ngay )?(?P<d1>{_D})(?:{_S}(?P<m1>\d\d?)(?:{_S}(?P<y1>{_Y}))?)?"
            rf"(?:-|–|—| ?-> ?|(?: den| toi)(?: het)? )(?:ngay )?(?P<d2>{_D})"
            rf"(?:{_S}(?P<m2>\d\d?)(?:{_S}(?P<y2>{_Y}))?| ?thang (?P<m3>\d\d?)(?:(?:/| nam )(?P<y3>{_Y}))?)",
            _range,
            False,
        ),
        (
            rf"(?P<from>tu )(?:ngay )?(?P<d1>{_D})(?:{_S}(?P<m1>\d\d?)(?:{_S}(?P<y1>{_Y}))?)? [-–—] "
            rf"(?:ngay )?(?P<d2>{_D}){_S}(?P<m2>\d\d?)(?:{_S}(?P<y2>{_Y}))?(?P<m3>x)?(?P<y3>x)?",
            _range,
            False,
        ),
        (
            rf"(?P<from>(?:tu )?)(?:ngay )?(?P<d1>{_D}){_S}(?P<m1>\d\d?)(?:{_S}(?P<y1>{_Y}))? [-–—] "
            rf"(?:ngay )?(?P<d2>{_D}){_S}(?P<m2>\d\d?)(?:{_S}(?P<y2>{_Y}))?(?P<m3>x)?(?P<y3>x)?",
            _range,
            False,
        ),
        (
            r"(?:(?:tu )?dau (?P<unit>tuan|thang|quy|nam)|tu (?:ngay )?(?P<day>\d\d?)/(?P<month>\d\d?))"
            r"(?: nay)?(?: cho)? (?:den|toi) (?:nay|hom nay|gio|bay gio)",
            _since,
            False,
        ),
        (
            rf"(?:cac |trong )?(?:ngay )(?P<days>{_D}(?:{_SEP_LIST}{_D}){{1,9}})"
            rf"(?:{_S}(?P<month>\d\d?)| thang (?P<month2>\d\d?))(?:(?:{_S}| nam )(?P<year>{_Y}))?",
            _list,
            False,
        ),
        (
            rf"(?P<days>{_D}(?:[,+&]{_D}){{1,9}}){_S}(?P<month>\d\d?)(?P<month2>x)?(?:{_S}(?P<year>{_Y}))?",
            _list,
            False,
        ),
        (
            rf"(?:(?<=[(:\n])|(?<=: )|^)(?P<days>{_D}(?:{_SEP_LIST}{_D}){{1,9}}){_S}(?P<month>\d\d?)(?P<month2>x)?(?:{_S}(?P<year>{_Y}))?",
            _list,
            False,
        ),
        (
            rf"(?:{_DAY_WORD} )?(?:ngay )?(?:\d\d?/\d\d?/|\d\d?\.\d\d?\.|\d\d?-\d\d?-){_Y}",
            _full_date,
            False,
        ),
        (
            rf"{_PARTS_OF_DAY}(?:ngay |hom )?(?:mung |mong )?\d\d? thang \d\d?(?:,? nam {_Y}|/{_Y})?",
            _full_date,
            False,
        ),
        (
            rf"(?:{_DAY_WORD} )?(?:ngay |hom )(?:mung |mong )?\d\d? ?[/.\-] ?\d\d?",
            _full_date,
            False,
        ),
        (rf"(?:{_DAY_WORD} )(?:mung |mong )?\d\d?[/.\-]\d\d?", _full_date, False),
        (
            r"(?:tu )?thang (?P<first>\d\d?)(?: ?- ?| den (?:het )?(?:thang )?| va (?:thang )?|, ?(?:thang )?)"
            rf"(?P<last>1[0-2]|0?[1-9])(?:(?:/| nam )(?P<year>{_Y}))?{_NOT_A_COUNT}(?!/)",
            _months,
            False,
        ),
        (r"(?:trong )?nua (?P<which>dau|cuoi) thang (?P<month>\d\d?)", _half_month, False),
        (
            rf"(?:trong |ca |het )?thang t?(?P<month>\d\d?)(?: nay)?(?:(?:[/\-]| nam |,? ?nam )(?P<year>{_Y}))?",
            _month,
            False,
        ),
        (
            r"(?:trong )?(?:6|sau) thang (?P<which>dau nam|cuoi nam|dau|cuoi)(?:,? (?:nam )?(?P<year>20\d\d))?",
            _half_year,
            False,
        ),
        (r"6t ?(?P<which>dau nam|cuoi nam|dn|cn)?(?: (?P<year>20\d\d))?", _half_year, False),
        (r"(?:trong )?nua (?P<which>dau|cuoi) nam(?: (?P<year>20\d\d))?", _half_year, False),
        (
            r"(?:trong )?(?P<count>\d\d?|ba|chin) thang(?P<start> dau nam)(?:,? (?:nam )?(?P<year>20\d\d))?",
            _first_months,
            False,
        ),
        (
            r"(?:trong )?(?P<count>9|chin) thang(?P<start>)(?:,? (?:nam )?(?P<year>20\d\d))?",
            _first_months,
            False,
        ),
        (
            r"(?:trong )?(?:6|sau) thang(?P<which>)(?:,? (?:nam )?(?P<year>20\d\d))?",
            _half_year,
            False,
        ),
        (
            r"(?:trong |ca )?(?:quy|q)[ .]?(?P<number>iii|ii|iv|i|[1-4])(?:(?:[/\-]| nam |,? )(?P<year>20\d\d))?",
            _quarter,
            False,
        ),
        (
            rf"(?:trong )?quy (?:nay|(?P<past>{_PAST}))|trong quy",
            lambda m, c: _relative_quarter(m, c),
            False,
        ),
        (
            rf"(?:tu )?(?:thu |t)(?P<first>{_NAMES})(?: ?- ?| den (?:het )?| toi )(?:(?:thu |t)(?P<name>{_NAMES})|(?P<sunday>chu nhat|cn)){_WHEN}",
            _weekdays,
            False,
        ),
        (
            rf"{_PARTS_OF_DAY}(?:ngay )?(?:(?:thu (?P<name>{_NAMES})|(?P<sunday>chu nhat|chu nhut|c\.?nhat|cn)){_WHEN})",
            _weekday,
            False,
        ),
        (
            rf"(?P<sunday>x)?t(?P<name>[2-7])(?: cua)? (?P<when>tuan {_PAST}|tuan nay|{_PAST})",
            _weekday,
            False,
        ),
        (
            r"(?:vao )?(?:sang|chieu|toi|trua|dem) (?P<sunday>x)?t(?P<name>[2-7])(?P<when>x)?",
            _weekday,
            False,
        ),
        (
            rf"(?P<lead>trong |ca |het )?(?P<t>t ?(?P<month>1[0-2]|0?[1-9]))(?:(?:[/\-.]| nam )(?P<year>{_Y}))?",
            _t_number,
            False,
        ),
        (r"20\d\d(?:-\d\d?-|/\d\d?/)\d\d?", _iso, False),
        (r"(?:ngay )?(?:mung|mong) \d\d?[/.]\d\d?", _full_date, False),
        (r"(?P<month>\d\d?)/(?P<year>20\d\d)", _month, False),
        (
            r"(?:ngay |toi |sang |chieu |trua |dem ){1,2}mai|ngay (?:kia|mot)|tuan (?:sau|toi)|thang toi",
            _tomorrow,
            False,
        ),
        (r"(?:toi|dem|khuya)(?: hom)? nay", _tonight, False),
        (
            r"(?:(?:sang|trua|chieu|ngay)(?: hom)? nay|(?:ngay |sang |chieu )?(?:hom nay|hnay|hom ni|bua nay|h nay)|nay(?=\s*:?\s*\d)|trong ngay)",
            _ago(0),
            False,
        ),
        (
            r"(?:sang |trua |chieu |toi |dem |ngay )?(?:hom qua|homqua|hqua|h qua|hom wa|hum qua|hwa|bua qua|hom qa|hum wa)",
            _ago(1),
            False,
        ),
        (r"(?:toi|dem|chieu|sang|trua|khuya) qua", _ago(1), False),
        (
            r"(?:sang |trua |chieu |toi |dem |ngay )?(?:hom kia|homkia|bua kia|hum kia)",
            _ago(2),
            False,
        ),
        (
            r"(?:cach day )?(?P<count>[1-9]|1\d|2\d|hai|ba|bon|nam) (?:hom|ngay)(?: truoc)",
            _days_ago,
            False,
        ),
        (r"cach day (?P<count>[1-9]|1\d|2\d|hai|ba|bon|nam) (?:hom|ngay)", _days_ago, False),
        (
            rf"(?:trong )?(?:thang (?:nay|(?P<past>{_PAST})))|trong thang",
            lambda m, c: _relative_month(m, c),
            False,
        ),
        (
            rf"(?:trong )?(?:tuan (?:nay|(?P<past>{_PAST})))|trong tuan",
            lambda m, c: _week(m, c),
            False,
        ),
        (_VAGUE, _vague, False),
        (
            rf"(?:ngay|hom|mung|mong) (?:mung |mong )?(?P<day>{_D})(?!\s?[/.\-,]\s?\d){_NOT_A_COUNT}",
            _bare_day,
            False,
        ),
        (r"(?P<bare>)\d\d?/\d\d?", _full_date, True),
        (rf"(?P<bare>)\d\d?[.\-](?:1[0-2]|0?[1-9]){_NOT_A_COUNT}", _full_date, True),
        (
            rf"(?:ca |trong |het )?nam (?:(?P<year>20[12]\d)|nay|(?P<past>ngoai|truoc|{_PAST}))|ca nam",
            lambda m, c: _year(m, c),
            False,
        ),
        (r"nhiem ky (?P<first>20\d\d) ?[-–] ?(?P<last>20\d\d)", _term, False),
    ]
)
