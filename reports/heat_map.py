"""Who has reported, unit by month, as a table of letters and colours: for /thieu as a picture.

Units only, never persons: it is shown in the committee's group as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from domain.period import Period
from domain.status import Status, StatusCounts
from storage import status
from storage.status import UnitStatus

# So many units make a picture that can be read on a phone.
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Cell:
    """How a unit stands in a month; `waiting` when it misses a report that is not due yet."""

    status: Status
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A unit with a cell for each month; None for a month for which it owes no report."""

    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A page of the table. `counts` add up all units of all pages, by month; they are empty on all
    pages but the last one.
    """

    unit_name: str
    period: Period
    months: tuple[Period, ...]
    rows: tuple[Row, ...]
    counts: tuple[StatusCounts, ...]
    page: int
    pages: int


def lay_out(
    unit_name: str,
    period: Period,
    months: Mapping[Period, Sequence[UnitStatus]],
    today: date,
    page: int,
) -> HeatMap:
    """A page of the table, the first one being 0; pages are of about the same length.

    A page that is not there any more, because there are fewer units now, is the last one.
    """
    rows = _rows(months, today)
    pages = max(1, ceil(len(rows) / MOST_ROWS))
    page, length = min(page, pages - 1), ceil(len(rows) / pages)
    is_last = page == pages - 1
    return HeatMap(
        unit_name=unit_name,
        period=period,
        months=tuple(months),
        rows=tuple(rows[page * length : (page + 1) * length]),
        counts=tuple(map(status.count, months.values())) if is_last else (),
        page=page,
        pages=pages,
    )


def _rows(months: Mapping[Period, Sequence[UnitStatus]], today: date) -> list[Row]:
    """Every unit that owes a report for some of the months, in the official order."""
    found: dict[int, list[UnitStatus | None]] = {}
    for number, units in enumerate(months.values()):
        for unit in units:
            found.setdefault(unit.unit_id, [None] * len(months))[number] = unit
    latest = {unit_id: _latest(units) for unit_id, units in found.items()}
    order = sorted(found, key=lambda unit_id: (latest[unit_id].position, unit_id))
    return [Row(latest[i].name, tuple(_cell(unit, today) for unit in found[i])) for i in order]


def _latest(units: Sequence[UnitStatus | None]) -> UnitStatus:
    return [unit for unit in units if unit is not None][-1]


def _cell(unit: UnitStatus | None, today: date) -> Cell | None:
    if unit is None:
        return None
    return Cell(unit.status, unit.status is Status.MISSING and today <= unit.due)
