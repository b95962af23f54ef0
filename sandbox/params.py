"""What a call carries, however it was sent: query, form, multipart or JSON."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from sandbox.errors import ApiError, bad_request
from sandbox.jsons import JsonDict

_NUMBERS = frozenset(
    {"chat_id", "from_chat_id", "message_id", "user_id", "offset", "timeout", "limit"}
)
_OBJECTS = frozenset(
    {
        "allowed_updates",
        "caption_entities",
        "commands",
        "entities",
        "link_preview_options",
        "media",
        "menu_button",
        "message_ids",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)


@dataclass(slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    mime: str
    content: bytes


@dataclass(slots=True)
class Params:
    """The arguments of one call."""

    values: dict[str, object]
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The argument as text, empty when it was not given."""
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        return "" if value is None else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0) -> int:
        """The argument as a number; what is no number counts as the default, as on the server."""
        try:
            return int(float(given)) if "." in (given := self.text(name)) else int(given)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """The argument as a yes or no."""
        return self.text(name).lower() in {"true", "yes", "1"}

    def json(self, name: str, what: str) -> object:
        """The argument as JSON, None when it was not given or is empty; `what` names it in the error."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            parsed: object = json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {what} JSON object") from error
        return parsed

    def without_contents(self) -> "Params":
        """The same arguments, each file told by its name and size only."""
        if not self.files:
            return self
        sizes = {
            name: {"file_name": upload.name, "size": len(upload.content)}
            for name, upload in self.files.items()
        }
        return Params({**self.values, **sizes})

    def for_log(self) -> JsonDict:
        """The arguments as `GET /sim/calls` shows them: numbers and JSON decoded."""
        return {name: _shown(name, value) for name, value in self.values.items()}


def _shown(name: str, value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    if name in _NUMBERS and value.lstrip("-").isdecimal():
        return int(value)
    if name in _OBJECTS:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def read_params(request: Request) -> Params:
    """Gather a call's arguments; the body wins over the query."""
    values: dict[str, object] = dict(request.query_params)
    files: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        files = await _read_multipart(request, values)
    elif body := await request.body():
        values.update(_read_body(kind, body))
    _check_utf8(values)
    return Params(values, files)


def _read_body(kind: str, body: bytes) -> dict[str, object]:
    if kind == "application/json":
        return _read_json(body)
    return dict(parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True))


def _read_json(body: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(body)
    except ValueError as error:
        raise bad_request("can't parse JSON object in the request body") from error
    if not isinstance(parsed, dict):
        raise bad_request("object expected as the request body")
    return parsed


async def _read_multipart(request: Request, values: dict[str, object]) -> dict[str, Upload]:
    files = {}
    async with request.form(max_part_size=60_000_000) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime = value.content_type or "application/octet-stream"
                files[name] = Upload(value.filename or name, mime, await value.read())
            else:
                values[name] = value
    return files


def _check_utf8(values: dict[str, object]) -> None:
    try:
        for value in values.values():
            if isinstance(value, str):
                value.encode()
    except UnicodeEncodeError as error:
        raise ApiError(400, "Bad Request: strings must be encoded in UTF-8") from error
