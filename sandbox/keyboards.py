"""reply_markup: checked as the server checks it, and searched as a finger does."""

from sandbox.errors import bad_request
from sandbox.jsons import JsonDict
from sandbox.params import Params

MAX_BUTTONS = 100
MAX_CALLBACK_BYTES = 64
_ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "pay",
    "callback_game",
)


def read_markup(params: Params) -> JsonDict | None:
    """The keyboard of a call; raises ApiError for one that the server refuses."""
    markup = params.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], "inline_keyboard")
        return {"inline_keyboard": [[_inline(button) for button in row] for row in rows if row]}
    if "keyboard" in markup:
        rows = _rows(markup["keyboard"], "keyboard")
        return {**markup, "keyboard": [[_plain(button) for button in row] for row in rows if row]}
    return markup if markup.get("remove_keyboard") or markup.get("force_reply") else None


def _rows(rows: object, name: str) -> list[list[object]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            f'can\'t parse reply keyboard markup: Field "{name}" must be of type Array'
        )
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def _inline(button: object) -> JsonDict:
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object"
        )
    text = button.get("text")
    if not isinstance(text, str) or not text:
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    action = next((name for name in _ACTIONS if button.get(name) is not None), None)
    if action is None:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if action == "callback_data":
        _check_data(button["callback_data"])
    if action == "url":
        _check_url(button["url"])
    return {"text": text, action: button[action]}


def _check_data(data: object) -> None:
    if not isinstance(data, str) or not 0 < len(data.encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_url(url: object) -> None:
    if not isinstance(url, str) or not ("." in url or url.startswith("tg://")) or " " in url:
        raise bad_request("BUTTON_URL_INVALID")


def _plain(button: object) -> JsonDict:
    shaped = {"text": button} if isinstance(button, str) else button
    if not isinstance(shaped, dict):
        raise bad_request(
            "can't parse keyboard button: KeyboardButton must be a String or an Object"
        )
    if not isinstance(shaped.get("text"), str) or not shaped["text"]:
        raise bad_request('can\'t parse keyboard button: Field "text" must be non-empty')
    return shaped


def find_button(markup: JsonDict | None, wanted: str) -> JsonDict | None:
    """The button with that callback_data or label, data first; None when there is none."""
    if markup is None:
        return None
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    buttons: list[JsonDict] = [button for row in rows for button in row]
    for name in ("callback_data", "text"):
        for button in buttons:
            if button.get(name) == wanted:
                return button
    return None
