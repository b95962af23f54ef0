"""/hoinghi: an officer announces the monthly online briefing; its reminders are planned with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CommandHandler, ConversationHandler

from domain.briefing import Briefing, BriefingDraft, BriefingProblem, plan, problems, read_start
from domain.role import Action
from domain.workday import Calendar
from handlers import dialogue
from handlers.desk import Context, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Dialogue, actor_of, bottom_row, button
from storage import briefing
from storage.draft import Draft

NAME = "briefing"

TITLE, START, PLACE, TOPIC, CONFIRM = STEPS = ("title", "start", "place", "topic", "confirm")
OPTIONAL = (PLACE, TOPIC)

# At which question each problem is mended.
_WRONG_AT = {
    TITLE: (BriefingProblem.NO_TITLE, BriefingProblem.TOO_LONG),
    START: (BriefingProblem.NO_START, BriefingProblem.PAST, BriefingProblem.TOO_FAR),
    PLACE: (BriefingProblem.TOO_LONG, BriefingProblem.NOT_A_LINK),
    TOPIC: (BriefingProblem.TOO_LONG,),
}


async def start(turn: Turn) -> int:
    """/hoinghi: for officers; others learn where to look."""
    return await dialogue.open_dialogue(turn, NAME, _begin)


def _begin(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    if actor is None or actor.first(Action.ANNOUNCE_BRIEFING) is None:
        return Say("briefing.officers_only")
    return DIALOGUE.open(conn, sender, TITLE, BriefingDraft())


# --- answering -----------------------------------------------------------------------------------


def hear_answer(conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    state = _filled(DIALOGUE.state(draft), draft.step, text, sender.now)
    wrong = [p for p in problems(state, sender.now) if p in _WRONG_AT.get(draft.step, ())]
    if wrong:
        return DIALOGUE.again(draft, f"briefing.problem_{wrong[0]}")
    return DIALOGUE.go_on(conn, sender, draft, _step(draft.step, +1), state)


def _filled(state: BriefingDraft, step: str, text: str, now: datetime) -> BriefingDraft:
    """The draft with what was typed for the present question."""
    match step:
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


def _step(step: str, by: int) -> str:
    return STEPS[max(0, min(STEPS.index(step) + by, len(STEPS) - 1))]


def hear_tap(
    conn: Connection, sender: Sender, draft: Draft, action: Sequence[str], calendar: Calendar
) -> Say:
    state = DIALOGUE.state(draft)
    match action:
        case ["back"]:
            return DIALOGUE.go_on(conn, sender, draft, _step(draft.step, -1), state)
        case ["skip"] if draft.step in OPTIONAL:
            return DIALOGUE.go_on(conn, sender, draft, _step(draft.step, +1), state)
        case ["ok"] if draft.step == CONFIRM:
            return _announce(conn, sender, draft, state, calendar)
    return DIALOGUE.prompt(draft)


def _announce(
    conn: Connection, sender: Sender, draft: Draft, state: BriefingDraft, calendar: Calendar
) -> Say:
    """Store the briefing with its whole ladder, in one transaction with the end of the draft."""
    actor = actor_of(conn, sender)
    held = actor.first(Action.ANNOUNCE_BRIEFING) if actor else None
    if actor is None or held is None:
        dialogue.close(conn, sender)
        return Say("briefing.officers_only")
    wrong = problems(state, sender.now)
    if wrong or state.title is None or state.starts_at is None:
        # The only thing that changes by itself: the start has passed meanwhile.
        question = DIALOGUE.go_on(conn, sender, draft, START, state)
        return replace(question, note=f"briefing.problem_{BriefingProblem.PAST}")
    dialogue.close(conn, sender)
    details = Briefing(state.title, state.starts_at, state.topic, state.place, state.link)
    rungs = plan(details.starts_at, sender.now, calendar)
    briefing.announce(
        conn, held.unit_id, actor.person_id, details, rungs, f"draft:{draft.id}", sender.now
    )
    return Say("briefing.announced", {"b": details, "rungs": rungs})


# --- asking --------------------------------------------------------------------------------------


def ask(draft: Draft, state: BriefingDraft) -> Say:
    """The present question."""
    bottom = bottom_row(draft, back=draft.step != TITLE)
    if draft.step == CONFIRM:
        announce = button(draft, "briefing.button_announce", "ok")
        return Say("briefing.read_back", {"b": state}, ((announce,), bottom))
    skip: Keyboard = ()
    if draft.step in OPTIONAL:
        skip = ((button(draft, "briefing.button_skip", "skip"),),)
    return Say(f"briefing.ask_{draft.step}", {}, (*skip, bottom))


DIALOGUE = Dialogue(NAME, TypeAdapter(BriefingDraft), ask)


def handlers(desk: Desk) -> ConversationHandler[Context]:
    def tapped(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
        return hear_tap(conn, sender, draft, action, desk.calendar)

    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("hoinghi", desk.on(start), filters=PRIVATE)],
        hear_answer,
        tapped,
    )
