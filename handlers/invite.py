"""/moi: an officer or a unit lead makes an invitation for one person or for many, and takes one back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CommandHandler, ConversationHandler

from domain.role import Action, Actor, Role
from domain.unit import Unit
from handlers import dialogue
from handlers.desk import Context, Desk, Keyboard, Picture, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Dialogue, actor_of, bottom_row, button, rows
from reports.qr import qr_sheet
from storage import invitation, people, unit
from storage.draft import Draft
from storage.invitation import Invitation
from wording.say import label

NAME = "invite"
ASK_ROLE = "role"
ASK_UNIT = "unit"
ASK_USES = "uses"
OPEN_ONES = "open"
MOST_CHOICES = 8
MOST_OPEN = 15

# An invitation for many goes from hand to hand, so it hands out nothing but these.
FOR_MANY = (Role.REPORTER, Role.MEMBER)
USES = (1, 10, 50)
MOST_USES = 2000


@dataclass(frozen=True, slots=True)
class InviteDraft:
    """`units` are those to choose from, as (id, name): the own ones, or those found by a name. `open`
    are the invitations that can be taken back; `uses` are the numbers to choose from.
    """

    roles: tuple[Role, ...]
    units: tuple[tuple[int, str], ...] = ()
    role: Role | None = None
    unit_id: int | None = None
    uses: tuple[int, ...] = ()
    open: tuple[Invitation, ...] = ()


async def start(turn: Turn) -> int:
    return await dialogue.open_dialogue(turn, NAME, _begin)


def _begin(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    if actor is None or actor.first(Action.INVITE) is None:
        return Say("invite.leads_only")
    state = InviteDraft(actor.invitable(), open=_open(conn, sender, actor))
    return DIALOGUE.open(conn, sender, ASK_ROLE, state)


def _open(conn: Connection, sender: Sender, actor: Actor) -> tuple[Invitation, ...]:
    return tuple(invitation.open_of(conn, actor.person_id, sender.now)[:MOST_OPEN])


def hear_answer(desk: Desk, conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """A typed unit name: those that carry it and lie below the inviter, to choose from; or for how
    many the invitation is.
    """
    state = DIALOGUE.state(draft)
    if state.role is None or draft.step in (ASK_ROLE, OPEN_ONES):
        return DIALOGUE.again(draft, "invite.tap_a_role")
    if draft.step == ASK_USES:
        uses = int(text) if text.isdecimal() else 0
        if not 1 <= uses <= MOST_USES:
            return DIALOGUE.again(draft, "invite.problem_uses", most=MOST_USES)
        return _make(desk, conn, sender, state, uses)
    found = units_called(conn, sender, state.role, text)
    if not found:
        return DIALOGUE.again(draft, "invite.unknown_unit")
    choices = tuple((u.id, u.name) for u in found[:MOST_CHOICES])
    return DIALOGUE.go_on(conn, sender, draft, ASK_UNIT, replace(state, units=choices))


def units_called(conn: Connection, sender: Sender, role: Role, name: str) -> list[Unit]:
    """The units of this name, as they stand today, in which the sender may hand out the role."""
    actor = actor_of(conn, sender)
    named = unit.named(conn, name, sender.today)
    return [of for of in named if actor is not None and actor.may_give(role, of.path)]


def own_units(conn: Connection, sender: Sender, role: Role) -> tuple[tuple[int, str], ...]:
    """The sender's own units in which they may hand out the role, as (id, name)."""
    actor = actor_of(conn, sender)
    held = actor.memberships if actor else ()
    own = {
        m.unit_id: m.unit_name
        for m in held
        if actor is not None and actor.may_give(role, unit.path(conn, m.unit_id))
    }
    return tuple(own.items())[:MOST_CHOICES]


def hear_tap(
    desk: Desk, conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]
) -> Say:
    state = DIALOGUE.state(draft)
    match action:
        case ["back"]:
            before = ASK_UNIT if draft.step == ASK_USES else ASK_ROLE
            return DIALOGUE.go_on(conn, sender, draft, before, state)
        case ["role", name] if Role(name) in state.roles:
            role = Role(name)
            chosen = replace(state, role=role, units=own_units(conn, sender, role))
            return DIALOGUE.go_on(conn, sender, draft, ASK_UNIT, chosen)
        case ["unit", unit_id]:
            return _with_unit(desk, conn, sender, draft, replace(state, unit_id=int(unit_id)))
        case ["uses", number]:
            return _make(desk, conn, sender, state, int(number))
        case ["open"]:
            return DIALOGUE.go_on(conn, sender, draft, OPEN_ONES, state)
        case ["revoke", number]:
            return _revoke(conn, sender, draft, state, int(number))
    return DIALOGUE.prompt(draft)


