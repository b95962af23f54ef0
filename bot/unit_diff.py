"""What a table of units would change of the tree, and what of it does not fit."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.table import ImportProblem
from bot.unit_rows import Stored
from bot.unit_table import UnitRow, UnitTableProblem
from domain.unit import UnitType
from domain.unit_change import Obstacle
from storage import unit
from wording.format import dmy
from wording.say import label

_ONE_DAY = timedelta(days=1)
# What a row may change of a unit that stands, beside name, parent, aliases and end.
COLUMNS = ("type", "position", "valid_from", "member_count")


class TreeProblem(StrEnum):
    """Why a row does not fit into the tree; or an Obstacle."""

    TWICE_IN_FILE = "twice_in_file"
    NEW_NEEDS = "new_needs"
    SECOND_ROOT = "second_root"
    CIRCLE = "circle"
    PARENT_ENDED = "parent_ended"
    ENDED_OTHERWISE = "ended_otherwise"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a row changes of a unit: one column, "new" for all of it, or "end"."""

    row: int
    code: str
    unit: str
    what: str
    old: str = ""
    new: str = ""


class Tree:
    """The units as they would stand with the table in the tree, by their codes."""

    def __init__(self, rows: Mapping[int, UnitRow], known: Mapping[str, Stored]) -> None:
        self.known = known
        self.final = {code: each.row for code, each in known.items()}
        for row in rows.values():
            given = row.model_dump(exclude_defaults=True)
            old = known.get(row.code)
            self.final[row.code] = row if old is None else old.row.model_copy(update=given)
        self.below: dict[str | None, list[str]] = {}
        self.gone_into: dict[str | None, list[str]] = {}
        for code, row in self.final.items():
            self.below.setdefault(row.parent, []).append(code)
            self.gone_into.setdefault(self.sole_successor(code), []).append(code)

    def end(self, code: str) -> date:
        """The last day; the last of all days for a unit that does not end."""
        return self.final[code].valid_to or date.max

    def sole_successor(self, code: str) -> str | None:
        after = self.final[code].successor
        return after[0] if len(after) == 1 else None

    def parent(self, code: str) -> str | None:
        return self.final[code].parent if code in self.final else None

    def place(self, code: str) -> str | None:
        """Below whom a unit stands in the end: its only successor, or its parent."""
        return self.parent(code) and (self.sole_successor(code) or self.parent(code))

    def outlived(self, code: str, until: date) -> bool:
        """Whether something below a unit without sole successor lasts longer than until that day."""
        return any(self.end(each) > until for each in self.below.get(code, ())) or any(
            self.outlived(each, until) for each in self.gone_into.get(code, ())
        )

    def last_end(self, code: str) -> date:
        """The last day of the unit, or of those that go on for it one after the other."""
        seen: set[str] = set()
        last = date.min
        at: str | None = code
        while at in self.final and at not in seen:
            seen.add(at)
            last, at = self.end(at), self.sole_successor(at)
        return last


def _leads_to(start: str | None, code: str, above: Callable[[str], str | None]) -> bool:
    """Whether one comes by the unit when one goes up from `start`."""
    seen: set[str] = set()
    at = start
    while at is not None and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = above(at)
    return False


def differences(number: int, row: UnitRow, tree: Tree) -> Iterator[Difference]:
    """What the row changes, one after the other."""
    new, known = tree.final[row.code], tree.known.get(row.code)
    name = row.code if new.name is None else new.name

    def differs(what: str, before: object, after: object) -> Difference:
        return Difference(number, row.code, name, what, _said(before), _said(after))

    if known is None:
        yield differs("new", None, _name_of(new.parent, tree))
        if row.valid_to is not None:
            yield differs("end", row.valid_to, row.successor)
        return
    old = known.row
    if new.name != old.name:
        yield differs("name", old.name, new.name)
    if new.parent != old.parent:
        above = _name_of(new.parent, tree)
        yield differs("parent", _name_of(old.parent, tree), above)
    for column in COLUMNS:
        if getattr(new, column) != getattr(old, column):
            yield differs(column, getattr(old, column), getattr(new, column))
    if unknown := [*_written_otherwise(row, name, known.called)]:
        yield differs("aliases", None, tuple(unknown))
    if new.valid_to is not None and old.valid_to is None:
        yield differs("end", new.valid_to, new.successor)


