"""Control interface: what users write, edit and tap, and what their chats show."""

from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from sandbox.attachments import media_content, other_content
from sandbox.bell import first
from sandbox.control_models import Edited, Said, Tapped
from sandbox.errors import SimError
from sandbox.jsons import JsonDict
from sandbox.params import Upload
from sandbox.people import Place, edit, place, reply_content, say, split_text, tap, text_content
from sandbox.requests import chat_id, number, read_body, wait_seconds
from sandbox.state import Message
from sandbox.world import World


async def send(world: World, request: Request) -> JsonDict:
    """POST /sim/message"""
    said, files = await read_said(request)
    at = place(world, said.sender, said.chat, said.bot)
    extra = reply_content(at.chat, said.reply_to) | _forward(world, said)
    contents = [{**content, **extra} for content in _contents(at, said, files)]
    messages = [say(at, content) for content in contents]
    numbers = [message.payload["message_id"] for message in messages]
    return {"message_id": numbers[-1], "message_ids": numbers, "message": messages[-1].shown()}


async def read_said(request: Request) -> tuple[Said, dict[str, Upload]]:
    """What is to be sent, as JSON or as a form with files."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await read_body(request, Said), {}
    files, fields = {}, {}
    async with request.form(max_part_size=60_000_000) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime = value.content_type or "application/octet-stream"
                files[name] = Upload(value.filename or name, mime, await value.read())
            else:
                fields[name] = value
    return Said.model_validate(fields), files


def _contents(at: Place, said: Said, files: dict[str, Upload]) -> list[JsonDict]:
    for kind, given in (("photo", said.photo), ("document", said.document)):
        if chosen := files.get(kind) or given:
            return [media_content(at.world, kind, chosen, said)]
    other = other_content(at.world, at.person, said)
    if other is not None:
        return [other]
    if said.text is None:
        raise SimError(
            "say what to send: text, photo, document, sticker, voice, location or contact"
        )
    return [text_content(part) for part in (split_text(said.text) if said.split else [said.text])]


def _forward(world: World, said: Said) -> JsonDict:
    if said.forward_from is None:
        return {}
    sender = world.user(said.forward_from)
    if sender is None:
        raise SimError(f"no user {said.forward_from}")
    date = world.clock.timestamp()
    return {"forward_origin": {"type": "user", "sender_user": sender, "date": date}}


async def edit_message(world: World, request: Request) -> JsonDict:
    """POST /sim/edit"""
    given = await read_body(request, Edited)
    at = place(world, given.sender, given.chat, given.bot)
    return {"message": edit(at, given.message_id, given.text).shown()}


async def tap_button(world: World, request: Request) -> JsonDict:
    """POST /sim/tap"""
    given = await read_body(request, Tapped)
    at = place(world, given.sender, given.chat, given.bot)
    return await tap(at, given.message_id, given.button, given.wait)


async def chat_messages(world: World, request: Request) -> JsonDict:
    """GET /sim/chats/{id}/messages"""
    chat = world.chat(chat_id(request), world.bot(number(request, "bot")))
    revision = number(request, "after_revision")
    after = number(request, "after") or 0

    def fresh() -> list[Message]:
        return chat.after_id(after) if revision is None else chat.after_revision(revision)

    found = await first(chat.bell, fresh, wait_seconds(request))
    return {"messages": [message.shown() for message in found], "revision": chat.revision}


async def events(world: World, request: Request) -> JsonDict:
    """GET /sim/events"""
    after = number(request, "after") or 0

    def fresh() -> list[JsonDict]:
        newer = []
        for event in reversed(world.events):
            if event["n"] <= after:
                break
            newer.append(event)
        return newer[::-1]

    found = await first(world.event_bell, fresh, wait_seconds(request))
    return {"events": found, "last": world.last_event}


async def file_bytes(world: World, request: Request) -> Response:
    """GET /sim/files/{file_id}"""
    stored = world.files.by_id.get(request.path_params["file_id"])
    if stored is None:
        raise SimError("no such file")
    headers = {"content-disposition": f"inline; filename*=UTF-8''{quote(stored.name)}"}
    return Response(world.files.read(stored), media_type=stored.mime, headers=headers)
