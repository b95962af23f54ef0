"""The monthly word on Zalo, which may lose messages: who is told what the bot has from them."""

from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, exists, or_, select, union

from domain.period import Period
from domain.role import Role
from storage.schema import account, membership, tally, unit_report
from storage.tally import ACTIVE
from storage.unit_report import NIL_RETURN

CHANNEL = "zalo"


def whom(conn: Connection, period: Period, last_day: date, today: date) -> list[int]:
    """People within reach on Zalo who hold a role today and have reported for the period, or were
    reporters on its last day.
    """
    owed = _holders(last_day, membership.c.role == Role.REPORTER)
    reported = select(tally.c.reporter_id).where(
        tally.c.bucket == period.code, tally.c.state == ACTIVE, tally.c.reporter_id.is_not(None)
    )
    people = (
        select(account.c.person_id)
        .where(
            account.c.channel == CHANNEL,
            account.c.unreachable_since.is_(None),
            account.c.person_id.in_(_holders(today)),
            account.c.person_id.in_(union(owed, reported)),
        )
        .distinct()
        .order_by(account.c.person_id)
    )
    return list(conn.execute(people).scalars())


def _holders(day: date, *roles: ColumnElement[bool]) -> Select[tuple[int]]:
    """Who holds a role on that day."""
    return select(membership.c.person_id).where(
        membership.c.valid_from <= day,
        or_(membership.c.valid_to.is_(None), membership.c.valid_to >= day),
        *roles,
    )


def said_nil(conn: Connection, person_id: int, period: Period) -> bool:
    """Whether the person has said for a unit that nothing took place."""
    nil = exists().where(
        unit_report.c.reported_by == person_id,
        unit_report.c.period == period.code,
        unit_report.c.status == NIL_RETURN,
    )
    return bool(conn.execute(select(nil)).scalar_one())
