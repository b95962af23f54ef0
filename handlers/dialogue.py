"""What all dialogues share: one open draft per chat, the way back to its question, and buttons
that know which draft and version they belong to.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection
from telegram import Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    filters,
)

from domain.privacy import Screening, Verdict, screen
from handlers.desk import Button, Context, Desk, Keyboard, Say, Sender, Turn
from storage import draft as drafts
from storage.draft import Draft
from wording.say import label

OPEN = 0
Handler = BaseHandler[Update, Context, Any]

# Dialogues are held in private chats only: anonymous group admins share one user id.
PRIVATE_TEXT = (
    filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND
)
PRIVATE = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE


def conversation(
    desk: Desk,
    name: str,
    entry_points: Sequence[Handler],
    on_text: Callable[[Connection, Sender, str], Say],
    on_tap: Callable[[Connection, Sender, Draft, Sequence[str]], Say],
) -> ConversationHandler[Context]:
    """A dialogue in private chats: what may open it, and what an answer or a tap does.

    The draft row is the truth; the library's state only says which dialogue hears the next
    message. Buttons carry `NAME:DRAFT:VERSION:ACTION…`.
    """

    async def hear_text(turn: Turn) -> int:
        return await reply(turn, await turn.write(on_text, turn.sender, turn.text))

    async def hear_tap(turn: Turn) -> int | None:
        answer = await turn.write(_tap_on_draft, turn.sender, turn.tap, on_tap)
        if answer is None:
            await turn.pop_up("common.old_button")
            return None
        return await reply(turn, answer)

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


# The commands that open a dialogue; in the middle of one they lead back to its question.
OPENING_COMMANDS = ("baocao", "duluan", "hoinghi", "moi", "start")


async def open_dialogue(turn: Turn, name: str, opening: Callable[[Connection, Sender], Say]) -> int:
    """Begin a dialogue, unless one is open in this chat: then that one's question comes again."""
    if await turn.read(drafts.get, turn.channel, turn.address) is not None:
        return await ask_again(turn, name)
    return await reply(turn, await turn.write(opening, turn.sender))


async def ask_again(turn: Turn, name: str) -> int:
    """Say that a draft is open and repeat its question; nothing of it is lost."""
    draft = await turn.read(drafts.get, turn.channel, turn.address)
    if draft is None:
        await turn.say("common.draft_gone")
        return ConversationHandler.END
    await turn.say("common.busy", dialogue=draft.dialogue)
    await turn.show(turn.desk.prompts[draft.dialogue](draft), new=True)
    return OPEN if draft.dialogue == name else ConversationHandler.END


async def reply(turn: Turn, answer: Say) -> int:
    await turn.show(answer)
    return OPEN if answer.goes_on else ConversationHandler.END


async def cancel(turn: Turn) -> int:
    """/huy: drop the draft, if there is one."""
    dropped = await turn.write(_discard, turn.sender)
    await turn.say("common.cancelled" if dropped else "common.nothing_to_cancel")
    return ConversationHandler.END


def _discard(conn: Connection, sender: Sender) -> bool:
    draft = drafts.get(conn, sender.channel, sender.address)
    drafts.discard(conn, sender.channel, sender.address)
    return draft is not None


def _tap_on_draft(
    conn: Connection,
    sender: Sender,
    tap: Sequence[str],
    on_tap: Callable[[Connection, Sender, Draft, Sequence[str]], Say],
) -> Say | None:
    """What the tap leads to, or None for a button of a draft or version that is gone."""
    name, draft_id, version, *action = tap
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is None or (draft.dialogue, str(draft.id), str(draft.version)) != (
        name,
        draft_id,
        version,
    ):
        return None
    if action == ["cancel"]:
        drafts.discard(conn, sender.channel, sender.address)
        return Say("common.cancelled")
    return on_tap(conn, sender, draft, action)


def button(draft: Draft, key: str, *action: object, **values: object) -> Button:
    """A button that is valid for this version of the draft."""
    parts = (draft.dialogue, draft.id, draft.version, *action)
    return Button(label(key, **values), ":".join(map(str, parts)))


def bottom_row(draft: Draft, *, back: bool) -> tuple[Button, ...]:
    """Quay lại and Hủy: every prompt can be cancelled, every step can go back."""
    cancel_button = button(draft, "common.button_cancel", "cancel")
    return (
        (button(draft, "common.button_back", "back"), cancel_button) if back else (cancel_button,)
    )


def rows(buttons: Sequence[Button], width: int) -> Keyboard:
    """Buttons in rows of `width`."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))


def screened(text: str) -> Screening | Say:
    """The text that may be kept, or the refusal of what may not; the refusal never quotes it."""
    screening = screen(text)
    if screening.verdict is Verdict.STOP:
        return Say("privacy.stopped", {"findings": screening.findings})
    return screening
