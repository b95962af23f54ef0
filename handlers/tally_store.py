"""Storing what was reported: at once when the line leaves nothing open, with one tap to undo it;
else after the read-back, or, in a locked period, when an officer agrees.
"""

from dataclasses import replace

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler

from domain.oddity import OddFlag, OddReason
from domain.role import Actor
from domain.tally import Figures, problems
from domain.tally_form import Step
from handlers.desk import Desk, Rules, Say, Sender, Turn
from handlers.dialogue import Handler, actor_of
from handlers.requests import (
    asked,
    correct_or_ask,
    is_free,
    record_or_ask,
    withdraw_or_ask,
)
from handlers.tally_check import weigh
from handlers.tally_draft import TallyDraft, entry_button
from storage import evidence, habit, tally
from storage.change_request import ChangeRequest
from storage.draft import Draft
from storage.evidence import Photo
from storage.tally import StoredTally
from wording.say import label


def settled(conn: Connection, sender: Sender, rules: Rules, state: TallyDraft) -> TallyDraft:
    """The draft as it is asked about next: at the read-back, weighed beside what is stored."""
    if state.is_open or state.form.step() is not Step.CONFIRM:
        return replace(state, weighed=None)
    actor = actor_of(conn, sender)
    if actor is None:
        return state
    form = state.form
    figures = form.figures()
    weighed = weigh(conn, sender, rules, actor, form.unit_id, figures, form.replaces)
    if form.replaces is not None:
        # An entry that leaves a locked period is asked for as well.
        left = tally.get(conn, form.replaces).figures
        free = is_free(conn, sender, actor, form.unit_id, rules.deadlines, left, figures)
        weighed = replace(weighed, locked=not free)
    return replace(state, weighed=weighed)


# --- at once, and taken back ---------------------------------------------------------------------


def store_at_once(
    conn: Connection, sender: Sender, rules: Rules, actor: Actor, unit_id: int, figures: Figures
) -> Say | None:
    """Store figures that are plausible and not odd (reference §8, dialogue rule 2); None for others,
    which are read back. The same message again changes nothing.
    """
    if problems(figures, sender.today):
        return None
    if not weigh(conn, sender, rules, actor, unit_id, figures).is_plain:
        return None
    entry = tally.record(
        conn,
        unit_id,
        actor.person_id,
        figures,
        sender.origin,
        sender.now,
        cutoff=rules.deadlines.cutoff,
    )
    buttons = (
        entry_button(entry, label("mine.button_correct"), "fix"),
        entry_button(entry, label("tally.button_undo"), "undo"),
    )
    answer = Say("tally.stored_at_once", {"entry": entry}, (buttons,))
    return with_photo(conn, sender, entry, sender.photo, answer)


def with_photo(
    conn: Connection, sender: Sender, entry: StoredTally, photo: Photo | None, answer: Say
) -> Say:
    """The answer to a stored entry; the photo that came with it is attached."""
    if photo is None or entry.reporter_id is None:
        return answer
    evidence.attach(conn, entry.id, entry.reporter_id, photo, sender.now)
    return replace(answer, after="evidence.attached")


async def tap_undo(turn: Turn) -> None:
    """A tap on Hoàn tác: take back what a line has stored, as long as it still stands so."""
    _, tally_id, version, _ = turn.tap
    rules = turn.desk.rules
    answer = await turn.write(_undo, turn.sender, rules, int(tally_id), int(version))
    await turn.show_or_tell_old(answer)


def _undo(
    conn: Connection, sender: Sender, rules: Rules, tally_id: int, version: int
) -> Say | None:
    actor, entry = actor_of(conn, sender), tally.find(conn, tally_id)
    if actor is None or entry is None or entry.reporter_id != actor.person_id:
        return Say("tally.not_yours")
    if entry.withdrawn or entry.version != version:
        return None
    outcome = withdraw_or_ask(conn, sender, actor, entry, rules.deadlines)
    if isinstance(outcome, ChangeRequest):
        return asked(conn, outcome)
    return Say("tally.undone", {"entry": entry})


# --- after the read-back -------------------------------------------------------------------------


def store_draft(
    conn: Connection,
    sender: Sender,
    rules: Rules,
    actor: Actor,
    draft: Draft,
    state: TallyDraft,
    reason: OddReason | None,
) -> StoredTally | ChangeRequest | None:
    """What was read back, stored or asked for; None when the entry to correct is gone meanwhile."""
    form, figures, flag = state.form, state.form.figures(), _flag(state, reason)
    if form.replaces is None:
        message = state.origin or f"draft:{draft.id}"
        origin = f"{message}:{len(state.rest)}" if state.rest else message
        return record_or_ask(
            conn, sender, actor, form.unit_id, figures, origin, rules.deadlines, flag
        )
    old = tally.get(conn, form.replaces)
    if old.withdrawn:
        return None
    return correct_or_ask(conn, sender, actor, old, figures, rules.deadlines, flag)


def withdraw_parts(conn: Connection, sender: Sender, actor: Actor, state: TallyDraft) -> None:
    """A total takes the place of the sender's own entries for its days."""
    figures = state.form.figures()
    for tally_id in habit.parts(conn, state.form.unit_id, actor.person_id, figures):
        tally.withdraw(conn, tally_id, actor.person_id, sender.now)


def _flag(state: TallyDraft, reason: OddReason | None) -> OddFlag | None:
    """What was odd and confirmed all the same: the officer sees it."""
    if state.weighed is None or not state.weighed.odd:
        return None
    return OddFlag(tuple(oddity.code for oddity in state.weighed.odd), reason)


def handlers(desk: Desk) -> list[Handler]:
    return [CallbackQueryHandler(desk.on(tap_undo), pattern=r"^entry:\d+:\d+:undo$")]
