"""Who did what to which fact. Append-only; details hold numbers and codes, never personal text."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from storage.prepared import Prepared
from storage.schema import audit_event

_INSERT = Prepared(insert(audit_event))


def record(
    conn: Connection,
    at: datetime,
    actor_id: int | None,
    action: str,
    subject: str,
    subject_id: int | None = None,
    **details: object,
) -> None:
    _INSERT.run(
        conn,
        {
            "at": at,
            "actor_id": actor_id,
            "action": action,
            "subject": subject,
            "subject_id": subject_id,
            "details": _plain(details),
        },
    )


def _plain(details: Mapping[str, object]) -> dict[str, object]:
    plain = (str, int, float, bool, type(None), list)
    return {k: v if isinstance(v, plain) else str(v) for k, v in details.items()}
