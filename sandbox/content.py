"""What a message holds: formatted text, captions, media, the message that it replies to."""

from collections.abc import Callable

from sandbox.access import Ask, message_in
from sandbox.entities import find_entities, trim, utf16_length
from sandbox.errors import ApiError, bad_request
from sandbox.files import MAX_PHOTO, MAX_UPLOAD, StoredFile, image_size
from sandbox.jsons import JsonDict
from sandbox.markup_html import parse_html
from sandbox.markup_markdown import parse_markdown
from sandbox.params import Params, Upload
from sandbox.state import Chat

MAX_TEXT = 4096
MAX_CAPTION = 1024
_PARSERS: dict[str, Callable[[str], tuple[str, list[JsonDict]]]] = {
    "html": parse_html,
    "markdownv2": parse_markdown,
}
_ENTITY_KINDS = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
    ]
)


def read_text(params: Params) -> JsonDict:
    """text and entities of sendMessage and editMessageText."""
    raw = params.text("text")
    if not raw:
        raise bad_request("message text is empty")
    text, entities = _formatted(params, raw, "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def read_caption(params: Params) -> JsonDict:
    """caption and caption_entities; empty when there is no caption."""
    text, entities = _formatted(params, params.text("caption"), "caption_entities")
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    shown: JsonDict = {"caption": text} if text else {}
    if entities:
        shown["caption_entities"] = entities
    return shown


def _formatted(params: Params, raw: str, name: str) -> tuple[str, list[JsonDict]]:
    mode = params.text("parse_mode").lower()
    if mode and mode != "none":
        if mode not in _PARSERS:
            raise bad_request("unsupported parse_mode")
        text, entities = _PARSERS[mode](raw)
    else:
        text, entities = raw, _given_entities(params, name, raw)
    text, entities = trim(text, entities)
    return text, find_entities(text, entities)


def _given_entities(params: Params, name: str, text: str) -> list[JsonDict]:
    given = params.json(name, "entities") or []
    if not isinstance(given, list):
        raise bad_request("can't parse entities JSON object")
    length = utf16_length(text)
    return [entity for entity in given if _is_valid(entity, length)]


def _is_valid(entity: object, length: int) -> bool:
    if not isinstance(entity, dict) or entity.get("type") not in _ENTITY_KINDS:
        raise bad_request("can't parse entities: unsupported entity type")
    offset, size = entity.get("offset"), entity.get("length")
    if not isinstance(offset, int) or not isinstance(size, int) or offset < 0 or size < 0:
        raise bad_request("can't parse entities: wrong entity offset or length")
    if offset + size > length:
        raise bad_request(
            f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
        )
    return size > 0


def read_reply(ask: Ask, chat: Chat) -> JsonDict:
    """reply_to_message from reply_parameters or the older reply_to_message_id."""
    given = ask.params.json("reply_parameters", "reply parameters")
    if given is not None and not isinstance(given, dict):
        raise bad_request("object expected as reply parameters")
    options = given or {
        "message_id": ask.params.integer("reply_to_message_id"),
        "allow_sending_without_reply": ask.params.flag("allow_sending_without_reply"),
    }
    if not options.get("message_id"):
        return {}
    try:
        replied = message_in(chat, int(options["message_id"]), "message to be replied")
    except ApiError:
        if options.get("allow_sending_without_reply"):
            return {}
        raise
    return {"reply_to_message": quoted(replied.payload)}


def quoted(payload: JsonDict) -> JsonDict:
    """A message inside another one: without the one that it replies to itself."""
    return {name: value for name, value in payload.items() if name != "reply_to_message"}


def read_media(ask: Ask, kind: str, given: object) -> JsonDict:
    """`photo` or `document` as it stands in a Message, from an upload, attach:// or a file_id."""
    return as_media(kind, _stored(ask, kind, given))


def as_media(kind: str, stored: StoredFile) -> JsonDict:
    """A kept file as it stands in a Message."""
    return {kind: stored.photo() if kind == "photo" else stored.document()}


def _stored(ask: Ask, kind: str, given: object) -> StoredFile:
    name = given.removeprefix("attach://") if isinstance(given, str) else kind
    upload = ask.params.files.get(name if given else kind)
    if upload is not None:
        return keep_upload(ask, kind, upload)
    if not given or not isinstance(given, str):
        raise bad_request(f"there is no {kind} in the request")
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = ask.world.files.by_id.get(given)
    if stored is None:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    if (kind == "photo") != stored.path.startswith("photos/"):
        raise bad_request(f"can't use file of type {_type_of(stored)} as {kind.capitalize()}")
    return stored


def _type_of(stored: StoredFile) -> str:
    return stored.path.partition("/")[0].rstrip("s").capitalize()


def keep_upload(ask: Ask, kind: str, upload: Upload) -> StoredFile:
    """Take in a bot's file; a photo must be a picture of at most 10 MB."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > MAX_UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo":
        if len(upload.content) > MAX_PHOTO:
            raise bad_request("file is too big for a photo; the maximum size is 10 MB")
        if image_size(upload.content) is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
    return ask.world.add_file(f"{kind}s", upload)
