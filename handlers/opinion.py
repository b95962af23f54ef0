"""/duluan: a short note on what people are saying, without any name.

The text has passed the privacy screen before it came here; what is stopped leaves no trace but a
kind refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CommandHandler, ConversationHandler

from domain.opinion import Category, Suggestion, Urgency, at_least, problems, suggest
from domain.privacy import MASKS
from domain.role import Action
from handlers import dialogue
from handlers.desk import Button, Context, Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Dialogue, actor_of, bottom_row, button, rows
from storage import opinion
from storage.draft import Draft

NAME = "opinion"

ASK_TEXT = "text"
CONFIRM = "confirm"
ASK_CATEGORY = "category"
ASK_URGENCY = "urgency"


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """`text` is the screened text; `masked` tells that something in it was covered."""

    unit_id: int
    unit_name: str
    text: str | None = None
    masked: bool = False
    fields: Suggestion | None = None


# --- opening -------------------------------------------------------------------------------------


async def start(turn: Turn) -> int:
    """/duluan, alone or with the note behind it."""
    text = turn.arguments

    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin(conn, sender, text)

    return await dialogue.open_dialogue(turn, NAME, opening)


def _begin(conn: Connection, sender: Sender, text: str) -> Say:
    actor = actor_of(conn, sender)
    own = actor.first(Action.SEND_NOTE) if actor else None
    if own is None:
        return Say("common.not_enrolled" if actor is None else "common.no_reporting_role")
    empty = NoteDraft(own.unit_id, own.unit_name)
    if not text:
        return DIALOGUE.open(conn, sender, ASK_TEXT, empty)
    wrong = problems(text)
    if wrong:
        question = DIALOGUE.open(conn, sender, ASK_TEXT, empty)
        return replace(question, note=f"opinion.problem_{wrong[0]}")
    return DIALOGUE.open(conn, sender, CONFIRM, _with_text(empty, text))


# --- answering -----------------------------------------------------------------------------------


def hear_answer(conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """The note itself; typed again, it takes the place of the one before."""
    wrong = problems(text)
    if wrong:
        return DIALOGUE.again(draft, f"opinion.problem_{wrong[0]}")
    note = _with_text(DIALOGUE.state(draft), text)
    return DIALOGUE.go_on(conn, sender, draft, CONFIRM, note)


def _with_text(state: NoteDraft, text: str) -> NoteDraft:
    masked = any(mask in text for mask in MASKS.values())
    return replace(state, text=text, masked=masked, fields=suggest(text))


def hear_tap(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
    state = DIALOGUE.state(draft)
    fields = state.fields
    match action:
        case ["ask", step] if step in (ASK_TEXT, ASK_CATEGORY, ASK_URGENCY):
            return DIALOGUE.go_on(conn, sender, draft, step, state)
        case ["back"] if fields is not None:
            return DIALOGUE.go_on(conn, sender, draft, CONFIRM, state)
        case ["category", name] if fields is not None:
            chosen = replace(fields, category=Category(name))
            return DIALOGUE.go_on(conn, sender, draft, CONFIRM, replace(state, fields=chosen))
        case ["urgency", name] if fields is not None and state.text is not None:
            # A suggestion may raise the urgency, never lower it.
            urgency = at_least(Urgency(name), suggest(state.text).urgency)
            chosen = replace(fields, urgency=urgency)
            return DIALOGUE.go_on(conn, sender, draft, CONFIRM, replace(state, fields=chosen))
        case ["ok"] if fields is not None and state.text is not None:
            return _store(conn, sender, draft, state, state.text, fields)
    return DIALOGUE.prompt(draft)


def _store(
    conn: Connection, sender: Sender, draft: Draft, state: NoteDraft, text: str, fields: Suggestion
) -> Say:
    dialogue.close(conn, sender)
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    number = opinion.record(
        conn, state.unit_id, actor.person_id, text, fields, f"draft:{draft.id}", sender.now
    )
    return Say("opinion.stored", {"number": number, "urgency": fields.urgency})


# --- asking --------------------------------------------------------------------------------------


def ask(draft: Draft, state: NoteDraft) -> Say:
    """The present question."""
    match draft.step:
        case "category":
            categories = [button(draft, f"category.{c}", "category", c) for c in Category]
            return _ask("opinion.ask_category", draft, categories)
        case "urgency":
            urgencies = [button(draft, f"urgency.{u}", "urgency", u) for u in Urgency]
            return _ask("opinion.ask_urgency", draft, urgencies)
        case "confirm":
            return _read_back(draft, state)
    return Say("opinion.ask_text", {}, (bottom_row(draft, back=state.fields is not None),))


DIALOGUE = Dialogue(NAME, TypeAdapter(NoteDraft), ask)


def _ask(key: str, draft: Draft, buttons: Sequence[Button]) -> Say:
    return Say(key, {}, (*rows(buttons, 2), bottom_row(draft, back=True)))


def _read_back(draft: Draft, state: NoteDraft) -> Say:
    keyboard = (
        (
            button(draft, "opinion.button_send", "ok"),
            button(draft, "opinion.button_rewrite", "ask", ASK_TEXT),
        ),
        (
            button(draft, "opinion.button_category", "ask", ASK_CATEGORY),
            button(draft, "opinion.button_urgency", "ask", ASK_URGENCY),
        ),
        bottom_row(draft, back=False),
    )
    values = {
        "text": state.text,
        "masked": state.masked,
        "fields": state.fields,
        "unit": state.unit_name,
    }
    return Say("opinion.read_back", values, keyboard)


def handlers(desk: Desk) -> ConversationHandler[Context]:
    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("duluan", desk.on(start), filters=PRIVATE)],
        hear_answer,
        hear_tap,
    )
