"""A CSV file of dated facts, read cell by cell before anything is compared with the database."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf

from bot.table import Count, ImportProblem, TableProblem, csv_table, problem, read_rows
from domain.period import Period, read_period
from domain.tally import MEASURES, TOPIC_LENGTH, Approximation, TallyKind
from domain.text import fold
from wording.say import label


class FactProblem(StrEnum):
    """Why a line or a cell of facts cannot be taken; see TableProblem for any table."""

    NOT_A_PERCENT = "not_a_percent"
    UNKNOWN_PERIOD = "unknown_period"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_APPROXIMATION = "unknown_approximation"
    KIND_OR_TARGET = "kind_or_target"
    DOES_NOT_BELONG = "does_not_belong"
    NOTHING_TARGETED = "nothing_targeted"
    UNKNOWN_UNIT = "unknown_unit"
    AMBIGUOUS_UNIT = "ambiguous_unit"
    TWICE_IN_FILE = "twice_in_file"
    STORED_OTHERWISE = "stored_otherwise"


# --- one cell ------------------------------------------------------------------------------------

_APPROXIMATIONS = {
    **dict.fromkeys(("over", "tren", "hon"), Approximation.OVER),
    **dict.fromkeys(("under", "gan"), Approximation.UNDER),
    **dict.fromkeys(("about", "khoang"), Approximation.ABOUT),
}


def _percent(text: str) -> Decimal:
    """107, 102,6 or 102.6 %; one decimal at the most."""
    match = re.fullmatch(r"([0-9]{1,5})(?:[.,]([0-9]))?\s*%?", text)
    if match is None:
        raise problem(FactProblem.NOT_A_PERCENT)
    return Decimal(f"{match[1]}.{match[2] or 0}")


def _period(text: str) -> Period:
    """A period with its year, so that it means the same on every day it is read."""
    period = read_period(text, date.min) if re.search("[0-9]{4}", text) else None
    if period is None:
        raise problem(FactProblem.UNKNOWN_PERIOD)
    return period


def _kind(text: str) -> TallyKind:
    """A kind by its identifier or by its Vietnamese name."""
    for kind in TallyKind:
        if fold(text) in {kind.value, fold(label(f"kind.{kind}"))}:
            return kind
    raise problem(FactProblem.UNKNOWN_KIND)


def _approximation(text: str) -> Approximation:
    if fold(text) not in _APPROXIMATIONS:
        raise problem(FactProblem.UNKNOWN_APPROXIMATION)
    return _APPROXIMATIONS[fold(text)]


class FactRow(BaseModel):
    """One line. Either `kind` with its figures, or `target` with planned, done or a percentage.

    `source` names the document; `quote` is its sentence, kept in the file for whoever checks it.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    unit: str
    period: Annotated[InstanceOf[Period], BeforeValidator(_period)]
    kind: Annotated[TallyKind, BeforeValidator(_kind)] | None = None
    target: str | None = Field(None, max_length=200)
    sessions: Count = None
    party_members: Count = None
    public: Count = None
    audience_total: Count = None
    learners: Count = None
    items: Count = None
    approximation: Annotated[Approximation, BeforeValidator(_approximation)] | None = None
    topic: str | None = Field(None, max_length=TOPIC_LENGTH)
    planned: Count = None
    done: Count = None
    declared_percent: Annotated[Decimal, BeforeValidator(_percent)] | None = None
    source: str = Field(max_length=300)
    quote: str | None = Field(None, max_length=600)


_REQUIRED = ("unit", "period", "source")
_TARGET_MEASURES = ("planned", "done", "declared_percent")
_ATTENDANCE = ("party_members", "public", "audience_total")
_TALLY_MEASURES = ("sessions", *_ATTENDANCE, "learners", "items")


# --- the whole file ------------------------------------------------------------------------------

Lines = Mapping[int, FactRow]


def read_lines(content: bytes) -> tuple[Lines, list[ImportProblem]]:
    """The lines by their row number, and everything that can be seen wrong without a database."""
    try:
        table = csv_table(content)
    except UnicodeDecodeError:
        return {}, [ImportProblem(0, "", TableProblem.NOT_UTF8)]
    return read_rows(table, FactRow, "facts", _REQUIRED, _misfits)


def _misfits(line: FactRow) -> Iterator[tuple[str, FactProblem]]:
    """Cells that are right alone and wrong together."""
    if (line.kind is None) == (line.target is None):
        yield "kind", FactProblem.KIND_OR_TARGET
        return
    allowed = _TARGET_MEASURES if line.kind is None else _measures(line.kind)
    for name in (*_TALLY_MEASURES, *_TARGET_MEASURES):
        if getattr(line, name) is not None and name not in allowed:
            yield name, FactProblem.DOES_NOT_BELONG
    if line.target and all(getattr(line, name) is None for name in _TARGET_MEASURES):
        yield "declared_percent", FactProblem.NOTHING_TARGETED


def _measures(kind: TallyKind) -> tuple[str, ...]:
    """What a document may state of a kind: whoever counts an audience may count it split or whole."""
    measures = MEASURES[kind]
    return (*measures, *_ATTENDANCE) if set(measures) & set(_ATTENDANCE) else measures
