"""Targets: planned against done, or a percentage that a document declares (it may exceed 100)."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, insert, select

from domain.period import Period
from domain.tally import Approximation
from storage.schema import target, unit_path


@dataclass(frozen=True, slots=True)
class Target:
    """`percent` is the declared one, or done ÷ planned where both are given."""

    name: str
    planned: int | None
    done: int | None
    declared_percent: Decimal | None
    approximation: Approximation | None
    source: str

    @property
    def percent(self) -> Decimal | None:
        if self.declared_percent is not None:
            return self.declared_percent
        if self.planned and self.done is not None:
            return Decimal(self.done) * 100 / Decimal(self.planned)
        return None


def record(conn: Connection, unit_id: int, period: Period, entry: Target) -> bool:
    """Store a target of a unit; False if the unit has one of this name and period already."""
    known = conn.execute(
        select(target.c.id).where(
            target.c.unit_id == unit_id,
            target.c.name == entry.name,
            target.c.period == period.code,
        )
    ).first()
    if known is not None:
        return False
    conn.execute(
        insert(target).values(
            unit_id=unit_id,
            name=entry.name,
            period=period.code,
            period_from=period.start,
            period_to=period.end,
            planned=entry.planned,
            done=entry.done,
            declared_percent=entry.declared_percent,
            approximation=entry.approximation,
            source=entry.source,
        )
    )
    return True


def within(conn: Connection, unit_id: int, period: Period) -> list[Target]:
    """The targets of a unit and below whose period lies inside `period`."""
    rows = conn.execute(
        select(target)
        .join(unit_path, unit_path.c.unit_id == target.c.unit_id)
        .where(
            unit_path.c.ancestor_id == unit_id,
            target.c.period_from >= period.start,
            target.c.period_to <= period.end,
        )
        .order_by(target.c.id)
    )
    return [
        Target(
            row.name,
            row.planned,
            row.done,
            row.declared_percent,
            None if row.approximation is None else Approximation(row.approximation),
            row.source,
        )
        for row in rows
    ]
