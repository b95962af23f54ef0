"""Units of the organisation (reference: tree of types, historic types for imports only)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class UnitType(StrEnum):
    PROVINCE_COMMITTEE = "province_committee"
    DEPARTMENT = "department"
    DIRECT_PARTY_COMMITTEE = "direct_party_committee"
    COMMUNE_COMMITTEE = "commune_committee"
    GRASSROOTS_COMMITTEE = "grassroots_committee"
    CELL = "cell"
    BLOC_COMMITTEE = "bloc_committee"
    DISTRICT_COMMITTEE = "district_committee"


# Units that owe the committee a report each period; cells report through their commune.
REPORTING_TYPES = frozenset({UnitType.DIRECT_PARTY_COMMITTEE, UnitType.COMMUNE_COMMITTEE})


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is shown; `path` is its own id and those of all its ancestors."""

    id: int
    name: str
    type: UnitType
    path: frozenset[int]


class CircleError(ValueError):
    """A unit would stand below itself."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A unit that counts the figures of another: itself (depth 0) or one above it.

    `inherited` when only a successor leads there: the unit itself has gone.
    """

    id: int
    depth: int
    inherited: bool


def ancestors(
    unit_id: int, parents: Mapping[int, int | None], goes_on: Mapping[int, int]
) -> Iterator[Ancestor]:
    """The unit and all above it in today's tree, the nearest first.

    Its place is below its parent, or, when it has gone, below the one unit that goes on for it
    (`goes_on`). So every figure is counted once on each level. Raises CircleError.
    """
    own = frozenset(_upwards(unit_id, parents.get))
    line = _upwards(unit_id, lambda each: goes_on.get(each, parents.get(each)))
    for depth, each in enumerate(line):
        yield Ancestor(each, depth, each not in own)


def _upwards(unit_id: int, above: Callable[[int], int | None]) -> Iterator[int]:
    seen: set[int] = set()
    at: int | None = unit_id
    while at is not None:
        if at in seen:
            raise CircleError(unit_id)
        seen.add(at)
        yield at
        at = above(at)
