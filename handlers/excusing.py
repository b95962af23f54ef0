"""/mienbao: an officer excuses a unit and all below it from a month's report, or no longer does.

Who is excused is not missing; what they report all the same counts like any other report.
"""

from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.deadline import DeadlineRules
from domain.period import Period, PeriodKind
from domain.role import Action
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler
from handlers.scope import Scope, officer_asks, officer_taps
from storage import excuse, status
from storage.status import UnitStatus
from wording.say import label

EXCUSE, REQUIRE = "excuse", "require"


async def ask_excuse(turn: Turn) -> None:
    """/mienbao [tháng] [đơn vị]: who would be excused, and the buttons to say so."""
    rules = turn.desk.rules.deadlines
    await turn.show(await turn.read(_asked, turn.sender, turn.arguments, rules))


async def tap_excuse(turn: Turn) -> None:
    """A tap under the question: ask about another unit, excuse, require again, or leave it."""
    rules = turn.desk.rules.deadlines
    await turn.show_or_tell_old(await turn.write(_tapped, turn.sender, turn.tap, rules))


def _asked(conn: Connection, sender: Sender, text: str, rules: DeadlineRules) -> Say:
    data = partial(_data, conn, "ask")
    scope = officer_asks(conn, sender, Action.EXCUSE_UNIT, text, rules, data)
    return scope if isinstance(scope, Say) else _question(conn, scope, rules)


def _tapped(conn: Connection, sender: Sender, tap: list[str], rules: DeadlineRules) -> Say | None:
    """None for a button that is older than the newest word."""
    _, code, unit_id, wish, last_word = tap
    found = officer_taps(conn, sender, Action.EXCUSE_UNIT, code, unit_id)
    if isinstance(found, Say):
        return found
    actor, scope = found
    if wish == "ask":
        return _question(conn, scope, rules)
    if int(last_word) != excuse.last_word(conn):
        return None
    period, unit = scope.period, scope.unit
    if wish != "keep":
        author = actor.person_id
        excuse.say(conn, unit.id, period, author, sender.now, excused=wish == EXCUSE)
    values = {
        "period": period,
        "unit": unit,
        "counts": status.counts(conn, unit.id, period, rules),
    }
    return Say(f"excusing.done_{wish}", values)


def _question(conn: Connection, scope: Scope, rules: DeadlineRules) -> Say:
    period, unit = scope.period, scope.unit
    if period.kind is not PeriodKind.MONTH:
        return Say("excusing.months_only")
    units = status.of_units(conn, unit.id, period, rules)
    values = {"period": period, "unit": unit, "counts": status.count(units)}
    if not units:
        return Say("missing.owes_nothing", values)
    return Say("excusing.ask", values, _buttons(conn, scope, units))


def _buttons(conn: Connection, scope: Scope, units: list[UnitStatus]) -> Keyboard:
    """What changes something, with how many units it concerns."""
    excused = sum(unit.excused for unit in units)
    wishes = {EXCUSE: len(units) - excused, REQUIRE: excused}
    at = scope.period, scope.unit.id
    change = [
        Button(
            label(f"excusing.button_{wish}", period=scope.period, number=number),
            _data(conn, wish, *at),
        )
        for wish, number in wishes.items()
        if number
    ]
    keep = Button(label("locking.button_keep"), _data(conn, "keep", *at))
    return tuple((button,) for button in (*change, keep))


def _data(conn: Connection, wish: str, period: Period, unit_id: int) -> str:
    """A button that is good until somebody is excused or required again."""
    return f"excuse:{period.code}:{unit_id}:{wish}:{excuse.last_word(conn)}"


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("mienbao", desk.on(ask_excuse), filters=PRIVATE),
        CallbackQueryHandler(
            desk.on(tap_excuse), pattern=r"^excuse:[0-9A-Z.-]+:\d+:(ask|excuse|require|keep):\d+$"
        ),
    ]
