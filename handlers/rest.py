"""One's own reminders: none until a day, or all of them again."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, MessageHandler

from domain.leave import LeaveProblem
from domain.period import Period
from domain.rest import read_rest, says_rest
from domain.role import Actor
from handlers.desk import Button, Desk, Say, Sender, Turn
from handlers.dialogue import Handler, Saying, actor_of
from storage import rest
from wording.say import label

_A_WEEK = timedelta(days=7)


def own_reminders(conn: Connection, actor: Actor, today: date) -> Say:
    """Whether the person is reminded, and the buttons to change it."""
    until = rest.until(conn, actor.person_id, today)
    days = (today + _A_WEEK, Period.month_of(today).end)
    stop = [Button(label("rest.button_until", until=day), f"rest:{day}") for day in days]
    again = [Button(label("rest.button_again"), "rest:end")]
    buttons = [*again, *stop] if rest.rests(conn, actor.person_id, today) else stop
    return Say("rest.own", {"until": until}, tuple((button,) for button in buttons))


def rest_button() -> Button:
    """Leads to one's own reminders."""
    return Button(label("rest.button_own"), "rest:own")


async def tap_rest(turn: Turn) -> None:
    """Stop until a day, go on, or just look."""
    await turn.show(await turn.write(_tapped, turn.sender, turn.tap[1]))


def _tapped(conn: Connection, sender: Sender, wish: str) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    if wish == "end":
        rest.end(conn, actor.person_id, sender.now, sender.today)
    elif wish != "own":
        rest.begin(conn, actor.person_id, None, date.fromisoformat(wish), sender.now)
    return own_reminders(conn, actor, sender.today)


async def hear_rest(turn: Turn) -> None:
    """ "dừng nhắc đến 30/11"; without a day, the buttons come."""
    await turn.show(await turn.write(_said, turn.sender, turn.text))


def _said(conn: Connection, sender: Sender, text: str) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    until = read_rest(text, sender.today)
    if isinstance(until, date):
        rest.begin(conn, actor.person_id, None, until, sender.now)
    note = "rest.problem" if isinstance(until, LeaveProblem) else None
    return replace(own_reminders(conn, actor, sender.today), note=note)


def handlers(desk: Desk) -> list[Handler]:
    """They hear a free text before the tally does."""
    return [
        MessageHandler(Saying(says_rest), desk.on(hear_rest)),
        CallbackQueryHandler(desk.on(tap_rest), pattern=r"^rest:(own|end|\d{4}-\d\d-\d\d)$"),
    ]
