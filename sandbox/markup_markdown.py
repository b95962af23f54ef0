"""parse_mode MarkdownV2, with the errors of the real parser (TDLib's parse_markdown_v2)."""

from dataclasses import dataclass, field

from sandbox.entities import utf16_length
from sandbox.errors import ApiError, bad_request
from sandbox.jsons import JsonDict

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_SIGNS = (
    ("```", "pre", "PreCode"),
    ("`", "code", "Code"),
    ("__", "underline", "Underline"),
    ("_", "italic", "Italic"),
    ("*", "bold", "Bold"),
    ("~", "strikethrough", "Strikethrough"),
    ("||", "spoiler", "Spoiler"),
    ("[", "text_link", "TextUrl"),
)
_NAMES = {kind: name for _, kind, name in _SIGNS} | {"blockquote": "BlockQuote"}
_CLOSERS = {kind: sign for sign, kind, _ in _SIGNS} | {"text_link": "]"}


@dataclass(slots=True)
class _Open:
    kind: str
    offset: int
    at: int
    language: str = ""


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
            self._step()
        if self.open and self.open[-1].kind == "blockquote":
            self._close()
        if self.open:
            raise self._unfinished()
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.parts), self.entities

    def _step(self) -> None:
        character = self.source[self.position]
        following = self.source[self.position + 1 : self.position + 2]
        inner = self.open[-1].kind if self.open else ""
        if character == "\\" and following and ord(following) <= 126:
            self.position += 1
            self._literal(following)
        elif character == "\n" and self._quote_ends(following):
            self._end_quote()
        elif inner and self.source.startswith(_CLOSERS.get(inner, "\n"), self.position):
            self._end(inner)
        elif inner in {"code", "pre"} or character not in _RESERVED:
            self._literal(character)
        else:
            self._begin(character)

    def _literal(self, character: str) -> None:
        self.parts.append(character)
        self.length += utf16_length(character)
        self.position += 1

    def _begin(self, character: str) -> None:
        if character == ">" and self._at_line_start():
            if not any(opened.kind == "blockquote" for opened in self.open):
                self.open.append(_Open("blockquote", self.length, self.position))
            self.position += 1
            return
        for sign, kind, _ in _SIGNS:
            if self.source.startswith(sign, self.position):
                self.open.append(_Open(kind, self.length, self.position))
                self.position += len(sign)
                if kind == "pre":
                    self._language()
                return
        raise bad_request(
            f"can't parse entities: Character '{character}' is reserved "
            "and must be escaped with the preceding '\\'"
        )

    def _language(self) -> None:
        line_end = self.source.find("\n", self.position)
        word = self.source[self.position : line_end] if line_end >= 0 else ""
        if word and "`" not in word and " " not in word:
            self.open[-1].language = word
            self.position = line_end
        if self.source.startswith("\n", self.position):
            self.position += 1

    def _at_line_start(self) -> bool:
        return not self.parts or self.parts[-1] == "\n"

    def _quote_ends(self, following: str) -> bool:
        return following != ">" and any(opened.kind == "blockquote" for opened in self.open)

    def _end_quote(self) -> None:
        if self.open[-1].kind != "blockquote":
            raise self._unfinished()
        self._close()
        self._literal("\n")

    def _end(self, kind: str) -> None:
        self.position += len(_CLOSERS[kind])
        if kind != "text_link":
            self._close()
            return
        url = "".join(self.parts)[-(self.length - self.open[-1].offset) :]
        if self.source.startswith("(", self.position):
            url = self._url()
        if "." in url or url.startswith("tg://"):
            self._close(url=url)
        else:
            self.open.pop()

    def _url(self) -> str:
        begin = self.position + 1
        at, url = begin, []
        while at < len(self.source) and self.source[at] != ")":
            at += self.source[at] == "\\"
            url.append(self.source[at : at + 1])
            at += 1
        if at >= len(self.source):
            offset = self._bytes(begin)
            raise bad_request(
                f"can't parse entities: Can't find end of a URL at byte offset {offset}"
            )
        self.position = at + 1
        return "".join(url)

    def _close(self, **extra: str) -> None:
        opened = self.open.pop()
        if opened.language:
            extra["language"] = opened.language
        if self.length > opened.offset:
            span = {"offset": opened.offset, "length": self.length - opened.offset}
            self.entities.append({"type": opened.kind, **span, **extra})

    def _bytes(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _unfinished(self) -> ApiError:
        opened = self.open[-1]
        name = _NAMES[opened.kind]
        return bad_request(
            f"can't parse entities: Can't find end of {name} entity "
            f"at byte offset {self._bytes(opened.at)}"
        )


def parse_markdown(source: str) -> tuple[str, list[JsonDict]]:
    """The plain text and its entities; raises ApiError in the real parser's words."""
    return _Parser(source).run()
