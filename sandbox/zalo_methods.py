"""The Zalo Bot Platform's methods, with what they refuse."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sandbox.entities import utf16_length
from sandbox.errors import ApiError, bad_request
from sandbox.jsons import JsonDict
from sandbox.markup_html import parse_html
from sandbox.params import Params
from sandbox.zalo_photos import fetch_picture
from sandbox.zalo_state import ZaloBot, ZaloChat
from sandbox.zalo_updates import get_updates
from sandbox.zalo_world import ZaloWorld

MAX_TEXT = 2000
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_STYLES = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s"}


@dataclass(frozen=True, slots=True)
class ZaloAsk:
    """One call: who asks, and what."""

    world: ZaloWorld
    bot: ZaloBot
    params: Params


class Style(BaseModel):
    """One run of text in a style; `start` and `len` in UTF-16 units."""

    model_config = ConfigDict(extra="forbid", strict=True)

    start: int = Field(ge=0)
    len: int = Field(ge=1)
    st: list[str] = Field(min_length=1)


_STYLE_LIST = TypeAdapter(list[Style])


def is_web_address(url: str, *, only_https: bool = False) -> bool:
    """Whether the platform could reach it; on loopback, plain http will do."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        return False
    return not only_https or parts.scheme == "https" or parts.hostname in LOOPBACK


# --- the bot itself


async def get_me(ask: ZaloAsk) -> JsonDict:
    return {
        "id": ask.bot.id,
        "account_name": f"bot.{ask.bot.number}",
        "account_type": "BASIC",
        "can_join_groups": True,
        "display_name": ask.bot.name,
    }


async def updates(ask: ZaloAsk) -> JsonDict:
    return await get_updates(ask.world, ask.bot, ask.params)


async def set_webhook(ask: ZaloAsk) -> JsonDict:
    url, secret = ask.params.text("url"), ask.params.text("secret_token")
    if not is_web_address(url, only_https=True):
        raise bad_request("url must be a public HTTPS address")
    if not 8 <= len(secret) <= 256:
        raise bad_request("secret_token must have 8 to 256 characters")
    return _hook(ask, {"url": url, "secret": secret})


async def delete_webhook(ask: ZaloAsk) -> JsonDict:
    return _hook(ask, None)


def _hook(ask: ZaloAsk, webhook: JsonDict | None) -> JsonDict:
    at = int(ask.world.clock.now().timestamp() * 1000)
    ask.bot.webhook = webhook and {**webhook, "updated_at": at}
    ask.world.save_bot(ask.bot)
    ask.bot.bell.ring()
    return {"url": webhook["url"] if webhook else "", "updated_at": at}


async def get_webhook_info(ask: ZaloAsk) -> JsonDict:
    if ask.bot.webhook is None:
        raise ApiError(404, "Not Found")
    return {name: ask.bot.webhook[name] for name in ("url", "updated_at")}


# --- sending


async def send_message(ask: ZaloAsk) -> JsonDict:
    chat = _chat(ask)
    text, styles = _styled(ask.params, _words(ask.params, "text", least=1))
    return _send(ask, chat, {"text": text, "text_styles": styles})


async def send_photo(ask: ZaloAsk) -> JsonDict:
    chat = _chat(ask)
    url = ask.params.text("photo")
    if not is_web_address(url):
        raise bad_request("photo must be a public URL")
    if ask.world.quirks.fetches_photos:
        await fetch_picture(url)
    caption = _words(ask.params, "caption", least=0)
    return _send(ask, chat, {"photo_url": url} | ({"caption": caption} if caption else {}))


async def send_sticker(ask: ZaloAsk) -> JsonDict:
    chat = _private(ask)
    if not ask.params.text("sticker"):
        raise bad_request("sticker is empty")
    return _send(ask, chat, {"sticker": ask.params.text("sticker")})


async def send_voice(ask: ZaloAsk) -> JsonDict:
    chat = _private(ask)
    url = ask.params.text("voice_url")
    if not is_web_address(url) or not urlsplit(url).path.endswith(".aac"):
        raise bad_request("voice_url must be a public URL that ends in .aac")
    return _send(ask, chat, {"voice_url": url})


