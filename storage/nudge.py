"""What a person's message of a day of the ladder still has to say when it is sent, or looked at
again: units that have reported meanwhile are left out.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select, tuple_

from domain.briefing import VIETNAM
from domain.ladder import LadderRules, over_before
from domain.period import Period
from domain.role import ALLOWED, Action
from domain.status import Status
from storage import ladder, leave, rest, status, unit
from storage.person import valid_on
from storage.schema import account, membership, nudge, org_unit, person, unit_path

# So many units are looked at one by one; more of them all at once.
_FEW = 3
# So long the buttons under a message speak of its units, whatever has become of the ladder.
_REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who may report for a unit; `telegram` is their number there, if they have one."""

    name: str
    telegram: str | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A unit's report that is still missing. `home` is the person's own unit in or below it, for which
    they may report.
    """

    unit_id: int
    unit_name: str
    period: Period
    due: date
    home: tuple[int, str] | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is asked to report, and what those whom they lead have not reported."""

    own: tuple[Owed, ...] = ()
    told: tuple[Owed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.own or self.told)


def standing(
    conn: Connection, person_id: int, day: date, today: date, rules: LadderRules
) -> Standing:
    """What is left today of one person's message of that day."""
    return standings(conn, [(person_id, day)], today, rules)[person_id, day]


def standings(
    conn: Connection, messages: Collection[tuple[int, date]], today: date, rules: LadderRules
) -> Mapping[tuple[int, date], Standing]:
    """What is left today of the messages of these people and days; nothing for who is away or
    rests.
    """
    people = {person_id for person_id, _ in messages}
    resting, given_up = rest.of_day(conn, today)
    silent = resting | leave.away(conn, people, today).keys()
    rows = [
        row
        for row in conn.execute(_NUDGES.where(tuple_(*_MESSAGE).in_(messages)))
        if row.person_id not in silent and (row.person_id, row.unit_id) not in given_up
    ]
    missing = _missing(conn, ((row.period, row.unit_id) for row in rows), rules)
    left = [row for row in rows if (row.period, row.unit_id) in missing]
    homes = _homes(conn, {(row.person_id, row.unit_id) for row in left if not row.told}, today)
    contacts = _contacts(conn, {row.unit_id for row in left if row.told}, given_up, today)
    own: dict[tuple[int, date], list[Owed]] = {}
    told: dict[tuple[int, date], list[Owed]] = {}
    for row in left:
        owed = Owed(
            row.unit_id,
            row.name,
            Period.from_code(row.period),
            row.due,
            homes.get((row.person_id, row.unit_id)),
            contacts.get(row.unit_id),
        )
        (told if row.told else own).setdefault((row.person_id, row.day), []).append(owed)
    return {
        each: Standing(tuple(own.get(each, ())), tuple(told.get(each, ()))) for each in messages
    }


_MESSAGE = nudge.c.person_id, nudge.c.day
_NUDGES = (
    select(nudge, org_unit.c.name)
    .join(org_unit, org_unit.c.id == nudge.c.unit_id)
    .order_by(nudge.c.period, org_unit.c.position, org_unit.c.id)
)


def _missing(
    conn: Connection, asked: Iterable[tuple[str, int]], rules: LadderRules
) -> set[tuple[str, int]]:
    """Those of these periods and units that still miss a report."""
    by_period: dict[str, set[int]] = {}
    for code, unit_id in asked:
        by_period.setdefault(code, set()).add(unit_id)
    return {
        (code, each.unit_id)
        for code, units in by_period.items()
        for top_id in _tops(conn, units)
        for each in status.of_units(conn, top_id, Period.from_code(code), rules.deadlines)
        if each.status is Status.MISSING and each.unit_id in units
    }


def _tops(conn: Connection, units: Collection[int]) -> Collection[int]:
    top = unit.root(conn) if len(units) > _FEW else None
    return units if top is None else (top.id,)


def _homes(
    conn: Connection, asked: Collection[tuple[int, int]], today: date
) -> Mapping[tuple[int, int], tuple[int, str]]:
    """For each of these people and units the person's own unit at or below it, the nearest."""
    if not asked:
        return {}
    rows = conn.execute(
        select(membership.c.person_id, unit_path.c.ancestor_id, org_unit.c.id, org_unit.c.name)
        .join(unit_path, unit_path.c.unit_id == membership.c.unit_id)
        .join(org_unit, org_unit.c.id == membership.c.unit_id)
        .where(
            tuple_(membership.c.person_id, unit_path.c.ancestor_id).in_(asked),
            membership.c.role.in_(ALLOWED[Action.REPORT_TALLY]),
            valid_on(today),
        )
        .order_by(unit_path.c.depth.desc())
    )
    return {(row.person_id, row.ancestor_id): (row.id, row.name) for row in rows}


def _contacts(
    conn: Connection, units: Collection[int], given_up: Collection[tuple[int, int]], today: date
) -> Mapping[int, Contact]:
    """For each unit the one to ask: its lead, or who is nearest to it, unless they are away."""
    if not units:
        return {}
    around = ladder.circles(conn, units, today)
    away = leave.away(conn, {who for circle in around.values() for who in circle.own}, today)
    first = {
        unit_id: who
        for unit_id, circle in around.items()
        for who in reversed(circle.own)
        if who not in away and (who, unit_id) not in given_up
    }
    on_telegram = (account.c.person_id == person.c.id) & (account.c.channel == "telegram")
    rows = conn.execute(
        select(person.c.id, person.c.display_name, account.c.address)
        .outerjoin(account, on_telegram)
        .where(person.c.id.in_(set(first.values())))
    )
    known = {row.id: Contact(row.display_name, row.address) for row in rows}
    return {unit_id: known[person_id] for unit_id, person_id in first.items()}


def forget_over(conn: Connection, now: datetime, rules: LadderRules) -> None:
    """Remove what messages of a month ago and earlier spoke of, once that ladder is over.

    Until then a row keeps its rung from coming a second time.
    """
    today = now.astimezone(VIETNAM).date()
    conn.execute(
        delete(nudge).where(
            nudge.c.day < today - _REMEMBERED, nudge.c.due < over_before(today, rules)
        )
    )
