"""The values that a reading is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.tally import Figures, Precision

Value = int | str | date | tuple[date, ...] | None


class Intent(StrEnum):
    """What the sender wants with the message."""

    REPORT = "report"
    CORRECT = "correct"
    RETRACT = "retract"
    NIL_REPORT = "nil_report"
    OTHER = "other"


class Action(StrEnum):
    """What to do with it: store at once, store after a confirmation, ask first, stay silent."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    ASK = "ask"
    NOT_A_REPORT = "not_a_report"


class QuestionCode(StrEnum):
    """What is unclear; what `values` and `choices` go with it, the asking function says."""

    T7 = "t7"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    VAGUE_DATE = "vague_date"
    LUNAR_DATE = "lunar_date"
    DATE_CONFLICT = "date_conflict"
    MISSING_DATE = "missing_date"
    SAME_AS_BEFORE = "same_as_before"
    UNIT_OR_MEMBERS = "unit_or_members"
    EACH = "each"
    MIXED_MEMBERS = "mixed_members"
    UNLABELLED = "unlabelled"
    TOTAL_MISMATCH = "total_mismatch"
    TOO_LARGE = "too_large"
    THOUSANDS = "thousands"
    MISSING_SPLIT = "missing_split"
    MISSING_SESSIONS = "missing_sessions"
    MISSING_AUDIENCE = "missing_audience"
    WHICH_FIELD = "which_field"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its code for the wording, and the draft fields that it sets.

    An empty change means that the answer needs typing (another date, all again) or that the
    message is dropped (a plan).
    """

    code: str
    change: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """The one question to ask; `values` feed its wording, `choices` its buttons."""

    code: QuestionCode
    values: Mapping[str, Value] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Days in Asia/Ho_Chi_Minh, both ends inclusive; `dates` only for a list of single days."""

    date_from: date
    date_to: date
    precision: Precision
    dates: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class DateProblem:
    """A date that cannot be taken as written; `options` is what it may mean, best first."""

    code: QuestionCode
    written: str
    options: tuple[DateSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to be stored: figures, what was assumed, and where each field was written.

    `spans` are half-open offsets into the original text; a field that is missing there was
    defaulted or derived. In a correction the None fields of `figures` mean "unchanged", and
    `moved_from` is the date as reported before when the date itself is corrected.
    """

    figures: Figures
    defaults: tuple[str, ...] = ()
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    moved_from: DateSpan | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says. `question` is set exactly when the action is ASK."""

    intent: Intent
    action: Action
    entries: tuple[Entry, ...] = ()
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known of the sender: names of the units that a message may start with."""

    unit_names: tuple[str, ...] = ()


SILENT = Reading(Intent.OTHER, Action.NOT_A_REPORT)
