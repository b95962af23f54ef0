"""What each Bot API method becomes on Zalo."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from telegram.request import RequestData

from channels.zalo_http import Json, Refused
from channels.zalo_line import Line, QuotaSpent
from channels.zalo_menu import Menu, Menus, choices_of, digest, lines
from channels.zalo_text import Styled, from_html, plain, split


@dataclass(frozen=True, slots=True)
class Ask:
    """One Bot API call."""

    line: Line
    data: RequestData | None

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.data.parameters if self.data else {}

    @property
    def chat(self) -> int:
        return int(self.parameters["chat_id"])

    @property
    def unasked(self) -> bool:
        return bool(self.parameters.get("unasked"))

    @property
    def message_id(self) -> int | None:
        return self.parameters.get("message_id")

    @property
    def keyboard(self) -> list[list[Json]]:
        markup: Json = self.parameters.get("reply_markup") or {}
        rows: list[list[Json]] = markup.get("inline_keyboard", [])
        return rows

    def worded(self, name: str) -> Styled:
        """The text or caption with its styles."""
        text = str(self.parameters.get(name) or "")
        is_html = str(self.parameters.get("parse_mode", "")).upper() == "HTML"
        return from_html(text) if is_html else plain(text)

    def upload(self) -> tuple[str, bytes] | None:
        """Name and content of the file that is sent; None when it is named by its address."""
        files = self.data.multipart_data if self.data else {}
        for name, content, _ in files.values():
            return name, content if isinstance(content, bytes) else content.read()
        return None


# --- the bot itself ------------------------------------------------------------------------------


async def get_me(ask: Ask) -> Json:
    return bot_user(await ask.line.call("getMe"))


def bot_user(me: Json) -> dict[str, Any]:
    """getMe's answer as a Bot API User."""
    name = me.get("display_name") or me["account_name"]
    return {"id": int(me["id"]), "is_bot": True, "first_name": name, "username": me["account_name"]}


async def set_webhook(ask: Ask) -> bool:
    given = ask.parameters
    await ask.line.call("setWebhook", url=given["url"], secret_token=given["secret_token"])
    return True


async def delete_webhook(ask: Ask) -> bool:
    """What waits cannot be dropped, and that there was none is no error."""
    await _unless_none(ask, "deleteWebhook")
    return True


async def get_webhook_info(ask: Ask) -> Json:
    info = await _unless_none(ask, "getWebhookInfo")
    url = info.get("url", "") if info else ""
    return {"url": url, "has_custom_certificate": False, "pending_update_count": 0}


async def _unless_none(ask: Ask, method: str) -> Any:
    try:
        return await ask.line.call(method)
    except Refused as error:
        if error.code != HTTPStatus.NOT_FOUND:
            raise
        return None


async def nothing(_: Ask) -> bool:
    """Zalo has no such thing, and nobody misses it."""
    return True


# --- sending -------------------------------------------------------------------------------------


async def send_message(ask: Ask) -> Json:
    return await _say(ask, ask.worded("text"), unasked=ask.unasked)


async def send_document(ask: Ask) -> Json:
    """A message with the address of the file."""
    name, url = await _published(ask, "document")
    words = ask.line.wording.file if url else ask.line.wording.no_file
    text = _noted(ask.worded("caption"), words.format(name=name, url=url))
    return await _say(ask, text, unasked=ask.unasked)


def _noted(caption: Styled, note: str) -> Styled:
    """What is said of a file, below its caption where it has one."""
    return caption + plain(f"\n\n{note}") if caption.text else plain(note)


async def send_photo(ask: Ask) -> Json:
    """A picture by its address with a plain caption; a menu or a long caption comes as a message
    behind it.
    """
    _, url = await _published(ask, "photo")
    caption = ask.worded("caption")
    if url is None:
        return await _say(ask, _noted(caption, ask.line.wording.no_photo), unasked=ask.unasked)
    if not caption.text and not ask.keyboard:
        return _sent(ask, await _out(ask, ask.unasked, "sendPhoto", photo=url), "")
    if ask.keyboard or len(split(caption, ask.line.split_at)) > 1:
        await _out(ask, ask.unasked, "sendPhoto", photo=url)
        return await _say(ask, caption, unasked=ask.unasked)
    sent = await _out(ask, ask.unasked, "sendPhoto", photo=url, caption=caption.text)
    return _sent(ask, sent, caption.text)


