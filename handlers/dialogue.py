"""What all dialogues share: one open draft per chat, the way back to its question, and buttons
that know which draft and version they belong to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram import Update
from telegram.constants import ChatType
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    filters,
)

from domain.role import Actor
from handlers.desk import Button, Context, Desk, Keyboard, Say, Sender, Turn
from storage import draft as drafts
from storage import person
from storage.draft import Draft
from wording.format import VIETNAM
from wording.say import label

State = TypeVar("State")
Handler = BaseHandler[Update, Context, Any]
OnText = Callable[[Connection, Sender, Draft, str], Say]
OnTap = Callable[[Connection, Sender, Draft, Sequence[str]], Say]

# The one state of every dialogue for the messenger library; where it stands is in the draft.
OPEN = 0

# Dialogues are held in private chats only: anonymous group admins share one user id.
PRIVATE = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
# A caption is what its sender says, as a text is.
PRIVATE_TEXT = PRIVATE & (filters.TEXT & ~filters.COMMAND | filters.CAPTION)


class Saying(filters.UpdateFilter):
    """A text in private that says nothing but what `says(text, today)` looks for."""

    def __init__(self, says: Callable[[str, date], bool]) -> None:
        super().__init__()
        self._says = says

    def filter(self, update: Update) -> bool:
        message = update.message
        if message is None or message.chat.type != ChatType.PRIVATE or not message.text:
            return False
        return self._says(message.text, message.date.astimezone(VIETNAM).date())


# The commands that open a dialogue; in the middle of one they lead back to its question.
OPENING_COMMANDS = ("baocao", "duluan", "hoinghi", "moi", "start", "vang")


@dataclass(frozen=True)
class Dialogue(Generic[State]):
    """A dialogue's name, the type of what its draft holds, and how it asks its present question.

    Every method that changes the draft returns the question that follows.
    """

    name: str
    data: TypeAdapter[State]
    ask: Callable[[Draft, State], Say]

    def state(self, draft: Draft) -> State:
        return self.data.validate_python(dict(draft.data))

    def prompt(self, draft: Draft) -> Say:
        """The present question: a pure function of the draft, so it can be asked again any time."""
        return replace(self.ask(draft, self.state(draft)), goes_on=True)

    def again(self, draft: Draft, note: str, **values: object) -> Say:
        """The present question with a word before it: what was wrong, and what to do."""
        question = self.prompt(draft)
        return replace(question, note=note, values={**question.values, **values})

    def open(self, conn: Connection, sender: Sender, step: str, state: State) -> Say:
        data = self._plain(state)
        return self.prompt(
            drafts.start(conn, sender.channel, sender.address, self.name, step, data, sender.now)
        )

    def go_on(self, conn: Connection, sender: Sender, draft: Draft, step: str, state: State) -> Say:
        return self.prompt(drafts.save(conn, draft, step, self._plain(state), sender.now))

    def _plain(self, state: State) -> Mapping[str, Any]:
        plain: Mapping[str, Any] = self.data.dump_python(state, mode="json")
        return plain


def draft_gone(_conn: Connection, _sender: Sender, _text: str) -> Say:
    return Say("common.draft_gone")


def conversation(
    desk: Desk,
    name: str,
    entry_points: Sequence[Handler],
    on_text: OnText,
    on_tap: OnTap,
    on_lost: Callable[[Connection, Sender, str], Say] = draft_gone,
) -> ConversationHandler[Context]:
    """A dialogue in private chats: what may open it, and what an answer or a tap does; `on_lost`
    hears a text that comes when the draft is gone.

    The draft row is the truth; the library's state only says which dialogue hears the next
    message. Buttons carry `NAME:DRAFT:VERSION:ACTION…`.
    """

    async def hear_text(turn: Turn) -> int:
        if turn.stopped:
            return await refuse_stopped(turn)
        return await reply(turn, await turn.write(answer, turn.sender, turn.text))

    def answer(conn: Connection, sender: Sender, text: str) -> Say:
        draft = drafts.get(conn, sender.channel, sender.address)
        if draft is None or draft.dialogue != name:
            return on_lost(conn, sender, text)
        return on_text(conn, sender, draft, text)

    async def hear_tap(turn: Turn) -> int | None:
        answered = await turn.write(_tap, turn.sender, turn.tap, on_tap)
        if answered is None:
            await turn.pop_up("common.old_button")
            return None
        return await reply(turn, answered)

    async def hear_command(turn: Turn) -> int:
        return await ask_again(turn, name)

    return ConversationHandler(
        entry_points=list(entry_points),
        states={
            OPEN: [
                CallbackQueryHandler(desk.on(hear_tap), pattern=f"^{name}:"),
                MessageHandler(PRIVATE_TEXT, desk.on(hear_text)),
            ]
        },
        fallbacks=[
            CommandHandler("huy", desk.on(cancel), filters=PRIVATE),
            CommandHandler(OPENING_COMMANDS, desk.on(hear_command), filters=PRIVATE),
        ],
        name=name,
        persistent=True,
    )


async def open_dialogue(turn: Turn, name: str, opening: Callable[[Connection, Sender], Say]) -> int:
    """Begin a dialogue, unless one is open in this chat: then that one's question comes again."""

    def begin(conn: Connection, sender: Sender) -> Say | Draft:
        return drafts.get(conn, sender.channel, sender.address) or opening(conn, sender)

    begun = await turn.write(begin, turn.sender)
    return await (_repeat(turn, name, begun) if isinstance(begun, Draft) else reply(turn, begun))


