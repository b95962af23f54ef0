"""What was odd about a stored tally and why its sender keeps it: a flag for the officer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from domain.oddity import OddFlag, OddityCode, OddReason
from storage.schema import tally


def flag_of(conn: Connection, tally_id: int) -> OddFlag | None:
    """The flag of the entry as it stands now."""
    row = conn.execute(
        select(tally.c.oddities, tally.c.odd_reason).where(tally.c.id == tally_id)
    ).one()
    return flag(row.oddities, row.odd_reason)


def columns_of(odd: OddFlag | None) -> Mapping[str, Any]:
    """The flag as the columns of a row; NULL in both for none."""
    if odd is None:
        return {"oddities": None, "odd_reason": None}
    return {"oddities": list(odd.codes), "odd_reason": odd.reason}


def flag(oddities: list[str] | None, odd_reason: str | None) -> OddFlag | None:
    """The flag that a row carries in its columns."""
    if oddities is None:
        return None
    reason = None if odd_reason is None else OddReason(odd_reason)
    return OddFlag(tuple(map(OddityCode, oddities)), reason)
