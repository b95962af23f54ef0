"""Being away: "vắng đến ngày 30/11" or /vang, with somebody who stands in; and being back.

A lead says it for somebody from their card (handlers/people.py). Why is not asked and not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import (
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
)

from domain.leave import Days, LeaveProblem, read_days, read_leave, says_away, says_back
from handlers import dialogue
from handlers.desk import Button, Context, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import (
    PRIVATE,
    Dialogue,
    Handler,
    Saying,
    actor_of,
    bottom_row,
    button,
    rows,
)
from handlers.people import manages
from handlers.tell import tell
from storage import leave, people
from storage.draft import Draft
from storage.leave import Leave
from wording.say import label

NAME = "leave"
ASK_DAYS = "days"
ASK_STAND_IN = "stand_in"
MOST_COLLEAGUES = 20


@dataclass(frozen=True, slots=True)
class LeaveDraft:
    """Who is away; `name` is None for the sender. `colleagues` are those who may stand in."""

    person_id: int
    name: str | None
    colleagues: tuple[tuple[int, str], ...]
    first: date | None = None
    last: date | None = None


# --- opening -------------------------------------------------------------------------------------


async def start(turn: Turn) -> int:
    """/vang: what is said of one's own leave, or the question for its days; days may stand behind."""
    words = turn.arguments

    def opening(conn: Connection, sender: Sender) -> Say:
        if not words:
            return _own(conn, sender)
        return _begin(conn, sender, read_days(words, sender.today))

    return await dialogue.open_dialogue(turn, NAME, opening)


async def hear_sentence(turn: Turn) -> int:
    """ "vắng đến ngày 30/11"; without days, they are asked for."""
    text = turn.text

    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin(conn, sender, read_leave(text, sender.today))

    return await dialogue.open_dialogue(turn, NAME, opening)


async def change_days(turn: Turn) -> int:
    """A tap on Đổi ngày under one's own leave."""
    return await dialogue.open_dialogue(turn, NAME, lambda conn, sender: _begin(conn, sender, None))


async def mark(turn: Turn) -> int:
    """A lead's tap on Báo vắng under somebody's card."""
    person_id = int(turn.tap[2])

    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin_for(conn, sender, person_id)

    return await dialogue.open_dialogue(turn, NAME, opening)


