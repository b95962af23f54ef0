"""The tree of units, with each unit's path kept for subtree questions."""

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
)

from domain.period import Period
from domain.text import fold
from domain.unit import Unit, UnitType
from storage.schema import org_unit, unit_alias, unit_path


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
    folded = sorted({_plain(text) for text in (name, *aliases)})
    conn.execute(insert(unit_alias), [{"unit_id": unit_id, "folded": f} for f in folded])
    return unit_id


def _add_path(conn: Connection, unit_id: int, parent_id: int | None) -> None:
    conn.execute(insert(unit_path).values(unit_id=unit_id, ancestor_id=unit_id, depth=0))
    if parent_id is not None:
        above = select(literal(unit_id), unit_path.c.ancestor_id, unit_path.c.depth + 1)
        conn.execute(
            insert(unit_path).from_select(
                ["unit_id", "ancestor_id", "depth"],
                above.where(unit_path.c.unit_id == parent_id),
            )
        )


# Built once: for statements that run with every report, building costs more than running.
_GET = select(org_unit).where(org_unit.c.id == bindparam("of_id"))
_PATH = select(unit_path.c.ancestor_id).where(unit_path.c.unit_id == bindparam("of_id"))


def get(conn: Connection, unit_id: int) -> Unit:
    row = conn.execute(_GET, {"of_id": unit_id}).one()
    return _unit(conn, row)


def by_code(conn: Connection, code: str) -> Unit | None:
    row = conn.execute(select(org_unit).where(org_unit.c.code == code)).one_or_none()
    return None if row is None else _unit(conn, row)


def root(conn: Connection) -> Unit | None:
    """The unit that has no parent: the provincial committee."""
    row = conn.execute(
        select(org_unit).where(org_unit.c.parent_id.is_(None)).order_by(org_unit.c.id).limit(1)
    ).one_or_none()
    return None if row is None else _unit(conn, row)


def named(conn: Connection, text: str) -> list[Unit]:
    """The units with this name or alias, read without tone marks, case and punctuation."""
    rows = conn.execute(
        select(org_unit)
        .join(unit_alias, unit_alias.c.unit_id == org_unit.c.id)
        .where(unit_alias.c.folded == _plain(text))
        .order_by(org_unit.c.id)
    )
    return [_unit(conn, row) for row in rows]


def name_above(conn: Connection, unit_id: int) -> str | None:
    """The name of the unit that this one belongs to; None for the root."""
    above = select(org_unit.c.parent_id).where(org_unit.c.id == unit_id).scalar_subquery()
    return conn.execute(select(org_unit.c.name).where(org_unit.c.id == above)).scalar()


def in_force(period: Period) -> ColumnElement[bool]:
    """That a unit stands in force on some day of the period."""
    return and_(
        or_(org_unit.c.valid_from.is_(None), org_unit.c.valid_from <= period.end),
        or_(org_unit.c.valid_to.is_(None), org_unit.c.valid_to >= period.start),
    )


def path(conn: Connection, unit_id: int) -> frozenset[int]:
    return frozenset(conn.execute(_PATH, {"of_id": unit_id}).scalars())


def count(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(org_unit)).scalar_one()


def _unit(conn: Connection, row: Row[tuple[object, ...]]) -> Unit:
    return Unit(id=row.id, name=row.name, type=UnitType(row.type), path=path(conn, row.id))


def _plain(name: str) -> str:
    """A name as it is compared: "Chi bộ thôn 2, xã Minh Quang" and "chi bo thon 2 xa minh quang"."""
    return " ".join(re.findall(r"[^\W_]+", fold(name)))
