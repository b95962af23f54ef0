"""Who plays: a province in small, and the people of every scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from domain.role import Role
from domain.unit import UnitType
from storage import person, unit

CHANNEL = "telegram"
SINCE = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Player:
    """`known` people have an account; a role makes them members of a unit."""

    name: str
    unit: str | None = None
    role: Role | None = None
    known: bool = True


CAST: Mapping[str, Player] = {
    "reporter": Player("Báo cáo viên Nà Tông", "na-tong", Role.REPORTER),
    "colleague": Player("Báo cáo viên Trường THCS", "thcs", Role.REPORTER),
    "neighbour": Player("Báo cáo viên Hàm Yên", "ham-yen", Role.REPORTER),
    "lead": Player("Phụ trách Lâm Bình", "lam-binh", Role.UNIT_LEAD),
    "member": Player("Đảng viên Nà Tông", "na-tong", Role.MEMBER),
    "officer": Player("Cán bộ tổng hợp", "tinh", Role.OFFICER),
    "retired": Player("Nguyên báo cáo viên"),
    "newcomer": Player("Người Mới", known=False),
    "stranger": Player("Người Lạ", known=False),
}


def furnish(conn: Connection, ids: Mapping[str, int], at: datetime, channel: str = CHANNEL) -> None:
    """Put the units and the known people into an empty database."""
    units = _units(conn)
    for who, player in CAST.items():
        if not player.known:
            continue
        person_id = person.add(conn, player.name, at, consent_version="2026-11")
        person.add_account(conn, person_id, channel, str(ids[who]))
        if player.unit is not None and player.role is not None:
            person.add_membership(conn, person_id, units[player.unit], player.role, SINCE)


def _units(conn: Connection) -> dict[str, int]:
    def commune(code: str, name: str, position: int) -> int:
        aliases = (f"xã {name}", name)
        kind = UnitType.COMMUNE_COMMITTEE
        full = f"Đảng ủy xã {name}"
        return unit.add(conn, code, full, kind, root, position=position, aliases=aliases)

    root = unit.add(
        conn, "tinh", "Tỉnh ủy Tuyên Quang", UnitType.PROVINCE_COMMITTEE, aliases=("Tỉnh ủy",)
    )
    lam_binh = commune("lam-binh", "Lâm Bình", 1)
    cell = UnitType.CELL
    return {
        "tinh": root,
        "lam-binh": lam_binh,
        "ham-yen": commune("ham-yen", "Hàm Yên", 2),
        "na-tong": unit.add(conn, "na-tong", "Chi bộ thôn Nà Tông", cell, lam_binh, position=1),
        "thcs": unit.add(
            conn, "thcs", "Chi bộ Trường THCS", cell, lam_binh, position=2, member_count=46
        ),
    }
