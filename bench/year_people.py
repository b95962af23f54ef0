"""A province for a simulated year: its units, its people, and when each unit gets round to reporting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from random import Random

from sqlalchemy import Connection

from domain.deadline import DeadlineRules, due_date
from domain.period import Period
from domain.role import Role
from domain.tally import Figures, Precision, TallyKind
from domain.unit import UnitType
from storage import leave, person, status, tally, unit, unit_report

CHANNEL = "telegram"
CELLS = 3
OFFICERS = 6
# When a unit reports: in its month, some days from the due date, or never; with how many of a hundred.
_HABITS = {"in the month": 55, "-5": 15, "-2": 10, "0": 9, "1": 6, "3": 3, "never": 2}
# Of a hundred reports so many are nil returns; of a hundred people so many are away in a month.
_NIL, _AWAY = 10, 3


@dataclass(frozen=True, slots=True)
class Province:
    root: int
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """A report that a unit will send on a day."""

    day: date
    unit_id: int
    period: Period
    is_nil: bool


def furnish(conn: Connection, units: int, chats: Sequence[int], at: datetime) -> Province:
    """A province with this many units that owe reports, and somebody behind each chat: officers first,
    then one lead for each unit, then reporters in the units' cells.
    """
    root = unit.add(conn, "08", "Tỉnh ủy", UnitType.PROVINCE_COMMITTEE)
    communes = [_commune(conn, root, number, at.date()) for number in range(units)]
    places = [(root, Role.OFFICER)] * min(OFFICERS, len(chats) // 10)
    places += [(commune, Role.UNIT_LEAD) for commune, _ in communes]
    cells = cycle([cell for row in zip(*(own for _, own in communes), strict=True) for cell in row])
    people = []
    for number, chat in enumerate(chats):
        where, role = places[number] if number < len(places) else (next(cells), Role.REPORTER)
        person_id = person.add(conn, f"Người {number}", at, consent_version="2026-11")
        person.add_account(conn, person_id, CHANNEL, str(chat))
        person.add_membership(conn, person_id, where, role, at.date())
        people.append(person_id)
    return Province(root, tuple(people))


def _commune(conn: Connection, root: int, number: int, since: date) -> tuple[int, list[int]]:
    name = f"Đảng ủy xã {number}"
    kind = UnitType.COMMUNE_COMMITTEE
    commune = unit.add(conn, code(number), name, kind, root, position=number, valid_from=since)
    return commune, [
        unit.add(conn, f"{code(number)}-{n}", f"Chi bộ {n}, xã {number}", UnitType.CELL, commune)
        for n in range(CELLS)
    ]


def code(number: int) -> str:
    return f"08-{number}"


def coming(
    conn: Connection, root: int, period: Period, rules: DeadlineRules, chance: Random
) -> Iterator[Coming]:
    """When the units that owe a report for the period will send it."""
    due = due_date(period, rules)
    for each in status.of_units(conn, root, period, rules):
        (habit,) = chance.choices(list(_HABITS), list(_HABITS.values()))
        is_nil = chance.randrange(100) < _NIL
        if habit == "in the month":
            day = period.start + timedelta(days=chance.randrange(20))
            yield Coming(day, each.unit_id, period, is_nil=False)
        elif habit != "never":
            day = due + timedelta(days=int(habit))
            yield Coming(day, each.unit_id, period, is_nil)


def report(conn: Connection, report: Coming, author: int, at: datetime) -> None:
    """What the chat would have stored."""
    period, unit_id = report.period, report.unit_id
    if report.is_nil:
        unit_report.record_nil(conn, unit_id, period, author, at)
        return
    day = min(period.end, at.date())
    figures = Figures(
        TallyKind.ORAL_SESSION, day, day, Precision.DAY, sessions=2, party_members=30, public=40
    )
    tally.record(conn, unit_id, author, figures, f"{unit_id} {period.code}", at)


def go_away(conn: Connection, province: Province, at: datetime, chance: Random) -> None:
    """Some people are away from today on, half of them with a stand-in."""
    for person_id in province.people:
        if chance.randrange(100) < _AWAY:
            stand_in = chance.choice(province.people) if chance.randrange(2) else None
            until = at.date() + timedelta(days=chance.randrange(5, 15))
            other = stand_in if stand_in != person_id else None
            leave.take(conn, person_id, at.date(), until, other, person_id, at)
