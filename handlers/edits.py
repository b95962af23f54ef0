"""An edited message: the correction of what came from it is offered, and never made by itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection
from telegram.ext import ConversationHandler, MessageHandler, filters

from domain.reading import Intent, Reading, read
from domain.tally import Figures
from domain.tally_form import from_figures
from handlers import dialogue
from handlers.desk import Desk, Rules, Say, Sender, Turn
from handlers.dialogue import Handler, actor_of
from handlers.tally_draft import DIALOGUE, NAME, TallyDraft, withdrawal_buttons
from handlers.tally_line import begin_reading, open_draft
from storage import draft as drafts
from storage import tally
from storage.draft import Draft
from storage.tally import StoredTally
from wording.format import VIETNAM

EDITED = (
    filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE & (filters.TEXT | filters.CAPTION)
)


async def hear_edit(turn: Turn) -> int:
    """The message is read again, for the day on which it was written."""
    if turn.stopped:
        return await dialogue.refuse_stopped(turn)
    line = turn.arguments if turn.text.startswith("/") else turn.text
    said_at = turn.message.date.astimezone(VIETNAM)
    reading = read(line, said_at)

    def edited(conn: Connection, sender: Sender) -> Say | Draft | None:
        return _on_edit(conn, sender, turn.desk.rules, reading, line, said_at)

    answer = await turn.write(edited, turn.sender)
    if isinstance(answer, Draft):
        return await dialogue.ask_again(turn, NAME)
    return ConversationHandler.END if answer is None else await dialogue.reply(turn, answer)


def _on_edit(
    conn: Connection, sender: Sender, rules: Rules, reading: Reading, line: str, said_at: datetime
) -> Say | Draft | None:
    """What to say; the draft whose question has to be answered first; None for small talk."""
    came_from_it = tally.of_message(conn, sender.origin)
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is not None and (came_from_it or not _opened_by(sender, draft)):
        return draft
    if came_from_it:
        return _offer(conn, sender, rules, came_from_it, reading, line, said_at)
    if draft is None and reading.intent not in (Intent.REPORT, Intent.NIL_REPORT):
        return None
    dialogue.close(conn, sender)
    return begin_reading(conn, sender, rules, line, reading)


def _opened_by(sender: Sender, draft: Draft) -> bool:
    """Whether this draft came from the message that is edited now."""
    return draft.dialogue == NAME and DIALOGUE.state(draft).origin == sender.origin


def _offer(
    conn: Connection,
    sender: Sender,
    rules: Rules,
    stored: Sequence[StoredTally],
    reading: Reading,
    line: str,
    said_at: datetime,
) -> Say:
    """The correction of the one entry that the edit changes, to be read back and confirmed."""
    actor = actor_of(conn, sender)
    if actor is None or any(entry.reporter_id != actor.person_id for entry in stored):
        return Say("tally.not_yours")
    standing = [entry for entry in stored if not entry.withdrawn]
    if not standing:
        return Say("edits.withdrawn")
    if reading.intent is Intent.RETRACT and len(standing) == 1:
        return Say("mine.ask_withdraw", {"entry": standing[0]}, withdrawal_buttons(standing[0]))
    if reading.intent is not Intent.REPORT or not reading.entries:
        return Say("edits.not_read")
    figures = [replace(entry.figures, unit_text=None) for entry in reading.entries]
    if len(figures) != len(standing):
        return Say("edits.several")
    changed = [(old, new) for old, new in zip(standing, figures, strict=True) if old.figures != new]
    if len(changed) != 1:
        return Say("edits.several" if changed else "edits.same")
    return _correct(conn, sender, rules, *changed[0], reading, line, said_at)


def _correct(
    conn: Connection,
    sender: Sender,
    rules: Rules,
    old: StoredTally,
    figures: Figures,
    reading: Reading,
    line: str,
    said_at: datetime,
) -> Say:
    form = from_figures(old.unit_id, figures, replaces=old.id)
    state = TallyDraft(form, old.unit_name)
    if reading.question is not None:
        state = state.asking(reading.question, line, said_at)
    return open_draft(conn, sender, rules, state)


def handlers(desk: Desk) -> list[Handler]:
    """They open the dialogue of a tally, and are heard in the middle of one."""
    return [MessageHandler(EDITED, desk.on(hear_edit))]
