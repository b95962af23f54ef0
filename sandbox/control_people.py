"""Control interface: users, chats, members."""

from starlette.requests import Request

from sandbox.control_models import MemberChange, NewChat, NewUser
from sandbox.errors import SimError
from sandbox.jsons import JsonDict
from sandbox.membership import STATUSES, add_group, migrate, set_blocked, set_member
from sandbox.profile import commands_shown
from sandbox.requests import chat_id, number, read_body
from sandbox.state import IN_CHAT, Bot, Chat, Person
from sandbox.world import World


def _person(world: World, bot: Bot, person: Person) -> JsonDict:
    chat = world.chats.get((bot.id, person.id))
    return {
        "id": person.id,
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "role": person.role,
        "unit": person.unit,
        "hidden": person.hidden,
        "chat_id": person.id,
        "blocked": chat is not None and chat.blocked,
    }


def _group(chat: Chat) -> JsonDict:
    return {
        "id": chat.id,
        "title": chat.title,
        "type": chat.type,
        "members": [member for member, status in chat.members.items() if status in IN_CHAT],
        "migrated_to": chat.migrated_to,
    }


async def add_user(world: World, request: Request) -> JsonDict:
    """POST /sim/users"""
    given = await read_body(request, NewUser)
    person_id = given.id if given.id is not None else world.free_user_id()
    if person_id in world.bots:
        raise SimError(f"{person_id} is a bot")
    person = Person(**{**given.model_dump(), "id": person_id})
    world.persons[person.id] = person
    world.save_person(person)
    world.note("people")
    return _person(world, world.bot(None), person)


async def add_chat(world: World, request: Request) -> JsonDict:
    """POST /sim/chats"""
    given = await read_body(request, NewChat)
    known = world.chats.get((0, given.id)) if given.id is not None else None
    if known is not None:
        known.title = given.title
        for member in given.members:
            if not known.has(member):
                set_member(world, known, member, "member", None)
        world.save_chat(known)
        world.note("chat", known.id)
        return _group(known)
    new_id = given.id if given.id is not None else world.free_group_id(given.type)
    chat = Chat(new_id, given.type, given.title, given.username)
    add_group(world, chat, given.members)
    return _group(chat)


async def people(world: World, request: Request) -> JsonDict:
    """GET /sim/people"""
    bot = world.bot(number(request, "bot"))
    everybody = request.query_params.get("hidden") in {"1", "true"}
    shown = [p for p in world.persons.values() if everybody or not p.hidden]
    return {
        "people": [_person(world, bot, person) for person in shown],
        "groups": [_group(chat) for chat in world.groups() if chat.migrated_to is None],
        "bots": [
            {"id": bot.id, "username": bot.username, "name": bot.name}
            for bot in world.bots.values()
        ],
    }


async def change_member(world: World, request: Request) -> JsonDict:
    """POST /sim/member"""
    given = await read_body(request, MemberChange)
    bot = world.bot(given.bot)
    chat = world.chat(given.chat, bot)
    status = STATUSES[given.status]
    if chat.private:
        if given.user != chat.id:
            raise SimError("in a private chat, chat and user are the same id")
        set_blocked(world, bot, world.person(given.user), status != "member")
    else:
        set_member(world, chat, given.user, status, given.by)
    return {"chat": chat.id, "user": given.user, "status": status}


async def upgrade(world: World, request: Request) -> JsonDict:
    """POST /sim/chats/{id}/migrate"""
    chat = world.chat(chat_id(request), world.bot(None))
    return {"migrate_to_chat_id": migrate(world, chat).id}


async def menu(world: World, request: Request) -> JsonDict:
    """GET /sim/chats/{id}/commands"""
    bot = world.bot(number(request, "bot"))
    chat = world.chat(chat_id(request), bot)
    user_id = number(request, "user") or chat.id
    known = world.persons.get(user_id)
    language = known.language_code if known else "vi"
    return {"commands": commands_shown(bot, chat, user_id, language)}
