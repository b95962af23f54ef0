"""JSON as the sandbox handles it: Bot API objects stay plain dictionaries."""

import json
from typing import Any, TypeAlias

JsonDict: TypeAlias = dict[str, Any]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: object) -> bytes:
    """Compact UTF-8 JSON."""
    return _encode(value).encode("utf-8", "replace")
