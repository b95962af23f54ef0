"""What simulated people do on Zalo: write, send pictures and stickers; there is nothing to tap."""

from dataclasses import dataclass

from sandbox.attachments import user_file
from sandbox.control_models import Said
from sandbox.errors import SimError
from sandbox.jsons import JsonDict
from sandbox.people import split_text
from sandbox.state import Person
from sandbox.world import World
from sandbox.zalo_methods import MAX_TEXT
from sandbox.zalo_state import ZaloBot, ZaloChat
from sandbox.zalo_updates import event_of, push


@dataclass(frozen=True, slots=True)
class ZaloPlace:
    """A person in a chat with a Zalo bot."""

    world: World
    bot: ZaloBot
    person: Person
    chat: ZaloChat


def place(world: World, person_id: int, chat_id: int | None, bot_id: int | None) -> ZaloPlace:
    """Where a person acts. Raises SimError where the app or the plan would not let them."""
    person, bot = world.person(person_id), world.zalo.bot(bot_id)
    chat = world.zalo.chat(bot, person_id if chat_id is None else chat_id)
    if chat.private and chat.id != person_id:
        raise SimError(f"user {person_id} cannot act in the private chat of {chat.id}")
    if chat.blocked:
        raise SimError("this user has blocked the bot; unblock it first with POST /sim/member")
    if not chat.private and person_id not in chat.members:
        raise SimError(f"user {person_id} is not in chat {chat.id}")
    return ZaloPlace(world, bot, person, chat)


def say(at: ZaloPlace, said: Said, base_url: str) -> list[JsonDict]:
    """Send what was said, in parts where the app would split it; returns what the chat shows."""
    _register(at)
    quoted = {} if said.reply_to is None else {"reply_to": _known(at.chat, said.reply_to)}
    contents = _contents(at.world, said, base_url)
    return [_send(at, content | quoted) for content in contents]


def _register(at: ZaloPlace) -> None:
    """Whoever writes in private becomes one of the bot's users, as long as there is room."""
    users = at.bot.users
    if not at.chat.private or at.person.id in users:
        return
    if len(users) >= at.world.zalo.quirks.users:
        raise SimError(f"the bot has its {len(users)} users already")
    users.append(at.person.id)
    at.world.zalo.save_bot(at.bot)


def _known(chat: ZaloChat, number: int) -> int:
    if number not in chat.messages:
        raise SimError(f"no message {number} in chat {chat.id}")
    return number


def _contents(world: World, said: Said, base_url: str) -> list[JsonDict]:
    if said.photo:
        return [_image(world, said, base_url)]
    if said.sticker:
        return [{"kind": "sticker", "sticker": "bfe458bf64fa8da4d4eb"}]
    if said.voice:
        return [{"kind": "voice", "voice_url": f"{base_url}zalo/file/voice.aac"}]
    if said.document or said.location or said.contact:
        return [{"kind": "unsupported"}]
    if said.text is None or not said.text.strip():
        raise SimError("say what to send: text, photo, document, sticker, voice, location, contact")
    parts = split_text(said.text, MAX_TEXT) if said.split else [said.text]
    if len(parts[0]) > MAX_TEXT:
        raise SimError(f"the text is longer than {MAX_TEXT} characters; use 'split': true")
    return [{"kind": "text", "text": part} for part in parts]


def _image(world: World, said: Said, base_url: str) -> JsonDict:
    """A picture at an address that works for a while only."""
    if said.photo is None:
        raise SimError("there is no photo")
    stored = user_file(world, "photo", said.photo)
    until = int(world.clock.now().timestamp() + world.zalo.quirks.photo_seconds)
    url = f"{base_url}zalo/file/{stored.file_id}?until={until}"
    caption = {"caption": said.caption} if said.caption else {}
    return {"kind": "image", "photo_url": url, **caption}


def _send(at: ZaloPlace, content: JsonDict) -> JsonDict:
    zalo = at.world.zalo
    message = zalo.post(at.chat, at.person.user(), content)
    if at.chat.private or _is_heard(at, message):
        zalo.count(at.bot, "in")
        push(zalo, at.bot, event_of(zalo, at.chat, at.person, message))
    return message


def _is_heard(at: ZaloPlace, message: JsonDict) -> bool:
    """In a group the bot sees mentions of itself and replies to itself, nothing else."""
    replied = at.chat.messages.get(message.get("reply_to", 0))
    answers_bot = replied is not None and bool(replied["from"]["is_bot"])
    return answers_bot or f"@{at.bot.name}".lower() in str(message.get("text", "")).lower()
