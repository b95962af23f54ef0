"""What can become of units, each with effect from a day; units are named by their codes."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Founding:
    """A unit that begins with the change; it takes type and parent of the first that ends."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Units that are no more from the day on, and who goes on for them.

    One successor is a merger: it takes over figures, people and the units below. Several are a
    split: the history stays with the unit that was, and `heir`, if there is one, takes over people
    and units below. Without successors the unit is closed. `founded` are those of the successors
    that begin on the day.
    """

    units: tuple[str, ...]
    successors: tuple[str, ...] = ()
    heir: str | None = None
    founded: tuple[Founding, ...] = ()


@dataclass(frozen=True, slots=True)
class Renaming:
    """A new name; the old one stays an alias."""

    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Moving:
    """Another parent; the unit's history goes with it."""

    unit: str
    parent: str


Change = Ending | Renaming | Moving


def merged(units: tuple[str, ...], into: str, founded: Founding | None = None) -> Ending:
    """Several units become one, which stands already or begins with the merger."""
    return Ending(units, (into,), into, () if founded is None else (founded,))


class Obstacle(StrEnum):
    """Why a change cannot be carried out."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    NOT_IN_FORCE = "not_in_force"
    BEGINS_LATER = "begins_later"
    IS_ROOT = "is_root"
    GOES_ON_ITSELF = "goes_on_itself"
    BELOW_ITSELF = "below_itself"
    UNITS_BELOW = "units_below"
    CODE_TAKEN = "code_taken"
    NO_SUCCESSOR = "no_successor"


class ChangeRefused(ValueError):
    """A change that cannot be; nothing of it is kept. `unit` is the code of the unit it is about."""

    def __init__(self, obstacle: Obstacle, unit: str) -> None:
        super().__init__(f"{obstacle} {unit}")
        self.obstacle = obstacle
        self.unit = unit
