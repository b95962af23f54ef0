"""/nhac: a lead or officer looks at a round of reminders before it goes out, sends it, or holds the
ladder's next one back. Who leads nobody sees their own reminders instead (handlers.rest).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.ladder import LadderRules, Nudge, Owing, call_round, next_push, rung_days
from domain.period import Period, PeriodKind
from domain.role import Action, Actor
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of
from handlers.rest import own_reminders, rest_button
from handlers.scope import Scope, find_scope, reach_of, read_scope
from storage import audit, ladder, rest, unit
from wording.say import label

# So many units are named in the preview; /thieu has them all.
_NAMED = 10


async def ask_round(turn: Turn, rules: LadderRules) -> None:
    """/nhac [kỳ] [đơn vị]: whom a round would reach, what it says, and when the ladder comes next."""
    await turn.show(await turn.read(_asked, turn.sender, turn.arguments, rules))


async def tap_round(turn: Turn, rules: LadderRules) -> None:
    """A tap under the preview: look at another unit, send, hold back, go on, or leave it."""
    await turn.show_or_tell_old(await turn.write(_tapped, turn.sender, turn.tap, rules))


def _asked(conn: Connection, sender: Sender, text: str, rules: LadderRules) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    reach = reach_of(actor, Action.CALL_ROUND)
    if reach is None:
        return own_reminders(conn, actor, sender.today)
    data = partial(_data, "ask", on=sender.today)
    scope = read_scope(conn, reach, text, sender.today, rules.deadlines, data)
    return scope if isinstance(scope, Say) else _preview(conn, sender, scope, rules)


def _tapped(conn: Connection, sender: Sender, tap: list[str], rules: LadderRules) -> Say | None:
    """None for a button of another day."""
    _, wish, code, unit_id, day = tap
    on = date.fromisoformat(day)
    actor = actor_of(conn, sender)
    reach = None if actor is None else reach_of(actor, Action.CALL_ROUND)
    if actor is None or reach is None:
        return Say("scope.not_yours")
    scope = find_scope(conn, reach, code, unit_id)
    if isinstance(scope, Say):
        return scope
    if wish == "ask":
        return _preview(conn, sender, scope, rules)
    if wish == "send":
        return _send(conn, sender, actor, scope, rules) if on == sender.today else None
    if on < sender.today:
        return None
    act = rest.hold if wish == "hold" else rest.release
    act(conn, scope.unit.id, scope.period, on, actor.person_id, sender.now)
    return _preview(conn, sender, scope, rules)


# --- looking ----------------------------------------------------------------------------------------


def _preview(conn: Connection, sender: Sender, scope: Scope, rules: LadderRules) -> Say:
    period, of = scope.period, scope.unit
    if period.kind is not PeriodKind.MONTH:
        return Say("round.months_only")
    units, nudges = _round(conn, sender, scope, rules)
    at = next_push(sender.now, rules)
    following = _next_rung(conn, sender, units, rules)
    values: dict[str, object] = {
        "period": period,
        "unit": of,
        "number": len(units),
        "names": [unit.get(conn, each.unit_id).name for each in units[:_NAMED]],
        "people": len({nudge.person_id for nudge in nudges}),
        "reminded": len(_reminded(conn, units, at.date())),
        "at": None if at <= sender.now else at,
        "due": units[0].due if units else None,
        "today": sender.today,
        "following": following,
        "held": following is not None and rest.is_held(conn, of.id, period, following),
    }
    return Say("round.preview", values, _buttons(conn, sender, scope, values, following))


def _round(
    conn: Connection, sender: Sender, scope: Scope, rules: LadderRules
) -> tuple[list[Owing], list[Nudge]]:
    """The units that miss their report, and whom a round that is called now would remind."""
    units = ladder.owing(conn, scope.unit.id, scope.period, rules)
    day = next_push(sender.now, rules).date()
    around = ladder.circles(conn, [each.unit_id for each in units], day)
    return units, call_round(units, around, ladder.quiet(conn, around, day))


def _reminded(conn: Connection, units: Sequence[Owing], day: date) -> set[int]:
    """Who of these units has had their message of the day."""
    around = ladder.circles(conn, [each.unit_id for each in units], day)
    people = {person for circle in around.values() for person in circle.own}
    return people & ladder.reminded_on(conn, day)


def _next_rung(
    conn: Connection, sender: Sender, units: Sequence[Owing], rules: LadderRules
) -> date | None:
    """When the ladder reminds of one of these units next."""
    first = ladder.first_free(conn, sender.now, rules)
    dues = {each.due for each in units}
    days = (day for due in dues for day in rung_days(due, rules))
    return min((day for day in days if day >= first), default=None)


def _buttons(
    conn: Connection,
    sender: Sender,
    scope: Scope,
    values: Mapping[str, object],
    following: date | None,
) -> Keyboard:
    """What would change something; a unit above that is held back can only be let go there."""
    at = scope.period, scope.unit.id
    buttons = []
    if values["people"]:
        buttons.append(
            Button(label("round.button_send", **values), _data("send", *at, on=sender.today))
        )
    if following is not None:
        wish = (
            "release" if rest.is_held_here(conn, scope.unit.id, scope.period, following) else "hold"
        )
        if wish == "release" or not values["held"]:
            text = label(f"round.button_{wish}", following=following)
            buttons.append(Button(text, _data(wish, *at, on=following)))
    return tuple((button,) for button in (*buttons, rest_button()))


def _data(wish: str, period: Period, unit_id: int, *, on: date) -> str:
    return f"round:{wish}:{period.code}:{unit_id}:{on}"


# --- sending ----------------------------------------------------------------------------------------


def _send(conn: Connection, sender: Sender, actor: Actor, scope: Scope, rules: LadderRules) -> Say:
    """It is each person's one message of the day, and waits for the hours of reminders."""
    units, nudges = _round(conn, sender, scope, rules)
    at = next_push(sender.now, rules)
    ladder.queue(conn, nudges, sender.now, rules)
    people = len({nudge.person_id for nudge in nudges})
    details = {"period": scope.period.code, "units": len(units), "people": people}
    audit.record(
        conn, sender.now, actor.person_id, "call_round", "org_unit", scope.unit.id, **details
    )
    values = {"period": scope.period, "unit": scope.unit, "number": len(units)}
    return Say("round.sent", {**values, "people": people, "at": at if at > sender.now else None})


def handlers(desk: Desk, rules: LadderRules) -> list[Handler]:
    return [
        CommandHandler("nhac", desk.on(partial(ask_round, rules=rules)), filters=PRIVATE),
        CallbackQueryHandler(
            desk.on(partial(tap_round, rules=rules)),
            pattern=r"^round:(ask|send|hold|release):[0-9A-Z.-]+:\d+:\d{4}-\d\d-\d\d$",
        ),
    ]
