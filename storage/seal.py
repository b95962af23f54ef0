"""Files encrypted with a key: whoever finds a backup without the key learns nothing from it.

AES-256-GCM in chunks, as in age's STREAM: each file has a key of its own, drawn from the key and a
random salt; each chunk's nonce is its number and whether it is the last. So files of any size need
little memory, and a chunk that is changed, moved, left out or cut off is noticed.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"bao-cao sealed 1\n"
KEY_BYTES = 32
SALT_BYTES = 32
TAG_BYTES = 16
CHUNK_BYTES = 1 << 20
HOW_TO_MAKE_A_KEY = "openssl rand -base64 32 > backup.key"


class SealError(Exception):
    """Why a file cannot be sealed or opened, in words for the operator."""


def read_key(file: Path) -> bytes:
    """The key in a key file: 32 random bytes as base64. Raises SealError."""
    try:
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except OSError as error:
        raise SealError(f"The key file {file} cannot be read: {error.strerror}.") from None
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SealError(f"{file} holds no key. Make one: {HOW_TO_MAKE_A_KEY}")
    return key


def is_sealed(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def sealed(plain: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The encrypted file, piece by piece."""
    salt = os.urandom(SALT_BYTES)
    cipher = _cipher(key, salt)
    yield MAGIC + salt
    for nonce, chunk in _chunks(plain, CHUNK_BYTES):
        yield cipher.encrypt(nonce, chunk, MAGIC)


def opened(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """What was sealed, piece by piece; it is whole only when the last piece came. Raises SealError
    when the key does not fit, or something was changed or is missing.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise SealError("The file is not encrypted by this bot.")
    cipher = _cipher(key, file.read(SALT_BYTES))
    try:
        for nonce, chunk in _chunks(file, CHUNK_BYTES + TAG_BYTES):
            yield cipher.decrypt(nonce, chunk, MAGIC)
    except InvalidTag:
        raise SealError("The key does not fit this backup, or the file is damaged.") from None


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, info=MAGIC).derive(key))


def _chunks(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk with its nonce; there is always a last one, if need be an empty one."""
    number, chunk = 0, stream.read(size)
    while True:
        following = stream.read(size)
        yield number.to_bytes(11, "big") + (b"\0" if following else b"\1"), chunk
        if not following:
            return
        number, chunk = number + 1, following
