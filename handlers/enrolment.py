"""/start: a newcomer opens an invitation link, reads the privacy notice, agrees, and is enrolled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CommandHandler, ConversationHandler

from domain.role import Approval
from handlers import approval, dialogue
from handlers.desk import Context, Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Dialogue, actor_of, bottom_row, button
from handlers.help import welcome
from storage import audit, invitation, person
from storage.draft import Draft
from storage.invitation import Invitation, Refusal

NAME = "enrolment"
CONSENT = "consent"
SHORTEST_NAME, LONGEST_NAME = 2, 60


@dataclass(frozen=True, slots=True)
class EnrolmentDraft:
    """`name` is how the person will be shown; nothing else about them is asked."""

    token_hash: str
    name: str
    unit_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Terms:
    """On which notice somebody enrols, and who lets them in."""

    notice_version: str
    approval: Approval


async def start(turn: Turn) -> int:
    """/start, alone or with the token of an invitation link (kept as its hash, bot/intake.py)."""
    token_hash = turn.arguments
    if not token_hash:
        await welcome(turn)
        return ConversationHandler.END
    user = turn.update.effective_user
    name = (user.full_name if user else "")[:LONGEST_NAME]

    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin(conn, sender, token_hash, name)

    return await dialogue.open_dialogue(turn, NAME, opening)


def _begin(conn: Connection, sender: Sender, token_hash: str, name: str) -> Say:
    found = invitation.find(conn, token_hash, sender.now)
    if isinstance(found, Refusal):
        return Say(f"enrolment.refused_{found}")
    state = EnrolmentDraft(token_hash, name, found.unit_name, found.role)
    return DIALOGUE.open(conn, sender, CONSENT, state)


def hear_answer(conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """A typed text is the name under which the person wants to be shown."""
    name = " ".join(text.split())
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME or any(c.isdigit() for c in name):
        return DIALOGUE.again(draft, "enrolment.problem_name")
    state = replace(DIALOGUE.state(draft), name=name)
    return DIALOGUE.go_on(conn, sender, draft, CONSENT, state)


def hear_tap(
    terms: Terms, conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]
) -> Say:
    if action != ["agree"]:
        return DIALOGUE.prompt(draft)
    state = DIALOGUE.state(draft)
    dialogue.close(conn, sender)
    found = invitation.find(conn, state.token_hash, sender.now)
    if isinstance(found, Refusal):
        return Say(f"enrolment.refused_{found}")
    return _enrol(conn, sender, state.name, found, terms)


def _enrol(conn: Connection, sender: Sender, name: str, found: Invitation, terms: Terms) -> Say:
    """Give the role, to a new person or to one who is known already; then the invitation is used.

    Where newcomers are let in by somebody, the person waits for that first.
    """
    known = actor_of(conn, sender)
    person_id = known.person_id if known else _add_person(conn, sender, name, terms.notice_version)
    person.agree(conn, person_id, terms.notice_version, sender.now)
    held = {"unit": found.unit_name, "role": found.role}
    if person.holds(conn, person_id, found.unit_id, found.role, sender.today):
        return Say("enrolment.already", held)
    if approval.is_needed(found, terms.approval):
        return approval.ask_to_enrol(conn, sender, person_id, found, terms.approval)
    person.add_membership(conn, person_id, found.unit_id, found.role, sender.today)
    invitation.use(conn, found.id)
    audit.record(conn, sender.now, person_id, "enrol", "org_unit", found.unit_id, role=found.role)
    return Say("enrolment.done", held | {"shown": known.display_name if known else name})


def _add_person(conn: Connection, sender: Sender, name: str, notice_version: str) -> int:
    person_id = person.add(conn, name, sender.now, consent_version=notice_version)
    person.add_account(conn, person_id, sender.channel, sender.address)
    return person_id


def ask(draft: Draft, state: EnrolmentDraft) -> Say:
    """The privacy notice; nobody is enrolled without a tap on Đồng ý."""
    agree = button(draft, "enrolment.button_agree", "agree")
    values = {"shown": state.name, "unit": state.unit_name, "role": state.role}
    return Say("enrolment.notice", values, ((agree,), bottom_row(draft, back=False)))


DIALOGUE = Dialogue(NAME, TypeAdapter(EnrolmentDraft), ask)


def handlers(desk: Desk) -> ConversationHandler[Context]:
    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("start", desk.on(start), filters=PRIVATE)],
        hear_answer,
        partial(hear_tap, Terms(desk.notice_version, desk.approval)),
    )
