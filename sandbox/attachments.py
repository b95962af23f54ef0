"""Files and other things that simulated users send."""

import base64
import binascii
import mimetypes
import struct
import zlib

from sandbox.content import as_media
from sandbox.control_models import ContactCard, FileSpec, Said
from sandbox.errors import SimError
from sandbox.files import MAX_PHOTO, StoredFile, image_size
from sandbox.jsons import JsonDict
from sandbox.params import Upload
from sandbox.people import caption_content, own_contact
from sandbox.state import Person
from sandbox.world import World

_NAMES = {"photo": ("photo.png", "image/png"), "document": ("tai-lieu.txt", "text/plain")}
_SIDE = 64


def sample_picture() -> bytes:
    """A small plain PNG."""
    rows = (b"\x00" + b"\xc0\x30\x30" * _SIDE) * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def user_file(world: World, kind: str, given: bool | str | FileSpec | Upload) -> StoredFile:
    """Keep what a user sends as photo or document; the app refuses photos over 10 MB."""
    if isinstance(given, str) and given in world.files.by_id:
        return world.files.by_id[given]
    if isinstance(given, FileSpec) and given.file_id is not None:
        if given.file_id not in world.files.by_id:
            raise SimError(f"no file {given.file_id}")
        return world.files.by_id[given.file_id]
    upload = given if isinstance(given, Upload) else _upload(kind, given)
    if kind == "photo" and image_size(upload.content) is None:
        raise SimError("the photo is no picture (PNG, JPEG, GIF or WebP)")
    if kind == "photo" and len(upload.content) > MAX_PHOTO:
        raise SimError("the photo is larger than 10 MB; send it as a document")
    return world.add_file(f"{kind}s", upload)


def _upload(kind: str, given: bool | str | FileSpec) -> Upload:
    spec = given if isinstance(given, FileSpec) else FileSpec()
    name, mime = _NAMES[kind]
    if spec.name:
        name = spec.name
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    encoded = given if isinstance(given, str) else spec.content_base64
    return Upload(name, spec.mime_type or mime, _content(kind, encoded, spec))


def _content(kind: str, encoded: str | None, spec: FileSpec) -> bytes:
    if encoded is not None:
        return _decoded(encoded)
    if spec.text is not None:
        return spec.text.encode()
    start = sample_picture() if kind == "photo" else b"sandbox\n"
    return start.ljust(spec.size or 0, b"\x00")


def _decoded(encoded: str) -> bytes:
    if encoded.startswith("data:"):
        encoded = encoded.partition(",")[2]
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise SimError("the file is neither a known file_id nor base64") from error


def media_content(
    world: World, kind: str, given: bool | str | FileSpec | Upload, said: Said
) -> JsonDict:
    """A photo or document with its caption."""
    stored = user_file(world, kind, given)
    group = {"media_group_id": said.media_group_id} if said.media_group_id else {}
    return {**as_media(kind, stored), **caption_content(said.caption), **group}


def other_content(world: World, person: Person, said: Said) -> JsonDict | None:
    """A sticker, voice message, location or contact; None when the message is none of them."""
    if said.sticker:
        return {"sticker": _sticker(world, said.sticker)}
    if said.voice:
        return {"voice": _voice(world, said.voice)}
    if said.location:
        return {"location": said.location.model_dump()}
    if said.contact:
        return {"contact": _contact(person, said.contact)}
    return None


def _contact(person: Person, given: bool | ContactCard) -> JsonDict:
    return own_contact(person) if isinstance(given, bool) else given.model_dump(exclude_none=True)


def _sticker(world: World, given: bool | str) -> JsonDict:
    stored = world.add_file("stickers", Upload("sticker.png", "image/png", sample_picture()))
    return {
        **stored.facts(),
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "emoji": given if isinstance(given, str) else "👍",
    }


def _voice(world: World, given: bool | int) -> JsonDict:
    stored = world.add_file("voice", Upload("voice.ogg", "audio/ogg", b"OggS" + bytes(2000)))
    duration = 3 if given is True else int(given)
    return {**stored.facts(), "duration": duration, "mime_type": "audio/ogg"}
