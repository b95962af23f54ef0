"""Who has reported in any tree, whatever its units do: each in one way, and they add up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from domain.status import Status, StatusCounts
from domain.unit import REPORTING_TYPES, UnitType
from storage import exception, excuse, status, tally, unit, unit_report
from storage.db import Database
from tests.storage import build
from tests.storage.build import NOW, RULES
from tests.storage.july import AUGUST, IN_TIME, JULY, counts
from tests.storage.undo import undone


@dataclass(frozen=True)
class Branch:
    """A unit of a random tree: below which earlier unit (modulo), its type, in force in July?"""

    below: int
    kind: UnitType
    in_force: bool


@dataclass(frozen=True)
class Event:
    """Somebody of a unit (modulo) does something so many days after the due date's last minute.

    A correction or withdrawal is about one of the reports before it (modulo), if there is any. An
    extension moves the due date by so many days.
    """

    of: int
    what: str
    days: int
    in_july: bool


branches = st.builds(
    Branch,
    st.integers(0, 20),
    st.sampled_from([UnitType.COMMUNE_COMMITTEE, UnitType.DIRECT_PARTY_COMMITTEE, UnitType.CELL]),
    st.booleans() | st.just(True),
)
events = st.builds(
    Event,
    st.integers(0, 3),
    st.sampled_from(
        ["report", "report", "nil", "correct", "withdraw", "excuse", "require", "extend"]
    ),
    st.integers(-5, 5),
    st.booleans() | st.just(True),
)


@dataclass
class Kept:
    """What the test itself remembers of a report."""

    unit_id: int
    at: datetime
    in_july: bool
    stands: bool = True


@dataclass
class Happened:
    """Reports by their id, the first nil return of each unit, every word about excuses and about
    the last minute that is on time.
    """

    reports: dict[int, Kept] = field(default_factory=dict)
    nils: dict[int, datetime] = field(default_factory=dict)
    excuses: list[tuple[int, bool]] = field(default_factory=list)
    in_time: list[tuple[int, datetime]] = field(default_factory=list)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(branches, max_size=6), st.lists(events, max_size=20))
async def test_the_counts_partition_the_required_units_of_every_subtree(
    db: Database, tree: list[Branch], history: list[Event]
) -> None:
    def run(conn: Connection) -> None:
        units = _grow(conn, tree)
        happened = _live(conn, list(units), history)
        expected = {
            unit_id: _expected(units, unit_id, happened)
            for unit_id, (_, branch) in units.items()
            if branch.in_force and branch.kind in REPORTING_TYPES
        }
        for unit_id in units:
            below = _below(units, unit_id)
            found = status.of_units(conn, unit_id, JULY, RULES)
            wanted = {each: expected[each] for each in below if each in expected}
            assert {each.unit_id: each.status for each in found} == wanted
            assert len(found) == len(wanted)
            assert status.count(found).required == len(wanted)
            _parent_is_the_sum_of_its_children(conn, units, unit_id, expected)

    await undone(db, run)


Units = dict[int, tuple[int | None, Branch]]


def _grow(conn: Connection, tree: Sequence[Branch]) -> Units:
    """Every unit with the one above it, the root first."""
    top = build.province(conn)
    units: Units = {top: (None, Branch(0, UnitType.PROVINCE_COMMITTEE, in_force=True))}
    for number, branch in enumerate(tree):
        above = list(units)[branch.below % len(units)]
        closed = None if branch.in_force else date(2026, 6, 30)
        code = f"{top}:{number}"
        units[unit.add(conn, code, "Xã", branch.kind, above, valid_to=closed)] = above, branch
    return units


def _live(conn: Connection, units: list[int], history: Sequence[Event]) -> Happened:
    """Let it all happen."""
    who = build.reporter(conn)
    happened = Happened()
    reports, nils = happened.reports, happened.nils
    for number, event in enumerate(history):
        unit_id, at = units[event.of % len(units)], IN_TIME + timedelta(days=event.days)
        figures = build.figures(JULY.end if event.in_july else AUGUST.start, sessions=number)
        about = list(reports)[event.of % len(reports)] if reports else None
        match event.what:
            case "report":
                entry = tally.record(conn, unit_id, who, figures, f"{who}:{number}", at)
                reports[entry.id] = Kept(unit_id, at, event.in_july)
            case "nil":
                unit_report.record_nil(conn, unit_id, JULY, who, at)
                nils.setdefault(unit_id, at)
            case "correct" if about is not None:
                tally.correct(conn, about, who, figures, at)
                reports[about].in_july, reports[about].stands = event.in_july, True
            case "withdraw" if about is not None:
                tally.withdraw(conn, about, who, at)
                reports[about].stands = False
            case "excuse" | "require" as word:
                excuse.say(conn, unit_id, JULY, who, at, excused=word == "excuse")
                happened.excuses.append((unit_id, word == "excuse"))
            case "extend":
                exception.say(conn, unit_id, JULY, at.date(), who, NOW)
                happened.in_time.append((unit_id, at))
    return happened


def _below(units: Units, top: int) -> set[int]:
    """A unit with everything below it; parents come before their children."""
    found = {top}
    for unit_id, (above, _) in units.items():
        if above in found:
            found.add(unit_id)
    return found


def _expected(units: Units, unit_id: int, happened: Happened) -> Status:
    below = _below(units, unit_id)
    reports = happened.reports.values()
    sent = [r.at for r in reports if r.unit_id in below and r.in_july and r.stands]
    said = [at for of, at in happened.nils.items() if of in below]
    excused = [word for of, word in happened.excuses if unit_id in _below(units, of)]
    until = [word for of, word in happened.in_time if unit_id in _below(units, of)]
    if sent:
        in_time = until[-1] if until else IN_TIME
        return Status.ON_TIME if min(sent + said) <= in_time else Status.LATE
    if said:
        return Status.NIL
    return Status.EXCUSED if excused and excused[-1] else Status.MISSING


def _parent_is_the_sum_of_its_children(
    conn: Connection, units: Units, parent: int, expected: dict[int, Status]
) -> None:
    parts = [counts(conn, child) for child, (above, _) in units.items() if above == parent]
    own = StatusCounts.of([expected[parent]] if parent in expected else [])
    whole = counts(conn, parent)
    for name in Status:
        assert getattr(whole, name) == getattr(own, name) + sum(getattr(p, name) for p in parts)
