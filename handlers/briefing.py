"""The monthly online briefing: an officer announces it with /hoinghi, /lich shows what is coming,
and an invitation is answered by one tap.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler, ConversationHandler

from domain.briefing import (
    Answer,
    Briefing,
    BriefingDraft,
    BriefingProblem,
    Rung,
    plan,
    problems,
    read_start,
)
from domain.role import Action, Actor
from domain.workday import Calendar
from handlers import dialogue
from handlers.desk import Button, Context, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, bottom_row, button, rows
from storage import briefing, person, unit
from storage import draft as drafts
from storage.briefing import StoredBriefing
from storage.draft import Draft
from storage.reminder import Delivery
from wording.say import label

NAME = "briefing"

TITLE, START, PLACE, TOPIC, CONFIRM = STEPS = ("title", "start", "place", "topic", "confirm")
OPTIONAL = (PLACE, TOPIC)

_DATA = TypeAdapter(BriefingDraft)


def _pack(state: BriefingDraft) -> dict[str, object]:
    data: dict[str, object] = _DATA.dump_python(state, mode="json")
    return data


def _unpack(draft: Draft) -> BriefingDraft:
    return _DATA.validate_python(dict(draft.data))


# --- announcing ----------------------------------------------------------------------------------


async def start(turn: Turn) -> int:
    """/hoinghi: for officers; others learn where to look."""
    return await dialogue.open_dialogue(turn, NAME, _begin)


def _begin(conn: Connection, sender: Sender) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    if actor is None or actor.first(Action.ANNOUNCE_BRIEFING) is None:
        return Say("briefing.officers_only")
    return prompt(
        drafts.start(
            conn, sender.channel, sender.address, NAME, TITLE, _pack(BriefingDraft()), sender.now
        )
    )


def hear_answer(conn: Connection, sender: Sender, text: str) -> Say:
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is None or draft.dialogue != NAME:
        return Say("common.draft_gone")
    screening = dialogue.screened(text)
    if isinstance(screening, Say):
        return replace(prompt(draft), note=screening.key)
    state = _filled(draft, text, sender.now)
    wrong = [p for p in problems(state, sender.now) if p in _WRONG_AT.get(draft.step, ())]
    if wrong:
        return replace(prompt(draft), note=f"briefing.problem_{wrong[0]}")
    return _go_on(conn, sender, draft, _next(draft.step), state)


_WRONG_AT = {
    TITLE: (BriefingProblem.NO_TITLE, BriefingProblem.TOO_LONG),
    START: (BriefingProblem.NO_START, BriefingProblem.PAST, BriefingProblem.TOO_FAR),
    PLACE: (BriefingProblem.TOO_LONG, BriefingProblem.NOT_A_LINK),
    TOPIC: (BriefingProblem.TOO_LONG,),
}


def _filled(draft: Draft, text: str, now: datetime) -> BriefingDraft:
    """The draft with what was typed for its present question."""
    state = _unpack(draft)
    match draft.step:
        case "title":
            return replace(state, title=text)
        case "start":
            return replace(state, starts_at=read_start(text, now))
        case "place" if text.startswith(("http://", "https://")):
            return replace(state, link=text, place=None)
        case "place":
            return replace(state, place=text, link=None)
        case "topic":
            return replace(state, topic=text)
    return state


def _next(step: str) -> str:
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def _previous(step: str) -> str:
    return STEPS[max(STEPS.index(step) - 1, 0)]


def hear_tap(
    conn: Connection, sender: Sender, draft: Draft, action: Sequence[str], calendar: Calendar
) -> Say:
    state = _unpack(draft)
    match action:
        case ["back"]:
            return _go_on(conn, sender, draft, _previous(draft.step), state)
        case ["skip"]:
            return _go_on(conn, sender, draft, _next(draft.step), state)
        case ["ok"]:
            return _announce(conn, sender, draft, state, calendar)
    return prompt(draft)


def _go_on(conn: Connection, sender: Sender, draft: Draft, step: str, state: BriefingDraft) -> Say:
    return prompt(drafts.save(conn, draft, step, _pack(state), sender.now))


def _announce(
    conn: Connection, sender: Sender, draft: Draft, state: BriefingDraft, calendar: Calendar
) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    membership = actor.first(Action.ANNOUNCE_BRIEFING) if actor else None
    if actor is None or membership is None:
        return Say("briefing.officers_only")
    wrong = problems(state, sender.now)
    if wrong or state.title is None or state.starts_at is None:
        step = START if BriefingProblem.PAST in wrong else TITLE
        answer = _go_on(conn, sender, draft, step, state)
        return replace(answer, note=f"briefing.problem_{wrong[0]}")
    details = Briefing(state.title, state.starts_at, state.topic, state.place, state.link)
    rungs = plan(details.starts_at, sender.now, calendar)
    drafts.discard(conn, sender.channel, sender.address)
    briefing.announce(
        conn,
        membership.unit_id,
        actor.person_id,
        details,
        rungs,
        f"draft:{draft.id}",
        sender.now,
    )
    return Say("briefing.announced", {"b": details, "rungs": rungs})


def prompt(draft: Draft) -> Say:
    """The present question of a draft, with its buttons."""
    state = _unpack(draft)
    bottom = bottom_row(draft, back=draft.step != TITLE)
    if draft.step == CONFIRM:
        keyboard: Keyboard = ((button(draft, "briefing.button_announce", "ok"),), bottom)
        return Say("briefing.read_back", {"b": state}, keyboard, goes_on=True)
    skip = ((button(draft, "briefing.button_skip", "skip"),),) if draft.step in OPTIONAL else ()
    return Say(f"briefing.ask_{draft.step}", {}, (*skip, bottom), goes_on=True)


# --- answering -----------------------------------------------------------------------------------


async def show_schedule(turn: Turn) -> None:
    """/lich: one message per coming briefing, with the person's own answer."""
    for answer in await turn.read(_schedule, turn.sender):
        await turn.show(answer)


