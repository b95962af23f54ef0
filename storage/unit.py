"""The tree of units, with each unit's path kept for subtree questions."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from domain.period import Period
from domain.text import fold
from domain.unit import Unit, UnitType
from storage import audit
from storage.prepared import Prepared
from storage.schema import org_unit, unit_alias, unit_path, unit_successor


def add(
    conn: Connection,
    code: str,
    name: str,
    type: UnitType,
    parent_id: int | None = None,
    *,
    position: int = 0,
    valid_from: date | None = None,
    valid_to: date | None = None,
    member_count: int | None = None,
    aliases: Iterable[str] = (),
) -> int:
    """Add a unit below `parent_id`; its name is an alias of itself."""
    unit_id: int = conn.execute(
        insert(org_unit)
        .values(
            code=code,
            name=name,
            type=type,
            parent_id=parent_id,
            position=position,
            valid_from=valid_from,
            valid_to=valid_to,
            member_count=member_count,
        )
        .returning(org_unit.c.id)
    ).scalar_one()
    _add_path(conn, unit_id, parent_id)
    add_aliases(conn, unit_id, (name, *aliases))
    return unit_id


def add_aliases(conn: Connection, unit_id: int, names: Iterable[str]) -> None:
    """Let the unit be found by these names too; one that it has already is written like this now."""
    wanted, known = written_names(names), aliases(conn, unit_id)
    new = [{"unit_id": unit_id, "folded": f, "written": wanted[f]} for f in wanted.keys() - known]
    if new:
        conn.execute(insert(unit_alias), new)
    for folded in known & wanted.keys():
        one = _alias(unit_id, folded) & (unit_alias.c.written != wanted[folded])
        conn.execute(update(unit_alias).where(one).values(written=wanted[folded]))


def remove_alias(conn: Connection, unit_id: int, name: str, at: datetime) -> bool:
    """Let the unit be found by this name no more; False when it is not, and for the name it bears."""
    own = conn.execute(select(org_unit.c.name).where(org_unit.c.id == unit_id)).scalar_one()
    folded = plain_name(name)
    if folded == plain_name(own):
        return False
    gone = conn.execute(delete(unit_alias).where(_alias(unit_id, folded)))
    if gone.rowcount:
        audit.record(conn, at, None, "remove_alias", "org_unit", unit_id)
    return bool(gone.rowcount)


def aliases(conn: Connection, unit_id: int) -> set[str]:
    """What the unit can be called, its name among them, as `plain_name` gives it."""
    rows = conn.execute(select(unit_alias.c.folded).where(unit_alias.c.unit_id == unit_id))
    return set(rows.scalars())


def _alias(unit_id: int, folded: str) -> ColumnElement[bool]:
    return and_(unit_alias.c.unit_id == unit_id, unit_alias.c.folded == folded)


def written_names(names: Iterable[str]) -> dict[str, str]:
    """How each of the names is written, by its `plain_name`: of two that are read alike, the first."""
    found: dict[str, str] = {}
    for text in names:
        found.setdefault(plain_name(text), " ".join(text.split()))
    return found


def code(conn: Connection, unit_id: int) -> str:
    return str(conn.execute(select(org_unit.c.code).where(org_unit.c.id == unit_id)).scalar_one())


def amend(conn: Connection, unit_id: int, at: datetime, values: Mapping[str, object]) -> None:
    """Set columns of a unit. After another parent, `storage.unit_tree.refresh` must follow."""
    conn.execute(update(org_unit).where(org_unit.c.id == unit_id).values(**values))
    audit.record(conn, at, None, "amend", "org_unit", unit_id, columns=sorted(values))


def rename(conn: Connection, unit_id: int, name: str) -> None:
    """Give the unit another name; it is still found by the old one."""
    conn.execute(update(org_unit).where(org_unit.c.id == unit_id).values(name=name))
    add_aliases(conn, unit_id, [name])


def _add_path(conn: Connection, unit_id: int, parent_id: int | None) -> None:
    conn.execute(insert(unit_path).values(unit_id=unit_id, ancestor_id=unit_id, depth=0))
    if parent_id is not None:
        above = unit_path.c.ancestor_id, unit_path.c.depth + 1, unit_path.c.inherited
        conn.execute(
            insert(unit_path).from_select(
                ["unit_id", "ancestor_id", "depth", "inherited"],
                select(literal(unit_id), *above).where(unit_path.c.unit_id == parent_id),
            )
        )


# Built once: for statements that run with every report, building costs more than running.
_GET = Prepared(select(org_unit).where(org_unit.c.id == bindparam("of_id")))
_PATH = Prepared(select(unit_path.c.ancestor_id).where(unit_path.c.unit_id == bindparam("of_id")))


def get(conn: Connection, unit_id: int) -> Unit:
    return _unit(conn, _GET.one(conn, {"of_id": unit_id}))


def by_code(conn: Connection, code: str) -> Unit | None:
    row = conn.execute(select(org_unit).where(org_unit.c.code == code)).one_or_none()
    return None if row is None else _unit(conn, row)


def called(conn: Connection, text: str) -> list[Unit]:
    """What an operator means: the unit of this code, else the units of this name."""
    found = by_code(conn, text)
    return named(conn, text) if found is None else [found]


def root(conn: Connection) -> Unit | None:
    """The unit that has no parent: the provincial committee."""
    row = conn.execute(
        select(org_unit).where(org_unit.c.parent_id.is_(None)).order_by(org_unit.c.id).limit(1)
    ).one_or_none()
    return None if row is None else _unit(conn, row)


def named(conn: Connection, text: str, on: date | None = None) -> list[Unit]:
    """The units with this name or alias, read without tone marks, case and punctuation.

    With a day, those in force on it: for a unit that has gone by then, whoever goes on for it.
    Without, a unit that has gone is found only when none that stands bears the name.
    """
    rows = conn.execute(
        select(org_unit)
        .join(unit_alias, unit_alias.c.unit_id == org_unit.c.id)
        .where(unit_alias.c.folded == plain_name(text))
        .order_by(org_unit.c.id)
    ).all()
    if on is not None:
        found = sorted({each for row in rows for each in _going_on(conn, row.id, on)})
        return [get(conn, unit_id) for unit_id in found]
    standing = [row for row in rows if row.valid_to is None]
    return [_unit(conn, row) for row in standing or rows]


def _going_on(conn: Connection, unit_id: int, day: date) -> set[int]:
    """The unit itself if it has not ended by the day, else those that go on for it then."""
    ended = select(org_unit.c.id).where(org_unit.c.id == unit_id, org_unit.c.valid_to < day)
    if conn.execute(ended).first() is None:
        return {unit_id}
    after = select(unit_successor.c.successor_id).where(unit_successor.c.unit_id == unit_id)
    return set().union(*(_going_on(conn, each, day) for each in conn.execute(after).scalars()))


def name_above(conn: Connection, unit_id: int) -> str | None:
    """The name of the unit that this one belongs to today; None for the root."""
    return conn.execute(
        select(org_unit.c.name)
        .join(unit_path, unit_path.c.ancestor_id == org_unit.c.id)
        .where(unit_path.c.unit_id == unit_id, unit_path.c.depth > 0, org_unit.c.valid_to.is_(None))
        .order_by(unit_path.c.depth)
        .limit(1)
    ).scalar()


def in_force(period: Period) -> ColumnElement[bool]:
    """That a unit stands in force on the period's last day: so it owes the report for it.

    After a merger amid the period that is the successor alone.
    """
    return in_force_on(period.end)


def in_force_on(day: date) -> ColumnElement[bool]:
    return and_(
        or_(org_unit.c.valid_from.is_(None), org_unit.c.valid_from <= day),
        or_(org_unit.c.valid_to.is_(None), org_unit.c.valid_to >= day),
    )


def path(conn: Connection, unit_id: int) -> frozenset[int]:
    return frozenset(row.ancestor_id for row in _PATH.rows(conn, {"of_id": unit_id}))


def count(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(org_unit)).scalar_one()


def _unit(conn: Connection, row: Row[tuple[object, ...]]) -> Unit:
    return Unit(id=row.id, name=row.name, type=UnitType(row.type), path=path(conn, row.id))


def plain_name(name: str) -> str:
    """A name as it is compared: "Chi bộ thôn 2, xã Minh Quang" and "chi bo thon 2 xa minh quang"."""
    return " ".join(re.findall(r"[^\W_]+", fold(name)))
