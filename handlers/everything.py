"""All handlers in the order in which they are asked, and the prompts of all dialogues."""

from collections.abc import Callable, Mapping

from telegram.ext import CommandHandler

from handlers import briefing, chats, enrolment, help, invite, mine, opinion, summary, tally
from handlers.desk import Desk, Say
from handlers.dialogue import PRIVATE, Handler, cancel
from storage.draft import Draft

PROMPTS: Mapping[str, Callable[[Draft], Say]] = {
    enrolment.NAME: enrolment.prompt,
    tally.NAME: tally.prompt,
    opinion.NAME: opinion.prompt,
    briefing.NAME: briefing.prompt,
    invite.NAME: invite.prompt,
}


def all_handlers(desk: Desk) -> list[Handler]:
    return [
        enrolment.handlers(desk),
        opinion.handlers(desk),
        briefing.conversation(desk),
        invite.handlers(desk),
        # A free text opens a tally, so this dialogue comes after the others.
        tally.handlers(desk),
        *mine.handlers(desk),
        *briefing.handlers(desk),
        *summary.handlers(desk),
        *chats.handlers(desk),
        *help.handlers(desk),
        CommandHandler("huy", desk.on(cancel), filters=PRIVATE),
        *help.last_handlers(desk),
    ]
