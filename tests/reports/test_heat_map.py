"""The heat map of /thieu: every unit on some page, columns that add up, a picture for a phone."""

from collections import Counter
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from domain.period import Period
from domain.status import Status
from reports.heat_map import MOST_ROWS, Cell, HeatMap, lay_out
from reports.heat_map_picture import WIDTH, draw
from storage.status import UnitStatus

YEAR = Period.from_code("2026")
OCTOBER, NOVEMBER = Period.from_code("2026-10"), Period.from_code("2026-11")
TODAY = date(2026, 11, 20)
DUE = {OCTOBER: date(2026, 11, 5), NOVEMBER: date(2026, 12, 7)}
LONG = "Đảng ủy các cơ quan Đảng tỉnh và khối doanh nghiệp trực thuộc Trung ương trên địa bàn"


def unit(number: int, status: Status, month: Period, name: str = "Đảng ủy xã") -> UnitStatus:
    return UnitStatus(number, f"{name} {number}", 100 - number, status, False, DUE[month], False)


def table(
    october: dict[int, Status], november: dict[int, Status] | None = None, page: int = 0
) -> HeatMap:
    """Two months of units by their number; a higher number stands further up."""
    months = {
        month: [unit(number, status, month) for number, status in units.items()]
        for month, units in ((OCTOBER, october), (NOVEMBER, november or {}))
    }
    return lay_out("Tỉnh ủy", YEAR, months, TODAY, page)


def test_units_stand_in_the_official_order_with_a_cell_for_each_month() -> None:
    made = table({1: Status.LATE, 2: Status.ON_TIME}, {1: Status.NIL, 2: Status.EXCUSED})
    assert [(row.name, row.cells) for row in made.rows] == [
        ("Đảng ủy xã 2", (Cell(Status.ON_TIME), Cell(Status.EXCUSED))),
        ("Đảng ủy xã 1", (Cell(Status.LATE), Cell(Status.NIL))),
    ]


def test_a_month_for_which_a_unit_owes_nothing_is_blank() -> None:
    made = table({1: Status.LATE}, {2: Status.NIL})
    assert [row.cells for row in made.rows] == [
        (None, Cell(Status.NIL)),
        (Cell(Status.LATE), None),
    ]


def test_what_is_missing_and_still_in_time_is_told_apart() -> None:
    (row,) = table({1: Status.MISSING}, {1: Status.MISSING}).rows
    assert row.cells == (Cell(Status.MISSING), Cell(Status.MISSING, waiting=True))


statuses = st.dictionaries(st.integers(1, 170), st.sampled_from(Status), max_size=170)


@given(statuses, statuses)
def test_all_pages_together_hold_every_unit_once_and_the_counts_are_their_cells(
    october: dict[int, Status], november: dict[int, Status]
) -> None:
    first = table(october, november)
    pages = [table(october, november, number) for number in range(first.pages)]
    rows = [row for page in pages for row in page.rows]
    assert len(rows) == len({row.name for row in rows}) == len({*october, *november})
    assert all(len(page.rows) <= MOST_ROWS for page in pages)
    assert [bool(page.counts) for page in pages] == [False] * (len(pages) - 1) + [True]
    for number, counts in enumerate(pages[-1].counts):
        cells = Counter(cell.status for row in rows if (cell := row.cells[number]) is not None)
        assert {status: getattr(counts, status) for status in Status} == {
            status: cells[status] for status in Status
        }
        assert counts.required == cells.total()


def test_a_page_that_is_there_no_more_is_the_last_one() -> None:
    made = table(dict.fromkeys(range(1, 60), Status.LATE), page=7)
    assert (made.page, made.pages) == (1, 2)


@pytest.mark.parametrize("units", [0, 1, MOST_ROWS, 85])
def test_a_page_is_a_picture_that_a_phone_can_show(units: int) -> None:
    made = table(dict.fromkeys(range(1, units + 1), Status.ON_TIME))
    picture = Image.open(BytesIO(draw(made)))
    assert picture.format == "PNG"
    assert picture.width == WIDTH <= 1280
    # The messenger refuses photos whose sides are too long or too unlike each other.
    assert picture.height < 2 * WIDTH + 200


def _ground(made: HeatMap) -> tuple[int, ...]:
    """The colour that most of the only unit's cells have."""
    row = Image.open(BytesIO(draw(made))).convert("RGB").crop((440, 150, WIDTH, 178))
    found = {colour: number for number, colour in row.getcolors(1_000) or ()}
    seen = [colour for colour in found if isinstance(colour, tuple) and min(colour) < 250]
    return max(seen, key=lambda colour: found[colour])


def test_each_status_has_a_colour_of_its_own_and_what_is_in_time_a_paler_one() -> None:
    colours = [_ground(table({1: status})) for status in Status]
    waiting = _ground(table({}, {1: Status.MISSING}))
    assert len({*colours, waiting}) == len(Status) + 1
    assert sum(waiting) > sum(colours[list(Status).index(Status.MISSING)])


def test_a_name_that_is_too_long_is_cut_and_stays_in_its_column() -> None:
    rows = {OCTOBER: [unit(1, Status.LATE, OCTOBER, LONG)]}
    long = Image.open(BytesIO(draw(lay_out(LONG, YEAR, rows, TODAY, 0))))
    assert long.width == WIDTH
