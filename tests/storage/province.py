"""Two communes of which one ends, what they report, and who holds a role where."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from domain.period import Period
from domain.tally import TallyKind
from domain.unit import UnitType
from domain.unit_change import Ending, merged
from storage import tally, totals, unit
from storage.schema import membership
from tests.storage import build
from tests.storage.build import NOW

JUNE, JULY = (Period.month_of(date(2026, month, 1)) for month in (6, 7))
SINCE = date(2026, 7, 15)


@dataclass(frozen=True)
class Province:
    """Two communes, the first with a cell, the second with a sister below the same province."""

    top: int
    old: int
    cell: int
    new: int


def province(conn: Connection) -> Province:
    top = unit.add(conn, "top", "Tỉnh ủy", UnitType.PROVINCE_COMMITTEE)
    old = unit.add(conn, "old", "Đảng ủy xã Cũ", UnitType.COMMUNE_COMMITTEE, top, aliases=["Cũ"])
    cell = unit.add(conn, "cell", "Chi bộ thôn 1", UnitType.CELL, old)
    new = unit.add(conn, "new", "Đảng ủy xã Mới", UnitType.COMMUNE_COMMITTEE, top)
    return Province(top, old, cell, new)


def report(conn: Connection, unit_id: int, day: date, sessions: int) -> None:
    figures, origin = build.figures(day, sessions=sessions), f"{unit_id}:{day}"
    tally.record(conn, unit_id, build.reporter(conn), figures, origin, NOW)


def sessions(conn: Connection, unit_id: int, period: Period) -> int:
    counted = totals.read(conn, unit_id, period).get(TallyKind.ORAL_SESSION)
    return 0 if counted is None else counted.sessions


def roles(conn: Connection, who: int) -> list[tuple[int, str, date, date | None]]:
    rows = conn.execute(
        select(membership).where(membership.c.person_id == who).order_by(membership.c.id)
    )
    return [(row.unit_id, row.role, row.valid_from, row.valid_to) for row in rows]


MERGER = merged(("old",), "new")
CLOSURE = Ending(("old",))
