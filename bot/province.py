"""The starting tree of a province: its party committees as they have stood since 1 July 2025.

Communes and wards come from the vietnam-provinces package, the types of unit from the field
reference (§6.2). The rest of the tree (cells, grassroots committees) is the department's to add.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from sqlalchemy import Connection
from vietnam_provinces import Province, VietNamDivisionType, Ward

from domain.text import fold, normalise
from domain.unit import UnitType
from storage import audit, unit

# The two-level government began, and with it every commune's committee of today.
SINCE = date(2025, 7, 1)

# In official order: wards before communes; a special zone stands after both.
_ORDER = (VietNamDivisionType.PHUONG, VietNamDivisionType.XA, VietNamDivisionType.DAC_KHU)

# Code, name without "Đảng ủy", and how else people call it; {area} is "tỉnh" or "thành phố".
_DIRECT = (
    ("dang", "các cơ quan Đảng {area}", ("Khối Đảng {area}", "Cơ quan Đảng {area}")),
    ("ubnd", "UBND {area}", ("Ủy ban nhân dân {area}",)),
    ("quan-su", "Quân sự {area}", ("Bộ CHQS {area}", "Bộ Chỉ huy Quân sự {area}")),
    ("cong-an", "Công an {area}", ()),
)
_BODIES = ("Đảng ủy", "Đảng bộ")


class UnknownProvinceError(ValueError):
    """No province of today has this name or code."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What differs between a province and a city that stands directly under the centre."""

    committee: str
    area: str


_PROVINCE = _Words("Tỉnh ủy", "tỉnh")
_CITY = _Words("Thành ủy", "thành phố")


def build(conn: Connection, province_name_or_code: str, at: datetime) -> int:
    """Add the tree of a province and return its root; a tree that stands already stays as it is.

    Takes "Tuyên Quang", "tinh tuyen quang" or the official code ("08"). Raises
    UnknownProvinceError for anything else.
    """
    province = _find(province_name_or_code)
    known = unit.by_code(conn, _code(province))
    if known is not None:
        return known.id
    root_id = _add_root(conn, province)
    positions = count(1)
    _add_department(conn, province, root_id, next(positions))
    for code, name, others in _DIRECT:
        _add_direct(conn, province, root_id, code, name, others, next(positions))
    for ward in _in_official_order(Ward.iter_by_province(province.code)):
        _add_commune(conn, province, root_id, ward, next(positions))
    audit.record(conn, at, None, "build_province", "org_unit", root_id, code=_code(province))
    return root_id


def _find(text: str) -> Province:
    wanted = fold(normalise(text)).strip()
    for province in Province.iter_all():
        bare = fold(_bare(province))
        if wanted in {bare, f"tinh {bare}", f"thanh pho {bare}", f"tp {bare}", _code(province)}:
            return province
    raise UnknownProvinceError(text)


def _code(province: Province) -> str:
    return f"{province.code.value:02}"


def _bare(province: Province) -> str:
    return normalise(province.name).removeprefix("Thành phố ")


def _words(province: Province) -> _Words:
    city = province.division_type is VietNamDivisionType.THANH_PHO_TRUNG_UONG
    return _CITY if city else _PROVINCE


def _add_root(conn: Connection, province: Province) -> int:
    words, bare = _words(province), _bare(province)
    return unit.add(
        conn,
        _code(province),
        f"{words.committee} {bare}",
        UnitType.PROVINCE_COMMITTEE,
        valid_from=SINCE,
        aliases=(f"Đảng bộ {words.area} {bare}", f"{words.area} {bare}", words.committee),
    )


def _add_department(conn: Connection, province: Province, root_id: int, position: int) -> None:
    committee = _words(province).committee
    unit.add(
        conn,
        f"{_code(province)}-tuyen-giao",
        f"Ban Tuyên giáo và Dân vận {committee}",
        UnitType.DEPARTMENT,
        root_id,
        position=position,
        valid_from=SINCE,
        aliases=("Ban Tuyên giáo và Dân vận", "BTGDV", f"BTGDV {committee}"),
    )


def _add_direct(
    conn: Connection,
    province: Province,
    root_id: int,
    code: str,
    name: str,
    others: tuple[str, ...],
    position: int,
) -> None:
    area = _words(province).area
    names = [text.format(area=area) for text in (name, *others)]
    unit.add(
        conn,
        f"{_code(province)}-{code}",
        f"Đảng ủy {names[0]}",
        UnitType.DIRECT_PARTY_COMMITTEE,
        root_id,
        position=position,
        valid_from=SINCE,
        aliases=(*names, *(f"{body} {name}" for body in _BODIES for name in names)),
    )


def _add_commune(
    conn: Connection, province: Province, root_id: int, ward: Ward, position: int
) -> None:
    kind = ward.division_type.value
    bare = normalise(ward.name)[len(kind) + 1 :]
    unit.add(
        conn,
        f"{_code(province)}-{ward.code.value:05}",
        f"Đảng ủy {kind} {bare}",
        UnitType.COMMUNE_COMMITTEE,
        root_id,
        position=position,
        valid_from=SINCE,
        aliases=(bare, f"{kind} {bare}", f"Đảng bộ {kind} {bare}"),
    )


def _in_official_order(wards: Iterable[Ward]) -> list[Ward]:
    return sorted(wards, key=lambda ward: _ORDER.index(ward.division_type))