def _with_unit(
    desk: Desk, conn: Connection, sender: Sender, draft: Draft, state: InviteDraft
) -> Say:
    if state.role not in FOR_MANY or state.unit_id is None:
        return _make(desk, conn, sender, state, 1)
    whole = people.member_count(conn, state.unit_id) or 0
    uses = (*USES, whole) if 1 < whole <= MOST_USES else USES
    asking = replace(state, uses=tuple(sorted(set(uses))))
    return DIALOGUE.go_on(conn, sender, draft, ASK_USES, asking)


def _make(desk: Desk, conn: Connection, sender: Sender, state: InviteDraft, uses: int) -> Say:
    """The invitation as links for each messenger, and as a picture where a link can be scanned."""
    dialogue.close(conn, sender)
    actor, role = actor_of(conn, sender), state.role
    if actor is None or role is None or state.unit_id is None:
        return Say("invite.leads_only")
    place = unit.get(conn, state.unit_id)
    if not actor.may_give(role, place.path):
        return Say("invite.leads_only")
    uses = uses if role in FOR_MANY else 1
    expires_at = sender.now + timedelta(days=desk.invitation_days)
    token = invitation.create(
        conn, place.id, role, actor.person_id, sender.now, expires_at, min(uses, MOST_USES)
    )
    ways = desk.invitation_ways(token)
    link = next((way for way in ways if way.startswith("https://")), None)
    values = {
        "ways": ways,
        "link": link,
        "unit": place.name,
        "role": role,
        "uses": uses,
        "expires_at": expires_at,
        "approval": desk.approval,
    }
    return Say("invite.link", values, picture=_sheet(link, values) if link else None)


def _sheet(link: str, values: Mapping[str, object]) -> Picture:
    title, text = label("invite.sheet_title"), label("invite.sheet_text", **values)
    return Picture("invite.qr", partial(qr_sheet, link, title, text))


def _revoke(conn: Connection, sender: Sender, draft: Draft, state: InviteDraft, number: int) -> Say:
    actor = actor_of(conn, sender)
    if actor is None or not invitation.revoke(conn, number, actor.person_id, sender.now):
        return DIALOGUE.prompt(draft)
    left = replace(state, open=_open(conn, sender, actor))
    step = OPEN_ONES if left.open else ASK_ROLE
    return replace(DIALOGUE.go_on(conn, sender, draft, step, left), note="invite.revoked")


def ask(draft: Draft, state: InviteDraft) -> Say:
    """The present question."""
    match draft.step:
        case "unit":
            keyboard = unit_buttons(draft, state.units, back=True)
            return Say("invite.ask_unit", {"role": state.role}, keyboard)
        case "uses":
            uses = [button(draft, "invite.button_uses", "uses", n, number=n) for n in state.uses]
            keyboard = (*rows(uses, 2), bottom_row(draft, back=True))
            return Say("invite.ask_uses", {"role": state.role}, keyboard)
        case "open":
            return _ask_which_to_revoke(draft, state)
    roles = [button(draft, f"role.{role}", "role", role) for role in state.roles]
    open_ones = [button(draft, "invite.button_open", "open", number=len(state.open))]
    keyboard = (
        *rows(roles, 2),
        *rows(open_ones if state.open else [], 1),
        bottom_row(draft, back=False),
    )
    return Say("invite.ask_role", {}, keyboard)


def unit_buttons(draft: Draft, units: Sequence[tuple[int, str]], *, back: bool) -> Keyboard:
    """Units to choose from, given as (id, name)."""
    buttons = [
        button(draft, "invite.button_unit", "unit", unit_id, unit=name) for unit_id, name in units
    ]
    return (*rows(buttons, 1), bottom_row(draft, back=back))


def _ask_which_to_revoke(draft: Draft, state: InviteDraft) -> Say:
    numbered = list(enumerate(state.open, start=1))
    buttons = [
        button(draft, "invite.button_revoke", "revoke", each.id, number=n) for n, each in numbered
    ]
    keyboard = (*rows(buttons, 2), bottom_row(draft, back=True))
    return Say("invite.open", {"invitations": numbered}, keyboard)


DIALOGUE = Dialogue(NAME, TypeAdapter(InviteDraft), ask)


def handlers(desk: Desk) -> ConversationHandler[Context]:
    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("moi", desk.on(start), filters=PRIVATE)],
        partial(hear_answer, desk),
        partial(hear_tap, desk),
    )
