"""/chot and /mochot: an officer locks a period for a unit and all below it, or opens it again.

Locked figures can only be changed by asking (handlers.requests); what was said stays on record.
"""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.deadline import DeadlineRules, is_over
from domain.period import Period, PeriodKind
from domain.role import Action, Actor
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler
from handlers.scope import Scope, officer_asks, officer_taps
from storage import change_request, lock
from storage.lock import Standing
from wording.say import label

LOCK, REOPEN = "lock", "reopen"


async def ask_lock(turn: Turn) -> None:
    """/chot [kỳ] [đơn vị]: what would be locked, and a button to do it."""
    await turn.show(await turn.read(_asked, turn.sender, turn.arguments, LOCK, _rules(turn)))


async def ask_reopen(turn: Turn) -> None:
    """/mochot [kỳ] [đơn vị]: what would be opened again, and a button to do it."""
    await turn.show(await turn.read(_asked, turn.sender, turn.arguments, REOPEN, _rules(turn)))


async def tap_lock(turn: Turn) -> None:
    """A tap under the question: ask about another unit, do it, or leave it."""
    await turn.show_or_tell_old(await turn.write(_tapped, turn.sender, turn.tap, _rules(turn)))


def _rules(turn: Turn) -> DeadlineRules:
    return turn.desk.rules.deadlines


def _asked(conn: Connection, sender: Sender, text: str, wish: str, rules: DeadlineRules) -> Say:
    data = partial(_data, conn, wish, "ask")
    scope = officer_asks(conn, sender, Action.LOCK_PERIOD, text, rules, data)
    return scope if isinstance(scope, Say) else _question(conn, sender, scope, wish, rules)


def _tapped(conn: Connection, sender: Sender, tap: list[str], rules: DeadlineRules) -> Say | None:
    """None for a button that is older than the newest word: what it counted may be different now."""
    _, code, unit_id, wish, step, last_word = tap
    found = officer_taps(conn, sender, Action.LOCK_PERIOD, code, unit_id)
    if isinstance(found, Say):
        return found
    actor, scope = found
    if step == "ask":
        return _question(conn, sender, scope, wish, rules)
    if int(last_word) != lock.last_word(conn):
        return None
    if step == "keep":
        return Say("locking.kept", {"period": scope.period, "unit": scope.unit})
    return _say(conn, sender, actor, scope, wish)


def _question(
    conn: Connection, sender: Sender, scope: Scope, wish: str, rules: DeadlineRules
) -> Say:
    """What would happen to how many units, and how many requests wait there."""
    period, unit = scope.period, scope.unit
    if period.kind is PeriodKind.WEEK:
        return Say("locking.months_only")
    standing = lock.standing(conn, unit.id, period, rules, sender.today)
    values = {
        "period": period,
        "unit": unit,
        "standing": standing,
        "requests": change_request.open_in(conn, unit.id, period, rules.cutoff),
        "is_over": is_over(period, rules, sender.today),
    }
    if _is_so(standing, period, wish):
        return Say(f"locking.already_{wish}", values)
    return Say(f"locking.ask_{wish}", values, _buttons(conn, scope, wish, values))


def _is_so(standing: Standing, period: Period, wish: str) -> bool:
    """Whether all is as it is wished. Longer periods hold months, which may stand otherwise."""
    wished = standing.units if wish == LOCK else 0
    return period.kind is PeriodKind.MONTH and standing.locked == wished


def _buttons(conn: Connection, scope: Scope, wish: str, values: Mapping[str, object]) -> Keyboard:
    do = label(f"locking.button_{wish}", **values)
    keep = label("locking.button_keep")
    at = scope.period, scope.unit.id
    return (
        (Button(do, _data(conn, wish, "do", *at)),),
        (Button(keep, _data(conn, wish, "keep", *at)),),
    )


def _say(conn: Connection, sender: Sender, actor: Actor, scope: Scope, wish: str) -> Say:
    period, unit = scope.period, scope.unit
    lock.say(conn, unit.id, period, actor.person_id, sender.now, locked=wish == LOCK)
    back = REOPEN if wish == LOCK else LOCK
    undo = Button(label(f"locking.button_ask_{back}"), _data(conn, back, "ask", period, unit.id))
    return Say(f"locking.done_{wish}", {"period": period, "unit": unit}, ((undo,),))


def _data(conn: Connection, wish: str, step: str, period: Period, unit_id: int) -> str:
    """A button that is good until somebody locks or opens something."""
    return f"lock:{period.code}:{unit_id}:{wish}:{step}:{lock.last_word(conn)}"


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("chot", desk.on(ask_lock), filters=PRIVATE),
        CommandHandler("mochot", desk.on(ask_reopen), filters=PRIVATE),
        CallbackQueryHandler(
            desk.on(tap_lock),
            pattern=r"^lock:[0-9A-Z.-]+:\d+:(lock|reopen):(ask|do|keep):\d+$",
        ),
    ]
