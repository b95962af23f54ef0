"""A CSV file of dated facts, read cell by cell before anything is compared with the database."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, ValidationError
from pydantic_core import PydanticCustomError

from domain.period import Period, read_period
from domain.tally import MEASURES, TOPIC_LENGTH, Approximation, TallyKind
from domain.text import fold, normalise
from wording.say import label


class FactProblem(StrEnum):
    """Why a file, a line or a cell cannot be taken."""

    NOT_UTF8 = "not_utf8"
    NO_LINES = "no_lines"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    REPEATED_COLUMN = "repeated_column"
    TOO_MANY_CELLS = "too_many_cells"
    EMPTY = "missing"
    TOO_LONG = "string_too_long"
    NOT_A_COUNT = "not_a_count"
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


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """What must be mended, and where.

    `row` is the line's number in a spreadsheet (the header is 1; 0 is the file as a whole),
    `column` the English name of the column, or "" for the whole line. `code` is a FactProblem or
    a domain.tally.Problem; `value` is what stands there (for TWICE_IN_FILE, the earlier row).
    """

    row: int
    column: str
    code: str
    value: str = ""


# --- one cell ------------------------------------------------------------------------------------

_APPROXIMATIONS = {
    **dict.fromkeys(("over", "tren", "hon"), Approximation.OVER),
    **dict.fromkeys(("under", "gan"), Approximation.UNDER),
    **dict.fromkeys(("about", "khoang"), Approximation.ABOUT),
}


def _problem(code: FactProblem) -> PydanticCustomError:
    return PydanticCustomError(code.value, "see FactProblem")


def _count(text: str) -> int:
    """6372 or 6.372; a word, a sign or a decimal is no count."""
    if not re.fullmatch(r"[0-9]+|[0-9]{1,3}(\.[0-9]{3})+", text):
        raise _problem(FactProblem.NOT_A_COUNT)
    return int(text.replace(".", ""))


def _percent(text: str) -> Decimal:
    """107, 102,6 or 102.6 %; one decimal at the most."""
    match = re.fullmatch(r"([0-9]{1,5})(?:[.,]([0-9]))?\s*%?", text)
    if match is None:
        raise _problem(FactProblem.NOT_A_PERCENT)
    return Decimal(f"{match[1]}.{match[2] or 0}")


def _period(text: str) -> Period:
    """A period with its year, so that it means the same on every day it is read."""
    period = read_period(text, date.min) if re.search("[0-9]{4}", text) else None
    if period is None:
        raise _problem(FactProblem.UNKNOWN_PERIOD)
    return period


def _kind(text: str) -> TallyKind:
    """A kind by its identifier or by its Vietnamese name."""
    for kind in TallyKind:
        if fold(text) in {kind.value, fold(label(f"kind.{kind}"))}:
            return kind
    raise _problem(FactProblem.UNKNOWN_KIND)


def _approximation(text: str) -> Approximation:
    if fold(text) not in _APPROXIMATIONS:
        raise _problem(FactProblem.UNKNOWN_APPROXIMATION)
    return _APPROXIMATIONS[fold(text)]


_Count = Annotated[int, BeforeValidator(_count)] | None


class FactRow(BaseModel):
    """One line. Either `kind` with its figures, or `target` with planned, done or a percentage.

    `source` names the document; `quote` is its sentence, kept in the file for whoever checks it.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    unit: str
    period: Annotated[InstanceOf[Period], BeforeValidator(_period)]
    kind: Annotated[TallyKind, BeforeValidator(_kind)] | None = None
    target: str | None = Field(None, max_length=200)
    sessions: _Count = None
    party_members: _Count = None
    public: _Count = None
    audience_total: _Count = None
    learners: _Count = None
    items: _Count = None
    approximation: Annotated[Approximation, BeforeValidator(_approximation)] | None = None
    topic: str | None = Field(None, max_length=TOPIC_LENGTH)
    planned: _Count = None
    done: _Count = None
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
        table = _table(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {}, [ImportProblem(0, "", FactProblem.NOT_UTF8)]
    if len(table) < 2:
        return {}, [ImportProblem(0, "", FactProblem.NO_LINES)]
    (_, header), *rows = table
    columns = _columns(header)
    if found := list(_header_problems(header, columns)):
        return {}, found
    lines: dict[int, FactRow] = {}
    for number, cells in rows:
        line = _read_line(number, columns, cells)
        if isinstance(line, FactRow):
            lines[number] = line
        else:
            found += line
    return lines, found


def _table(text: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its number in a spreadsheet."""
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    table = [[normalise(cell).strip() for cell in cells] for cells in rows]
    return [(number, cells) for number, cells in enumerate(table, 1) if any(cells)]


def _columns(header: Sequence[str]) -> list[str]:
    """The fields that the headings mean, in English or Vietnamese; "" for an unknown one."""
    names = {fold(label(f"facts.column_{name}")): name for name in FactRow.model_fields}
    names |= {name: name for name in FactRow.model_fields}
    return [names.get(fold(heading), "") for heading in header]


def _header_problems(header: Sequence[str], columns: Sequence[str]) -> Iterator[ImportProblem]:
    for place, (heading, name) in enumerate(zip(header, columns, strict=True)):
        if not name:
            yield ImportProblem(1, "", FactProblem.UNKNOWN_COLUMN, heading)
        elif name in columns[:place]:
            yield ImportProblem(1, "", FactProblem.REPEATED_COLUMN, heading)
    for name in _REQUIRED:
        if name not in columns:
            yield ImportProblem(1, name, FactProblem.MISSING_COLUMN)


def _read_line(
    number: int, columns: Sequence[str], cells: Sequence[str]
) -> FactRow | list[ImportProblem]:
    if any(cells[len(columns) :]):
        return [ImportProblem(number, "", FactProblem.TOO_MANY_CELLS, cells[-1])]
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
    try:
        line = FactRow.model_validate(given)
    except ValidationError as error:
        wrong = [(str(each["loc"][0]), each["type"]) for each in error.errors()]
        return [ImportProblem(number, name, code, given.get(name, "")) for name, code in wrong]
    misfits = [
        ImportProblem(number, name, code, given.get(name, "")) for name, code in _misfits(line)
    ]
    return misfits or line


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
