"""Periods that officers have locked or opened again, for a unit with everything below it.

Nothing is overwritten: the newest word about a period, or one that holds it, is the one that
counts. Where nobody has said anything, `domain.deadline` knows whether its lock date is past.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Integer, Text, bindparam, func, insert, select
from sqlalchemy.sql.selectable import ScalarSelect

from domain.deadline import DeadlineRules, is_locked
from domain.period import Period
from storage import audit, exception
from storage.prepared import Prepared
from storage.schema import org_unit, period_lock, unit_path
from storage.unit import in_force

_OF_UNIT = bindparam("of_unit", type_=Integer())
_PERIOD = bindparam("period_code", type_=Text())


@dataclass(frozen=True, slots=True)
class Standing:
    """So many units, and so many of them locked."""

    units: int
    locked: int


def say(
    conn: Connection, unit_id: int, period: Period, person_id: int, at: datetime, *, locked: bool
) -> None:
    """Lock a period for this unit and all below it, or open it again."""
    conn.execute(
        insert(period_lock).values(
            unit_id=unit_id,
            period=period.code,
            period_from=period.start,
            period_to=period.end,
            locked=locked,
            said_by=person_id,
            said_at=at,
        )
    )
    action = "lock" if locked else "reopen"
    audit.record(conn, at, person_id, action, "org_unit", unit_id, period=period.code)


def locks(
    conn: Connection, unit_id: int, period: Period, rules: DeadlineRules, today: date
) -> bool:
    """Whether figures of this unit and period can only be changed by asking."""
    said = _SAID.one(conn, about(unit_id, period))
    return is_locked(period, rules, today, said.locked, _due(said.late_from))


def about(unit_id: int, period: Period) -> dict[str, object]:
    """The values that `newest_word` asks for."""
    days = {"period_from": period.start, "period_to": period.end}
    return {"of_unit": unit_id, "period_code": period.code, **days}


def standing(
    conn: Connection, unit_id: int, period: Period, rules: DeadlineRules, today: date
) -> Standing:
    """How many units at or below this one are locked for the period, of those in force in it."""
    below = unit_path.alias()
    said = newest_word(below.c.unit_id).label("said")
    late_from = exception.newest_word(below.c.unit_id, _PERIOD).label("late_from")
    each = (
        select(said, late_from)
        .join(org_unit, org_unit.c.id == below.c.unit_id)
        .where(below.c.ancestor_id == unit_id, in_force(period))
        .subquery()
    )
    alike = select(*each.c, func.count().label("units")).group_by(*each.c)
    found = conn.execute(alike, about(unit_id, period)).all()
    locked = [
        row.units for row in found if is_locked(period, rules, today, row.said, _due(row.late_from))
    ]
    return Standing(units=sum(row.units for row in found), locked=sum(locked))


def last_word(conn: Connection) -> int:
    """Grows with every word that is said; 0 before the first."""
    newest: int | None = conn.execute(select(func.max(period_lock.c.id))).scalar_one()
    return newest or 0


def newest_word(of_unit: ColumnElement[int] = _OF_UNIT) -> ScalarSelect[bool]:
    """Locked, reopened, or NULL where nobody has said anything; a part of other statements too."""
    return (
        select(period_lock.c.locked)
        .join(unit_path, unit_path.c.ancestor_id == period_lock.c.unit_id)
        .where(
            unit_path.c.unit_id == of_unit,
            period_lock.c.period_from <= bindparam("period_from"),
            period_lock.c.period_to >= bindparam("period_to"),
        )
        .order_by(period_lock.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _due(late_from: datetime | None) -> date | None:
    return None if late_from is None else exception.last_day(late_from)


def own_due() -> ScalarSelect[datetime]:
    """The first late moment of the unit's own due date, or NULL; with the values of `about`."""
    return exception.newest_word(_OF_UNIT, _PERIOD)


# Built once, as it is asked before every change.
_SAID = Prepared(select(newest_word().label("locked"), own_due().label("late_from")))
