"""Ending somebody's role, giving another one, moving to another unit: from their card in /donvi.

Reports stay with the unit for which they were made. Who may hand a role out may end it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, ConversationHandler

from domain.role import ALLOWED, Action, Actor, Role
from handlers import dialogue
from handlers.desk import Button, Context, Desk, Say, Sender, Turn
from handlers.dialogue import Dialogue, Handler, actor_of, bottom_row, button, rows
from handlers.invite import MOST_CHOICES, own_units, unit_buttons, units_called
from handlers.people import card_data, manages
from handlers.tell import tell
from storage import people, person, unit
from storage.draft import Draft
from storage.people import Held
from wording.say import label

NAME = "roles"
ASK_ROLE = "role"
ASK_UNIT = "unit"
_DEPARTMENT = ALLOWED[Action.DECIDE_CHANGE]


# --- ending a role -------------------------------------------------------------------------------


async def tap_end(turn: Turn) -> None:
    """A tap on Thôi vai trò, and the one that confirms it."""
    _, membership_id, wish, unit_id = turn.tap
    sure = wish == "sure"
    answer = await turn.write(end_role, turn.sender, int(membership_id), int(unit_id), sure)
    await turn.show_or_tell_old(answer)


def end_role(
    conn: Connection, sender: Sender, membership_id: int, unit_id: int, sure: bool
) -> Say | None:
    """Ask whether the role is to end, or, when `sure`, end it; None for one that is held no more.

    The last person of the department cannot be ended: nobody could make another.
    """
    held = people.find(conn, membership_id, sender.today)
    if held is None:
        return None
    actor = _in_charge(conn, sender, held)
    if actor is None:
        return Say("people.not_yours")
    others = _others(conn, sender, held)
    if held.role in _DEPARTMENT and not others:
        return Say("roles.last_officer", {"held": held})
    values = {"held": held, "is_last": held.role is Role.UNIT_LEAD and not others}
    if not sure:
        sure_button = Button(label("roles.button_sure"), f"role:{held.id}:sure:{unit_id}")
        keep = Button(label("roles.button_keep"), card_data(held.person_id, unit_id))
        return Say("roles.ask_end", values, ((sure_button, keep),))
    people.end(conn, held, actor.person_id, sender.now, sender.today)
    _tell_holder(conn, sender, held, "roles.ended")
    return Say("roles.done_end", values)


def _in_charge(conn: Connection, sender: Sender, held: Held) -> Actor | None:
    """Who speaks, when they may hand out this role; a stand-in's ends with the leave."""
    actor = actor_of(conn, sender)
    if actor is None or held.stands_in:
        return None
    return actor if actor.may_give(held.role, unit.path(conn, held.unit_id)) else None


def _others(conn: Connection, sender: Sender, held: Held) -> list[int]:
    """Who else can do the same for the unit: the department's people, or the leads in it or above."""
    alike = _DEPARTMENT if held.role in _DEPARTMENT else {held.role}
    holders = person.holders(conn, held.unit_id, alike, sender.today)
    return [each for each in holders if each != held.person_id]


def _tell_holder(conn: Connection, sender: Sender, held: Held, message: str) -> None:
    """Also when the same role is given again on the same day."""
    key = f"{held.id}:{sender.origin}"
    tell(conn, sender, [held.person_id], message, key, membership_id=held.id)


def role_message(conn: Connection, message: str, membership_id: int) -> Say:
    """What the outbox says to whom a role was given, or whose role ended."""
    return Say(message, {"held": people.get(conn, membership_id)})


# --- giving one, and moving ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleDraft:
    """Who gets a role; `moves` is the one that ends with it. `units` are to choose from, as (id, name)."""

    person_id: int
    name: str
    roles: tuple[Role, ...] = ()
    role: Role | None = None
    moves: int | None = None
    units: tuple[tuple[int, str], ...] = ()


async def start_giving(turn: Turn) -> int:
    """A tap on Giao vai trò khác."""
    person_id = int(turn.tap[1])

    def opening(conn: Connection, sender: Sender) -> Say:
        actor = actor_of(conn, sender)
        if actor is None or not manages(conn, actor, person_id, sender.today):
            return Say("people.not_yours")
        [held, *_] = people.of_person(conn, person_id, sender.today)
        state = RoleDraft(person_id, held.name, actor.invitable())
        return DIALOGUE.open(conn, sender, ASK_ROLE, state)

    return await dialogue.open_dialogue(turn, NAME, opening)


