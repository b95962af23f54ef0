"""What simulated users do: write, edit, tap."""

from dataclasses import dataclass

from sandbox.bell import first
from sandbox.content import MAX_CAPTION, MAX_TEXT, quoted
from sandbox.entities import find_entities, utf16_length
from sandbox.errors import SimError
from sandbox.jsons import JsonDict
from sandbox.keyboards import find_button
from sandbox.state import Bot, Chat, Message, Person, Query
from sandbox.updates import push, push_message
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Place:
    """A person in a chat, with the bot that a private chat is with."""

    world: World
    bot: Bot
    person: Person
    chat: Chat


def place(world: World, person_id: int, chat_id: int | None, bot_id: int | None) -> Place:
    """Where a person acts; a private chat may be named by either side's id. Raises SimError."""
    person = world.person(person_id)
    if chat_id in world.bots and bot_id is None:
        bot_id, chat_id = chat_id, person_id
    bot = world.bot(bot_id)
    chat = world.chat(person_id if chat_id is None else chat_id, bot)
    if chat.private and chat.id != person_id:
        raise SimError(f"user {person_id} cannot act in the private chat of {chat.id}")
    if chat.private and chat.blocked:
        raise SimError("this user has blocked the bot; unblock it first with POST /sim/member")
    if chat.migrated_to is not None:
        raise SimError(f"the group was upgraded; write to {chat.migrated_to}")
    if not chat.private and not chat.has(person_id):
        raise SimError(f"user {person_id} is not in chat {chat.id}")
    return Place(world, bot, person, chat)


def text_content(text: str) -> JsonDict:
    """A user's text with the entities that the server finds; the app refuses longer ones."""
    if not text.strip():
        raise SimError("the text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise SimError(f"the text is longer than {MAX_TEXT} UTF-16 units; use 'split': true")
    text = text.strip()
    return {"text": text, "entities": found} if (found := find_entities(text)) else {"text": text}


def caption_content(caption: str | None) -> JsonDict:
    """A caption under a user's file."""
    if not caption:
        return {}
    if utf16_length(caption) > MAX_CAPTION:
        raise SimError(f"the caption is longer than {MAX_CAPTION} UTF-16 units")
    found = find_entities(caption)
    return {"caption": caption, "caption_entities": found} if found else {"caption": caption}


def split_text(text: str, limit: int = MAX_TEXT) -> list[str]:
    """A long text as an app sends it: parts of at most `limit` UTF-16 units."""
    parts: list[str] = []
    part: list[str] = []
    size = 0
    for character in text:
        width = 2 if character > "\uffff" else 1
        if size + width > limit:
            parts.append("".join(part))
            part, size = [], 0
        part.append(character)
        size += width
    return [*parts, "".join(part)]


def reply_content(chat: Chat, message_id: int | None) -> JsonDict:
    """The message that a user replies to."""
    return (
        {} if message_id is None else {"reply_to_message": quoted(find(chat, message_id).payload)}
    )


def find(chat: Chat, message_id: int) -> Message:
    """A message that the chat still shows, or SimError."""
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise SimError(f"no message {message_id} in chat {chat.id}")
    return message


def say(at: Place, content: JsonDict) -> Message:
    """Send a user's message, and let the bots know that may see it."""
    if at.chat.private:
        at.chat.started = True
    message = at.world.post(at.chat, at.person.user(), content)
    push_message(at.world, at.chat, message)
    return message


def edit(at: Place, message_id: int, text: str) -> Message:
    """Change the text or caption of a user's own message."""
    message = find(at.chat, message_id)
    old = message.payload
    if old["from"]["id"] != at.person.id:
        raise SimError("only one's own messages can be edited")
    new = text_content(text) if "text" in old else caption_content(text)
    parts = {"text", "entities", "caption", "caption_entities"}
    kept = {name: value for name, value in old.items() if name not in parts}
    message.payload = {**kept, **new, "edit_date": at.world.clock.timestamp()}
    at.world.changed(at.chat, message)
    push_message(at.world, at.chat, message, "edited_message")
    return message


async def tap(at: Place, message_id: int, wanted: str, wait: float) -> JsonDict:
    """Press a button: an inline one asks the bot, a link opens, a reply key writes its label."""
    message = find(at.chat, message_id)
    button = find_button(message.markup, wanted)
    if button is None:
        raise SimError(f"no button {wanted!r} under message {message_id}")
    if message.markup is not None and "keyboard" in message.markup:
        said = say(at, _key_content(at, button))
        return {"message_id": said.payload["message_id"]}
    if "callback_data" not in button:
        return {"url": button["url"]} if "url" in button else {"opened": button}
    query = _ask(at, message, button["callback_data"])
    answer = await first(query.bell, lambda: query.answer, wait)
    return {"callback_query_id": query.id, "answer": answer}


def _key_content(at: Place, button: JsonDict) -> JsonDict:
    if button.get("request_contact"):
        return {"contact": own_contact(at.person)}
    return text_content(button["text"])


def own_contact(person: Person) -> JsonDict:
    """A person's own contact card, with an invented number."""
    name = {key: value for key, value in person.names().items() if key != "username"}
    return {"phone_number": f"84900{person.id:06d}", **name, "user_id": person.id}


def _ask(at: Place, message: Message, data: str) -> Query:
    owner = at.world.bots.get(message.payload["from"]["id"])
    if owner is None:
        raise SimError("the message is not from a bot")
    query = at.world.add_query(owner)
    body = {
        "id": query.id,
        "from": at.person.user(),
        "message": message.payload,
        "chat_instance": str(abs(at.chat.id) + 1_000_000_007),
        "data": data,
    }
    push(at.world, owner, "callback_query", body)
    return query