def _schedule(conn: Connection, sender: Sender) -> list[Say]:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    if actor is None:
        return [Say("common.not_enrolled")]
    coming: dict[int, StoredBriefing] = {}
    for membership in actor.memberships:
        path = unit.path(conn, membership.unit_id)
        coming |= {b.id: b for b in briefing.upcoming(conn, path, sender.now)}
    if not coming:
        return [Say("briefing.nothing_planned")]
    return [_card(conn, b, actor) for b in coming.values()]


def _card(conn: Connection, coming: StoredBriefing, actor: Actor) -> Say:
    values: dict[str, object] = {
        "b": coming.details,
        "answer": briefing.answer_of(conn, coming.id, actor.person_id),
        "answers": None,
    }
    if actor.may(Action.ANNOUNCE_BRIEFING, unit.path(conn, coming.unit_id)):
        values["answers"] = briefing.answers(conn, coming.id)
    return Say("briefing.card", values, answer_buttons(coming.id))


def answer_buttons(briefing_id: int) -> Keyboard:
    """Dự / Vắng / Cử người thay, under an invitation or the schedule."""
    buttons = [
        Button(label(f"briefing.button_{choice}"), f"rsvp:{briefing_id}:{choice}")
        for choice in Answer
    ]
    return rows(buttons, 3)


_ANSWERED_BY_BUTTON = (f"briefing.{Rung.INVITATION}", f"briefing.{Rung.CONFIRM}")


def reminder_message(conn: Connection, delivery: Delivery) -> Say:
    """What a rung of the reminder ladder says; invitations carry the answers as buttons."""
    coming = briefing.get(conn, delivery.briefing_id)
    asks = delivery.message in _ANSWERED_BY_BUTTON
    keyboard = answer_buttons(coming.id) if asks else ()
    return Say(delivery.message, {"b": coming.details}, keyboard)


async def tap_answer(turn: Turn) -> None:
    _, briefing_id, choice = turn.tap
    await turn.show(await turn.write(_keep_answer, turn.sender, int(briefing_id), Answer(choice)))


def _keep_answer(conn: Connection, sender: Sender, briefing_id: int, choice: Answer) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    coming = briefing.find(conn, briefing_id)
    if actor is None or coming is None:
        return Say("common.not_enrolled")
    if not any(coming.unit_id in unit.path(conn, m.unit_id) for m in actor.memberships):
        return Say("briefing.not_invited")
    if coming.details.starts_at <= sender.now:
        return Say("briefing.too_late", {"b": coming.details})
    briefing.answer(conn, briefing_id, actor.person_id, choice, sender.now)
    return _card(conn, coming, actor)


def conversation(desk: Desk) -> ConversationHandler[Context]:
    def tapped(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
        return hear_tap(conn, sender, draft, action, desk.calendar)

    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("hoinghi", desk.on(start), filters=PRIVATE)],
        hear_answer,
        tapped,
    )


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("lich", desk.on(show_schedule), filters=PRIVATE),
        CallbackQueryHandler(
            desk.on(tap_answer), pattern=r"^rsvp:\d+:(attending|absent|substitute)$"
        ),
    ]
