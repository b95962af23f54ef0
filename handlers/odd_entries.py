"""/xemlai: the entries that were odd and that their senders kept, for the officer to look at again.

Units, days and figures only; never who sent them, and no free text.
"""

from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.deadline import DeadlineRules
from domain.period import Period
from domain.role import Action
from handlers.desk import Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler
from handlers.pages import page_buttons, periods_beside
from handlers.scope import Scope, officer_asks, officer_taps
from storage import oddity, tally

SHOWN = 10


async def show_odd(turn: Turn) -> None:
    """/xemlai [kỳ] [đơn vị]: the newest odd entries of the period."""
    rules = turn.desk.rules.deadlines
    await turn.show(await turn.read(_asked, turn.sender, turn.arguments, rules))


async def tap_odd(turn: Turn) -> None:
    """Another page, period or unit."""
    await turn.show(await turn.read(_tapped, turn.sender, turn.tap, turn.desk.rules.deadlines))


def _asked(conn: Connection, sender: Sender, text: str, rules: DeadlineRules) -> Say:
    scope = officer_asks(conn, sender, Action.REVIEW_ENTRIES, text, rules, _data)
    return scope if isinstance(scope, Say) else _list(conn, sender, scope, rules, 0)


def _tapped(conn: Connection, sender: Sender, tap: list[str], rules: DeadlineRules) -> Say:
    _, code, unit_id, page = tap
    found = officer_taps(conn, sender, Action.REVIEW_ENTRIES, code, unit_id)
    if isinstance(found, Say):
        return found
    _, scope = found
    return _list(conn, sender, scope, rules, int(page))


def _list(conn: Connection, sender: Sender, scope: Scope, rules: DeadlineRules, page: int) -> Say:
    first = page * SHOWN
    found = oddity.flagged(conn, scope.unit.id, scope.period, SHOWN + 1, first)
    entries = [
        (number, tally.get(conn, entry_id), flag)
        for number, (entry_id, flag) in enumerate(found[:SHOWN], start=first + 1)
    ]
    values = {"entries": entries, "period": scope.period, "unit": scope.unit}
    pages = page_buttons(partial(_page_data, scope), page, more=len(found) > SHOWN)
    periods = periods_beside(lambda p: _data(p, scope.unit.id), scope.period, sender.today, rules)
    return Say("odd_entries.list", values, (*pages, *periods))


def _page_data(scope: Scope, page: int) -> str:
    return _data(scope.period, scope.unit.id, page)


def _data(period: Period, unit_id: int, page: int = 0) -> str:
    return f"odd:{period.code}:{unit_id}:{page}"


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("xemlai", desk.on(show_odd), filters=PRIVATE),
        CallbackQueryHandler(desk.on(tap_odd), pattern=r"^odd:[0-9A-Z.-]+:\d+:\d+$"),
    ]
