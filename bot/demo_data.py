"""The demo's province: today's Tuyên Quang with invented desks, and the figures of past years.

People are roles, nobody real: "Báo cáo viên xã Lâm Bình" is all that is known of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol

from sqlalchemy import Connection, select

from bot import province
from bot.demo_year import Desk, entries, store
from bot.facts import import_facts
from bot.settings import Settings
from domain.period import Period
from domain.role import Role
from domain.unit import REPORTING_TYPES, Unit, UnitType
from storage import group, person, unit, unit_report, zalo
from storage.db import Database
from storage.schema import membership, org_unit
from wording.format import VIETNAM

CHANNEL = "telegram"
SEED_FACTS = Path(__file__).parent / "data" / "seed_facts.csv"

_PROVINCE = "Tuyên Quang"
_ROOT = "08"
_LAM_BINH = "08-02266"
_HAMLET = f"{_LAM_BINH}-dan-cu-1"
_SCHOOL = f"{_LAM_BINH}-thcs"
# Communes and wards that are furnished with cells and a unit lead; Lâm Bình is the demo's stage.
_FURNISHED = (
    _LAM_BINH,
    *("08-02215", "08-02221", "08-02287", "08-02374", "08-02473", "08-02536"),
    *("08-00694", "08-00721", "08-00769", "08-00874", "08-01153"),
)
_SEED = 2026
_MISSING_THIS_MONTH = 14


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody in the sandbox; `id` is their user and chat id. Without a role, unknown to the bot."""

    id: int
    name: str
    role: Role | None
    unit_code: str
    role_label: str
    unit_label: str


@dataclass(frozen=True, slots=True)
class DemoGroup:
    id: int
    title: str
    members: tuple[int, ...]


DEMO_PEOPLE = (
    DemoPerson(
        1001,
        "Báo cáo viên Chi bộ thôn 1",
        Role.REPORTER,
        _HAMLET,
        "Báo cáo viên",
        "Chi bộ thôn 1, xã Lâm Bình",
    ),
    DemoPerson(
        1002,
        "Báo cáo viên xã Lâm Bình",
        Role.REPORTER,
        _LAM_BINH,
        "Báo cáo viên",
        "Đảng ủy xã Lâm Bình",
    ),
    DemoPerson(
        1003,
        "Trưởng Ban Xây dựng Đảng xã Lâm Bình",
        Role.UNIT_LEAD,
        _LAM_BINH,
        "Phụ trách đơn vị",
        "Đảng ủy xã Lâm Bình",
    ),
    DemoPerson(
        1004,
        "Đảng viên Chi bộ thôn 1",
        Role.MEMBER,
        _HAMLET,
        "Đảng viên",
        "Chi bộ thôn 1, xã Lâm Bình",
    ),
    # The department's officers work for the whole province, so theirs is the root.
    DemoPerson(
        1005,
        "Cán bộ Ban Tuyên giáo và Dân vận",
        Role.OFFICER,
        _ROOT,
        "Cán bộ tổng hợp",
        "Ban Tuyên giáo và Dân vận Tỉnh ủy",
    ),
    DemoPerson(1006, "Người mới", None, "", "Để thử liên kết mời", ""),
    DemoPerson(
        1007,
        "Báo cáo viên Chi bộ Trường THCS",
        Role.REPORTER,
        _SCHOOL,
        "Báo cáo viên",
        "Chi bộ Trường THCS, xã Lâm Bình",
    ),
)
DEMO_GROUP = DemoGroup(-5001, "Nhóm Tỉnh ủy – Ban Tuyên giáo và Dân vận", (1005, 1003))
_OFFICER = 1005

_PAST = "tq-truoc-2025"
# The bodies whose past figures are imported. They ended with the districts, at the latest.
_ENDED = province.SINCE - timedelta(days=1)
_PAST_BODIES = (
    (
        "ls-khoi-co-quan",
        "Đảng bộ Khối các cơ quan tỉnh Lạng Sơn",
        UnitType.BLOC_COMMITTEE,
        4092,
    ),
    (
        "tq-khoi-co-quan-doanh-nghiep",
        "Đảng bộ Khối các cơ quan và doanh nghiệp tỉnh Tuyên Quang",
        UnitType.BLOC_COMMITTEE,
        None,
    ),
    ("bgm-huyen-uy", "Huyện ủy Bù Gia Mập", UnitType.DISTRICT_COMMITTEE, None),
)


async def prepare(db: Database, now: datetime) -> None:
    """Fill a migrated, empty database with the demo; one that is filled stays as it is.

    The entries end with the day before `now`.
    """
    await db.write(_furnish, now)
    result = await import_facts(db, SEED_FACTS, now)
    if result.problems:
        raise ValueError(f"{SEED_FACTS.name}: {result.problems[0]}")


def link(conn: Connection, bot: str, zalo_ids: Mapping[int, str], now: datetime) -> None:
    """Give the known people their accounts with this Zalo bot, by their ids in the sandbox."""
    today = now.astimezone(VIETNAM).date()
    for each in DEMO_PEOPLE:
        known = person.actor(conn, CHANNEL, str(each.id), today)
        if known is not None:
            address = str(zalo.number_of(conn, bot, zalo_ids[each.id], is_group=False))
            if person.actor(conn, "zalo", address, today) is None:
                person.add_account(conn, known.person_id, "zalo", address)


