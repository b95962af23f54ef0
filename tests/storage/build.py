"""The least that a fact needs around it: units, a person, figures, one moment."""

from datetime import UTC, date, datetime
from itertools import count

from sqlalchemy import Connection, select

from domain.deadline import DeadlineRules
from domain.ladder import LadderRules
from domain.role import Role
from domain.tally import Figures, Precision, TallyKind
from domain.unit import UnitType
from domain.workday import Calendar
from storage import person, unit
from storage.schema import audit_event

NOW = datetime(2026, 7, 16, 2, 30, tzinfo=UTC)
TODAY = date(2026, 7, 16)
CHANNEL = "telegram"
RULES = DeadlineRules(Calendar.vietnam())
LADDER = LadderRules(RULES)

_numbers = count(1)


def province(conn: Connection) -> int:
    return unit.add(conn, f"p{next(_numbers)}", "Tỉnh uỷ", UnitType.PROVINCE_COMMITTEE)


def commune(conn: Connection, parent_id: int, name: str = "Đảng uỷ xã Hàm Yên") -> int:
    return unit.add(conn, f"c{next(_numbers)}", name, UnitType.COMMUNE_COMMITTEE, parent_id)


def cell(conn: Connection, parent_id: int) -> int:
    return unit.add(conn, f"x{next(_numbers)}", "Chi bộ thôn", UnitType.CELL, parent_id)


def also(conn: Connection, person_id: int, unit_id: int, role: Role = Role.REPORTER) -> None:
    """Another role of the same person, since the year began."""
    person.add_membership(conn, person_id, unit_id, role, date(2026, 1, 1))


def reporter(conn: Connection, unit_id: int | None = None, role: Role = Role.REPORTER) -> int:
    """Somebody who can be reached; with a unit, in this role since the year began."""
    person_id = person.add(conn, "Báo cáo viên", NOW)
    person.add_account(conn, person_id, CHANNEL, f"chat {person_id}")
    if unit_id is not None:
        person.add_membership(conn, person_id, unit_id, role, date(2026, 1, 1))
    return person_id


def figures(
    day: date = TODAY,
    *,
    sessions: int | None = None,
    party_members: int | None = None,
    public: int | None = None,
    audience_total: int | None = None,
    items: int | None = None,
) -> Figures:
    return Figures(
        TallyKind.ORAL_SESSION,
        day,
        day,
        Precision.DAY,
        sessions=sessions,
        party_members=party_members,
        public=public,
        audience_total=audience_total,
        items=items,
    )


def audit_lines(conn: Connection) -> list[tuple[str, str, int | None, int | None]]:
    """(action, subject, subject id, actor), oldest first."""
    columns = audit_event.c
    rows = conn.execute(
        select(columns.action, columns.subject, columns.subject_id, columns.actor_id).order_by(
            columns.id
        )
    )
    return [(row.action, row.subject, row.subject_id, row.actor_id) for row in rows]
