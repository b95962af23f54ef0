"""Newcomers who wait: whoever is in charge is told, lets them in or declines, and they hear of it."""

from datetime import date

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler

from domain.role import Action, Actor, Approval, Role, givers
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import Handler, actor_of
from handlers.tell import tell
from storage import enrolment, invitation, person, unit
from storage.enrolment import Enrolment, EnrolmentState
from storage.invitation import Invitation
from wording.say import label

# So many newcomers come at once.
SHOWN = 10
_TO_DECIDER = "approval.to_decider"
_OUTCOME = "approval.outcome"


# --- asking --------------------------------------------------------------------------------------


def is_needed(found: Invitation, approval: Approval) -> bool:
    """Whoever runs the bot lets in whom they invite at the command line: the first officer too."""
    return approval is not Approval.OFF and found.created_by is not None


def ask_to_enrol(
    conn: Connection, sender: Sender, person_id: int, found: Invitation, approval: Approval
) -> Say:
    """Use the invitation to ask; it is asked once."""
    values = {"unit": found.unit_name, "role": found.role}
    if enrolment.is_waiting(conn, person_id, found.unit_id, found.role):
        return Say("enrolment.waiting_already", values)
    invitation.use(conn, found.id)
    asked = enrolment.ask(conn, person_id, found, sender.now)
    told = deciders(conn, asked, approval, sender.today)
    tell(conn, sender, told, _TO_DECIDER, asked.id, enrolment_id=asked.id)
    return Say("enrolment.waiting", values)


def deciders(conn: Connection, asked: Enrolment, approval: Approval, today: date) -> list[int]:
    """The leads, where they decide and there are any; else the officers."""
    those = givers(asked.role, approval)
    leads = person.holders(conn, asked.unit_id, those & {Role.UNIT_LEAD}, today)
    told = leads or person.holders(conn, asked.unit_id, those, today)
    return [each for each in told if each != asked.person_id]


# --- deciding ------------------------------------------------------------------------------------


def waiting_for(conn: Connection, actor: Actor, approval: Approval) -> list[Enrolment]:
    """Who waits for this person's word, the longest first."""
    units = [m.unit_id for m in actor.memberships]
    waiting = enrolment.waiting_below(conn, units)
    return [each for each in waiting if _may_decide(conn, actor, each, approval)]


def _may_decide(conn: Connection, actor: Actor, asked: Enrolment, approval: Approval) -> bool:
    path = unit.path(conn, asked.unit_id)
    return actor.person_id != asked.person_id and actor.may_give(asked.role, path, approval)


def waiting_button(number: int) -> Button:
    """Shows so many newcomers, one after the other."""
    return Button(label("approval.button_waiting", number=number), "enrol:waiting")


async def show_waiting(turn: Turn) -> None:
    """One message per newcomer that waits for this person's word."""
    for answer in await turn.read(_waiting, turn.sender, turn.desk.approval):
        await turn.show(answer, new=True)


def _waiting(conn: Connection, sender: Sender, approval: Approval) -> list[Say]:
    actor = actor_of(conn, sender)
    if actor is None or actor.first(Action.INVITE) is None:
        return [Say("invite.leads_only")]
    waiting = waiting_for(conn, actor, approval)[:SHOWN]
    return [_card(each) for each in waiting] or [Say("approval.nobody_waits")]


async def tap_decision(turn: Turn) -> None:
    """A tap on Đồng ý or Không đồng ý: decided once, whoever taps first."""
    _, enrolment_id, decision = turn.tap
    accept = decision == "accept"
    answer = await turn.write(_decide, turn.sender, int(enrolment_id), turn.desk.approval, accept)
    await turn.show(answer)


def _decide(
    conn: Connection, sender: Sender, enrolment_id: int, approval: Approval, accept: bool
) -> Say:
    actor, asked = actor_of(conn, sender), enrolment.find(conn, enrolment_id)
    if actor is None or asked is None or not _may_decide(conn, actor, asked, approval):
        return Say("approval.not_yours")
    decided = enrolment.decide(
        conn, enrolment_id, actor.person_id, sender.now, sender.today, accept=accept
    )
    if decided is not None:
        tell(conn, sender, [decided.person_id], _OUTCOME, decided.id, enrolment_id=decided.id)
    return _card(enrolment.get(conn, enrolment_id))


def enrolment_message(conn: Connection, message: str, enrolment_id: int) -> Say:
    """What the outbox says about a newcomer: to whoever decides, or to the newcomer."""
    asked = enrolment.get(conn, enrolment_id)
    return _card(asked) if message == _TO_DECIDER else Say(message, {"e": asked})


def _card(asked: Enrolment) -> Say:
    """A newcomer with the buttons to decide, or with what was decided."""
    if asked.state is not EnrolmentState.WAITING:
        return Say("approval.decided", {"e": asked})
    return Say(_TO_DECIDER, {"e": asked}, _decision_buttons(asked))


def _decision_buttons(asked: Enrolment) -> Keyboard:
    accept, decline = (
        Button(label(f"approval.button_{decision}"), f"enrol:{asked.id}:{decision}")
        for decision in ("accept", "decline")
    )
    return ((accept, decline),)


def handlers(desk: Desk) -> list[Handler]:
    return [
        CallbackQueryHandler(desk.on(tap_decision), pattern=r"^enrol:\d+:(accept|decline)$"),
        CallbackQueryHandler(desk.on(show_waiting), pattern=r"^enrol:waiting$"),
    ]
