"""/giahan: an officer gives a unit and all below it another due date for a month, or the rule's again.

What comes by that day is on time; the lock follows it.
"""

import re
from datetime import date
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.deadline import DeadlineRules, due_date, read_due, window
from domain.period import Period, PeriodKind
from domain.role import Action
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler
from handlers.scope import Scope, officer_asks, officer_taps
from storage import exception, status
from wording.say import label

RULE, KEEP, ASK = "rule", "keep", "ask"
# What is offered: so many working days more.
MORE = (3, 5, 10)
_UNTIL = re.compile(r"(?:^|\s+)(?:đến|tới|den|toi)\s+(?:ngày\s+|ngay\s+)?(\d\S*)$", re.IGNORECASE)


async def ask_extension(turn: Turn) -> None:
    """/giahan [tháng] [đơn vị] [đến ngày]: what would be extended, and the days to choose from."""
    rules = turn.desk.rules.deadlines
    await turn.show(await turn.read(_asked, turn.sender, turn.arguments, rules))


async def tap_extension(turn: Turn) -> None:
    """A tap under the question: ask about another unit, extend, go by the rule again, or leave it."""
    rules = turn.desk.rules.deadlines
    await turn.show_or_tell_old(await turn.write(_tapped, turn.sender, turn.tap, rules))


def _asked(conn: Connection, sender: Sender, text: str, rules: DeadlineRules) -> Say:
    until = _UNTIL.search(text)
    about = text[: until.start()] if until else text
    data = partial(_data, conn, ASK)
    scope = officer_asks(conn, sender, Action.EXTEND_DEADLINE, about, rules, data)
    if isinstance(scope, Say):
        return scope
    return _question(conn, sender, scope, rules, until[1] if until else None)


def _tapped(conn: Connection, sender: Sender, tap: list[str], rules: DeadlineRules) -> Say | None:
    """None for a button that is older than the newest word."""
    _, code, unit_id, wish, last_word = tap
    found = officer_taps(conn, sender, Action.EXTEND_DEADLINE, code, unit_id)
    if isinstance(found, Say):
        return found
    actor, scope = found
    if wish == ASK:
        return _question(conn, sender, scope, rules)
    if int(last_word) != exception.last_word(conn):
        return None
    period, unit = scope.period, scope.unit
    if wish != KEEP:
        due = None if wish == RULE else date.fromisoformat(wish)
        exception.say(conn, unit.id, period, due, actor.person_id, sender.now)
    return Say("exception.kept" if wish == KEEP else "exception.done", _values(conn, scope, rules))


def _question(
    conn: Connection, sender: Sender, scope: Scope, rules: DeadlineRules, until: str | None = None
) -> Say:
    """Until when the unit has time, and the days that it may be given; `until` is one that was typed."""
    if scope.period.kind is not PeriodKind.MONTH:
        return Say("exception.months_only")
    values = _values(conn, scope, rules)
    if not values["counts"]:
        return Say("missing.owes_nothing", values)
    days = _offered(sender, scope, rules) if until is None else [read_due(until, scope.period)]
    first = window(scope.period, rules.cutoff)[1]
    good = [day for day in days if day is not None and day > first]
    if not good:
        return Say("exception.unknown_day", values)
    return Say("exception.ask", values, _buttons(conn, scope, rules, good))


def _values(conn: Connection, scope: Scope, rules: DeadlineRules) -> dict[str, object]:
    units = status.of_units(conn, scope.unit.id, scope.period, rules)
    rule = due_date(scope.period, rules)
    return {
        "unit": scope.unit,
        "period": scope.period,
        "rule": rule,
        "example": rules.calendar.shift(rule, MORE[0]),
        "due": exception.due_of(conn, scope.unit.id, scope.period, rules),
        "extended": sum(unit.extended for unit in units),
        "counts": status.count(units) if units else None,
    }


def _offered(sender: Sender, scope: Scope, rules: DeadlineRules) -> list[date | None]:
    from_ = max(due_date(scope.period, rules), sender.today)
    return [rules.calendar.shift(from_, days) for days in MORE]


def _buttons(conn: Connection, scope: Scope, rules: DeadlineRules, days: list[date]) -> Keyboard:
    period, unit_id = scope.period, scope.unit.id
    choices = {day.isoformat(): label("exception.button_until", day=day) for day in days}
    choices[RULE] = label("exception.button_rule", day=due_date(period, rules))
    choices[KEEP] = label("locking.button_keep")
    return tuple(
        (Button(text, _data(conn, wish, period, unit_id)),) for wish, text in choices.items()
    )


def _data(conn: Connection, wish: str, period: Period, unit_id: int) -> str:
    """A button that is good until some due date is changed; ASK is good for ever."""
    return f"extend:{period.code}:{unit_id}:{wish}:{exception.last_word(conn)}"


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("giahan", desk.on(ask_extension), filters=PRIVATE),
        CallbackQueryHandler(
            desk.on(tap_extension),
            pattern=r"^extend:[0-9A-Z-]+:\d+:(ask|rule|keep|\d{4}-\d\d-\d\d):\d+$",
        ),
    ]
