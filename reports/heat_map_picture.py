"""Draws the heat map: big enough for a phone, its colours told apart by the colour-blind as well.

The colours are those of Okabe and Ito; every cell also has a letter.
"""

from dataclasses import dataclass
from functools import cache
from io import BytesIO

from font_roboto import Roboto, RobotoBold
from PIL import Image, ImageDraw, ImageFont

from domain.status import Status
from reports.heat_map import Cell, HeatMap, Row
from wording.format import count
from wording.say import label

Colour = tuple[int, int, int]

WIDTH = 1080
_MARGIN = 24
_NAME_WIDTH = 408
_ROW = 40
_GAP = 3
_TITLE, _TEXT, _SMALL = 40, 28, 24
# Names in a smaller type cannot be read on a phone.
_LEAST = 20

_BLACK: Colour = (20, 20, 20)
_WHITE: Colour = (255, 255, 255)
_GREY: Colour = (120, 120, 120)
_STRIPE: Colour = (232, 232, 232)


@dataclass(frozen=True, slots=True)
class _Look:
    """The letter of a status, its colour, and that of the letter in it."""

    letter: str
    ground: Colour
    ink: Colour


_LOOKS = {
    Status.ON_TIME: _Look("Đ", (0, 114, 178), _WHITE),
    Status.LATE: _Look("C", (240, 228, 66), _BLACK),
    Status.NIL: _Look("K", (140, 205, 240), _BLACK),
    Status.EXCUSED: _Look("M", (205, 205, 205), _BLACK),
    Status.MISSING: _Look("×", (213, 94, 0), _WHITE),
}
_WAITING = _Look("×", (250, 226, 205), (150, 66, 0))


def draw(table: HeatMap) -> bytes:
    """A page as a PNG, WIDTH pixels wide."""
    totals = len(Status) + 1 if table.counts else 0
    height = 2 * _MARGIN + 3 * _ROW + _ROW * (len(table.rows) + totals) + 4 * _ROW
    return _Page(table, height).png()


class _Page:
    """One picture, filled from the top."""

    def __init__(self, table: HeatMap, height: int) -> None:
        self._table = table
        self._image = Image.new("RGB", (WIDTH, height), _WHITE)
        self._draw = ImageDraw.Draw(self._image)
        self._column = (WIDTH - 2 * _MARGIN - _NAME_WIDTH) / max(6, len(table.months))
        self._y = float(_MARGIN)

    def png(self) -> bytes:
        self._title()
        self._months()
        for number, row in enumerate(self._table.rows):
            self._unit(row, striped=number % 2 == 1)
        if self._table.counts:
            self._totals()
        self._legend()
        return self._bytes()

    def _bytes(self) -> bytes:
        out = BytesIO()
        # Few colours: a palette makes the file a third as large.
        self._image.quantize(64, Image.Quantize.FASTOCTREE).save(out, "PNG")
        return out.getvalue()

    def _title(self) -> None:
        table = self._table
        title = label("heat_map.title", period=table.period)
        self._text(_MARGIN, title, _TITLE, bold=True)
        self._y += _ROW * 1.15
        self._text(_MARGIN, *_fitting(table.unit_name, WIDTH - 2 * _MARGIN))
        self._y += _ROW * 0.95

    def _months(self) -> None:
        for number, month in enumerate(self._table.months):
            self._middle(
                number, label("heat_map.month", month=month.start.month), _SMALL, bold=True
            )
        self._y += _ROW * 0.9

    def _unit(self, row: Row, *, striped: bool) -> None:
        if striped:
            self._draw.rectangle((_MARGIN, self._y, WIDTH - _MARGIN, self._y + _ROW), _STRIPE)
        self._text(_MARGIN + 4, *_fitting(row.name, _NAME_WIDTH - 12))
        for number, cell in enumerate(row.cells):
            if cell is not None:
                self._cell(self._left(number), _look(cell))
        self._y += _ROW

    def _cell(self, left: float, look: _Look, width: float | None = None) -> None:
        right = left + (width or self._column)
        box = (left + _GAP, self._y + _GAP, right - _GAP, self._y + _ROW - _GAP)
        self._draw.rounded_rectangle(box, 6, look.ground)
        middle = ((left + right) / 2, self._y + _ROW / 2)
        self._draw.text(middle, look.letter, look.ink, _font(_TEXT, bold=True), anchor="mm")

    def _totals(self) -> None:
        """A line for each status and one for all: each column adds up."""
        self._draw.line((_MARGIN, self._y, WIDTH - _MARGIN, self._y), _GREY, 2)
        for each in Status:
            self._line(label(f"heat_map.status_{each}"), each.value)
        self._line(label("heat_map.required"), "required", bold=True)

    def _line(self, name: str, field: str, *, bold: bool = False) -> None:
        self._text(_MARGIN + 4, name, _TEXT, bold=bold)
        for number, counts in enumerate(self._table.counts):
            self._middle(number, count(getattr(counts, field)), _SMALL, bold=bold)
        self._y += _ROW

    def _legend(self) -> None:
        self._y += _ROW * 0.4
        third = (WIDTH - 2 * _MARGIN) / 3
        looks = [(look, label(f"heat_map.status_{each}")) for each, look in _LOOKS.items()]
        for number, (look, words) in enumerate([*looks, (_WAITING, label("heat_map.waiting"))]):
            left = _MARGIN + number % 3 * third
            self._cell(left, look, 48)
            self._text(left + 56, words, _SMALL)
            if number % 3 == 2:
                self._y += _ROW * 1.1
        self._text(
            _MARGIN,
            label("heat_map.page", page=self._table.page + 1, pages=self._table.pages),
            _SMALL,
        )

    def _left(self, number: int) -> float:
        return _MARGIN + _NAME_WIDTH + number * self._column

    def _text(self, x: float, text: str, size: int, *, bold: bool = False) -> None:
        self._draw.text((x, self._y + _ROW / 2), text, _BLACK, _font(size, bold=bold), anchor="lm")

    def _middle(self, number: int, text: str, size: int, *, bold: bool = False) -> None:
        middle = (self._left(number) + self._column / 2, self._y + _ROW / 2)
        self._draw.text(middle, text, _BLACK, _font(size, bold=bold), anchor="mm")


def _look(cell: Cell) -> _Look:
    return _WAITING if cell.waiting else _LOOKS[cell.status]


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(RobotoBold if bold else Roboto, size)


def _fitting(text: str, width: float) -> tuple[str, int]:
    """The text and the size in which it fits; cut with an ellipsis when it is too long in any."""
    for size in range(_TEXT, _LEAST - 1, -2):
        if _font(size).getlength(text) <= width:
            return text, size
    while _font(_LEAST).getlength(f"{text}…") > width:
        text = text[:-1].rstrip()
    return f"{text}…", _LEAST
