"""The units that stand, as the rows of a table and as a tree to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from bot.unit_table import UnitRow
from domain.unit import UnitType
from domain.unit_change import Ending
from storage import unit, unit_change
from storage.schema import org_unit, unit_alias, unit_successor
from wording.say import label

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """A unit as it stands; an ending that waits for its day is in the row already. `called` is how each of
    its names is written, by its `unit.plain_name`.
    """

    id: int
    row: UnitRow
    called: Mapping[str, str]
    is_over: bool


def stored_units(conn: Connection) -> dict[str, Stored]:
    """All units by their codes, each after the one it stands below, in the official order."""
    units = conn.execute(select(org_unit).order_by(org_unit.c.position, org_unit.c.id)).all()
    codes = {row.id: row.code for row in units}
    called: dict[int, dict[str, str]] = {}
    for row in conn.execute(select(unit_alias).order_by(unit_alias.c.folded)):
        called.setdefault(row.unit_id, {})[row.folded] = row.written
    endings = _endings(conn, codes)
    found = {}
    for row in units:
        valid_to, successors = endings.get(row.code, (row.valid_to, ()))
        names, own = called.get(row.id, {}), unit.plain_name(row.name)
        as_row = UnitRow.model_construct(
            code=row.code,
            name=row.name,
            type=UnitType(row.type),
            parent=codes.get(row.parent_id),
            position=row.position,
            valid_from=row.valid_from,
            valid_to=valid_to,
            member_count=row.member_count,
            aliases=tuple(written for folded, written in names.items() if folded != own),
            successor=successors,
        )
        found[row.code] = Stored(row.id, as_row, names, row.valid_to is not None)
    return {code: found[code] for code in _parents_first(found)}


def _endings(conn: Connection, codes: Mapping[int, str]) -> dict[str, tuple[date, tuple[str, ...]]]:
    """Last day and successors of the units that have some, or whose ending waits for its day."""
    rows = conn.execute(
        select(unit_successor, org_unit.c.valid_to)
        .join(org_unit, org_unit.c.id == unit_successor.c.unit_id)
        .order_by(unit_successor.c.successor_id)
    )
    found: dict[str, tuple[date, tuple[str, ...]]] = {}
    for row in rows:
        _, before = found.get(codes[row.unit_id], (row.valid_to, ()))
        found[codes[row.unit_id]] = row.valid_to, (*before, codes[row.successor_id])
    for each in unit_change.planned(conn):
        if isinstance(each.change, Ending) and each.state is unit_change.State.WAITING:
            for code in each.change.units:
                found[code] = each.since - _ONE_DAY, each.change.successors
    return found


def _parents_first(units: Mapping[str, Stored]) -> Iterator[str]:
    below: dict[str | None, list[str]] = {}
    for code, each in units.items():
        below.setdefault(_place(each), []).append(code)
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        code = waiting.pop()
        yield code
        waiting += reversed(below.get(code, []))


def _place(unit: Stored) -> str | None:
    """Below whom a unit is counted: its only successor, when it is over, or its parent."""
    after = unit.row.successor
    return after[0] if unit.is_over and len(after) == 1 else unit.row.parent


def tree_lines(units: Mapping[str, Stored], top: str | None) -> Iterator[str]:
    """One line for each unit at or below `top` (None: all), indented by its level."""
    levels: dict[str, int] = {}
    for code, each in units.items():
        above = _place(each)
        if code == top or (top is None and above is None):
            levels[code] = 0
        elif above in levels:
            levels[code] = levels[above] + 1
        if code in levels:
            yield "  " * levels[code] + label(
                "units.tree_line",
                code=code,
                unit=each.row.name,
                members=each.row.member_count,
                until=each.row.valid_to,
                into=each.row.successor,
            )
