"""A word to people who did not ask for it just now: what they wait for, or must know."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from handlers.desk import Sender
from storage import reminder

# For so long it is worth sending to somebody who cannot be reached.
WORTH_SENDING = timedelta(days=7)


def tell(
    conn: Connection,
    sender: Sender,
    people: Iterable[int],
    message: str,
    key: object,
    *,
    enrolment_id: int | None = None,
    leave_id: int | None = None,
    membership_id: int | None = None,
) -> None:
    """Queue a message about one of these for each person; under the same `key` it goes out once."""
    reminder.queue(
        conn,
        people,
        key=f"{message}:{key}",
        message=message,
        at=sender.now,
        expires_at=sender.now + WORTH_SENDING,
        enrolment_id=enrolment_id,
        leave_id=leave_id,
        membership_id=membership_id,
    )
