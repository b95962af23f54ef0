"""/lienket: a person brings their second account, and says where reminders are to go."""

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from handlers.desk import Button, Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of
from storage import link
from storage.link import Linked
from wording.say import label


async def start(turn: Turn) -> None:
    """Alone: a code to be typed on the other messenger. With the code (kept as its hash): link."""
    if turn.arguments:
        await turn.show(await turn.write(_use, turn.sender, turn.arguments))
    else:
        await turn.show(await turn.write(_offer, turn.sender))


def _offer(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    return Say("link.code", {"code": link.create(conn, actor.person_id, sender.now)})


def _use(conn: Connection, sender: Sender, code_hash: str) -> Say:
    outcome = link.use(conn, code_hash, sender.channel, sender.address, sender.now)
    if outcome is not Linked.DONE:
        return Say(f"link.refused_{outcome}")
    here = Button(label("link.button_here"), "remind:here")
    return Say("link.done", {}, ((here,),))


async def prefer_here(turn: Turn) -> None:
    """A tap on "remind me here"."""
    await turn.show(await turn.write(_prefer, turn.sender))


def _prefer(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    link.prefer(conn, actor.person_id, sender.channel)
    return Say("link.reminded_here")


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("lienket", desk.on(start), filters=PRIVATE),
        CallbackQueryHandler(desk.on(prefer_here), pattern=r"^remind:here$"),
    ]
