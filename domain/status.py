"""Who has reported: a unit that owes a report has exactly one status in a period.

The counts of the statuses are always all units that owe one, for every part of the tree: what
users of other systems miss is that on time, late and none add up (field reference §3.3).
Days are days in Asia/Ho_Chi_Minh.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.deadline import DeadlineRules, due_date, has_begun, lock_date, month_of
from domain.period import Period, following, previous


class Status(StrEnum):
    """How a unit stands in a period. A nil return is a report, whenever it comes."""

    ON_TIME = "on_time"
    LATE = "late"
    NIL = "nil"
    EXCUSED = "excused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a unit with everything below it has handed in for a period.

    `figures` are entries that still stand, `nil` is a nil return. `in_time` tells whether any of
    it was recorded by the due date, whatever was corrected since.
    """

    figures: bool = False
    nil: bool = False
    in_time: bool = False
    excused: bool = False


def status_of(handed_in: HandedIn) -> Status:
    """The one status that follows.

    Figures that come after a nil return correct it, so they are on time when that was.
    """
    if handed_in.figures:
        return Status.ON_TIME if handed_in.in_time else Status.LATE
    if handed_in.nil:
        return Status.NIL
    return Status.EXCUSED if handed_in.excused else Status.MISSING


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """So many units of each status; together they are the units that owe a report."""

    on_time: int = 0
    late: int = 0
    nil: int = 0
    excused: int = 0
    missing: int = 0

    @classmethod
    def of(cls, statuses: Iterable[Status]) -> "StatusCounts":
        return cls(**Counter(status.value for status in statuses))

    @property
    def required(self) -> int:
        return self.on_time + self.late + self.nil + self.excused + self.missing


def collected_month(today: date, rules: DeadlineRules) -> Period:
    """The month whose reports are being collected: the last one until it is locked, then this one.

    Without a lock date the last month is collected until its reports are due.
    """
    this = month_of(today, rules)
    last = previous(this)
    until = lock_date(last, rules) or due_date(last, rules)
    return last if today <= until else this


def begun_months(period: Period, today: date, rules: DeadlineRules) -> Iterator[Period]:
    """The months of a period that have begun, and its first one in any case."""
    month = Period.month_of(period.start)
    yield month
    while period.contains(month := following(month)) and has_begun(month, rules, today):
        yield month