async def _published(ask: Ask, kind: str) -> tuple[str, str | None]:
    """The file's name and address."""
    upload = ask.upload()
    if upload is None:
        url = str(ask.parameters[kind])
        return url.rsplit("/", 1)[-1], url
    name, content = upload
    return name, await ask.line.files.publish(ask.chat, name, content)


async def edit_message_text(ask: Ask) -> Json:
    """A new message, since nothing can be changed; unless it would say the same again."""
    menus = await ask.line.chats.menus(ask.chat)
    old = menus.under(ask.message_id)
    text = ask.worded("text")
    if old and old.digest == _mark(text, ask, menus):
        raise Refused(400, "Bad Request: message is not modified")
    return await _say(ask, text, unasked=menus.is_unasked(ask.message_id), instead=ask.message_id)


async def answer_callback_query(ask: Ask) -> bool:
    """An alert is a message; anything less is not worth one."""
    text = ask.parameters.get("text")
    if text and ask.parameters.get("show_alert"):
        chat = int(str(ask.parameters["callback_query_id"]).partition(":")[0])
        await _post(ask.line, chat, False, "sendMessage", **plain(str(text)).parameters())
    return True


def _mark(text: Styled, ask: Ask, menus: Menus) -> str:
    return digest(text.text, choices_of(ask.keyboard, unasked=False, menus=menus))


async def _say(ask: Ask, text: Styled, *, unasked: bool, instead: int | None = None) -> Json:
    """Send a text with its menu, in parts where it is long; the last part carries the menu.

    `instead` names the message whose menu this one replaces. The menu is kept when the message is
    out: were it the other way round, a letter could mean a choice that nobody has seen.
    """
    line, memory = ask.line, ask.line.chats.memory
    async with line.chats.turn(ask.chat):
        menus = await line.chats.menus(ask.chat)
        choices = choices_of(ask.keyboard, unasked=unasked, menus=menus.without(instead))
        below = lines(ask.keyboard, choices, line.wording.choose)
        whole = text + plain(f"\n\n{below}") if below else text
        parts = split(whole, line.split_at)
        if not parts:
            raise Refused(HTTPStatus.BAD_REQUEST, "Bad Request: message text is empty")
        for part in parts:
            sent = await _out(ask, ask.unasked, "sendMessage", **part.parameters())
        mark = _mark(text, ask, menus)
        menu = Menu(_number(sent), choices, mark) if choices else None
        at = int(sent["date"])
        left = menus.answered(menu, at, instead=instead, unasked=unasked, digest=mark)
        if left != menus:
            await memory.keep_menus(ask.chat, left.plain())
    return _sent(ask, sent, whole.text)


async def _out(ask: Ask, unasked: bool, method: str, **content: object) -> Json:
    return await _post(ask.line, ask.chat, unasked, method, **content)


async def _post(line: Line, chat: int, unasked: bool, method: str, **content: object) -> Json:
    """One message, within the month's budget. Raises QuotaSpent, or what the call raises."""
    memory = line.chats.memory
    if not await memory.may_send(unasked=unasked):
        raise QuotaSpent
    zalo_id = await memory.zalo_id_of(chat)
    if zalo_id is None:
        raise Refused(400, "Bad Request: chat not found")
    try:
        sent: Json = await line.call(method, chat_id=zalo_id, **content)
    except Refused as error:
        if error.code == HTTPStatus.TOO_MANY_REQUESTS and await memory.is_month_spent():
            raise QuotaSpent from None
        raise
    await memory.sent(unasked=unasked)
    return sent


def _number(sent: Json) -> int:
    """A message of ours as a number; the library knows messages by numbers only."""
    return int(sha256(str(sent["message_id"]).encode()).hexdigest()[:12], 16)


def _sent(ask: Ask, sent: Json, text: str) -> Json:
    """What was sent, as a Bot API Message."""
    kind = "private" if ask.chat > 0 else "group"
    return {
        "message_id": _number(sent),
        "date": int(sent.get("date", 0)) // 1000,
        "chat": {"id": ask.chat, "type": kind},
        "text": text,
    }


METHODS: Mapping[str, Callable[[Ask], Awaitable[object]]] = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "editMessageText": edit_message_text,
    "answerCallbackQuery": answer_callback_query,
    "setMyCommands": nothing,
}
