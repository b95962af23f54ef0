"""/moi: an officer or a unit lead makes an invitation link for one person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CommandHandler, ConversationHandler

from domain.role import Action, Role
from domain.unit import Unit
from handlers import dialogue
from handlers.desk import Context, Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Dialogue, actor_of, bottom_row, button, rows
from storage import invitation, unit
from storage.draft import Draft

NAME = "invite"
ASK_ROLE = "role"
ASK_UNIT = "unit"
MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class InviteDraft:
    """`units` are those to choose from, as (id, name): the own one, or those found by a name."""

    roles: tuple[Role, ...]
    units: tuple[tuple[int, str], ...]
    role: Role | None = None


MakeLink = Callable[[Connection, Sender, int, Role], Say]


async def start(turn: Turn) -> int:
    return await dialogue.open_dialogue(turn, NAME, _begin)


def _begin(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    held = actor.first(Action.INVITE) if actor else None
    if actor is None or held is None:
        return Say("invite.leads_only")
    state = InviteDraft(actor.invitable(), ((held.unit_id, held.unit_name),))
    return DIALOGUE.open(conn, sender, ASK_ROLE, state)


def hear_answer(conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """A typed unit name: those that carry it and lie below the inviter, to choose from."""
    if draft.step == ASK_ROLE:
        return DIALOGUE.again(draft, "invite.tap_a_role")
    found = _reachable(conn, sender, text)
    if not found:
        return DIALOGUE.again(draft, "invite.unknown_unit")
    choices = tuple((u.id, u.name) for u in found[:MOST_CHOICES])
    state = replace(DIALOGUE.state(draft), units=choices)
    return DIALOGUE.go_on(conn, sender, draft, ASK_UNIT, state)


def _reachable(conn: Connection, sender: Sender, text: str) -> list[Unit]:
    actor = actor_of(conn, sender)
    return [
        u for u in unit.named(conn, text) if actor is not None and actor.may(Action.INVITE, u.path)
    ]


def hear_tap(
    conn: Connection, sender: Sender, draft: Draft, action: Sequence[str], make_link: MakeLink
) -> Say:
    state = DIALOGUE.state(draft)
    match action:
        case ["back"]:
            return DIALOGUE.go_on(conn, sender, draft, ASK_ROLE, state)
        case ["role", name] if Role(name) in state.roles:
            return DIALOGUE.go_on(conn, sender, draft, ASK_UNIT, replace(state, role=Role(name)))
        case ["unit", unit_id] if state.role is not None:
            return make_link(conn, sender, int(unit_id), state.role)
    return DIALOGUE.prompt(draft)


def ask(draft: Draft, state: InviteDraft) -> Say:
    """The present question."""
    if draft.step == ASK_ROLE:
        roles = [button(draft, f"role.{role}", "role", role) for role in state.roles]
        keyboard = (*rows(roles, 2), bottom_row(draft, back=False))
        return Say("invite.ask_role", {}, keyboard)
    units = [
        button(draft, "invite.button_unit", "unit", unit_id, unit=name)
        for unit_id, name in state.units
    ]
    keyboard = (*rows(units, 1), bottom_row(draft, back=True))
    return Say("invite.ask_unit", {"role": state.role}, keyboard)


DIALOGUE = Dialogue(NAME, TypeAdapter(InviteDraft), ask)


def _link_maker(desk: Desk) -> MakeLink:
    def make_link(conn: Connection, sender: Sender, unit_id: int, role: Role) -> Say:
        dialogue.close(conn, sender)
        actor = actor_of(conn, sender)
        place = unit.get(conn, unit_id)
        if actor is None or not actor.may(Action.INVITE, place.path):
            return Say("invite.leads_only")
        expires_at = sender.now + timedelta(days=desk.invitation_days)
        token = invitation.create(conn, unit_id, role, actor.person_id, sender.now, expires_at)
        values = {
            "link": desk.invitation_link(token),
            "unit": place.name,
            "role": role,
            "expires_at": expires_at,
        }
        return Say("invite.link", values)

    return make_link


def handlers(desk: Desk) -> ConversationHandler[Context]:
    make_link = _link_maker(desk)

    def tapped(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
        return hear_tap(conn, sender, draft, action, make_link)

    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("moi", desk.on(start), filters=PRIVATE)],
        hear_answer,
        tapped,
    )
