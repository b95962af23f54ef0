"""/cuatoi: what I have reported, period by period, with the way to correct or withdraw it, and
what became of each entry.
"""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.deadline import DeadlineRules
from domain.period import Period
from domain.role import Action, Actor
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of, rows
from handlers.pages import page_buttons, period_buttons
from handlers.requests import asked, is_free, withdraw_or_ask
from handlers.tally_draft import entry_button, entry_buttons, withdrawal_buttons
from storage import change_request, evidence, oddity, person, tally
from storage.change_request import ChangeRequest
from storage.tally import StoredTally, TallyVersion
from wording.say import label

SHOWN = 10


# --- the list --------------------------------------------------------------------------------------


async def show_mine(turn: Turn) -> None:
    """The newest period with entries of mine."""
    await turn.show(await turn.read(_mine, turn.sender))


async def tap_period(turn: Turn) -> None:
    """Another period, or the next page of one."""
    _, code, page = turn.tap
    await turn.show(await turn.read(_mine, turn.sender, Period.from_code(code), int(page)))


def _mine(conn: Connection, sender: Sender, wanted: Period | None = None, page: int = 0) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    periods = tally.periods_of(conn, actor.person_id)
    if not periods:
        return Say("mine.nothing")
    period = wanted if wanted in periods else periods[0]
    first = page * SHOWN
    entries = tally.in_period(conn, actor.person_id, period, SHOWN + 1, first)
    numbered = list(enumerate(entries[:SHOWN], start=first + 1))
    buttons = [
        entry_button(entry, label("mine.button_entry", number=n), "show") for n, entry in numbered
    ]
    pages = page_buttons(partial(_list_data, period), page, more=len(entries) > SHOWN)
    keyboard = (*rows(buttons, 5), *pages, *_period_buttons(periods, period))
    return Say("mine.list", {"entries": numbered, "period": period}, keyboard)


def _period_buttons(periods: list[Period], period: Period) -> Keyboard:
    """The periods beside this one, of those that have entries; `periods` are newest first."""
    place = periods.index(period)
    older = next(iter(periods[place + 1 :]), None)
    newer = periods[place - 1] if place else None
    return period_buttons(lambda other: _list_data(other, 0), older, newer)


def _list_data(period: Period, page: int) -> str:
    return f"mine:{period.code}:{page}"


# --- one entry -------------------------------------------------------------------------------------


async def tap_entry(turn: Turn) -> None:
    """A tap on one entry: show it or its history, ask before withdrawing it, withdraw or keep it."""
    rules = turn.desk.rules.deadlines
    await turn.show_or_tell_old(await turn.write(_on_entry, turn.sender, turn.tap, rules))


def _on_entry(conn: Connection, sender: Sender, tap: list[str], rules: DeadlineRules) -> Say | None:
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
            return _withdrawn(conn, sender, actor, entry, rules)
        case "history":
            return _history(conn, sender, actor, entry)
    return _card(conn, sender, actor, entry, rules)


def _withdrawn(
    conn: Connection, sender: Sender, actor: Actor, entry: StoredTally, rules: DeadlineRules
) -> Say:
    outcome = withdraw_or_ask(conn, sender, actor, entry, rules)
    if isinstance(outcome, ChangeRequest):
        return asked(conn, outcome)
    return Say("mine.withdrawn", {"entry": entry})


def _card(
    conn: Connection, sender: Sender, actor: Actor, entry: StoredTally, rules: DeadlineRules
) -> Say:
    photos = evidence.count(conn, entry.id)
    values = {
        "entry": entry,
        "photos": photos,
        "request": change_request.open_about(conn, entry.id),
        "free": is_free(conn, sender, actor, entry.unit_id, rules, entry.figures),
        "odd": oddity.flag_of(conn, entry.id),
    }
    keyboard = (*entry_buttons(entry), _beside(entry, photos))
    return Say("mine.entry", values, keyboard, after="evidence.count" if photos else None)


def _beside(entry: StoredTally, photos: int) -> tuple[Button, ...]:
    """The way to what goes with the entry, to what it was before, and back to the list."""
    shown = [entry_button(entry, label("evidence.button_show"), "photos")] if photos else []
    before = [entry_button(entry, label("mine.button_history"), "history")]
    back = Button(label("mine.button_list"), _list_data(entry.bucket, 0))
    return (*shown, *(before if entry.version > 1 else []), back)


def _history(conn: Connection, sender: Sender, actor: Actor, entry: StoredTally) -> Say:
    """Every version with what it changed, when, and in which role; never somebody else's name."""
    versions = tally.history(conn, entry.id)
    authors = person.in_charge(conn, entry.unit_id, Action.DECIDE_CHANGE, sender.today)
    who = _who(actor.person_id, authors)
    steps = [(v, old, who(v)) for v, old in zip(versions, [None, *versions], strict=False)]
    keyboard = ((entry_button(entry, label("mine.button_back_to_entry"), "show"),),)
    return Say("mine.history", {"entry": entry, "steps": steps}, keyboard)


def _who(reader_id: int, officers: list[int]) -> Callable[[TallyVersion], str]:
    def who(version: TallyVersion) -> str:
        if version.author_id == reader_id:
            return "self"
        return "officer" if version.author_id in officers else "unit"

    return who


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("cuatoi", desk.on(show_mine), filters=PRIVATE),
        CallbackQueryHandler(desk.on(tap_period), pattern=r"^mine:[0-9A-Z.-]+:\d+$"),
        CallbackQueryHandler(
            desk.on(tap_entry), pattern=r"^entry:\d+:\d+:(show|history|ask|withdraw|keep)$"
        ),
    ]
