"""Text measured and marked up as the server does it: lengths and offsets in UTF-16 units."""

import re
from collections.abc import Iterator

from sandbox.jsons import JsonDict

_COMMAND = re.compile(r"(?<![\w/<>@.])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])")
_MENTION = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{3,32}(?!\w)")
_HASHTAG = re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}\b")
_TOP_LEVEL = "com|net|org|info|edu|gov|io|me|app|dev|vn|cn|jp|kr|la|uk|us|de|fr|ru|eu"
_URL = re.compile(
    r"(?<![\w@./])(?:https?://[^\s<>\"]+"
    rf"|(?:[A-Za-z0-9-]+\.)+(?:{_TOP_LEVEL})(?![\w-])(?:[/?#][^\s<>\"]*)?)",
    re.IGNORECASE,
)
_PATTERNS = (
    ("email", _EMAIL, "@"),
    ("url", _URL, "."),
    ("bot_command", _COMMAND, "/"),
    ("mention", _MENTION, "@"),
    ("hashtag", _HASHTAG, "#"),
)


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, in which all of Telegram's limits and offsets count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of the text that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")[offset * 2 : (offset + length) * 2]
    return units.decode("utf-16-le", "replace")


def find_entities(text: str, known: list[JsonDict] | None = None) -> list[JsonDict]:
    """The entities that the server finds by itself, beside those already `known`, in order."""
    entities = list(known or ())
    for entity in _found(text):
        if not any(_clash(entity, other) for other in entities):
            entities.append(entity)
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return entities


def _found(text: str) -> Iterator[JsonDict]:
    for kind, pattern, sign in _PATTERNS:
        if sign in text:
            for match in pattern.finditer(text):
                covered = match.group().rstrip(".,;:!?)'\"") if kind == "url" else match.group()
                yield {
                    "type": kind,
                    "offset": utf16_length(text[: match.start()]),
                    "length": utf16_length(covered),
                }


_LOOKS = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"})


def _clash(found: JsonDict, other: JsonDict) -> bool:
    """Found entities may lie inside pure styling, but never across another link or code."""
    apart = (
        found["offset"] + found["length"] <= other["offset"]
        or other["offset"] + other["length"] <= found["offset"]
    )
    return not apart and other["type"] not in _LOOKS


def trim(text: str, entities: list[JsonDict]) -> tuple[str, list[JsonDict]]:
    """Text without surrounding white space and carriage returns, its entities moved along."""
    if "\r" in text and not entities:
        text = text.replace("\r", "")
    left = text.lstrip()
    shift = utf16_length(text) - utf16_length(left)
    trimmed = left.rstrip()
    if not entities or trimmed == text:
        return trimmed, entities
    end = utf16_length(trimmed)
    return trimmed, [moved for entity in entities if (moved := _moved(entity, shift, end))]


def _moved(entity: JsonDict, shift: int, end: int) -> JsonDict | None:
    start = max(entity["offset"] - shift, 0)
    stop = min(entity["offset"] + entity["length"] - shift, end)
    return {**entity, "offset": start, "length": stop - start} if stop > start else None
