"""/thieu: which units have not reported for a month or the months of a longer period, and until
when they have time.

Units only, never persons: the same list is shown in the committee's group.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from domain.deadline import DeadlineRules, due_date
from domain.period import Period, PeriodKind, following
from domain.role import Action
from domain.status import Status, collected_month
from handlers.desk import Desk, Say, Turn
from handlers.dialogue import Handler, actor_of
from handlers.pages import page_buttons, periods_beside
from handlers.scope import Reach, Scope, find_scope, reach_of, read_scope
from handlers.summary import unit_of_group, writer_of
from storage import lock, status
from storage.status import UnitStatus

# So many units make a page: with their names and months they fit into one message.
SHOWN = 30


async def show_missing(turn: Turn) -> None:
    """/thieu [kỳ] [đơn vị]: the units that have not reported."""
    await turn.show(await turn.write(_asked, turn, turn.desk.rules.deadlines))


async def tap_missing(turn: Turn) -> None:
    """Another page, month or unit."""
    await turn.show(await turn.write(_tapped, turn, turn.desk.rules.deadlines))


def _asked(conn: Connection, turn: Turn, rules: DeadlineRules) -> Say:
    reach, today = _reach(conn, turn), turn.sender.today
    if isinstance(reach, Say):
        return reach
    default = collected_month(today, rules)
    scope = read_scope(conn, reach, turn.arguments, today, default, _data)
    if isinstance(scope, Say):
        return scope
    return overview(conn, today, scope, rules, 0)


def _tapped(conn: Connection, turn: Turn, rules: DeadlineRules) -> Say:
    _, code, unit_id, page = turn.tap
    reach = _reach(conn, turn)
    if isinstance(reach, Say):
        return reach
    scope = find_scope(conn, reach, code, unit_id)
    if scope is None:
        return Say("scope.not_yours")
    return overview(conn, turn.sender.today, scope, rules, int(page))


def _reach(conn: Connection, turn: Turn) -> Reach | Say:
    """In private the units that the person leads, in a group the group's own."""
    if not turn.is_private:
        home = unit_of_group(conn, turn.sender, writer_of(turn))
        if home is None:
            return Say("summary.group_not_registered")
        return Reach(home, lambda path: home in path)
    actor = actor_of(conn, turn.sender)
    if actor is None:
        return Say("common.not_enrolled")
    return reach_of(actor, Action.SEE_SUMMARY) or Say("missing.leads_only")


def overview(conn: Connection, today: date, scope: Scope, rules: DeadlineRules, page: int) -> Say:
    """How the units of the scope stand, and a page of those that have not reported.

    Reports are owed by the month; a longer period is shown by its months.
    """
    if scope.period.kind in (PeriodKind.WEEK, PeriodKind.TERM):
        return Say("missing.months_only")
    months = {
        month: status.of_units(conn, scope.unit.id, month, rules)
        for month in _begun_months(scope.period, today)
    }
    periods = periods_beside(lambda p: _data(p, scope.unit.id), scope.period, today)
    values = {"unit": scope.unit, "period": scope.period}
    if not any(months.values()):
        return Say("missing.owes_nothing", values, periods)
    missing, first = _missing(months), page * SHOWN
    values |= {
        "counts": {month: status.count(units) for month, units in months.items()},
        "units": list(enumerate(missing, start=1))[first : first + SHOWN],
    }
    more = len(missing) > first + SHOWN
    keyboard = (*page_buttons(partial(_page_data, scope), page, more=more), *periods)
    if scope.period.kind is not PeriodKind.MONTH:
        return Say("missing.by_month", values, keyboard)
    due = due_date(scope.period, rules)
    values |= {
        "due": due,
        "days_left": (due - today).days,
        "locked": lock.locks(conn, scope.unit.id, scope.period, rules, today),
    }
    return Say("missing.list", values, keyboard)


def _begun_months(period: Period, today: date) -> Iterator[Period]:
    month = Period.month_of(period.start)
    yield month
    while month.end < min(period.end, today):
        month = following(month)
        yield month


def _missing(months: Mapping[Period, Sequence[UnitStatus]]) -> list[tuple[str, list[Period]]]:
    """The names of the units that miss a report, each with the months it is missing for."""
    found: dict[int, tuple[str, list[Period]]] = {}
    for month, units in months.items():
        for unit in units:
            if unit.status is Status.MISSING:
                found.setdefault(unit.unit_id, (unit.name, []))[1].append(month)
    return list(found.values())


def _page_data(scope: Scope, page: int) -> str:
    return _data(scope.period, scope.unit.id, page)


def _data(period: Period, unit_id: int, page: int = 0) -> str:
    return f"missing:{period.code}:{unit_id}:{page}"


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("thieu", desk.on(show_missing), filters=filters.UpdateType.MESSAGE),
        CallbackQueryHandler(desk.on(tap_missing), pattern=r"^missing:[0-9A-Z.-]+:\d+:\d+$"),
    ]
