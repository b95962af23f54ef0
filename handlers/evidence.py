"""Photos that go with an entry, where the department receives them: bot/intake.py lets them through.

Nothing of a photo is kept before its sender has agreed, once, to the notice about secrecy and
privacy; nothing is ever downloaded.
"""

from datetime import timedelta

from sqlalchemy import Connection
from telegram.error import TelegramError
from telegram.ext import CallbackQueryHandler, MessageHandler, filters

from domain.role import Action, Actor
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of
from handlers.tally_line import latest, no_role
from storage import draft as drafts
from storage import evidence, tally
from storage.evidence import Evidence, Photo
from storage.tally import StoredTally
from wording.say import label

# A photo alone goes with the sender's newest entry, when that is no older.
SOON = timedelta(minutes=30)


# --- the notice ----------------------------------------------------------------------------------


async def ask_to_agree(turn: Turn) -> None:
    """Show the notice to a reporter whose photo cannot be attached without it."""
    if await turn.read(_must_agree, turn.sender):
        await turn.show(_notice("caption"))


def _must_agree(conn: Connection, sender: Sender) -> bool:
    actor = actor_of(conn, sender)
    reports = actor is not None and actor.first(Action.REPORT_TALLY) is not None
    return actor is not None and reports and not evidence.has_agreed(conn, actor.person_id)


def _notice(about: str) -> Say:
    """It answers the photo, which comes back with the tap; so nothing of it is kept till then."""
    answers = (
        Button(label("evidence.button_agree"), f"photos:agree:{about}"),
        Button(label("evidence.button_decline"), "photos:decline"),
    )
    return Say("evidence.notice", keyboard=(answers,), quotes=True)


async def tap_decline(turn: Turn) -> None:
    """Who declines is asked again with the next photo."""
    await turn.show(Say("evidence.declined"))


async def tap_agree(turn: Turn) -> None:
    """A tap on Tôi đồng ý: it is kept, and the photo goes where it would have gone at once."""
    alone, version = turn.tap[2] == "alone", turn.desk.notice_version
    await turn.show(await turn.write(_agree, turn.sender, version, turn.quoted, alone=alone))


def _agree(
    conn: Connection, sender: Sender, version: str, quoted: Sender | None, *, alone: bool
) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    evidence.agree(conn, actor.person_id, version, sender.now)
    if quoted is None or quoted.photo is None:
        return Say("evidence.agreed")
    if alone:
        return _attach_to_newest(conn, quoted, actor, quoted.photo)
    entries = [e for e in tally.of_message(conn, quoted.origin) if not e.withdrawn]
    if not entries:
        return Say("evidence.agreed")
    return _attach(conn, quoted, entries[-1], actor, quoted.photo)


# --- attaching and taking off --------------------------------------------------------------------


async def hear_photo(turn: Turn) -> None:
    """A photo without words: it goes with the entry that its sender has just made."""
    await turn.show(await turn.write(_on_photo, turn.sender))


def _on_photo(conn: Connection, sender: Sender) -> Say:
    actor = actor_of(conn, sender)
    if actor is None or sender.photo is None or actor.first(Action.REPORT_TALLY) is None:
        return no_role(actor)
    if not evidence.has_agreed(conn, actor.person_id):
        return _notice("alone")
    return _attach_to_newest(conn, sender, actor, sender.photo)


def _attach_to_newest(conn: Connection, sender: Sender, actor: Actor, photo: Photo) -> Say:
    """The photo goes with the newest entry, unless a later one is still being made."""
    if drafts.get(conn, sender.channel, sender.address) is not None:
        return Say("evidence.finish_first")
    entry = latest(conn, sender, actor, lambda made: made.created_at >= sender.now - SOON)
    return _attach(conn, sender, entry, actor, photo) if entry else Say("evidence.no_entry")


def _attach(
    conn: Connection, sender: Sender, entry: StoredTally, actor: Actor, photo: Photo
) -> Say:
    photo_id = evidence.attach(conn, entry.id, actor.person_id, photo, sender.now)
    return Say("evidence.attached_to", {"entry": entry}, _take_off_button(photo_id))


def _take_off_button(photo_id: int) -> Keyboard:
    return ((Button(label("evidence.button_take_off"), f"photos:{photo_id}:off"),),)


async def tap_take_off(turn: Turn) -> None:
    """A tap on Gỡ ảnh: the photo is forgotten, the entry stays as it is."""
    answer = await turn.write(_take_off, turn.sender, int(turn.tap[1]))
    if answer is None:
        await turn.pop_up("common.old_button")
    else:
        # The button may stand under the photo itself, which has no text to change.
        await turn.show(answer, new=True)


def _take_off(conn: Connection, sender: Sender, photo_id: int) -> Say | None:
    photo = evidence.find(conn, photo_id)
    if photo is None:
        return None
    entry = _own_entry(conn, sender, photo.tally_id)
    if entry is None or entry.reporter_id is None:
        return Say("tally.not_yours")
    evidence.take_off(conn, photo, entry.reporter_id, sender.now)
    return Say("evidence.taken_off", {"entry": entry})


# --- looking at them -----------------------------------------------------------------------------


async def tap_show(turn: Turn) -> None:
    """A tap on Xem ảnh: the messenger shows its sender the photos once more."""
    photos = await turn.read(_photos, turn.sender, int(turn.tap[1]))
    if not photos:
        await turn.pop_up("common.old_button")
        return
    await turn.say("evidence.shown", photos=len(photos))
    try:
        for photo in photos:
            one = Say("evidence.one", {"photo": photo}, _take_off_button(photo.id))
            file_id = photo.photo.file_id
            await turn.chat.send_photo(file_id, one.text(), api_kwargs=one.markup())
    except TelegramError:
        await turn.say("evidence.not_shown")


def _photos(conn: Connection, sender: Sender, tally_id: int) -> list[Evidence]:
    return evidence.of_tally(conn, tally_id) if _own_entry(conn, sender, tally_id) else []


def _own_entry(conn: Connection, sender: Sender, tally_id: int) -> StoredTally | None:
    actor, entry = actor_of(conn, sender), tally.find(conn, tally_id)
    mine = actor is not None and entry is not None and entry.reporter_id == actor.person_id
    return entry if mine else None


def handlers(desk: Desk) -> list[Handler]:
    return [
        MessageHandler(PRIVATE & filters.PHOTO & ~filters.CAPTION, desk.on(hear_photo)),
        CallbackQueryHandler(desk.on(tap_agree), pattern="^photos:agree:(caption|alone)$"),
        CallbackQueryHandler(desk.on(tap_decline), pattern="^photos:decline$"),
        CallbackQueryHandler(desk.on(tap_take_off), pattern=r"^photos:\d+:off$"),
        CallbackQueryHandler(desk.on(tap_show), pattern=r"^entry:\d+:\d+:photos$"),
    ]
