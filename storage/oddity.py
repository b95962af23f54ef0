"""What was odd about a stored tally and why its sender keeps it: a flag for the officer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from domain.deadline import window
from domain.oddity import OddFlag, OddityCode, OddReason
from domain.period import Cutoff, Period, codes_inside
from storage.schema import tally, unit_path


def flag_of(conn: Connection, tally_id: int) -> OddFlag | None:
    """The flag of the entry as it stands now."""
    row = conn.execute(
        select(tally.c.oddities, tally.c.odd_reason).where(tally.c.id == tally_id)
    ).one()
    return flag(row.oddities, row.odd_reason)


def flagged(
    conn: Connection, unit_id: int, period: Period, limit: int, offset: int = 0
) -> list[tuple[int, OddFlag]]:
    """The odd entries of this unit and all below it that stand, by id, the newest days first.

    They are the entries that count in the period.
    """
    rows = conn.execute(
        select(tally.c.id, tally.c.oddities, tally.c.odd_reason)
        .join(unit_path, unit_path.c.unit_id == tally.c.unit_id)
        .where(
            unit_path.c.ancestor_id == unit_id,
            # By whatever cut-off, they begin on these days: the index on them reads no others.
            tally.c.date_from.between(window(period, Cutoff.DAY_15)[0], period.end),
            tally.c.bucket.in_(codes_inside(period)),
            tally.c.state == "active",
            tally.c.oddities.is_not(None),
        )
        .order_by(tally.c.date_to.desc(), tally.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(row.id, _flag(row.oddities, row.odd_reason)) for row in rows]


def columns_of(odd: OddFlag | None) -> Mapping[str, Any]:
    """The flag as the columns of a row; NULL in both for none."""
    if odd is None:
        return {"oddities": None, "odd_reason": None}
    return {"oddities": list(odd.codes), "odd_reason": odd.reason}


def flag(oddities: list[str] | None, odd_reason: str | None) -> OddFlag | None:
    """The flag that a row carries in its columns."""
    return None if oddities is None else _flag(oddities, odd_reason)


def _flag(oddities: list[str], odd_reason: str | None) -> OddFlag:
    reason = None if odd_reason is None else OddReason(odd_reason)
    return OddFlag(tuple(map(OddityCode, oddities)), reason)
