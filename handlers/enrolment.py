"""/start: a newcomer opens an invitation link, reads the privacy notice, agrees, and is enrolled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CommandHandler, ConversationHandler

from handlers import dialogue
from handlers.desk import Context, Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, bottom_row, button
from handlers.help import welcome
from storage import audit, invitation, person
from storage import draft as drafts
from storage.draft import Draft
from storage.invitation import Refusal

NAME = "enrolment"
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class EnrolmentDraft:
    """`name` is how the person will be shown; nothing else about them is asked."""

    token: str
    name: str
    unit_name: str
    role: str


_DATA = TypeAdapter(EnrolmentDraft)


def _pack(state: EnrolmentDraft) -> dict[str, object]:
    data: dict[str, object] = _DATA.dump_python(state, mode="json")
    return data


def _unpack(draft: Draft) -> EnrolmentDraft:
    return _DATA.validate_python(dict(draft.data))


async def start(turn: Turn) -> int:
    """/start, alone or with the token of an invitation link."""
    token = turn.arguments
    if not token:
        await welcome(turn)
        return ConversationHandler.END
    user = turn.update.effective_user
    name = (user.full_name if user else "")[:NAME_LENGTH]

    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin(conn, sender, token, name)

    return await dialogue.open_dialogue(turn, NAME, opening)


def _begin(conn: Connection, sender: Sender, token: str, name: str) -> Say:
    found = invitation.find(conn, token, sender.now)
    if isinstance(found, Refusal):
        return Say(f"enrolment.refused_{found}")
    state = EnrolmentDraft(token, name, found.unit_name, found.role)
    draft = drafts.start(
        conn, sender.channel, sender.address, NAME, "consent", _pack(state), sender.now
    )
    return prompt(draft)


def hear_answer(conn: Connection, sender: Sender, text: str) -> Say:
    """A typed text is the name under which the person wants to be shown."""
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is None or draft.dialogue != NAME:
        return Say("common.draft_gone")
    name = " ".join(text.split())
    if not 2 <= len(name) <= NAME_LENGTH or any(c.isdigit() for c in name):
        return replace(prompt(draft), note="enrolment.problem_name")
    state = replace(_unpack(draft), name=name)
    return prompt(drafts.save(conn, draft, "consent", _pack(state), sender.now))


def hear_tap(
    conn: Connection,
    sender: Sender,
    draft: Draft,
    action: Sequence[str],
    notice_version: str,
) -> Say:
    if action != ["agree"]:
        return prompt(draft)
    state = _unpack(draft)
    drafts.discard(conn, sender.channel, sender.address)
    found = invitation.find(conn, state.token, sender.now)
    if isinstance(found, Refusal):
        return Say(f"enrolment.refused_{found}")
    known = person.actor(conn, sender.channel, sender.address, sender.today)
    person_id = known.person_id if known else _enrol(conn, sender, state.name, notice_version)
    added = person.add_membership(conn, person_id, found.unit_id, found.role, sender.today)
    if not added:
        return Say("enrolment.already", {"unit": found.unit_name, "role": found.role})
    invitation.use(conn, found.id)
    audit.record(conn, sender.now, person_id, "enrol", "org_unit", found.unit_id, role=found.role)
    return Say("enrolment.done", {"unit": found.unit_name, "role": found.role, "shown": state.name})


def _enrol(conn: Connection, sender: Sender, name: str, notice_version: str) -> int:
    person_id = person.add(conn, name, sender.now, consent_version=notice_version)
    person.add_account(conn, person_id, sender.channel, sender.address)
    return person_id


def prompt(draft: Draft) -> Say:
    """The privacy notice; nobody is enrolled without a tap on Đồng ý."""
    state = _unpack(draft)
    keyboard = (
        (button(draft, "enrolment.button_agree", "agree"),),
        bottom_row(draft, back=False),
    )
    values = {"shown": state.name, "unit": state.unit_name, "role": state.role}
    return Say("enrolment.notice", values, keyboard, goes_on=True)


def handlers(desk: Desk) -> ConversationHandler[Context]:
    def tapped(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
        return hear_tap(conn, sender, draft, action, desk.notice_version)

    return dialogue.conversation(
        desk,
        NAME,
        [CommandHandler("start", desk.on(start), filters=PRIVATE)],
        hear_answer,
        tapped,
    )
