"""/cuatoi: what I have reported, with the way to correct or withdraw it."""

from datetime import date, timedelta

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from handlers.desk import Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of, rows
from handlers.tally_draft import entry_button, entry_buttons, withdrawal_buttons
from storage import tally
from storage.tally import StoredTally
from wording.say import label

SHOWN = 10


async def show_mine(turn: Turn) -> None:
    await turn.show(await turn.read(_mine, turn.sender))


def _mine(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    since = _first_of_last_month(sender.today)
    entries = tally.of_reporter(conn, actor.person_id, since, SHOWN)
    if not entries:
        return Say("mine.nothing")
    numbered = list(enumerate(entries, start=1))
    buttons = [
        entry_button(entry, label("mine.button_entry", number=n), "show") for n, entry in numbered
    ]
    return Say("mine.list", {"entries": numbered, "since": since}, rows(buttons, 5))


def _first_of_last_month(today: date) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


async def tap_entry(turn: Turn) -> None:
    """A tap on one entry: show it, ask before withdrawing it, withdraw it, or leave it."""
    answer = await turn.write(_on_entry, turn.sender, turn.tap)
    if answer is None:
        await turn.pop_up("common.old_button")
    else:
        await turn.show(answer)


def _on_entry(conn: Connection, sender: Sender, tap: list[str]) -> Say | None:
    _, tally_id, version, action = tap
    actor = actor_of(conn, sender)
    entry = tally.find(conn, int(tally_id))
    if actor is None or entry is None or entry.reporter_id != actor.person_id:
        return Say("tally.not_yours")
    if entry.withdrawn or str(entry.version) != version:
        return None
    match action:
        case "ask":
            return Say("mine.ask_withdraw", {"entry": entry}, withdrawal_buttons(entry))
        case "withdraw":
            tally.withdraw(conn, entry.id, actor.person_id, sender.now)
            return Say("mine.withdrawn", {"entry": entry})
    return _card(entry)


def _card(entry: StoredTally) -> Say:
    return Say("mine.entry", {"entry": entry}, entry_buttons(entry))


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("cuatoi", desk.on(show_mine), filters=PRIVATE),
        CallbackQueryHandler(
            desk.on(tap_entry), pattern=r"^entry:\d+:\d+:(show|ask|withdraw|keep)$"
        ),
    ]
