"""Units of the organisation (reference: tree of types, historic types for imports only)."""

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