async def refuse_stopped(turn: Turn) -> int:
    """The privacy screen stopped what was typed: say so, and ask the open question again."""
    refusal = Say("privacy.stopped", {"findings": turn.stopped})
    draft = await turn.read(drafts.get, turn.channel, turn.address)
    if draft is None:
        await turn.show(refusal)
        return ConversationHandler.END
    question = turn.desk.prompts[draft.dialogue](draft)
    values = {**question.values, **refusal.values}
    await turn.show(replace(question, note=refusal.key, values=values))
    return OPEN


async def ask_again(turn: Turn, name: str) -> int:
    """Say that a draft is open and repeat its question; nothing of it is lost."""
    draft = await turn.read(drafts.get, turn.channel, turn.address)
    if draft is None:
        await turn.say("common.draft_gone")
        return ConversationHandler.END
    return await _repeat(turn, name, draft)


async def _repeat(turn: Turn, name: str, draft: Draft) -> int:
    await turn.say("common.busy", dialogue=draft.dialogue)
    await turn.show(turn.desk.prompts[draft.dialogue](draft), new=True)
    return OPEN if draft.dialogue == name else ConversationHandler.END


async def reply(turn: Turn, answer: Say) -> int:
    """Answer what was typed; a picture that came with it is not kept, unless the answer says so."""
    if turn.is_caption and answer.after is None:
        photo = turn.photo is not None
        answer = replace(answer, after="evidence.not_attached" if photo else "evidence.not_kept")
    await turn.show(answer)
    return OPEN if answer.goes_on else ConversationHandler.END


async def cancel(turn: Turn) -> int:
    """/huy: drop the draft, if there is one."""
    await turn.show(await turn.write(_drop, turn.sender), new=True)
    return ConversationHandler.END


def _drop(conn: Connection, sender: Sender) -> Say:
    draft = drafts.get(conn, sender.channel, sender.address)
    close(conn, sender)
    if draft is None:
        return Say("common.nothing_to_cancel")
    return Say("common.cancelled", {"dialogue": draft.dialogue})


def _tap(conn: Connection, sender: Sender, tap: Sequence[str], on_tap: OnTap) -> Say | None:
    """What the tap leads to, or None for a button of a draft or version that is gone."""
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is None or tuple(tap[:3]) != _stamp(draft):
        return None
    action = tap[3:]
    if action == ["cancel"]:
        return _drop(conn, sender)
    return on_tap(conn, sender, draft, action)


def close(conn: Connection, sender: Sender) -> None:
    """End the dialogue of this chat."""
    drafts.discard(conn, sender.channel, sender.address)


def actor_of(conn: Connection, sender: Sender) -> Actor | None:
    """Who is speaking, with the roles of today; None for somebody unknown."""
    return person.actor(conn, sender.channel, sender.address, sender.today)


def button(draft: Draft, key: str, *action: object, **values: object) -> Button:
    """A button that is valid for this version of the draft."""
    return Button(label(key, **values), ":".join((*_stamp(draft), *map(str, action))))


def _stamp(draft: Draft) -> tuple[str, str, str]:
    return draft.dialogue, str(draft.id), str(draft.version)


def bottom_row(draft: Draft, *, back: bool) -> tuple[Button, ...]:
    """Quay lại and Hủy: every prompt can be cancelled, every step can go back."""
    drop = button(draft, "common.button_cancel", "cancel")
    return (button(draft, "common.button_back", "back"), drop) if back else (drop,)


def rows(buttons: Sequence[Button], width: int) -> Keyboard:
    """Buttons in rows of `width`."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
