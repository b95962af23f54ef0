"""Control interface of the Zalo side: the same requests, with `"platform": "zalo"`."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.bell import first
from sandbox.control_messages import read_said
from sandbox.control_models import MemberChange, NewChat
from sandbox.jsons import JsonDict
from sandbox.requests import chat_id, number, read_body, read_json, wait_seconds
from sandbox.state import Person
from sandbox.world import World
from sandbox.zalo_people import place, say
from sandbox.zalo_state import Quirks, ZaloBot, ZaloChat, zalo_id

_AWAY = frozenset({"block", "leave", "left", "kick", "kicked"})


# --- people and groups


def _person(bot: ZaloBot, chats: dict[tuple[int, int], ZaloChat], person: Person) -> JsonDict:
    chat = chats.get((bot.number, person.id))
    return {
        "id": person.id,
        "zalo_id": zalo_id(bot.number, person.id),
        "name": person.name,
        "role": person.role,
        "unit": person.unit,
        "chat_id": person.id,
        "writes": person.id in bot.users,
        "blocked": chat is not None and chat.blocked,
    }


def _group(chat: ZaloChat) -> JsonDict:
    return {
        "id": chat.id,
        "zalo_id": chat.zalo_id,
        "title": chat.title,
        "type": "group",
        "members": chat.members,
    }


def _bot(world: World, bot: ZaloBot) -> JsonDict:
    month = bot.months.get(world.zalo.month(), {"in": 0, "out": 0})
    about = {"id": bot.token_id, "name": bot.name, "users": len(bot.users)}
    return {**about, "month": month, "pending": len(bot.pending)}


async def people(world: World, request: Request) -> JsonDict:
    """GET /sim/people"""
    zalo = world.zalo
    bot = zalo.bot(number(request, "bot"))
    everybody = request.query_params.get("hidden") in {"1", "true"}
    shown = [p for p in world.persons.values() if everybody or not p.hidden]
    return {
        "people": [_person(bot, zalo.chats, person) for person in shown],
        "groups": [_group(chat) for chat in zalo.groups(bot)],
        "bots": [_bot(world, each) for each in zalo.bots.values()],
    }


async def add_chat(world: World, request: Request) -> JsonDict:
    """POST /sim/chats"""
    given = await read_body(request, NewChat)
    return _group(world.zalo.add_group(world.zalo.bot(None), given.title, given.members))


async def change_member(world: World, request: Request) -> JsonDict:
    """POST /sim/member"""
    given = await read_body(request, MemberChange)
    chat = world.zalo.chat(world.zalo.bot(given.bot), given.chat)
    away = given.status in _AWAY
    if chat.private:
        chat.blocked = away
    else:
        others = [member for member in chat.members if member != given.user]
        chat.members = others if away else [*others, given.user]
    world.zalo.save_chat(chat)
    world.note("people", platform="zalo")
    return {"chat": chat.id, "user": given.user, "status": given.status}


# --- messages


async def send(world: World, request: Request) -> JsonDict:
    """POST /sim/message"""
    said, files = await read_said(request)
    if "photo" in files:
        said.photo = world.add_file("photos", files["photo"]).file_id
    at = place(world, said.sender, said.chat, said.bot)
    messages = say(at, said, str(request.base_url))
    numbers = [message["message_id"] for message in messages]
    return {"message_id": numbers[-1], "message_ids": numbers, "message": messages[-1]}


async def chat_messages(world: World, request: Request) -> JsonDict:
    """GET /sim/chats/{id}/messages"""
    chat = world.zalo.chat(world.zalo.bot(number(request, "bot")), chat_id(request))
    last = number(request, "after") or 0
    found = await first(chat.bell, lambda: chat.after(last), wait_seconds(request))
    return {"messages": found, "revision": len(chat.messages)}


async def picture(request: Request) -> Response:
    """`/zalo/file/<id>?until=…`: what a person sent, until its address expires."""
    world: World = request.app.state.world
    stored = world.files.by_id.get(request.path_params["file_id"])
    until = number(request, "until") or 0
    if stored is None or world.clock.now().timestamp() > until:
        return Response("expired", 404, media_type="text/plain")
    return Response(world.files.read(stored), media_type=stored.mime)


# --- quirks


async def read_quirks(world: World, _: Request) -> JsonDict:
    """GET /sim/quirks"""
    return world.zalo.quirks.model_dump()


async def switch_quirks(world: World, request: Request) -> JsonDict:
    """POST /sim/quirks"""
    wanted = world.zalo.quirks.model_dump() | await read_json(request)
    world.zalo.quirks = Quirks.model_validate(wanted)
    world.zalo.save_quirks()
    return world.zalo.quirks.model_dump()
