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
from handlers.dialogue import PRIVATE, bottom_row, button, rows
from storage import draft as drafts
from storage import invitation, person, unit
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


_DATA = TypeAdapter(InviteDraft)
MakeLink = Callable[[Connection, Sender, int, Role], Say]


def _pack(state: InviteDraft) -> dict[str, object]:
    data: dict[str, object] = _DATA.dump_python(state, mode="json")
    return data


def _unpack(draft: Draft) -> InviteDraft:
    return _DATA.validate_python(dict(draft.data))


async def start(turn: Turn) -> int:
    return await dialogue.open_dialogue(turn, NAME, _begin)


def _begin(conn: Connection, sender: Sender) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    membership = actor.first(Action.INVITE) if actor else None
    if actor is None or membership is None:
        return Say("invite.leads_only")
    state = InviteDraft(actor.invitable(), ((membership.unit_id, membership.unit_name),))
    draft = drafts.start(
        conn, sender.channel, sender.address, NAME, ASK_ROLE, _pack(state), sender.now
    )
    return prompt(draft)


def hear_answer(conn: Connection, sender: Sender, text: str) -> Say:
    """A typed unit name: those that carry it and lie below the inviter, to choose from."""
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is None or draft.dialogue != NAME:
        return Say("common.draft_gone")
    if draft.step == ASK_ROLE:
        return replace(prompt(draft), note="invite.tap_a_role")
    found = _reachable(conn, sender, text)
    if not found:
        return replace(prompt(draft), note="invite.unknown_unit")
    choices = tuple((u.id, u.name) for u in found[:MOST_CHOICES])
    return _go_on(conn, sender, draft, ASK_UNIT, replace(_unpack(draft), units=choices))


def _reachable(conn: Connection, sender: Sender, text: str) -> list[Unit]:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    return [
        u for u in unit.named(conn, text) if actor is not None and actor.may(Action.INVITE, u.path)
    ]


def hear_tap(
    conn: Connection, sender: Sender, draft: Draft, action: Sequence[str], make_link: MakeLink
) -> Say:
    state = _unpack(draft)
    match action:
        case ["back"]:
            return _go_on(conn, sender, draft, ASK_ROLE, state)
        case ["role", name] if Role(name) in state.roles:
            return _go_on(conn, sender, draft, ASK_UNIT, replace(state, role=Role(name)))
        case ["unit", unit_id] if state.role is not None:
            return make_link(conn, sender, int(unit_id), state.role)
    return prompt(draft)


def _go_on(conn: Connection, sender: Sender, draft: Draft, step: str, state: InviteDraft) -> Say:
    return prompt(drafts.save(conn, draft, step, _pack(state), sender.now))


def prompt(draft: Draft) -> Say:
    """The present question of a draft, with its buttons."""
    state = _unpack(draft)
    if draft.step == ASK_ROLE:
        roles = [button(draft, f"role.{role}", "role", role) for role in state.roles]
        keyboard = (*rows(roles, 2), bottom_row(draft, back=False))
        return Say("invite.ask_role", {}, keyboard, goes_on=True)
    units = [
        button(draft, "invite.button_unit", "unit", unit_id, unit=name)
        for unit_id, name in state.units
    ]
    keyboard = (*rows(units, 1), bottom_row(draft, back=True))
    return Say("invite.ask_unit", {"role": state.role}, keyboard, goes_on=True)


def _link_maker(desk: Desk) -> MakeLink:
    def make_link(conn: Connection, sender: Sender, unit_id: int, role: Role) -> Say:
        drafts.discard(conn, sender.channel, sender.address)
        actor = person.actor(conn, sender.channel, sender.address, sender.today)
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
