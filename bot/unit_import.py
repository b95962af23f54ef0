"""Bringing a table of units into the tree.

A table adds and changes units and deletes none; an empty cell changes nothing. It goes in whole or
not at all, and the same table again changes nothing.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.table import ImportProblem
from bot.unit_diff import COLUMNS, Difference, Tree, differences, ends_otherwise, problems, repeated
from bot.unit_rows import stored_units
from bot.unit_table import UnitRow, read_units
from domain.unit_change import ChangeRefused, Ending
from storage import audit, unit, unit_change, unit_tree
from storage.db import Database
from wording.say import label

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UnitImport:
    """What was (or, in a dry run, would be) changed. With problems, nothing is."""

    changes: tuple[Difference, ...] = ()
    unchanged: int = 0
    without_unit: int = 0
    problems: tuple[ImportProblem, ...] = ()


def described(change: Difference) -> str:
    what = label(f"units.change_{change.what}", old=change.old, new=change.new)
    return label("units.change", row=change.row, unit=change.unit, what=what)


async def import_units(db: Database, path: Path, at: datetime, dry_run: bool = False) -> UnitImport:
    """Import an xlsx or csv file at the instant `at`; a dry run stores nothing.

    Raises OSError when the file cannot be read.
    """
    rows, found = await asyncio.to_thread(read_units, path)
    if found:
        return UnitImport(problems=tuple(found))
    if dry_run:
        return await db.read(compare, rows)
    try:
        return await db.write(_import, rows, at)
    except _Misfit as misfit:
        return UnitImport(problems=(misfit.problem,))


class _Misfit(Exception):
    """A row that could not be carried out: what was done of the others is taken back."""

    def __init__(self, problem: ImportProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def compare(conn: Connection, rows: Mapping[int, UnitRow]) -> UnitImport:
    """What importing these rows would change, or what is wrong with them."""
    return _compared(rows, Tree(rows, stored_units(conn)))


def _compared(rows: Mapping[int, UnitRow], tree: Tree) -> UnitImport:
    changes: list[Difference] = []
    wrong = list(repeated(rows))
    unchanged = 0
    for number, row in rows.items():
        found = list(differences(number, row, tree))
        changes += found
        unchanged += not found
        known = tree.known.get(row.code)
        if found or known is None or ends_otherwise(row, known.row):
            wrong += [ImportProblem(number, *each) for each in problems(row, tree)]
    if wrong:
        return UnitImport(problems=tuple(sorted(wrong, key=lambda each: each.row)))
    return UnitImport(tuple(changes), unchanged)


def _import(conn: Connection, rows: Mapping[int, UnitRow], at: datetime) -> UnitImport:
    tree = Tree(rows, stored_units(conn))
    result = _compared(rows, tree)
    if result.problems or not result.changes:
        return result
    changed = {each.row for each in result.changes}
    told = {number: row for number, row in rows.items() if number in changed}
    ids = {code: each.id for code, each in tree.known.items()}
    for row in _new_parents_first(told, tree):
        ids[row.code] = _add(conn, row, ids.get(row.parent or ""), at)
    for row in told.values():
        if row.code in tree.known:
            _amend(conn, row, tree, ids, at)
    left = _end_all(conn, told, tree, at)
    unit_tree.refresh(conn)
    return UnitImport(result.changes, result.unchanged, left)


def _new_parents_first(rows: Mapping[int, UnitRow], tree: Tree) -> Iterator[UnitRow]:
    new = {row.code: row for row in rows.values() if row.code not in tree.known}
    for code in list(new):
        line = []
        at: str | None = code
        while at in new:
            line.append(new.pop(at))
            at = tree.parent(at)
        yield from reversed(line)


def _add(conn: Connection, row: UnitRow, parent_id: int | None, at: datetime) -> int:
    if row.name is None or row.type is None:
        raise ValueError("a new unit without name or type has been reported before")
    unit_id = unit.add(
        conn,
        row.code,
        row.name,
        row.type,
        parent_id,
        position=row.position or 0,
        valid_from=row.valid_from,
        member_count=row.member_count,
        aliases=row.aliases,
    )
    audit.record(conn, at, None, "found", "org_unit", unit_id, code=row.code)
    return unit_id


def _amend(
    conn: Connection, row: UnitRow, tree: Tree, ids: Mapping[str, int], at: datetime
) -> None:
    old, new, unit_id = tree.known[row.code].row, tree.final[row.code], ids[row.code]
    values = {
        name: getattr(new, name) for name in COLUMNS if getattr(new, name) != getattr(old, name)
    }
    if new.parent is not None and new.parent != old.parent:
        values["parent_id"] = ids[new.parent]
    if new.name is not None and new.name != old.name:
        values["name"] = new.name
    if values:
        unit.amend(conn, unit_id, at, values)
    unit.add_aliases(conn, unit_id, (new.name or "", *row.aliases))


def _end_all(conn: Connection, rows: Mapping[int, UnitRow], tree: Tree, at: datetime) -> int:
    """End units in the order of their days, those below before those above."""
    ending = [
        (tree.end(row.code), -_depth(row.code, tree), number)
        for number, row in rows.items()
        if row.valid_to is not None
        and (row.code not in tree.known or tree.known[row.code].row.valid_to is None)
    ]
    left = 0
    for last, _, number in sorted(ending):
        code = rows[number].code
        change = Ending((code,), tree.final[code].successor, tree.sole_successor(code))
        try:
            outcome = unit_change.start(conn, change, last + _ONE_DAY, at)
        except ChangeRefused as refused:
            problem = ImportProblem(number, "valid_to", refused.obstacle, refused.unit)
            raise _Misfit(problem) from refused
        left += 0 if outcome is None else outcome.without_unit
    return left


def _depth(code: str, tree: Tree) -> int:
    above = tree.parent(code)
    return 0 if above is None else 1 + _depth(above, tree)
