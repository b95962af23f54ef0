"""How numbers, days and periods are written in Vietnamese (reference: number style, periods)."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from domain.period import Period, PeriodKind
from domain.tally import Approximation, Figures, Precision

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
ROMAN = ("I", "II", "III", "IV")
_APPROXIMATION = {
    Approximation.ABOUT: "khoảng ",
    Approximation.OVER: "trên ",
    Approximation.UNDER: "gần ",
}


def count(number: int | None) -> str:
    """1250 → 1.250; what was not stated is a dash, never 0."""
    return "–" if number is None else f"{number:,}".replace(",", ".")


def percent(value: Decimal) -> str:
    """102.6 → 102,6 %; a whole number goes without decimals."""
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{rounded:f}".removesuffix(".0").replace(".", ",") + " %"


def signed_percent(value: Decimal) -> str:
    """A change: +8,2 %, −5,1 %, 0 %."""
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + percent(abs(value))


def dmy(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def day(day: date) -> str:
    """The date with its weekday: Thứ Hai 13/7/2026."""
    return f"{WEEKDAYS[day.weekday()]} {dmy(day)}"


def moment(instant: datetime) -> str:
    """08:30 Thứ Sáu 27/11/2026, in Vietnamese time."""
    local = instant.astimezone(VIETNAM)
    return f"{local:%H:%M} {day(local.date())}"


def local_dmy(instant: datetime) -> str:
    """The Vietnamese date of an instant: 27/11/2026."""
    return dmy(instant.astimezone(VIETNAM).date())


def approximation(kind: Approximation | None) -> str:
    """The word before an approximate number, with its space; empty for an exact one."""
    return "" if kind is None else _APPROXIMATION[kind]


def dates(figures: Figures) -> str:
    """The days of an entry, as absolute dates or as the period that was named."""
    if figures.precision is Precision.DAY:
        return day(figures.date_from)
    if figures.precision is Precision.LIST:
        return ", ".join(f"{d.day}/{d.month}" for d in figures.dates) + f"/{figures.date_to.year}"
    if figures.precision in _LABELLED:
        return period(Period(_LABELLED[figures.precision], figures.date_from, figures.date_to))
    return f"từ {dmy(figures.date_from)} đến {dmy(figures.date_to)}"


_LABELLED = {
    Precision.MONTH: PeriodKind.MONTH,
    Precision.QUARTER: PeriodKind.QUARTER,
    Precision.HALF_YEAR: PeriodKind.HALF_YEAR,
    Precision.NINE_MONTHS: PeriodKind.NINE_MONTHS,
    Precision.YEAR: PeriodKind.YEAR,
    Precision.TERM: PeriodKind.TERM,
}


def period(value: Period) -> str:
    """The label of a period: tháng 7/2026, quý III/2026, 6 tháng đầu năm 2026, nhiệm kỳ 2010–2015."""
    start, end = value.start, value.end
    match value.kind:
        case PeriodKind.WEEK:
            return f"tuần {between(start, end)}"
        case PeriodKind.MONTH:
            return f"tháng {start.month}/{start.year}"
        case PeriodKind.QUARTER:
            return f"quý {ROMAN[(start.month - 1) // 3]}/{start.year}"
        case PeriodKind.HALF_YEAR:
            return f"6 tháng {'đầu' if start.month == 1 else 'cuối'} năm {start.year}"
        case PeriodKind.NINE_MONTHS:
            return f"9 tháng năm {start.year}"
        case PeriodKind.YEAR:
            return f"năm {start.year}"
        case PeriodKind.TERM:
            return f"nhiệm kỳ {start.year}–{end.year}"


def between(first: date, last: date) -> str:
    """Two days and all between them: 15/6–14/7/2026."""
    start = f"{first.day}/{first.month}"
    return f"{start}–{dmy(last)}" if first.year == last.year else f"{dmy(first)}–{dmy(last)}"
