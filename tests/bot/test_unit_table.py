"""The table of units: what Excel makes of it is read, and what is wrong is told by row and column."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from bot.table import ImportProblem, TableProblem, explained
from bot.unit_table import UnitRow, UnitTableProblem, read_units, write_units
from domain.unit import UnitType

HEADINGS = ["Mã", "Tên đơn vị", "Loại", "Đến ngày", "Số đảng viên", "Mã đơn vị kế tiếp"]
ROW = ["08", "Đảng ủy xã A", "Đảng ủy xã, phường", "", "", ""]


def sheet(folder: Path, *rows: Sequence[object]) -> Path:
    book, path = Workbook(), folder / "units.xlsx"
    for row in (HEADINGS, *rows):
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


def text(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "units.csv"
    path.write_bytes(content.encode(encoding))
    return path


def test_excels_own_dates_and_numbers_are_read(tmp_path: Path) -> None:
    path = sheet(tmp_path, [8, "Xã A", "cell", date(2026, 7, 14), 120.0, "09; 10"])
    rows, found = read_units(path)
    assert found == []
    assert rows[2] == UnitRow.model_construct(
        code="8",
        name="Xã A",
        type=UnitType.CELL,
        valid_to=date(2026, 7, 14),
        member_count=120,
        successor=("09", "10"),
    )


def test_empty_rows_are_no_units_and_keep_the_numbering(tmp_path: Path) -> None:
    rows, _ = read_units(sheet(tmp_path, [], ROW, [None, "  "], ROW))
    assert list(rows) == [3, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_is_read_with_commas_or_semicolons_with_or_without_bom(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    content = delimiter.join(["code", "tên đơn vị", "đến ngày"]) + "\n"
    rows, _ = read_units(
        text(tmp_path, content + f"08{delimiter}Xã A{delimiter}1/2/2026", encoding)
    )
    assert rows[2] == UnitRow.model_construct(code="08", name="Xã A", valid_to=date(2026, 2, 1))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["", *ROW[1:]], ImportProblem(2, "code", TableProblem.EMPTY)),
        (["x" * 61, "A"], ImportProblem(2, "code", TableProblem.TOO_LONG, "x" * 61)),
        (["a", "A", "xã"], ImportProblem(2, "type", UnitTableProblem.UNKNOWN_TYPE, "xã")),
        (
            ["a", "A", "", "30/02/2026"],
            ImportProblem(2, "valid_to", UnitTableProblem.NOT_A_DATE, "30/02/2026"),
        ),
        (
            ["a", "A", "", "", "-1"],
            ImportProblem(2, "member_count", TableProblem.NOT_A_COUNT, "-1"),
        ),
        (
            ["a", "A", "", "", "", "b"],
            ImportProblem(2, "valid_to", UnitTableProblem.ENDS_WITHOUT_DAY),
        ),
        (["a", "=A1"], ImportProblem(2, "", UnitTableProblem.FORMULA, "B2")),
    ],
)
def test_a_wrong_cell_is_told_by_row_and_column(
    tmp_path: Path, row: list[str], problem: ImportProblem
) -> None:
    assert read_units(sheet(tmp_path, row)) == ({}, [problem])


def test_dates_in_the_wrong_order_are_told(tmp_path: Path) -> None:
    path = text(tmp_path, "code,valid_from,valid_to\na,2026-07-02,2026-07-01")
    problem = ImportProblem(2, "valid_to", UnitTableProblem.DATES_REVERSED, "2026-07-01")
    assert read_units(path) == ({}, [problem])


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path, ROW, ROW)
    book = load_workbook(path)
    book.worksheets[0].merge_cells("B2:B3")
    book.save(path)
    _, found = read_units(path)
    assert found == [ImportProblem(2, "", UnitTableProblem.MERGED_CELLS, "B2:B3")]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.xlsx", b"no zip", ImportProblem(0, "", UnitTableProblem.NOT_XLSX)),
        ("a.csv", "mã".encode("utf-16"), ImportProblem(0, "", TableProblem.NOT_UTF8)),
        ("a.csv", b"", ImportProblem(0, "", TableProblem.NO_LINES)),
        ("a.csv", b"name\nA", ImportProblem(1, "code", TableProblem.MISSING_COLUMN)),
        ("a.csv", b"code,colour\na,b", ImportProblem(1, "", TableProblem.UNKNOWN_COLUMN, "colour")),
    ],
)
def test_what_is_no_table_of_units_is_told(
    tmp_path: Path, name: str, content: bytes, problem: ImportProblem
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert read_units(path) == ({}, [problem])


@pytest.mark.parametrize("name", ["units.xlsx", "units.csv"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    row = UnitRow.model_construct(
        code="08",
        name="Đảng ủy xã “A”, B",
        type=UnitType.COMMUNE_COMMITTEE,
        parent="0",
        position=3,
        valid_from=date(2025, 7, 1),
        valid_to=date(2026, 7, 14),
        member_count=1250,
        aliases=("xã A", "A"),
        successor=("09", "10"),
    )
    write_units(tmp_path / name, [row])
    assert read_units(tmp_path / name) == ({2: row}, [])


def test_the_template_explains_each_column_and_lists_the_types(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_units(path, [])
    units, help_ = load_workbook(path).worksheets
    assert [cell.value for cell in units[1]][:3] == ["Mã", "Tên đơn vị", "Loại"]
    assert units.max_column == len(UnitRow.model_fields)
    assert [cell.value for cell in help_["A"]][1 : units.max_column + 1] == [
        cell.value for cell in units[1]
    ]
    listed = [str(cell.value) for cell in help_["D"]][1 : len(UnitType) + 1]
    (types,) = units.data_validations.dataValidation
    assert types.formula1 == f"'Hướng dẫn'!$D$2:$D${len(UnitType) + 1}"
    rows, _ = read_units(sheet(tmp_path, *([f"c{n}", "A", t] for n, t in enumerate(listed))))
    assert [row.type for row in rows.values()] == list(UnitType)


def test_a_code_like_08_stays_text_in_excel(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_units(path, [])
    sheet = load_workbook(path).worksheets[0]
    assert {sheet.cell(row, 1).number_format for row in (2, 500)} == {"@"}


def test_the_csv_opens_in_excel_with_its_tone_marks(tmp_path: Path) -> None:
    write_units(tmp_path / "a.csv", [])
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    (headings,) = csv.reader(content.decode("utf-8-sig").splitlines())
    assert headings[1] == "Tên đơn vị"


@pytest.mark.parametrize("code", [*TableProblem, *UnitTableProblem])
def test_every_problem_has_its_sentence(code: str) -> None:
    said = explained(ImportProblem(7, "code", code, "ba"), "units")
    assert said.startswith("Dòng 7, cột Mã (code): ")
