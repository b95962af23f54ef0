"""All handlers in the order in which they are asked, and the prompts of all dialogues."""

from collections.abc import Callable, Mapping

from telegram.ext import CommandHandler

from domain.ladder import LadderRules
from handlers import (
    approval,
    briefing,
    chats,
    edits,
    enrolment,
    evidence,
    exception,
    excusing,
    heat_map,
    help,
    invite,
    leave,
    link,
    locking,
    mine,
    missing,
    nudge,
    odd_entries,
    opinion,
    people,
    requests,
    rest,
    roles,
    round,
    schedule,
    summary,
    tally,
    tally_draft,
    tally_store,
)
from handlers.desk import Desk, Say
from handlers.dialogue import PRIVATE, Handler, cancel
from storage.draft import Draft

PROMPTS: Mapping[str, Callable[[Draft], Say]] = {
    enrolment.NAME: enrolment.DIALOGUE.prompt,
    tally_draft.NAME: tally_draft.DIALOGUE.prompt,
    opinion.NAME: opinion.DIALOGUE.prompt,
    briefing.NAME: briefing.DIALOGUE.prompt,
    invite.NAME: invite.DIALOGUE.prompt,
    leave.NAME: leave.DIALOGUE.prompt,
    roles.NAME: roles.DIALOGUE.prompt,
}


def all_handlers(desk: Desk, ladder: LadderRules) -> list[Handler]:
    return [
        enrolment.handlers(desk),
        opinion.handlers(desk),
        briefing.handlers(desk),
        invite.handlers(desk),
        roles.conversation(desk),
        *leave.handlers(desk),
        *rest.handlers(desk),
        # A free text opens a tally, so this dialogue comes after the others.
        tally.handlers(desk),
        *tally_store.handlers(desk),
        # In the middle of a tally an edit comes here: the dialogue itself hears new messages only.
        *edits.handlers(desk),
        *mine.handlers(desk),
        *evidence.handlers(desk),
        *requests.handlers(desk),
        *odd_entries.handlers(desk),
        *locking.handlers(desk),
        *excusing.handlers(desk),
        *exception.handlers(desk),
        *missing.handlers(desk),
        *heat_map.handlers(desk),
        *nudge.handlers(desk, ladder),
        *round.handlers(desk, ladder),
        *schedule.handlers(desk),
        *link.handlers(desk),
        *summary.handlers(desk),
        *chats.handlers(desk),
        *approval.handlers(desk),
        *people.handlers(desk),
        *roles.handlers(desk),
        *help.handlers(desk),
        CommandHandler("huy", desk.on(cancel), filters=PRIVATE),
        *help.last_handlers(desk),
    ]
