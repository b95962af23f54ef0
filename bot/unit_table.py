"""The table of units that a department keeps in Excel: read from xlsx or csv, and written.

One row is one unit, known by its code. An empty cell says nothing about what it stands for.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.table import (
    Count,
    ImportProblem,
    Table,
    TableProblem,
    csv_table,
    filled,
    problem,
    read_rows,
)
from domain.text import fold, normalise
from domain.unit import UnitType
from wording.say import label

WORDS = "units"
# So many rows of the sheet are ready for typing.
_TEMPLATE_ROWS = 1000


class UnitTableProblem(StrEnum):
    """Why a cell of the table of units cannot be taken; see TableProblem for any table."""

    NOT_XLSX = "not_xlsx"
    MERGED_CELLS = "merged_cells"
    FORMULA = "formula"
    NOT_A_DATE = "not_a_date"
    UNKNOWN_TYPE = "unknown_type"
    DATES_REVERSED = "dates_reversed"
    ENDS_WITHOUT_DAY = "ends_without_day"


# --- one cell ------------------------------------------------------------------------------------


def _date(text: str) -> date:
    """31/12/2026, as people write it, or 2026-12-31."""
    typed = re.fullmatch("([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text)
    try:
        return date.fromisoformat("{2}-{1:0>2}-{0:0>2}".format(*typed.groups()) if typed else text)
    except ValueError:
        raise problem(UnitTableProblem.NOT_A_DATE) from None


def _type(text: str) -> UnitType:
    """A type by its identifier or by its Vietnamese name."""
    for each in UnitType:
        if fold(text) in {each.value, fold(label(f"units.type_{each}"))}:
            return each
    raise problem(UnitTableProblem.UNKNOWN_TYPE)


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", ";").split(";") if part.strip())


_Day = Annotated[date, BeforeValidator(_date)] | None
_Several = Annotated[tuple[str, ...], BeforeValidator(_several)]


class UnitRow(BaseModel):
    """One unit. `parent` and `successor` are codes; several are separated by semicolons."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    code: str = Field(max_length=60)
    name: str | None = Field(None, max_length=200)
    type: Annotated[UnitType, BeforeValidator(_type)] | None = None
    parent: str | None = None
    position: Count = None
    valid_from: _Day = None
    valid_to: _Day = None
    member_count: Count = None
    aliases: _Several = ()
    successor: _Several = ()


_COLUMNS = tuple(UnitRow.model_fields)


def _misfits(row: UnitRow) -> Iterator[tuple[str, str]]:
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        yield "valid_to", UnitTableProblem.DATES_REVERSED
    if row.successor and row.valid_to is None:
        yield "valid_to", UnitTableProblem.ENDS_WITHOUT_DAY


# --- reading -------------------------------------------------------------------------------------


def read_units(path: Path) -> tuple[dict[int, UnitRow], list[ImportProblem]]:
    """The rows by their number, and everything that can be seen wrong without a database.

    Raises OSError when the file cannot be read.
    """
    content = path.read_bytes()
    try:
        if path.suffix.lower() == ".xlsx":
            table, found = _xlsx_table(content)
        else:
            table, found = csv_table(content), []
    except UnicodeDecodeError:
        return {}, [ImportProblem(0, "", TableProblem.NOT_UTF8)]
    except (BadZipFile, InvalidFileException, KeyError):
        return {}, [ImportProblem(0, "", UnitTableProblem.NOT_XLSX)]
    rows, wrong = read_rows(table, UnitRow, WORDS, ("code",), _misfits)
    return ({}, [*found, *wrong]) if found or wrong else (rows, [])


def _xlsx_table(content: bytes) -> tuple[Table, list[ImportProblem]]:
    """The first sheet. A formula has no value of its own, merged cells have lost theirs."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    found = [
        ImportProblem(int(merged.min_row or 0), "", UnitTableProblem.MERGED_CELLS, merged.coord)
        for merged in sheet.merged_cells.ranges
    ]
    found += [
        ImportProblem(number, "", UnitTableProblem.FORMULA, cell.coordinate)
        for number, row in enumerate(sheet.iter_rows(), 1)
        for cell in row
        if cell.data_type == "f"
    ]
    return filled([_text(cell) for cell in row] for row in sheet.iter_rows()), found


def _text(cell: Cell | MergedCell) -> str:
    """A cell as it would be typed: 12 for 12.0, 2026-12-31 for a date."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return normalise(str(value)).strip()


# --- writing -------------------------------------------------------------------------------------


def write_units(path: Path, rows: Iterable[UnitRow]) -> None:
    """Write the table with Vietnamese headings; xlsx or csv, by the name of the file."""
    table = [_cells(row) for row in rows]
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, table)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([_headings(), *table])


def _headings() -> list[str]:
    return [label(f"units.column_{name}") for name in _COLUMNS]


def _cells(row: UnitRow) -> list[str]:
    return [_written(getattr(row, name)) for name in _COLUMNS]


def _written(value: UnitType | date | int | str | tuple[str, ...] | None) -> str:
    match value:
        case None:
            return ""
        case UnitType():
            return label(f"units.type_{value}")
        case date():
            return value.strftime("%d/%m/%Y")
        case tuple():
            return "; ".join(value)
    return str(value)


def _write_xlsx(path: Path, table: Sequence[Sequence[str]]) -> None:
    """All cells are text, so that Excel keeps "08" and dates as they are typed."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = label("units.sheet_units")
    sheet.append(_headings())
    for cells in table:
        sheet.append(list(cells))
    _dress(sheet, max(len(table), _TEMPLATE_ROWS))
    _explain(book.create_sheet(label("units.sheet_help")))
    book.save(path)


def _dress(sheet: Worksheet, rows: int) -> None:
    sheet.freeze_panes = "A2"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, name in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = 44 if name == "name" else 18
    for row in sheet.iter_rows(max_row=rows + 1, max_col=len(_COLUMNS)):
        for cell in row:
            cell.number_format = "@"
    types = DataValidation(type="list", formula1=f"'{label('units.sheet_help')}'!$D$2:$D$9")
    place = get_column_letter(_COLUMNS.index("type") + 1)
    types.add(f"{place}2:{place}{rows + 1}")
    sheet.add_data_validation(types)


def _explain(sheet: Worksheet) -> None:
    """The sheet of explanations: column, what it means; and, beside it, the types of unit."""
    sheet.append(
        [label("units.help_column"), label("units.help_meaning"), "", label("units.column_type")]
    )
    for heading, name in zip(_headings(), _COLUMNS, strict=True):
        sheet.append([heading, label(f"units.help_{name}")])
    for row, each in enumerate(UnitType, 2):
        sheet.cell(row, 4, label(f"units.type_{each}"))
    for letter, width in {"A": 24, "B": 100, "D": 40}.items():
        sheet.column_dimensions[letter].width = width
    for cell in sheet["B"]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