async def start_moving(turn: Turn) -> int:
    """A tap on Chuyển đơn vị."""
    membership_id = int(turn.tap[1])

    def opening(conn: Connection, sender: Sender) -> Say:
        held = people.find(conn, membership_id, sender.today)
        if held is None or _in_charge(conn, sender, held) is None:
            return Say("people.not_yours")
        state = RoleDraft(held.person_id, held.name, role=held.role, moves=held.id)
        return DIALOGUE.open(conn, sender, ASK_UNIT, state)

    return await dialogue.open_dialogue(turn, NAME, opening)


def hear_answer(conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """A typed unit name."""
    state = DIALOGUE.state(draft)
    if state.role is None:
        return DIALOGUE.again(draft, "invite.tap_a_role")
    found = units_called(conn, sender, state.role, text)
    if not found:
        return DIALOGUE.again(draft, "invite.unknown_unit")
    units = tuple((u.id, u.name) for u in found[:MOST_CHOICES])
    return DIALOGUE.go_on(conn, sender, draft, ASK_UNIT, replace(state, units=units))


def hear_tap(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
    state = DIALOGUE.state(draft)
    match action:
        case ["back"] if state.roles:
            return DIALOGUE.go_on(conn, sender, draft, ASK_ROLE, replace(state, role=None))
        case ["role", name] if Role(name) in state.roles:
            role = Role(name)
            chosen = replace(state, role=role, units=own_units(conn, sender, role))
            return DIALOGUE.go_on(conn, sender, draft, ASK_UNIT, chosen)
        case ["unit", unit_id] if state.role is not None:
            return _give(conn, sender, state, state.role, int(unit_id))
    return DIALOGUE.prompt(draft)


def _give(conn: Connection, sender: Sender, state: RoleDraft, role: Role, unit_id: int) -> Say:
    """Give the role; when it is a move, the old one ends with the day before."""
    dialogue.close(conn, sender)
    actor = actor_of(conn, sender)
    if (
        actor is None
        or not actor.may_give(role, unit.path(conn, unit_id))
        or not manages(conn, actor, state.person_id, sender.today)
    ):
        return Say("people.not_yours")
    old = None if state.moves is None else people.find(conn, state.moves, sender.today)
    if old is not None and _in_charge(conn, sender, old) is None:
        return Say("people.not_yours")
    new = people.give(
        conn, state.person_id, unit_id, role, actor.person_id, sender.now, sender.today
    )
    if new is None:
        return Say("roles.held_already", {"who": state.name})
    if old is not None:
        people.end(conn, old, actor.person_id, sender.now, sender.today)
    _tell_holder(conn, sender, new, "roles.given")
    return Say("roles.done_give", {"held": new, "old": old})


def ask(draft: Draft, state: RoleDraft) -> Say:
    """The present question."""
    if draft.step == ASK_ROLE:
        roles = [button(draft, f"role.{role}", "role", role) for role in state.roles]
        keyboard = (*rows(roles, 2), bottom_row(draft, back=False))
        return Say("roles.ask_role", {"who": state.name}, keyboard)
    keyboard = unit_buttons(draft, state.units, back=bool(state.roles))
    values = {"who": state.name, "role": state.role, "moves": state.moves is not None}
    return Say("roles.ask_unit", values, keyboard)


DIALOGUE = Dialogue(NAME, TypeAdapter(RoleDraft), ask)


def conversation(desk: Desk) -> ConversationHandler[Context]:
    return dialogue.conversation(
        desk,
        NAME,
        [
            CallbackQueryHandler(desk.on(start_giving), pattern=r"^role:\d+:give:\d+$"),
            CallbackQueryHandler(desk.on(start_moving), pattern=r"^role:\d+:move:\d+$"),
        ],
        hear_answer,
        hear_tap,
    )


def handlers(desk: Desk) -> list[Handler]:
    return [CallbackQueryHandler(desk.on(tap_end), pattern=r"^role:\d+:(end|sure):\d+$")]
