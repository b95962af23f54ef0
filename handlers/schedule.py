"""/lich: the coming briefings and one's own answer; what the reminders say; answering by a tap."""

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.briefing import Answer, Rung
from domain.role import Action, Actor
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of, rows
from storage import briefing, unit
from storage.briefing import StoredBriefing
from wording.say import label

# The rungs under which one can answer.
_ASKING = (f"briefing.{Rung.INVITATION}", f"briefing.{Rung.CONFIRM}")


async def show_schedule(turn: Turn) -> None:
    """One message per coming briefing."""
    for answer in await turn.read(_schedule, turn.sender):
        await turn.show(answer)


def _schedule(conn: Connection, sender: Sender) -> list[Say]:
    actor = actor_of(conn, sender)
    if actor is None:
        return [Say("common.not_enrolled")]
    paths = [unit.path(conn, held.unit_id) for held in actor.memberships]
    coming = {b.id: b for path in paths for b in briefing.upcoming(conn, path, sender.now)}
    cards = [_card(conn, b, actor) for b in coming.values()]
    return cards or [Say("briefing.nothing_planned")]


def _card(conn: Connection, coming: StoredBriefing, actor: Actor) -> Say:
    """A briefing with the person's answer; whoever may announce sees how many gave which."""
    counted = actor.may(Action.ANNOUNCE_BRIEFING, unit.path(conn, coming.unit_id))
    values = {
        "b": coming.details,
        "answer": briefing.answer_of(conn, coming.id, actor.person_id),
        "answers": briefing.answers(conn, coming.id) if counted else None,
    }
    return Say("briefing.card", values, _answer_buttons(coming.id))


def _answer_buttons(briefing_id: int) -> Keyboard:
    """Dự / Vắng / Cử người thay."""
    buttons = [
        Button(label(f"briefing.button_{choice}"), f"rsvp:{briefing_id}:{choice}")
        for choice in Answer
    ]
    return rows(buttons, 3)


def reminder_message(conn: Connection, message: str, briefing_id: int) -> Say:
    """What a rung of the reminder ladder says; invitations carry the answers as buttons."""
    coming = briefing.get(conn, briefing_id)
    keyboard = _answer_buttons(coming.id) if message in _ASKING else ()
    return Say(message, {"b": coming.details}, keyboard)


async def tap_answer(turn: Turn) -> None:
    """Keep the answer; once the briefing has begun the invitation, with its link, stays as it is."""
    _, briefing_id, choice = turn.tap
    answer = await turn.write(_keep_answer, turn.sender, int(briefing_id), Answer(choice))
    if answer is None:
        await turn.pop_up("briefing.too_late")
    else:
        await turn.show(answer)


def _keep_answer(conn: Connection, sender: Sender, briefing_id: int, choice: Answer) -> Say | None:
    """The briefing with the answer in it; None when it is too late to answer."""
    actor = actor_of(conn, sender)
    coming = briefing.find(conn, briefing_id)
    if actor is None or coming is None:
        return Say("common.not_enrolled")
    if not any(coming.unit_id in unit.path(conn, held.unit_id) for held in actor.memberships):
        return Say("briefing.not_invited")
    if coming.details.starts_at <= sender.now:
        return None
    briefing.answer(conn, briefing_id, actor.person_id, choice, sender.now)
    return _card(conn, coming, actor)


def handlers(desk: Desk) -> list[Handler]:
    answers = "|".join(Answer)
    return [
        CommandHandler("lich", desk.on(show_schedule), filters=PRIVATE),
        CallbackQueryHandler(desk.on(tap_answer), pattern=rf"^rsvp:\d+:({answers})$"),
    ]
