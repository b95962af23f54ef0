"""Live totals: kept for a unit and all its ancestors in the fact's own transaction.

A summary reads a handful of rows, however many entries lie behind them. `verify` recounts from
the entries, `rebuild` writes the recount.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.period import Period, PeriodKind
from domain.tally import Approximation, Figures, TallyKind
from domain.totals import Totals, of_figures
from storage.prepared import Prepared
from storage.schema import period_total, tally, unit_path

MEASURES = tuple(f.name for f in fields(Totals))


def add(conn: Connection, unit_id: int, bucket: Period, figures: Figures) -> None:
    """Count an entry of `unit_id` for the unit and every ancestor."""
    _apply(conn, unit_id, bucket, figures, of_figures(figures))


def remove(conn: Connection, unit_id: int, bucket: Period, figures: Figures) -> None:
    """Take an entry that was counted out again; rows that fall to no entry disappear."""
    _apply(conn, unit_id, bucket, figures, -of_figures(figures))
    ancestors = select(unit_path.c.ancestor_id).where(unit_path.c.unit_id == unit_id)
    conn.execute(
        delete(period_total).where(
            period_total.c.unit_id.in_(ancestors),
            period_total.c.bucket == bucket.code,
            period_total.c.kind == figures.kind,
            period_total.c.entries == 0,
        )
    )


def _apply(
    conn: Connection, unit_id: int, bucket: Period, figures: Figures, change: Totals
) -> None:
    given: dict[str, object] = {
        "of_unit": unit_id,
        "new_bucket": bucket.code,
        "new_kind": figures.kind,
        "new_bucket_from": bucket.start,
        "new_bucket_to": bucket.end,
    }
    given |= {f"new_{name}": getattr(change, name) for name in MEASURES}
    _ADD[conn.dialect.name].run(conn, given)


def _adding(insert: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    names = ("bucket", "kind", "bucket_from", "bucket_to", *MEASURES)
    given = [bindparam(f"new_{name}", type_=period_total.c[name].type) for name in names]
    # From the root down, so that two writers on PostgreSQL wait for each other and never in a ring.
    rows = (
        select(unit_path.c.ancestor_id, *given)
        .where(unit_path.c.unit_id == bindparam("of_unit"))
        .order_by(unit_path.c.depth.desc())
    )
    upsert = insert.from_select(["unit_id", *names], rows)
    return upsert.on_conflict_do_update(
        index_elements=["unit_id", "bucket", "kind"],
        set_={name: period_total.c[name] + upsert.excluded[name] for name in MEASURES},
    )


# Built once: building this statement costs more than running it.
_ADD = {
    "sqlite": Prepared(_adding(sqlite.insert(period_total))),
    "postgresql": Prepared(_adding(postgresql.insert(period_total))),
}


def read(conn: Connection, unit_id: int, period: Period) -> dict[TallyKind, Totals]:
    """The totals of a unit with everything below it, by kind, over the buckets inside `period`.

    A week has no bucket: it is added up from its entries.
    """
    if period.kind is PeriodKind.WEEK:
        return _of_days(conn, unit_id, period)
    rows = conn.execute(
        select(
            period_total.c.kind,
            *(cast(func.sum(period_total.c[name]), BigInteger).label(name) for name in MEASURES),
        )
        .where(
            period_total.c.unit_id == unit_id,
            period_total.c.bucket_from >= period.start,
            period_total.c.bucket_to <= period.end,
        )
        .group_by(period_total.c.kind)
    )
    return {TallyKind(row.kind): Totals(*row[1:]) for row in rows}


def _of_days(conn: Connection, unit_id: int, days: Period) -> dict[TallyKind, Totals]:
    sums = _recount().where(
        unit_path.c.ancestor_id == unit_id,
        # Both bounds on the first day: the index on it then reads these days only.
        tally.c.date_from.between(days.start, days.end),
        tally.c.date_to <= days.end,
    )
    found: dict[TallyKind, Totals] = {}
    for (_, _, kind), part in _by_key(conn, sums).items():
        found[TallyKind(kind)] = found.get(TallyKind(kind), Totals()) + part
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of the totals that a recount does not agree with; None where a row is missing."""

    unit_id: int
    bucket: str
    kind: str
    kept: Totals | None
    counted: Totals | None


def verify(conn: Connection) -> list[Difference]:
    """Recount everything and list what differs; an empty list is what should come back."""
    columns = ("unit_id", "bucket", "kind", *MEASURES)
    kept = _by_key(conn, select(*(period_total.c[name] for name in columns)))
    counted = _by_key(conn, _recount())
    return [
        Difference(*key, kept.get(key), counted.get(key))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key) != counted.get(key)
    ]


def rebuild(conn: Connection, units: Collection[int] | None = None) -> None:
    """Replace all totals, or those of `units`, by a recount of the entries."""
    if conn.dialect.name == "postgresql":
        # Whoever is writing totals finishes first, whoever comes now waits; SQLite has one writer.
        conn.execute(text("LOCK TABLE period_total IN EXCLUSIVE MODE"))
    old, recount = delete(period_total), _recount()
    if units is not None:
        old = old.where(period_total.c.unit_id.in_(units))
        recount = recount.where(unit_path.c.ancestor_id.in_(units))
    conn.execute(old)
    rows = [_row(key, totals) for key, totals in _by_key(conn, recount).items()]
    if rows:
        conn.execute(insert(period_total), rows)


def _row(key: tuple[int, str, str], totals: Totals) -> dict[str, Any]:
    unit_id, code, kind = key
    bucket = Period.from_code(code)
    dates = {"bucket_from": bucket.start, "bucket_to": bucket.end}
    return {"unit_id": unit_id, "bucket": code, "kind": kind} | dates | asdict(totals)


def _by_key(conn: Connection, rows: Select[Any]) -> dict[tuple[int, str, str], Totals]:
    return {(r[0], r[1], r[2]): Totals(*r[3:]) for r in conn.execute(rows)}


def _recount() -> Select[Any]:
    """The totals as they follow from the entries that stand, in the order of MEASURES."""
    rest = (
        tally.c.audience_total
        - func.coalesce(tally.c.party_members, 0)
        - func.coalesce(tally.c.public, 0)
    )
    unsplit = case((rest > 0, rest), else_=0)
    not_split = and_(
        tally.c.audience_total.is_not(None),
        or_(tally.c.party_members.is_(None), tally.c.public.is_(None)),
    )

    def stated(name: str) -> tuple[ColumnElement[int], ColumnElement[int]]:
        return func.coalesce(func.sum(tally.c[name]), 0), func.count(tally.c[name])

    def approximate(kind: Approximation) -> ColumnElement[int]:
        return func.sum(case((tally.c.approximation == kind, 1), else_=0))

    key = unit_path.c.ancestor_id, tally.c.bucket, tally.c.kind
    return (
        select(
            *key,
            func.count(),
            *stated("sessions"),
            *stated("party_members"),
            *stated("public"),
            func.sum(unsplit),
            func.sum(case((not_split, 1), else_=0)),
            *stated("learners"),
            *stated("items"),
            approximate(Approximation.ABOUT),
            approximate(Approximation.OVER),
            approximate(Approximation.UNDER),
        )
        .join(unit_path, unit_path.c.unit_id == tally.c.unit_id)
        .where(tally.c.state == "active")
        .group_by(*key)
    )