async def send_chat_action(ask: ZaloAsk) -> JsonDict:
    _chat(ask)
    if ask.params.text("action") != "typing":
        raise bad_request("action must be typing")
    return {"ok": True}


def _chat(ask: ZaloAsk) -> ZaloChat:
    given = ask.params.values.get("chat_id")
    if not isinstance(given, str):
        raise bad_request("chat_id must be a string")
    return ask.world.named(ask.bot, given)


def _private(ask: ZaloAsk) -> ZaloChat:
    chat = _chat(ask)
    if not chat.private:
        raise bad_request("this can be sent to private chats only")
    return chat


def _words(params: Params, name: str, *, least: int) -> str:
    text = params.text(name)
    if not least <= utf16_length(text) <= MAX_TEXT or len(text.strip()) < least:
        raise bad_request(f"{name} must have {least} to {MAX_TEXT} characters")
    return text


def _styled(params: Params, text: str) -> tuple[str, list[JsonDict]]:
    """The text as it is shown, with its styles, which come in one of two ways and never in both."""
    mode = params.text("parse_mode").lower()
    given = params.json("text_styles", "text_styles")
    if mode and given is not None:
        raise bad_request("parse_mode and text_styles exclude each other")
    if mode not in {"", "markdown", "html"}:
        raise bad_request("parse_mode must be markdown or html")
    if mode == "html":
        return _from_html(text)
    return text, _styles(given, utf16_length(text))


def _from_html(text: str) -> tuple[str, list[JsonDict]]:
    plain, entities = parse_html(text)
    return plain, [
        {"start": entity["offset"], "len": entity["length"], "st": [_STYLES[entity["type"]]]}
        for entity in entities
        if entity["type"] in _STYLES
    ]


def _styles(given: object, length: int) -> list[JsonDict]:
    try:
        styles = _STYLE_LIST.validate_python(given or [])
    except ValidationError as error:
        raise bad_request("text_styles must be a list of {start, len, st}") from error
    for style in styles:
        if style.start + style.len > length or not set(style.st) <= set(_STYLES.values()):
            raise bad_request("text_styles reach beyond the text or name an unknown style")
    return [style.model_dump() for style in styles]


def _send(ask: ZaloAsk, chat: ZaloChat, content: JsonDict) -> JsonDict:
    if ask.world.used(ask.bot) >= ask.world.quirks.quota:
        raise ApiError(429, "Quota exceeded")
    ask.world.count(ask.bot, "out")
    message = ask.world.post(chat, ask.bot.user(), content)
    return {"message_id": message["zalo_id"], "date": message["date_ms"]}


@dataclass(frozen=True, slots=True)
class Method:
    """What a method does, and the parameters that it knows; any other is refused."""

    act: Callable[[ZaloAsk], Awaitable[JsonDict]]
    known: frozenset[str]


def _method(act: Callable[[ZaloAsk], Awaitable[JsonDict]], *known: str) -> Method:
    return Method(act, frozenset(known))


METHODS = {
    "getMe": _method(get_me),
    "getUpdates": _method(updates, "timeout"),
    "setWebhook": _method(set_webhook, "url", "secret_token"),
    "deleteWebhook": _method(delete_webhook),
    "getWebhookInfo": _method(get_webhook_info),
    "sendMessage": _method(send_message, "chat_id", "text", "parse_mode", "text_styles"),
    "sendPhoto": _method(send_photo, "chat_id", "photo", "caption"),
    "sendSticker": _method(send_sticker, "chat_id", "sticker"),
    "sendVoice": _method(send_voice, "chat_id", "voice_url"),
    "sendChatAction": _method(send_chat_action, "chat_id", "action"),
}


async def run(ask: ZaloAsk, name: str) -> JsonDict:
    """Carry out a method; raises ApiError."""
    method = METHODS.get(name)
    if method is None:
        raise ApiError(404, "Not Found")
    unknown = ask.params.values.keys() | ask.params.files.keys()
    if unknown - method.known:
        raise bad_request(f"unknown parameter {min(unknown - method.known)}")
    return await method.act(ask)
