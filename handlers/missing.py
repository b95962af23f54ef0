"""/thieu: which units have not reported for a month or the months of a longer period, and until
when they have time.

Units only, never persons: the same list is shown in the committee's group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from domain.deadline import DeadlineRules, own_window
from domain.period import Period, PeriodKind
from domain.status import Status
from handlers.desk import Desk, Say, Turn
from handlers.dialogue import Handler
from handlers.heat_map import heat_map_button
from handlers.pages import page_buttons, periods_beside
from handlers.scope import Scope, looking, page_here, reach_here, read_scope
from storage import exception, lock, status
from storage.status import UnitStatus

# So many units make a page: with their names and months they fit into one message.
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Missing:
    """A unit that misses a report, with the months that it is missing for; `extended` is the due
    date that an officer has given it for the last of them.
    """

    name: str
    extended: date | None
    months: tuple[Period, ...]


async def show_missing(turn: Turn) -> None:
    """/thieu [kỳ] [đơn vị]: the units that have not reported."""
    look = looking(turn)
    await turn.show(await look(_asked, turn, turn.desk.rules.deadlines))


async def tap_missing(turn: Turn) -> None:
    """Another page, month or unit."""
    await turn.show(await page_here(turn, overview))


def _asked(conn: Connection, turn: Turn, rules: DeadlineRules) -> Say:
    reach, today = reach_here(conn, turn), turn.sender.today
    if isinstance(reach, Say):
        return reach
    scope = read_scope(conn, reach, turn.arguments, today, rules, _data)
    if isinstance(scope, Say):
        return scope
    return overview(conn, today, scope, rules, 0)


def overview(conn: Connection, today: date, scope: Scope, rules: DeadlineRules, page: int) -> Say:
    """How the units of the scope stand, and a page of those that have not reported.

    Reports are owed by the month; a longer period is shown by its months.
    """
    if scope.period.kind in (PeriodKind.WEEK, PeriodKind.TERM):
        return Say("missing.months_only")
    months = status.of_months(conn, scope.unit.id, scope.period, rules, today)
    periods = periods_beside(lambda p: _data(p, scope.unit.id), scope.period, today, rules)
    window = own_window(scope.period, rules)
    values = {"unit": scope.unit, "period": scope.period, "window": window}
    if not any(months.values()):
        return Say("missing.owes_nothing", values, periods)
    missing, first = _missing(months), page * SHOWN
    values |= {
        "counts": {month: status.count(units) for month, units in months.items()},
        "units": list(enumerate(missing, start=1))[first : first + SHOWN],
    }
    more = len(missing) > first + SHOWN
    pages = page_buttons(partial(_page_data, scope), page, more=more)
    keyboard = (*pages, *periods, *heat_map_button(scope))
    if scope.period.kind is not PeriodKind.MONTH:
        return Say("missing.by_month", values, keyboard)
    return Say("missing.list", values | _deadline(conn, today, scope, rules), keyboard)


def _deadline(
    conn: Connection, today: date, scope: Scope, rules: DeadlineRules
) -> dict[str, object]:
    """Until when the unit has time, and whether its figures are free."""
    due = exception.due_of(conn, scope.unit.id, scope.period, rules)
    locked = lock.locks(conn, scope.unit.id, scope.period, rules, today)
    return {"due": due, "days_left": (due - today).days, "locked": locked}


def _missing(months: Mapping[Period, Sequence[UnitStatus]]) -> list[Missing]:
    """The units that miss a report, each with the months it is missing for."""
    found: dict[int, list[tuple[Period, UnitStatus]]] = {}
    for month, units in months.items():
        for unit in units:
            if unit.status is Status.MISSING:
                found.setdefault(unit.unit_id, []).append((month, unit))
    return [_of_unit(each) for each in found.values()]


def _of_unit(missed: Sequence[tuple[Period, UnitStatus]]) -> Missing:
    _, newest = missed[-1]
    extended = newest.due if newest.extended else None
    return Missing(newest.name, extended, tuple(month for month, _ in missed))


def _page_data(scope: Scope, page: int) -> str:
    return _data(scope.period, scope.unit.id, page)


def _data(period: Period, unit_id: int, page: int = 0) -> str:
    return f"missing:{period.code}:{unit_id}:{page}"


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("thieu", desk.on(show_missing), filters=filters.UpdateType.MESSAGE),
        CallbackQueryHandler(desk.on(tap_missing), pattern=r"^missing:[0-9A-Z.-]+:\d+:\d+$"),
    ]
