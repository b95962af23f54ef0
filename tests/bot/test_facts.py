from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from bot.fact_file import FactProblem, read_lines
from bot.facts import described, import_facts
from bot.table import ImportProblem, TableProblem, explained
from domain.period import Period
from domain.tally import Approximation, Figures, Precision, Problem, TallyKind
from domain.unit import UnitType
from storage import schema, tally, target, totals, unit
from storage.db import Database
from storage.target import Target
from wording.say import keys

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
YEAR_2021 = Period.year_of(date(2021, 1, 1))
HEADER = "unit,period,kind,target,sessions,party_members,public,audience_total,learners,items,approximation,topic,planned,done,declared_percent,source,quote"


@pytest.fixture
async def db(db: Database) -> Database:
    """Both engines, with a few units."""
    await db.write(_add_units)
    return db


def _add_units(conn: Connection) -> None:
    root = unit.add(conn, "root", "Tỉnh ủy Tuyên Quang", UnitType.PROVINCE_COMMITTEE)
    unit.add(conn, "khoi", "Đảng bộ Khối", UnitType.BLOC_COMMITTEE, root, aliases=("Khối",))
    for number in (1, 2):
        unit.add(conn, f"tan-{number}", "Đảng ủy xã Tân", UnitType.COMMUNE_COMMITTEE, root)


