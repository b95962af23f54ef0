"""/duluan: a short note on what people are saying, without any name.

The text passes the privacy screen before anything of it is stored; what is stopped leaves no
trace but a kind refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CommandHandler, ConversationHandler

from domain.opinion import Category, Suggestion, Urgency, at_least, problems, suggest
from domain.privacy import Verdict
from domain.role import Action
from handlers import dialogue
from handlers.desk import Button, Context, Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, bottom_row, button, rows
from storage import draft as drafts
from storage import opinion, person
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


_DATA = TypeAdapter(NoteDraft)


def _pack(state: NoteDraft) -> dict[str, object]:
    data: dict[str, object] = _DATA.dump_python(state, mode="json")
    return data


def _unpack(draft: Draft) -> NoteDraft:
    return _DATA.validate_python(dict(draft.data))


async def start(turn: Turn) -> int:
    """/duluan, alone or with the note behind it."""
    text = turn.arguments

    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin(conn, sender, text)

    return await dialogue.open_dialogue(turn, NAME, opening)


def _begin(conn: Connection, sender: Sender, text: str) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    if actor is None:
        return Say("common.not_enrolled")
    membership = actor.first(Action.SEND_NOTE)
    if membership is None:
        return Say("common.no_reporting_role")
    state = NoteDraft(membership.unit_id, membership.unit_name)
    draft = drafts.start(
        conn, sender.channel, sender.address, NAME, ASK_TEXT, _pack(state), sender.now
    )
    return hear_answer(conn, sender, text) if text else prompt(draft)


def hear_answer(conn: Connection, sender: Sender, text: str) -> Say:
    """The note itself; typed again, it takes the place of the one before."""
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is None or draft.dialogue != NAME:
        return Say("common.draft_gone")
    screening = dialogue.screened(text)
    if isinstance(screening, Say):
        return replace(prompt(draft), note=screening.key, values=screening.values)
    note = screening.text or ""
    wrong = problems(note)
    if wrong:
        return replace(prompt(draft), note=f"opinion.problem_{wrong[0]}")
    masked = screening.verdict is Verdict.MASK
    state = replace(_unpack(draft), text=note, masked=masked, fields=suggest(note))
    return _go_on(conn, sender, draft, CONFIRM, state)


def hear_tap(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
    state = _unpack(draft)
    match action, state.fields:
        case [("back" | "rewrite"), *_], _:
            step = ASK_TEXT if action[0] == "rewrite" else CONFIRM
            return _go_on(conn, sender, draft, step, state)
        case ["ask", ("category" | "urgency") as step], _:
            return _go_on(conn, sender, draft, step, state)
        case ["category", name], Suggestion() as fields:
            chosen = replace(fields, category=Category(name))
            return _go_on(conn, sender, draft, CONFIRM, replace(state, fields=chosen))
        case ["urgency", name], Suggestion() as fields:
            # A suggestion may raise the urgency, never lower it.
            urgency = at_least(Urgency(name), suggest(state.text or "").urgency)
            chosen = replace(fields, urgency=urgency)
            return _go_on(conn, sender, draft, CONFIRM, replace(state, fields=chosen))
        case ["ok"], Suggestion() as fields:
            return _finish(conn, sender, draft, state, fields)
    return prompt(draft)


def _go_on(conn: Connection, sender: Sender, draft: Draft, step: str, state: NoteDraft) -> Say:
    return prompt(drafts.save(conn, draft, step, _pack(state), sender.now))


def _finish(
    conn: Connection, sender: Sender, draft: Draft, state: NoteDraft, fields: Suggestion
) -> Say:
    drafts.discard(conn, sender.channel, sender.address)
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    if actor is None or state.text is None:
        return Say("common.not_enrolled")
    note_id = opinion.record(
        conn,
        state.unit_id,
        actor.person_id,
        state.text,
        fields,
        f"draft:{draft.id}",
        sender.now,
    )
    return Say("opinion.stored", {"number": note_id, "urgency": fields.urgency})


def prompt(draft: Draft) -> Say:
    """The present question of a draft, with its buttons."""
    state = _unpack(draft)
    if draft.step == ASK_CATEGORY:
        fields = [button(draft, f"category.{c}", "category", c) for c in Category]
        return _ask("opinion.ask_category", draft, fields)
    if draft.step == ASK_URGENCY:
        levels = [button(draft, f"urgency.{u}", "urgency", u) for u in Urgency]
        return _ask("opinion.ask_urgency", draft, levels)
    if draft.step == CONFIRM and state.fields is not None:
        return _read_back(draft, state)
    keyboard = (bottom_row(draft, back=state.fields is not None),)
    return Say("opinion.ask_text", {}, keyboard, goes_on=True)


def _ask(key: str, draft: Draft, buttons: Sequence[Button]) -> Say:
    return Say(key, {}, (*rows(buttons, 2), bottom_row(draft, back=True)), goes_on=True)


def _read_back(draft: Draft, state: NoteDraft) -> Say:
    keyboard = (
        (
            button(draft, "opinion.button_send", "ok"),
            button(draft, "opinion.button_rewrite", "rewrite"),
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
    return Say("opinion.read_back", values, keyboard, goes_on=True)


def handlers(desk: Desk) -> ConversationHandler[Context]:
    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("duluan", desk.on(start), filters=PRIVATE)],
        hear_answer,
        hear_tap,
    )
