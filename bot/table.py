"""Tables that people bring as files, read cell by cell before anything is compared with the database.

Headings are Vietnamese or English; what is wrong is told by row and column.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from domain.text import fold, normalise
from wording.say import label

M = TypeVar("M", bound=BaseModel)
# The rows that are not empty, each with its number in a spreadsheet; the first is the header.
Table = Sequence[tuple[int, Sequence[str]]]


class TableProblem(StrEnum):
    """Why a table, a row or a cell cannot be taken, whatever the table is about."""

    NOT_UTF8 = "not_utf8"
    NO_LINES = "no_lines"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    REPEATED_COLUMN = "repeated_column"
    TOO_MANY_CELLS = "too_many_cells"
    EMPTY = "missing"
    TOO_LONG = "string_too_long"
    NOT_A_COUNT = "not_a_count"


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """What must be mended, and where.

    `row` is the line's number in a spreadsheet (the header is 1; 0 is the file as a whole),
    `column` the English name of the column, or "" for the whole line. `code` is a TableProblem or
    one of the table's own; `value` is what stands there (for "twice", the earlier row).
    """

    row: int
    column: str
    code: str
    value: str = ""


def explained(found: ImportProblem, words: str) -> str:
    """A problem as a Vietnamese sentence: where it is, and what to do. `words` as in `read_rows`."""
    about = "table" if found.code in frozenset(TableProblem) else words
    return label(
        "table.problem",
        row=found.row,
        column=found.column,
        heading=label(f"{words}.column_{found.column}") if found.column else "",
        sentence=label(f"{about}.problem_{found.code}", value=found.value),
    )


def problem(code: StrEnum) -> PydanticCustomError:
    """What a cell's validator raises."""
    return PydanticCustomError(code.value, "see the problem codes")


def _count(text: str) -> int:
    """6372 or 6.372; a word, a sign or a decimal is no count."""
    if not re.fullmatch(r"[0-9]+|[0-9]{1,3}(\.[0-9]{3})+", text):
        raise problem(TableProblem.NOT_A_COUNT)
    return int(text.replace(".", ""))


Count = Annotated[int, BeforeValidator(_count)] | None


def csv_table(content: bytes) -> Table:
    """UTF-8 with or without BOM, commas or semicolons. Raises UnicodeDecodeError."""
    text = content.decode("utf-8-sig")
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return filled([cell.strip() for cell in map(normalise, cells)] for cells in rows)


def filled(rows: Iterable[Sequence[str]]) -> Table:
    """The rows that are not empty, numbered."""
    return [(number, cells) for number, cells in enumerate(rows, 1) if any(cells)]


def read_rows(
    table: Table,
    model: type[M],
    words: str,
    required: Iterable[str],
    misfits: Callable[[M], Iterable[tuple[str, str]]],
) -> tuple[dict[int, M], list[ImportProblem]]:
    """The rows by their number, and everything that can be seen wrong without a database.

    `words` holds the columns' headings in the wording; `misfits` names the columns (and codes) of
    cells that are right alone and wrong together.
    """
    if len(table) < 2:
        return {}, [ImportProblem(0, "", TableProblem.NO_LINES)]
    (_, header), *rows = table
    columns = _columns(header, model, words)
    if found := list(_header_problems(header, columns, required)):
        return {}, found
    lines: dict[int, M] = {}
    for number, cells in rows:
        line = _read_row(number, columns, cells, model, misfits)
        if isinstance(line, list):
            found += line
        else:
            lines[number] = line
    return lines, found


def _columns(header: Sequence[str], model: type[BaseModel], words: str) -> list[str]:
    """The fields that the headings mean, in English or Vietnamese; "" for an unknown one."""
    names = {fold(label(f"{words}.column_{name}")): name for name in model.model_fields}
    names |= {name: name for name in model.model_fields}
    return [names.get(fold(heading), "") for heading in header]


def _header_problems(
    header: Sequence[str], columns: Sequence[str], required: Iterable[str]
) -> Iterator[ImportProblem]:
    for place, (heading, name) in enumerate(zip(header, columns, strict=True)):
        if not name:
            yield ImportProblem(1, "", TableProblem.UNKNOWN_COLUMN, heading)
        elif name in columns[:place]:
            yield ImportProblem(1, "", TableProblem.REPEATED_COLUMN, heading)
    for name in required:
        if name not in columns:
            yield ImportProblem(1, name, TableProblem.MISSING_COLUMN)


def _read_row(
    number: int,
    columns: Sequence[str],
    cells: Sequence[str],
    model: type[M],
    misfits: Callable[[M], Iterable[tuple[str, str]]],
) -> M | list[ImportProblem]:
    if any(cells[len(columns) :]):
        return [ImportProblem(number, "", TableProblem.TOO_MANY_CELLS, cells[-1])]
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
    try:
        line = model.model_validate(given)
    except ValidationError as error:
        wrong = [(str(each["loc"][0]), each["type"]) for each in error.errors()]
        return [ImportProblem(number, name, code, given.get(name, "")) for name, code in wrong]
    unfit = [ImportProblem(number, name, code, given.get(name, "")) for name, code in misfits(line)]
    return unfit or line