def _written_otherwise(row: UnitRow, name: str, called: Mapping[str, str]) -> Iterator[str]:
    """The row's other names that the unit has not, or has in another spelling."""
    wanted = unit.written_names((name, *row.aliases))
    del wanted[unit.plain_name(name)]
    return (written for folded, written in wanted.items() if called.get(folded) != written)


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case UnitType():
            return label(f"units.type_{value}")
        case date():
            return dmy(value)
        case tuple():
            return ", ".join(map(str, value))
    return str(value)


def _name_of(code: str | None, tree: Tree) -> str | None:
    """A unit as people know it; a code that nobody knows as it stands."""
    return tree.final[code].name if code in tree.final else code


# --- what is wrong -------------------------------------------------------------------------------

_Wrong = tuple[str, str, str]


def repeated(rows: Mapping[int, UnitRow]) -> Iterator[ImportProblem]:
    first: dict[str, int] = {}
    for number, row in rows.items():
        if first.setdefault(row.code, number) != number:
            yield ImportProblem(number, "code", TreeProblem.TWICE_IN_FILE, row.code)


def problems(row: UnitRow, tree: Tree) -> Iterator[_Wrong]:
    """Columns, codes and values of what does not fit, for a row that changes something."""
    known = tree.known.get(row.code)
    if known is None:
        yield from ((each, TreeProblem.NEW_NEEDS, "") for each in _missing(row))
    elif known.row.valid_to is not None and ends_otherwise(row, known.row):
        yield "valid_to", TreeProblem.ENDED_OTHERWISE, row.code
        return
    yield from _wrong_above(row.code, tree)
    final = tree.final[row.code]
    if final.valid_to is None:
        return
    if final.valid_from is not None and final.valid_from > final.valid_to:
        yield "valid_to", UnitTableProblem.DATES_REVERSED, dmy(final.valid_to)
    if known is None or known.row.valid_to is None:
        yield from _wrong_end(row.code, tree)


def _missing(row: UnitRow) -> Iterator[str]:
    if row.name is None:
        yield "name"
    if row.type is None:
        yield "type"


def ends_otherwise(row: UnitRow, old: UnitRow) -> bool:
    return row.valid_to not in (None, old.valid_to) or row.successor not in ((), old.successor)


def _wrong_above(code: str, tree: Tree) -> Iterator[_Wrong]:
    above = tree.parent(code)
    if above is None:
        if tree.below[None][0] != code:
            yield "parent", TreeProblem.SECOND_ROOT, ""
    elif above not in tree.final:
        yield "parent", Obstacle.UNKNOWN, above
    elif _leads_to(above, code, tree.place):
        yield "parent", TreeProblem.CIRCLE, above
    elif tree.last_end(above) < tree.end(code):
        yield "parent", TreeProblem.PARENT_ENDED, above


def _wrong_end(code: str, tree: Tree) -> Iterator[_Wrong]:
    since = tree.end(code) + _ONE_DAY
    if tree.parent(code) is None:
        yield "valid_to", Obstacle.IS_ROOT, code
        return
    for after in tree.final[code].successor:
        if after not in tree.final:
            yield "successor", Obstacle.UNKNOWN, after
        elif after == code:
            yield "successor", Obstacle.GOES_ON_ITSELF, after
        elif (tree.final[after].valid_from or date.min) > since:
            yield "successor", Obstacle.BEGINS_LATER, after
        elif tree.end(after) < since or (after in tree.known and tree.known[after].is_over):
            yield "successor", Obstacle.NOT_IN_FORCE, after
        elif _leads_to(after, code, tree.place):
            yield "successor", Obstacle.BELOW_ITSELF, after
    if tree.sole_successor(code) is None and tree.outlived(code, tree.end(code)):
        yield "valid_to", Obstacle.UNITS_BELOW, code