class Csv:
    """A file in the making; every line is given as column=value."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "so-lieu.csv"

    def __call__(self, *lines: dict[str, str]) -> Path:
        columns = HEADER.split(",")
        rows = [",".join(f'"{line.get(name, "")}"' for name in columns) for line in lines]
        self.path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        return self.path


@pytest.fixture
def csv(tmp_path: Path) -> Csv:
    return Csv(tmp_path)


ORAL = {
    "unit": "khoi",
    "period": "2021",
    "kind": "oral_session",
    "sessions": "6.372",
    "party_members": "60000",
    "public": "96000",
    "source": "Báo cáo 2021",
}
CLASSES = {
    "unit": "khoi",
    "period": "2021",
    "target": "Lớp bồi dưỡng",
    "planned": "28",
    "done": "30",
    "declared_percent": "107",
    "source": "Báo cáo 2021",
}


def _tallies(conn: Connection) -> list[Figures]:
    ids = conn.execute(select(schema.tally.c.id).order_by(schema.tally.c.id)).scalars()
    return [tally.get(conn, tally_id).figures for tally_id in ids]


def _count(conn: Connection) -> int:
    tables = (schema.tally, schema.target, schema.period_total)
    return sum(
        conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
    )


async def test_a_year_is_stored_with_its_dates_and_what_is_not_stated_stays_unknown(
    db: Database, csv: Csv
) -> None:
    await import_facts(db, csv(ORAL), AT)
    assert await db.read(_tallies) == [
        Figures(
            kind=TallyKind.ORAL_SESSION,
            date_from=date(2021, 1, 1),
            date_to=date(2021, 12, 31),
            precision=Precision.YEAR,
            sessions=6372,
            party_members=60000,
            public=96000,
        )
    ]
    assert await db.read(totals.verify) == []


async def test_a_stated_zero_is_not_an_empty_cell(db: Database, csv: Csv) -> None:
    await import_facts(db, csv({**ORAL, "party_members": "0", "public": ""}), AT)
    (figures,) = await db.read(_tallies)
    assert (figures.party_members, figures.public) == (0, None)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("trên", Approximation.OVER),
        ("Hơn", Approximation.OVER),
        ("gần", Approximation.UNDER),
        ("khoảng", Approximation.ABOUT),
        ("about", Approximation.ABOUT),
    ],
)
async def test_an_approximate_figure_keeps_its_direction(
    db: Database, csv: Csv, words: str, meant: Approximation
) -> None:
    await import_facts(db, csv({**ORAL, "approximation": words}), AT)
    assert [figures.approximation for figures in await db.read(_tallies)] == [meant]


async def test_a_term_is_stored_as_a_term(db: Database, csv: Csv) -> None:
    line = {**ORAL, "period": "2010-2015", "party_members": "", "public": ""}
    await import_facts(db, csv({**line, "audience_total": "67279"}), AT)
    (figures,) = await db.read(_tallies)
    assert (figures.precision, figures.date_from, figures.date_to) == (
        Precision.TERM,
        date(2010, 1, 1),
        date(2015, 12, 31),
    )
    assert (figures.attendance, figures.unsplit) == (67279, 67279)


async def test_a_target_is_stored_with_its_declared_percentage(db: Database, csv: Csv) -> None:
    await import_facts(db, csv({**CLASSES, "declared_percent": "102,6 %"}), AT)
    root = await db.read(unit.by_code, "root")
    assert root is not None
    assert await db.read(target.within, root.id, YEAR_2021) == [
        Target("Lớp bồi dưỡng", 28, 30, Decimal("102.6"), None, "Báo cáo 2021")
    ]


async def test_the_same_file_again_adds_nothing(db: Database, csv: Csv) -> None:
    first = await import_facts(db, csv(ORAL, CLASSES), AT)
    before = await db.read(_count)
    second = await import_facts(db, csv.path, AT)
    assert (len(first.added), len(first.unchanged)) == (2, 0)
    assert (len(second.added), len(second.unchanged)) == (0, 2)
    assert await db.read(_count) == before


async def test_a_longer_file_adds_only_what_is_new(db: Database, csv: Csv) -> None:
    await import_facts(db, csv(ORAL), AT)
    result = await import_facts(db, csv(ORAL, {**ORAL, "period": "2022"}), AT)
    assert [fact.row for fact in result.added] == [3]
    assert [fact.row for fact in result.unchanged] == [2]


@pytest.mark.parametrize(
    ("line", "changed"),
    [(ORAL, {"sessions": "7000"}), (CLASSES, {"done": "31"}), (CLASSES, {"source": "Sổ khác"})],
)
async def test_other_figures_for_what_is_stored_are_a_problem_and_change_nothing(
    db: Database, csv: Csv, line: dict[str, str], changed: dict[str, str]
) -> None:
    await import_facts(db, csv(line), AT)
    before = await db.read(_count), await db.read(_tallies)
    result = await import_facts(db, csv({**line, **changed}), AT)
    assert [(p.row, p.code) for p in result.problems] == [(2, FactProblem.STORED_OTHERWISE)]
    assert (await db.read(_count), await db.read(_tallies)) == before


async def test_one_wrong_line_keeps_the_whole_file_out(db: Database, csv: Csv) -> None:
    result = await import_facts(db, csv(ORAL, {**CLASSES, "unit": "Xã không có"}), AT)
    assert result.added == ()
    assert [(p.row, p.column, p.code, p.value) for p in result.problems] == [
        (3, "unit", FactProblem.UNKNOWN_UNIT, "Xã không có")
    ]
    assert await db.read(_count) == 0


async def test_a_dry_run_says_what_would_be_added_and_stores_nothing(
    db: Database, csv: Csv
) -> None:
    result = await import_facts(db, csv(ORAL, CLASSES), AT, dry_run=True)
    assert [described(fact) for fact in result.added] == [
        "Dòng 2: Đảng bộ Khối, năm 2021, Tuyên truyền miệng",
        "Dòng 3: Đảng bộ Khối, năm 2021, Lớp bồi dưỡng",
    ]
    assert await db.read(_count) == 0


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"unit": ""}, "unit", TableProblem.EMPTY),
        ({"unit": "xã tân"}, "unit", FactProblem.UNKNOWN_UNIT),
        ({"unit": "Đảng ủy xã Tân"}, "unit", FactProblem.AMBIGUOUS_UNIT),
        ({"source": ""}, "source", TableProblem.EMPTY),
        ({"source": "x" * 301}, "source", TableProblem.TOO_LONG),
        ({"period": "tháng này"}, "period", FactProblem.UNKNOWN_PERIOD),
        ({"period": "2015-2010"}, "period", FactProblem.UNKNOWN_PERIOD),
        ({"kind": "mít tinh"}, "kind", FactProblem.UNKNOWN_KIND),
        ({"kind": ""}, "kind", FactProblem.KIND_OR_TARGET),
        ({"target": "Lớp"}, "kind", FactProblem.KIND_OR_TARGET),
        ({"sessions": "12 nghìn"}, "sessions", TableProblem.NOT_A_COUNT),
        ({"sessions": "-3"}, "sessions", TableProblem.NOT_A_COUNT),
        ({"sessions": "6,372"}, "sessions", TableProblem.NOT_A_COUNT),
        ({"sessions": "63.72"}, "sessions", TableProblem.NOT_A_COUNT),
        ({"approximation": "độ"}, "approximation", FactProblem.UNKNOWN_APPROXIMATION),
        ({"declared_percent": "nhiều"}, "declared_percent", FactProblem.NOT_A_PERCENT),
        ({"learners": "30"}, "learners", FactProblem.DOES_NOT_BELONG),
        ({"planned": "30"}, "planned", FactProblem.DOES_NOT_BELONG),
        ({"audience_total": "5"}, "", Problem.TOTAL_MISMATCH),
        ({"sessions": "1.000.001"}, "", Problem.TOO_LARGE),
        ({"period": "2027"}, "", Problem.FUTURE_DATE),
        (
            {"sessions": "", "party_members": "", "public": ""},
            "",
            Problem.NOTHING_COUNTED,
        ),
    ],
)
async def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_is_stored(
    db: Database, csv: Csv, changed: dict[str, str], column: str, code: str
) -> None:
    result = await import_facts(db, csv({**ORAL, **changed}), AT)
    assert [(p.row, p.column, p.code) for p in result.problems] == [(2, column, code)]
    assert await db.read(_count) == 0


async def test_a_target_without_any_number_is_a_problem(db: Database, csv: Csv) -> None:
    empty = {"planned": "", "done": "", "declared_percent": ""}
    result = await import_facts(db, csv({**CLASSES, **empty}), AT)
    assert [p.code for p in result.problems] == [FactProblem.NOTHING_TARGETED]


async def test_all_problems_of_a_file_are_told_at_once(db: Database, csv: Csv) -> None:
    bad = {**ORAL, "sessions": "ba", "public": "bốn"}
    result = await import_facts(db, csv(bad, ORAL, {**ORAL, "period": "?"}), AT)
    assert [(p.row, p.column) for p in result.problems] == [
        (2, "sessions"),
        (2, "public"),
        (4, "period"),
    ]


async def test_a_line_that_repeats_another_is_not_counted_twice(db: Database, csv: Csv) -> None:
    result = await import_facts(db, csv(ORAL, {**ORAL, "sessions": "5"}), AT)
    assert [explained(p, "facts") for p in result.problems] == [
        "Dòng 3: Dòng này lặp lại dòng 2 (cùng đơn vị, kỳ, loại, chủ đề, nguồn). "
        "Đồng chí bỏ một dòng, hoặc ghi rõ chủ đề."
    ]
    assert await db.read(_count) == 0


async def test_excel_with_semicolons_a_byte_order_mark_and_vietnamese_headings_is_read(
    db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "excel.csv"
    path.write_text(
        "Đơn vị;Kỳ;Loại;Số buổi;Tổng lượt;Mức;Nguồn\r\n"
        "Khối;2018;tuyên truyền miệng;267;12.000;trên;Báo, đài\r\n\r\n",
        encoding="utf-8-sig",
    )
    result = await import_facts(db, path, AT)
    assert result.problems == ()
    (figures,) = await db.read(_tallies)
    assert (figures.sessions, figures.audience_total) == (267, 12000)
    assert [fact.source for fact in result.added] == ["Báo, đài"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Đơn vị".encode("utf-16"), "Tệp không phải mã UTF-8."),
        (b"", "Tệp chưa có dòng số liệu nào."),
        (HEADER.encode(), "Tệp chưa có dòng số liệu nào."),
        (b"unit,source\na,b", "Dòng 1, cột Kỳ (period): Thiếu cột này"),
        (b"unit,period,source,color\na,2021,b,c", "Dòng 1: Không có cột nào tên “color”."),
        (b"unit,period,source,unit\na,2021,b,c", "Dòng 1: Cột “unit” có hai lần."),
        (b"unit,period,source\na,2021,b,c", "Dòng 2: Dòng có nhiều ô hơn tiêu đề."),
    ],
)
async def test_a_file_that_is_no_table_of_facts_is_explained(
    db: Database, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "la.csv"
    path.write_bytes(content)
    result = await import_facts(db, path, AT)
    assert explained(result.problems[0], "facts").startswith(sentence)


def test_every_problem_has_its_sentence() -> None:
    codes = {*FactProblem, *Problem}
    worded = {key.removeprefix("facts.problem_") for key in keys() if "facts.problem_" in key}
    assert worded == codes
    for code in codes:
        assert explained(ImportProblem(7, "sessions", code, "ba"), "facts").startswith(
            "Dòng 7, cột Số buổi"
        )


@given(st.binary() | st.text().map(str.encode))
def test_no_file_makes_the_reader_fail(content: bytes) -> None:
    lines, problems = read_lines(content)
    assert lines or problems


@given(st.lists(st.text(max_size=20), min_size=16, max_size=17))
def test_no_line_makes_the_reader_fail(cells: list[str]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    lines, problems = read_lines(f"{HEADER}\n{quoted}".encode("utf-8", "ignore"))
    assert lines or problems
