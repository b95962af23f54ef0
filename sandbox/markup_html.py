"""parse_mode HTML, with the errors of the real parser (TDLib's parse_html)."""

import re
from dataclasses import dataclass, field

from sandbox.entities import utf16_length
from sandbox.errors import ApiError, bad_request
from sandbox.jsons import JsonDict

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_START = re.compile(r"<([^\s>]*)")
_ATTRIBUTE = re.compile(
    r"\s+(?P<name>[^\s=>]+)\s*(?:=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[\w.-]+)))?"
)
_END = re.compile(r"</([^\s>]*)\s*>")


@dataclass(slots=True)
class _Open:
    tag: str
    offset: int
    attributes: dict[str, str]


@dataclass(slots=True)
class _Parser:
    source: str
    position: int = 0
    length: int = 0
    parts: list[str] = field(default_factory=list)
    entities: list[JsonDict] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)

    def run(self) -> tuple[str, list[JsonDict]]:
        while self.position < len(self.source):
            if self.source.startswith("</", self.position):
                self._end_tag()
            elif self.source[self.position] == "<":
                self._start_tag()
            else:
                self._text()
        if self.open:
            tag = self.open[-1].tag
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\""
            )
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.parts), self.entities

    def _text(self) -> None:
        end = self.source.find("<", self.position)
        end = len(self.source) if end < 0 else end
        plain = _REFERENCE.sub(_decoded, self.source[self.position : end])
        self.parts.append(plain)
        self.length += utf16_length(plain)
        self.position = end

    def _start_tag(self) -> None:
        found = _START.match(self.source, self.position)
        tag = found.group(1).lower() if found else ""
        after = found.end() if found else len(self.source)
        if after >= len(self.source):
            raise self._error("Unclosed start tag")
        if tag not in _STYLES:
            raise self._error(f'Unsupported start tag "{tag}"')
        attributes, after = self._attributes(tag, after)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"')
        self.open.append(_Open(tag, self.length, attributes))
        self.position = after

    def _attributes(self, tag: str, position: int) -> tuple[dict[str, str], int]:
        attributes = {}
        while found := _ATTRIBUTE.match(self.source, position):
            value = found["double"] or found["single"] or found["bare"] or ""
            attributes[found["name"].lower()] = _REFERENCE.sub(_decoded, value)
            position = found.end()
        while self.source[position : position + 1].isspace():
            position += 1
        if position >= len(self.source):
            raise self._error("Unclosed start tag")
        if self.source[position] != ">":
            raise self._error(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}"'
            )
        return attributes, position + 1

    def _end_tag(self) -> None:
        found = _END.match(self.source, self.position)
        if not self.open:
            raise self._error("Unexpected end tag")
        if not found:
            raise self._error("Unclosed end tag")
        opened = self.open.pop()
        name = found.group(1).lower()
        if name and name != opened.tag:
            raise self._error(
                "Unmatched end tag", f', expected "</{opened.tag}>", found "</{name}>"'
            )
        self.position = found.end()
        if self.length > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: JsonDict = {
            "type": _STYLES[opened.tag],
            "offset": opened.offset,
            "length": self.length - opened.offset,
        }
        if opened.tag == "a" and not self._link(entity, opened):
            return
        if opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
        if opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        if opened.tag == "code":
            language = opened.attributes.get("class", "").removeprefix("language-")
            if language and self.open and self.open[-1].tag == "pre":
                self.open[-1].attributes["language"] = language
            if self.open and self.open[-1].tag == "pre":
                return
        if opened.tag == "pre" and opened.attributes.get("language"):
            entity["language"] = opened.attributes["language"]
        self.entities.append(entity)

    def _link(self, entity: JsonDict, opened: _Open) -> bool:
        url = opened.attributes.get("href") or "".join(self.parts)[-entity["length"] :]
        if user := re.fullmatch(r"tg://user\?id=(\d+)", url):
            entity.update(type="text_mention", user={"id": int(user.group(1))})
            return True
        entity["url"] = url
        return "." in url or url.startswith("tg://")

    def _error(self, text: str, tail: str = "") -> ApiError:
        at = len(self.source[: self.position].encode())
        return bad_request(f"can't parse entities: {text} at byte offset {at}{tail}")


def _decoded(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()


def parse_html(source: str) -> tuple[str, list[JsonDict]]:
    """The plain text and its entities; raises ApiError with the byte offset of what is wrong."""
    return _Parser(source).run()
