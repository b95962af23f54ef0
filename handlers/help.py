"""/trogiup and /quyenrieng, and a kind sentence for whatever nobody else answers."""

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from handlers.commands import commands_for
from handlers.desk import Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of
from storage import person


async def welcome(turn: Turn) -> None:
    """/start without an invitation: the commands for those who are known, the way in for others."""
    actor = await turn.read(actor_of, turn.sender)
    if actor is None:
        await turn.say("help.how_to_join", department=turn.desk.department_name)
    else:
        await turn.say("help.commands", commands=commands_for(actor), actor=actor)


async def show_help(turn: Turn) -> None:
    """/trogiup: the same, whenever it is asked for; in a group, what can be asked there."""
    if turn.is_private:
        await welcome(turn)
    else:
        await turn.say("help.in_group")


async def show_rights(turn: Turn) -> None:
    """/quyenrieng: what is kept about the person, and how to see, correct or erase it."""
    await turn.show(
        await turn.read(_rights, turn.sender, turn.desk.department_name, turn.desk.privacy_contact)
    )


def _rights(conn: Connection, sender: Sender, department: str, contact: str) -> Say:
    actor = actor_of(conn, sender)
    consent = person.consent(conn, actor.person_id) if actor else None
    values = {"actor": actor, "consent": consent, "department": department, "contact": contact}
    return Say("help.rights", values)


async def unknown_command(turn: Turn) -> None:
    await turn.say("help.unknown_command")


async def not_text(turn: Turn) -> None:
    """A picture, a voice message, a sticker, a file: nothing is downloaded or kept."""
    await turn.say("help.not_text")


async def edited(turn: Turn) -> None:
    """An edit of a sent message changes nothing that is stored; silence would look as if it did."""
    await turn.say("help.edited")


async def old_button(turn: Turn) -> None:
    """A button that no dialogue knows any more."""
    await turn.pop_up("common.old_button")


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("trogiup", desk.on(show_help), filters=filters.UpdateType.MESSAGE),
        CommandHandler("quyenrieng", desk.on(show_rights), filters=PRIVATE),
    ]


def last_handlers(desk: Desk) -> list[Handler]:
    """What is left when no other handler takes an update; these come after all others."""
    return [
        MessageHandler(PRIVATE & filters.COMMAND, desk.on(unknown_command)),
        MessageHandler(PRIVATE & ~filters.TEXT & ~filters.StatusUpdate.ALL, desk.on(not_text)),
        MessageHandler(
            filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE, desk.on(edited)
        ),
        CallbackQueryHandler(desk.on(old_button)),
    ]
