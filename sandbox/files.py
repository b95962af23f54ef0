"""Uploaded bytes: in memory, or in a folder when the sandbox keeps its data."""

import base64
import mimetypes
import struct
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path, PurePath

from sandbox.jsons import JsonDict

MAX_UPLOAD = 50_000_000
MAX_PHOTO = 10_000_000
MAX_DOWNLOAD = 20_000_000


@dataclass(slots=True)
class StoredFile:
    """One file as the server knows it; `path` is what getFile answers."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    size: int
    width: int = 0
    height: int = 0

    def record(self) -> JsonDict:
        """As the journal keeps it."""
        return asdict(self)

    def facts(self) -> JsonDict:
        """The fields that every kind of file has in the Bot API."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }

    def photo(self) -> list[JsonDict]:
        """As Message.photo."""
        return [{**self.facts(), "width": self.width, "height": self.height}]

    def document(self) -> JsonDict:
        """As Message.document."""
        return {"file_name": self.name, "mime_type": self.mime, **self.facts()}


@dataclass(slots=True)
class Shelf:
    """All files, found by file_id or by path."""

    folder: Path | None = None
    by_id: dict[str, StoredFile] = field(default_factory=dict)
    by_path: dict[str, StoredFile] = field(default_factory=dict)
    _contents: dict[str, bytes] = field(default_factory=dict)

    def add(self, kind: str, name: str, mime: str, content: bytes) -> StoredFile:
        """Keep a file; `kind` is the first part of its path (photos, documents, voice …)."""
        number = len(self.by_id)
        name = PurePath(name.replace("\\", "/")).name or "file"
        unique = sha256(content + name.encode() + number.to_bytes(8, "big")).digest()
        width, height = image_size(content) or (0, 0)
        stored = StoredFile(
            file_id="SB" + base64.urlsafe_b64encode(unique[:24]).decode(),
            unique_id=base64.urlsafe_b64encode(unique[:9]).decode(),
            path=f"{kind}/file_{number}{PurePath(name).suffix or _suffix(mime)}",
            name=name,
            mime=mime,
            size=len(content),
            width=width,
            height=height,
        )
        self._keep(stored, content)
        return stored

    def _keep(self, stored: StoredFile, content: bytes) -> None:
        self.restore(stored)
        if self.folder is None:
            self._contents[stored.file_id] = content
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / stored.file_id).write_bytes(content)

    def restore(self, stored: StoredFile) -> None:
        """Take up a file that an earlier run kept."""
        self.by_id[stored.file_id] = stored
        self.by_path[stored.path] = stored

    def read(self, stored: StoredFile) -> bytes:
        """The file's bytes."""
        if self.folder is None:
            return self._contents[stored.file_id]
        return (self.folder / stored.file_id).read_bytes()


def _suffix(mime: str) -> str:
    return mimetypes.guess_extension(mime) or ""


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, WebP or JPEG; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return _pair(">II", content, 16)
    if content.startswith((b"GIF87a", b"GIF89a")) and len(content) >= 10:
        return _pair("<HH", content, 6)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return 512, 512
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    return None


def _pair(layout: str, content: bytes, offset: int) -> tuple[int, int]:
    width, height = struct.unpack_from(layout, content, offset)
    return int(width), int(height)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = _pair(">HH", content, at + 5)
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