def _furnish(conn: Connection, now: datetime) -> None:
    if unit.by_code(conn, _ROOT) is not None:
        return
    rng = Random(_SEED)
    until = now.astimezone(VIETNAM).date() - timedelta(days=1)
    root_id = province.build(conn, _PROVINCE, now)
    _add_past_bodies(conn, root_id)
    for code in _FURNISHED:
        _add_cells(conn, code, rng)
    hire = partial(_add_person, conn, since=until - timedelta(days=365), now=now)
    people = _add_demo_people(conn, hire)
    desks = _add_desks(conn, hire)
    nil, *missing = _without_figures(conn, rng)
    store(conn, list(entries(desks, {nil, *missing}, until, rng)))
    officer = people[_OFFICER]
    unit_report.record_nil(conn, nil, Period.month_of(until), officer, now)
    group.register(conn, CHANNEL, str(DEMO_GROUP.id), root_id, officer, now)


# --- units and people ----------------------------------------------------------------------------


def _add_past_bodies(conn: Connection, root_id: int) -> None:
    branch = unit.add(
        conn,
        _PAST,
        "Các đảng bộ trước ngày 01/7/2025",
        UnitType.DISTRICT_COMMITTEE,
        root_id,
        position=1000,
        valid_to=_ENDED,
    )
    for position, (code, name, type_, members) in enumerate(_PAST_BODIES):
        unit.add(
            conn,
            code,
            name,
            type_,
            branch,
            position=position,
            valid_to=_ENDED,
            member_count=members,
        )


def _add_cells(conn: Connection, commune_code: str, rng: Random) -> None:
    commune = _by_code(conn, commune_code)
    place = _place(commune.name)
    homes = "tổ dân phố" if place.startswith("phường") else "thôn"
    cells = [(f"dan-cu-{n}", f"{homes} {n}") for n in range(1, 6)] + [
        ("thcs", "Trường THCS"),
        ("tieu-hoc", "Trường Tiểu học"),
        ("y-te", "Trạm Y tế"),
    ]
    for position, (code, name) in enumerate(cells, 1):
        unit.add(
            conn,
            f"{commune_code}-{code}",
            f"Chi bộ {name}, {place}",
            UnitType.CELL,
            commune.id,
            position=position,
            valid_from=province.SINCE,
            member_count=rng.randint(12, 40),
            aliases=(f"Chi bộ {name} {place}",),
        )


def _by_code(conn: Connection, code: str) -> Unit:
    found = unit.by_code(conn, code)
    if found is None:
        raise LookupError(f"the demo's province has no unit {code}")
    return found


def _place(name: str) -> str:
    """A committee's name without the body in front: "xã Lâm Bình"."""
    return name.removeprefix("Đảng ủy ")


class _Hire(Protocol):
    def __call__(self, name: str, unit_id: int, role: Role) -> int: ...


def _add_person(
    conn: Connection, name: str, unit_id: int, role: Role, *, since: date, now: datetime
) -> int:
    notice = str(Settings.model_fields["privacy_notice_version"].default)
    person_id = person.add(conn, name, now, consent_version=notice)
    person.add_membership(conn, person_id, unit_id, role, since)
    return person_id


def _add_demo_people(conn: Connection, hire: _Hire) -> dict[int, int]:
    """The people with an account; their ids by those of the sandbox."""
    people = {}
    for each in DEMO_PEOPLE:
        if each.role is not None:
            people[each.id] = hire(each.name, _by_code(conn, each.unit_code).id, each.role)
            person.add_account(conn, people[each.id], CHANNEL, str(each.id))
    return people


def _add_desks(conn: Connection, hire: _Hire) -> list[Desk]:
    """A reporter for every unit that reports and every cell; the demo's people are theirs already."""
    reporters = _reporters(conn)
    units = conn.execute(
        select(org_unit.c.id, org_unit.c.name, org_unit.c.type)
        .where(org_unit.c.type.in_({*REPORTING_TYPES, UnitType.CELL}))
        .order_by(org_unit.c.id)
    ).all()
    return [
        Desk(
            row.id,
            reporters.get(row.id)
            or hire(f"Báo cáo viên {_place(row.name)}", row.id, Role.REPORTER),
            is_cell=row.type == UnitType.CELL,
        )
        for row in units
    ]


def _reporters(conn: Connection) -> dict[int, int]:
    rows = conn.execute(
        select(membership.c.unit_id, membership.c.person_id).where(
            membership.c.role == Role.REPORTER
        )
    )
    return {row.unit_id: row.person_id for row in rows}


def _without_figures(conn: Connection, rng: Random) -> list[int]:
    """Units that have sent nothing this month; none of those with cells, whose figures count too."""
    plain = conn.execute(
        select(org_unit.c.id)
        .where(org_unit.c.type == UnitType.COMMUNE_COMMITTEE, org_unit.c.code.not_in(_FURNISHED))
        .order_by(org_unit.c.id)
    ).scalars()
    return rng.sample(list(plain), _MISSING_THIS_MONTH + 1)
