"""Tallies as chains of versions: every correction or withdrawal keeps who, when, old and new."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from domain.deadline import bucket
from domain.oddity import OddFlag
from domain.period import Cutoff, Period, codes_inside
from domain.tally import Approximation, Figures, Precision, TallyKind
from storage import audit, evidence, totals
from storage.prepared import Prepared
from storage.schema import org_unit, tally, tally_version, unit_path

ACTIVE = "active"
WITHDRAWN = "withdrawn"
_STATED = tuple(field.name for field in fields(Figures) if field.name != "unit_text")


@dataclass(frozen=True, slots=True)
class StoredTally:
    """A tally as it stands now, counted in the period `bucket`. `source` names the document of an
    imported figure.
    """

    id: int
    unit_id: int
    unit_name: str
    reporter_id: int | None
    version: int
    withdrawn: bool
    figures: Figures
    bucket: Period
    created_at: datetime
    source: str | None


@dataclass(frozen=True, slots=True)
class TallyVersion:
    """What an author made of a tally, and when; version 1 is the report itself."""

    number: int
    at: datetime
    author_id: int | None
    figures: Figures
    withdrawn: bool


def record(
    conn: Connection,
    unit_id: int,
    reporter_id: int | None,
    figures: Figures,
    origin: str,
    at: datetime,
    source: str | None = None,
    odd: OddFlag | None = None,
    cutoff: Cutoff = Cutoff.CALENDAR_MONTH,
) -> StoredTally:
    """Store a confirmed tally with its totals; the same `origin` again changes nothing."""
    counted_in = bucket(figures, cutoff)
    values = {
        "unit_id": unit_id,
        "reporter_id": reporter_id,
        "version": 1,
        "origin": origin,
        "source": source,
        "created_at": at,
        "bucket": counted_in.code,
    }
    given = values | _columns(figures, ACTIVE, odd) | {"of_unit": unit_id}
    new = _INSERT[conn.dialect.name].first(conn, given)
    if new is None:
        return _stored(_BY_ORIGIN.one(conn, {"of_origin": origin}))
    _keep_version(conn, new.id, reporter_id, at)
    totals.add(conn, unit_id, counted_in, figures)
    audit.record(conn, at, reporter_id, "report", "tally", new.id)
    return StoredTally(
        id=new.id,
        unit_id=unit_id,
        unit_name=new.unit_name,
        reporter_id=reporter_id,
        version=1,
        withdrawn=False,
        figures=figures if figures.unit_text is None else replace(figures, unit_text=None),
        bucket=counted_in,
        created_at=at,
        source=source,
    )


def correct(
    conn: Connection,
    tally_id: int,
    author_id: int,
    figures: Figures,
    at: datetime,
    odd: OddFlag | None = None,
    cutoff: Cutoff = Cutoff.CALENDAR_MONTH,
) -> StoredTally:
    """Replace the figures by a new version; a withdrawn tally stands again."""
    old, counted_in = _hold(conn, tally_id), bucket(figures, cutoff)
    return _change(conn, old, author_id, figures, counted_in, ACTIVE, at, "correct", odd)


def withdraw(conn: Connection, tally_id: int, author_id: int, at: datetime) -> StoredTally:
    """Take a tally out of the totals; its versions stay, its photos do not. A second withdrawal
    changes nothing.
    """
    old = _hold(conn, tally_id)
    if old.withdrawn:
        return old
    evidence.remove(conn, tally_id)
    return _change(conn, old, author_id, old.figures, old.bucket, WITHDRAWN, at, "withdraw")


def _hold(conn: Connection, tally_id: int) -> StoredTally:
    """The tally, kept from other writers until the end of the transaction (SQLite has only one)."""
    held = _select().where(tally.c.id == tally_id).with_for_update(of=tally)
    return _stored(conn.execute(held).one())


def _change(
    conn: Connection,
    old: StoredTally,
    author_id: int,
    figures: Figures,
    counted_in: Period,
    state: str,
    at: datetime,
    action: str,
    odd: OddFlag | None = None,
) -> StoredTally:
    version = old.version + 1
    conn.execute(
        update(tally)
        .where(tally.c.id == old.id)
        .values(version=version, **_columns(figures, state, odd), bucket=counted_in.code)
    )
    _keep_version(conn, old.id, author_id, at)
    if not old.withdrawn:
        totals.remove(conn, old.unit_id, old.bucket, old.figures)
    if state == ACTIVE:
        totals.add(conn, old.unit_id, counted_in, figures)
    audit.record(conn, at, author_id, action, "tally", old.id, version=version)
    return get(conn, old.id)


def get(conn: Connection, tally_id: int) -> StoredTally:
    return _stored(_BY_ID.one(conn, {"of_id": tally_id}))


def find(conn: Connection, tally_id: int) -> StoredTally | None:
    row = _BY_ID.first(conn, {"of_id": tally_id})
    return None if row is None else _stored(row)


def of_reporter(conn: Connection, reporter_id: int, since: date, limit: int) -> list[StoredTally]:
    """What this person has reported for dates from `since` on and has not withdrawn, newest first."""
    rows = conn.execute(
        _select()
        .where(
            tally.c.reporter_id == reporter_id,
            tally.c.state == ACTIVE,
            tally.c.date_to >= since,
        )
        .order_by(tally.c.date_to.desc(), tally.c.id.desc())
        .limit(limit)
    )
    return [_stored(row) for row in rows]


def of_message(conn: Connection, message: str) -> list[StoredTally]:
    """What came from this message, also what was withdrawn since, in the order of the message."""
    came_from = or_(
        tally.c.origin == message, tally.c.origin.startswith(f"{message}:", autoescape=True)
    )
    rows = conn.execute(_select().where(came_from).order_by(tally.c.id))
    return [_stored(row) for row in rows]


def periods_of(conn: Connection, reporter_id: int) -> list[Period]:
    """The periods for which this person has entries that stand, newest first."""
    rows = conn.execute(
        select(tally.c.bucket)
        .where(tally.c.reporter_id == reporter_id, tally.c.state == ACTIVE)
        .distinct()
    )
    periods = map(Period.from_code, rows.scalars())
    return sorted(periods, key=lambda period: (period.end, period.start), reverse=True)


def in_period(
    conn: Connection, reporter_id: int, period: Period, limit: int, offset: int = 0
) -> list[StoredTally]:
    """What this person has reported for a period and has not withdrawn, newest first."""
    rows = conn.execute(
        _select()
        .where(
            tally.c.reporter_id == reporter_id,
            tally.c.bucket == period.code,
            tally.c.state == ACTIVE,
        )
        .order_by(tally.c.date_to.desc(), tally.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_stored(row) for row in rows]


def history(conn: Connection, tally_id: int) -> list[TallyVersion]:
    """All versions, oldest first."""
    rows = conn.execute(
        select(tally_version)
        .where(tally_version.c.tally_id == tally_id)
        .order_by(tally_version.c.version)
    )
    return [
        TallyVersion(r.version, r.at, r.author_id, _figures(r), r.state == WITHDRAWN) for r in rows
    ]


def sources(conn: Connection, unit_id: int, period: Period) -> list[str]:
    """The documents that imported figures of this unit and below stand in, for this period."""
    rows = conn.execute(
        select(tally.c.source)
        .join(unit_path, unit_path.c.unit_id == tally.c.unit_id)
        .where(
            unit_path.c.ancestor_id == unit_id,
            tally.c.source.is_not(None),
            tally.c.state == ACTIVE,
            tally.c.bucket.in_(codes_inside(period)),
        )
        .distinct()
        .order_by(tally.c.source)
    )
    return [source for source in rows.scalars() if source is not None]


def _keep_version(conn: Connection, tally_id: int, author_id: int | None, at: datetime) -> None:
    """Copy what the tally says now into its chain of versions."""
    _COPY_VERSION.run(conn, {"of_id": tally_id, "by_author": author_id, "at_moment": at})


def _columns(figures: Figures, state: str, odd: OddFlag | None) -> dict[str, Any]:
    values = {name: getattr(figures, name) for name in _STATED}
    return values | {
        "dates": [day.isoformat() for day in figures.dates],
        "state": state,
        "oddities": None if odd is None else list(odd.codes),
        "odd_reason": None if odd is None else odd.reason,
    }


def _select() -> Select[Any]:
    return select(tally, org_unit.c.name.label("unit_name")).join(
        org_unit, org_unit.c.id == tally.c.unit_id
    )


# Built once: for statements that run with every report, building costs more than running.
_BY_ID = Prepared(_select().where(tally.c.id == bindparam("of_id")))
_BY_ORIGIN = Prepared(_select().where(tally.c.origin == bindparam("of_origin")))
_UNIT_NAME = select(org_unit.c.name).where(org_unit.c.id == bindparam("of_unit"))


def _inserting(insert: sqlite.Insert | postgresql.Insert) -> ReturningInsert[tuple[int, str]]:
    new = insert.on_conflict_do_nothing(index_elements=["origin"])
    return new.returning(tally.c.id, _UNIT_NAME.scalar_subquery().label("unit_name"))


_INSERT = {
    "sqlite": Prepared(_inserting(sqlite.insert(tally))),
    "postgresql": Prepared(_inserting(postgresql.insert(tally))),
}
_COPIED = (*_STATED, "version", "state", "oddities", "odd_reason")
_COPY_VERSION = Prepared(
    insert(tally_version).from_select(
        ["tally_id", "author_id", "at", *_COPIED],
        select(
            tally.c.id,
            bindparam("by_author", type_=tally_version.c.author_id.type),
            bindparam("at_moment", type_=tally_version.c.at.type),
            *(tally.c[name] for name in _COPIED),
        ).where(tally.c.id == bindparam("of_id")),
    )
)


def _stored(row: Row[Any]) -> StoredTally:
    return StoredTally(
        id=row.id,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        reporter_id=row.reporter_id,
        version=row.version,
        withdrawn=row.state == WITHDRAWN,
        figures=_figures(row),
        bucket=Period.from_code(row.bucket),
        created_at=row.created_at,
        source=row.source,
    )


def _figures(row: Row[Any]) -> Figures:
    return Figures(
        kind=TallyKind(row.kind),
        date_from=row.date_from,
        date_to=row.date_to,
        precision=Precision(row.precision),
        dates=tuple(date.fromisoformat(day) for day in row.dates),
        sessions=row.sessions,
        party_members=row.party_members,
        public=row.public,
        audience_total=row.audience_total,
        learners=row.learners,
        items=row.items,
        approximation=None if row.approximation is None else Approximation(row.approximation),
        topic=row.topic,
        location_text=row.location_text,
    )
