"""The tree as it stands today: each unit's path, and the totals that follow from it.

Figures are always summed by today's tree: a unit that moves takes its history along, and one that
has gone is counted under the unit that goes on for it (`domain.unit.ancestors`).
"""

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from domain.unit import ancestors
from storage import totals
from storage.schema import org_unit, unit_path, unit_successor

# Who goes on for each unit that has a single successor.
SOLE_SUCCESSOR = (
    select(unit_successor.c.unit_id, func.min(unit_successor.c.successor_id).label("successor_id"))
    .group_by(unit_successor.c.unit_id)
    .having(func.count() == 1)
    .subquery()
)

# Unit, ancestor, depth, whether inherited: a row of unit_path.
_Row = tuple[int, int, int, bool]

_DROP = delete(unit_path).where(
    unit_path.c.unit_id == bindparam("of_unit"), unit_path.c.ancestor_id == bindparam("of_ancestor")
)


def refresh(conn: Connection) -> None:
    """Bring paths and totals in line with parents and successors, after these have changed.

    Raises domain.unit.CircleError when a unit would stand below itself.
    """
    wanted, kept = _wanted(conn), _kept(conn)
    stale, new = kept - wanted, wanted - kept
    if stale:
        conn.execute(_DROP, [{"of_unit": row[0], "of_ancestor": row[1]} for row in stale])
    if new:
        names = ("unit_id", "ancestor_id", "depth", "inherited")
        conn.execute(insert(unit_path), [dict(zip(names, row, strict=True)) for row in new])
    touched = {above for _, above in _pairs(stale) ^ _pairs(new)}
    if touched:
        totals.rebuild(conn, touched)


def _wanted(conn: Connection) -> set[_Row]:
    parents = {
        row.id: row.parent_id for row in conn.execute(select(org_unit.c.id, org_unit.c.parent_id))
    }
    goes_on = {row.unit_id: row.successor_id for row in conn.execute(select(SOLE_SUCCESSOR))}
    return {
        (unit_id, each.id, each.depth, each.inherited)
        for unit_id in parents
        for each in ancestors(unit_id, parents, goes_on)
    }


def _kept(conn: Connection) -> set[_Row]:
    columns = unit_path.c
    rows = select(columns.unit_id, columns.ancestor_id, columns.depth, columns.inherited)
    return {(row[0], row[1], row[2], row[3]) for row in conn.execute(rows)}


def _pairs(rows: set[_Row]) -> set[tuple[int, int]]:
    return {(unit_id, above) for unit_id, above, _, _ in rows}
