"""Any tree of units with any history, and in plain Python what the database should make of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st
from sqlalchemy import Connection

from domain.period import Period
from domain.unit import REPORTING_TYPES, UnitType
from domain.unit_change import Change, ChangeRefused, Ending, Founding, Moving, merged
from storage import unit, unit_change
from tests.storage.province import report


@dataclass(frozen=True)
class Step:
    """Something happens to units, which are taken modulo those that there are."""

    what: str
    one: int
    two: int
    three: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["found", "report", "report", "report", "merge", "split", "move", "close"]),
        st.integers(0, 50),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    min_size=4,
    max_size=25,
)
KINDS = (UnitType.COMMUNE_COMMITTEE, UnitType.CELL)


class Land:
    """A tree, and in plain Python what the database should make of it."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.day = date(2026, 5, 20)
        self.ids: dict[str, int] = {}
        self.kinds: dict[str, UnitType] = {}
        self.parent: dict[str, str | None] = {}
        self.goes_on: dict[str, str] = {}
        self.begun: dict[str, date] = {}
        self.ended: dict[str, date] = {}
        self.entries: list[tuple[str, date, int]] = []
        self.top = self.add(UnitType.PROVINCE_COMMITTEE, None)
        for kind, above in zip((*KINDS, *KINDS), (0, 1, 0, 3), strict=True):
            self.add(kind, list(self.ids)[above])

    def add(self, kind: UnitType, parent: str | None) -> str:
        code = f"u{len(self.ids)}"
        above = None if parent is None else self.ids[parent]
        self.ids[code] = unit.add(self.conn, code, code, kind, above, valid_from=self.day)
        self._know(code, kind, parent)
        return code

    def _know(self, code: str, kind: UnitType, parent: str | None) -> None:
        self.kinds[code], self.parent[code], self.begun[code] = kind, parent, self.day

    def take(self, step: Step) -> None:
        codes = list(self.ids)
        one, three = (codes[1 + n % (len(codes) - 1)] for n in (step.one, step.three))
        two = codes[step.two % len(codes)]
        self.day += timedelta(days=5)
        match step.what:
            case "found" if one not in self.ended:
                self.add(KINDS[step.two % 2], one if step.three % 2 else self.top)
            case "report":
                report(self.conn, self.ids[one], self.day, step.two)
                self.entries.append((one, self.day, step.two))
            case "merge":
                self.try_(merged((one, three), two), lambda: self.end({one, three}, two))
            case "split":
                self._split(one, with_heir=step.two % 2 == 0)
            case "move":
                self.try_(Moving(one, two), lambda: self.parent.update({one: two}))
            case "close":
                self.try_(Ending((one,)), lambda: self.end({one}, None))

    def _split(self, one: str, with_heir: bool) -> None:
        a, b = f"u{len(self.ids)}", f"u{len(self.ids) + 1}"
        parts = Founding(a, a), Founding(b, b)
        change = Ending((one,), (a, b), a if with_heir else None, parts)
        if not self.try_(change, lambda: None):
            return
        for code in (a, b):
            found = unit.by_code(self.conn, code)
            assert found is not None
            self.ids[code] = found.id
            self._know(code, self.kinds[one], self.parent[one])
        if with_heir:
            for code in self.ids:
                if code not in self.ended and self._nearest(code) == one:
                    self.parent[code] = a
        self.end({one}, None)

    def _nearest(self, code: str) -> str | None:
        """The standing unit that this one stands below."""
        return next((each for each in self.line(code)[1:] if each not in self.ended), None)

    def try_(self, change: Change, then: Callable[[], object]) -> bool:
        at = datetime(2027, 1, 1, tzinfo=UTC)
        try:
            assert unit_change.undertake(self.conn, change, self.day, at) is not None
        except ChangeRefused:
            return False
        then()
        return True

    def end(self, units: set[str], heir: str | None) -> None:
        for each in units:
            self.ended[each] = self.day
            self.goes_on[each] = heir or ""

    def place(self, code: str) -> str | None:
        return self.goes_on.get(code) or self.parent[code]

    def below(self, top: str) -> set[str]:
        return {code for code in self.ids if top in self.line(code)}

    def line(self, code: str) -> list[str]:
        found: list[str] = []
        at: str | None = code
        while at is not None:
            assert at not in found
            found.append(at)
            at = self.place(at)
        return found

    def counted(self, units: set[str], period: Period, *, entries: bool = False) -> int:
        """The sessions of these units in the period, or the number of their entries."""
        return sum(
            1 if entries else number
            for code, day, number in self.entries
            if code in units and period.start <= day <= period.end
        )

    def owes(self, code: str, period: Period) -> bool:
        return (
            self.kinds[code] in REPORTING_TYPES
            and self.begun[code] <= period.end
            and (code not in self.ended or self.ended[code] > period.end)
        )

    def has_reported(self, top: str, period: Period) -> bool:
        """Whether there are figures that are not another unit's to answer for."""
        return any(
            self.counted({code}, period, entries=True) and self.answers(top, code, period)
            for code in self.below(top)
        )

    def answers(self, top: str, code: str, period: Period) -> bool:
        """Unless a unit between owed the report itself, which has since handed down."""
        line = self.line(code)
        between = line[: line.index(top)]
        return not any(
            self.owes(each, period) and each in self.ended and top not in self.parents(each)
            for each in between
        )

    def parents(self, code: str) -> list[str]:
        above = self.parent[code]
        return [] if above is None else [above, *self.parents(above)]

    def owing(self, top: str, period: Period) -> int:
        return sum(self.owes(code, period) for code in self.below(top))
