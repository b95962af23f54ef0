"""By which cut-off the entries are counted: with another setting all of them are counted anew.

What officers said of a period (locks, excuses, due dates) and nil returns keep the period's name.
"""

from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from domain.deadline import bucket_of_days
from domain.period import Cutoff
from domain.tally import Precision
from storage import audit, totals
from storage.schema import kept_by, tally

_NAME = "month_cutoff"
_DAYS = (tally.c.date_from, tally.c.date_to, tally.c.precision)


def keep_to(conn: Connection, cutoff: Cutoff, at: datetime) -> bool:
    """Count all entries by this cut-off; False when they are already counted so."""
    old = _kept(conn)
    if old is cutoff:
        return False
    conn.execute(delete(kept_by).where(kept_by.c.name == _NAME))
    conn.execute(insert(kept_by).values(name=_NAME, value=cutoff))
    _move(conn, cutoff)
    totals.rebuild(conn)
    audit.record(conn, at, None, "change_cutoff", "tally", old=old, new=cutoff)
    return True


def _kept(conn: Connection) -> Cutoff:
    said = conn.execute(select(kept_by.c.value).where(kept_by.c.name == _NAME)).scalar()
    return Cutoff(said or Cutoff.CALENDAR_MONTH)


def _move(conn: Connection, cutoff: Cutoff) -> None:
    """Put every entry into the bucket that is its own now."""
    buckets = {
        (first, last, precision): _bucket(first, last, precision, cutoff)
        for first, last, precision in conn.execute(select(*_DAYS).distinct())
    }
    entries = conn.execute(select(tally.c.id, tally.c.bucket, *_DAYS))
    moved = [
        {"of_id": entry_id, "new": new}
        for entry_id, old, first, last, precision in entries
        if old != (new := buckets[first, last, precision])
    ]
    if moved:
        to = update(tally).where(tally.c.id == bindparam("of_id"))
        conn.execute(to.values(bucket=bindparam("new")), moved)


def _bucket(first: date, last: date, precision: str, cutoff: Cutoff) -> str:
    return bucket_of_days(first, last, Precision(precision), cutoff).code