def _own(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    planned = leave.coming(conn, actor.person_id, sender.today) if actor else None
    if planned is None:
        return _begin(conn, sender, None)
    change = Button(label("leave.button_change"), "away:change")
    return Say("leave.own", {"leave": planned}, (*_back_button(planned, sender), (change,)))


def _begin(conn: Connection, sender: Sender, days: Days | LeaveProblem | None) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    if not actor.memberships:
        return Say("people.own", {"held": ()})
    state = LeaveDraft(actor.person_id, None, _colleagues(conn, actor.person_id, sender))
    if isinstance(days, Days):
        asking = replace(state, first=days.first, last=days.last)
        return DIALOGUE.open(conn, sender, ASK_STAND_IN, asking)
    question = DIALOGUE.open(conn, sender, ASK_DAYS, state)
    return question if days is None else replace(question, note=f"leave.problem_{days}")


def _begin_for(conn: Connection, sender: Sender, person_id: int) -> Say:
    actor = actor_of(conn, sender)
    if actor is None or not manages(conn, actor, person_id, sender.today):
        return Say("people.not_yours")
    [held, *_] = people.of_person(conn, person_id, sender.today)
    state = LeaveDraft(person_id, held.name, _colleagues(conn, person_id, sender))
    return DIALOGUE.open(conn, sender, ASK_DAYS, state)


def _colleagues(conn: Connection, person_id: int, sender: Sender) -> tuple[tuple[int, str], ...]:
    return tuple(people.colleagues(conn, person_id, sender.today)[:MOST_COLLEAGUES])


# --- answering -----------------------------------------------------------------------------------


def hear_answer(conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """The days; typed again at the next question, they take the place of those before."""
    days = read_leave(text, sender.today) or read_days(text, sender.today)
    if not isinstance(days, Days):
        key = "leave.tap_somebody" if draft.step == ASK_STAND_IN else f"leave.problem_{days}"
        return DIALOGUE.again(draft, key)
    state = replace(DIALOGUE.state(draft), first=days.first, last=days.last)
    return DIALOGUE.go_on(conn, sender, draft, ASK_STAND_IN, state)


def hear_tap(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
    state = DIALOGUE.state(draft)
    match action:
        case ["back"]:
            return DIALOGUE.go_on(conn, sender, draft, ASK_DAYS, state)
        case ["nobody"]:
            return _take(conn, sender, state, None)
        case ["by", person_id] if int(person_id) in dict(state.colleagues):
            return _take(conn, sender, state, int(person_id))
    return DIALOGUE.prompt(draft)


def _take(conn: Connection, sender: Sender, state: LeaveDraft, stand_in_id: int | None) -> Say:
    """Write the leave down, if what was asked about still stands."""
    dialogue.close(conn, sender)
    actor, absent = actor_of(conn, sender), state.person_id
    if actor is None or state.first is None or state.last is None:
        return Say("common.not_enrolled")
    if actor.person_id != absent and not manages(conn, actor, absent, sender.today):
        return Say("people.not_yours")
    if stand_in_id is not None and stand_in_id not in dict(
        people.colleagues(conn, absent, sender.today)
    ):
        return Say("leave.colleague_gone")
    before = leave.on_days(conn, absent, state.first, state.last)
    leave_id = leave.take(
        conn, absent, state.first, state.last, stand_in_id, actor.person_id, sender.now
    )
    taken = leave.get(conn, leave_id)
    _tell_all(conn, sender, taken, before, is_own=actor.person_id == absent)
    return Say("leave.taken", {"leave": taken, "who": state.name}, _back_button(taken, sender))


def _tell_all(
    conn: Connection, sender: Sender, taken: Leave, before: Sequence[Leave], *, is_own: bool
) -> None:
    """The new stand-in, whoever was marked as away by somebody else, and stand-ins until now."""
    if taken.stand_in_id is not None:
        _tell(conn, sender, taken.stand_in_id, "leave.stand_in", taken)
    if not is_own:
        _tell(conn, sender, taken.person_id, "leave.marked", taken)
    for earlier in before:
        if earlier.stand_in_id not in (None, taken.stand_in_id):
            _release(conn, sender, earlier)


def _release(conn: Connection, sender: Sender, over: Leave) -> None:
    """Tell the stand-in of a leave that ends early."""
    if over.stand_in_id is not None:
        _tell(conn, sender, over.stand_in_id, "leave.stand_in_over", over)


def _tell(conn: Connection, sender: Sender, person_id: int, message: str, about: Leave) -> None:
    tell(conn, sender, [person_id], message, about.id, leave_id=about.id)


def leave_message(conn: Connection, message: str, leave_id: int) -> Say:
    """What the outbox says about a leave: to the stand-in, or to whom somebody else marked as away."""
    return Say(message, {"leave": leave.get(conn, leave_id)})


# --- being back ----------------------------------------------------------------------------------


async def hear_back(turn: Turn) -> None:
    """ "đã đi làm lại" """
    await turn.show(await turn.write(_back_now, turn.sender))


async def tap_back(turn: Turn) -> None:
    await turn.show(await turn.write(end_leave, turn.sender, int(turn.tap[1])))


def _back_now(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    planned = leave.coming(conn, actor.person_id, sender.today) if actor else None
    if planned is None or planned.first_day > sender.today:
        return Say("leave.not_away")
    return end_leave(conn, sender, planned.id)


def end_leave(conn: Connection, sender: Sender, leave_id: int) -> Say:
    """The person is here from today on, or does not go at all."""
    actor, planned = actor_of(conn, sender), leave.get(conn, leave_id)
    if actor is None:
        return Say("common.not_enrolled")
    is_own = actor.person_id == planned.person_id
    if not is_own and not manages(conn, actor, planned.person_id, sender.today):
        return Say("people.not_yours")
    if planned.last_day < sender.today:
        return Say("leave.over")
    leave.end(conn, leave_id, sender.today, actor.person_id, sender.now)
    _release(conn, sender, planned)
    values = {"leave": planned, "who": None if is_own else planned.name}
    return Say("leave.ended", values)


def _back_button(planned: Leave, sender: Sender) -> Keyboard:
    key = "leave.button_back" if planned.first_day < sender.today else "leave.button_drop"
    return ((Button(label(key), f"away:{planned.id}:back"),),)


# --- asking --------------------------------------------------------------------------------------


def ask(draft: Draft, state: LeaveDraft) -> Say:
    """The present question."""
    if draft.step == ASK_DAYS:
        return Say("leave.ask_days", {"who": state.name}, (bottom_row(draft, back=False),))
    colleagues = [
        button(draft, "leave.button_colleague", "by", person_id, who=name)
        for person_id, name in state.colleagues
    ]
    keyboard = (
        *rows(colleagues, 1),
        (button(draft, "leave.button_nobody", "nobody"),),
        bottom_row(draft, back=True),
    )
    values = {"who": state.name, "first": state.first, "last": state.last}
    return Say("leave.ask_stand_in", values, keyboard)


DIALOGUE = Dialogue(NAME, TypeAdapter(LeaveDraft), ask)


def conversation(desk: Desk) -> ConversationHandler[Context]:
    """The dialogue; it hears a free text before the tally does."""
    return dialogue.conversation(
        desk,
        NAME,
        [
            CommandHandler("vang", desk.on(start), filters=PRIVATE),
            CallbackQueryHandler(desk.on(change_days), pattern=r"^away:change$"),
            CallbackQueryHandler(desk.on(mark), pattern=r"^away:for:\d+$"),
            MessageHandler(Saying(says_away), desk.on(hear_sentence)),
        ],
        hear_answer,
        hear_tap,
    )


def handlers(desk: Desk) -> list[Handler]:
    return [
        conversation(desk),
        CallbackQueryHandler(desk.on(tap_back), pattern=r"^away:\d+:back$"),
        MessageHandler(Saying(lambda text, _: says_back(text)), desk.on(hear_back)),
    ]
