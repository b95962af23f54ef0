"""An invitation's link as a QR code on a sheet, to be printed or held out to somebody's phone."""

from io import BytesIO
from typing import TYPE_CHECKING

# Loading these takes longer than the bot's start should.
if TYPE_CHECKING:
    from PIL import Image, ImageFont

_WIDTH, _MARGIN = 1080, 60
_TITLE, _TEXT = 60, 42
_BLACK, _WHITE = 0, 255


def qr_sheet(link: str, title: str, text: str) -> bytes:
    """A PNG in black and white: the title, the code, the text below it in lines.

    A sixth of the code may be dirty and it still reads.
    """
    from font_roboto import Roboto, RobotoBold
    from PIL import Image, ImageDraw, ImageFont

    code = _code(link)
    head = _wrapped(title, bold := ImageFont.truetype(RobotoBold, _TITLE))
    foot = _wrapped(text, plain := ImageFont.truetype(Roboto, _TEXT))
    above, below = _height(head, _TITLE), _height(foot, _TEXT)
    sheet = Image.new("L", (_WIDTH, above + code.height + below + 2 * _MARGIN), _WHITE)
    pen = ImageDraw.Draw(sheet)
    middle, at = _WIDTH / 2, _MARGIN
    pen.multiline_text((middle, at), head, _BLACK, bold, anchor="ma", align="center")
    sheet.paste(code, ((_WIDTH - code.width) // 2, at + above))
    at += above + code.height
    pen.multiline_text((middle, at), foot, _BLACK, plain, anchor="ma", align="center")
    return _png(sheet)


def _code(link: str) -> "Image.Image":
    """Every module as large as whole pixels allow."""
    from PIL import Image
    from segno import make_qr

    code, content = make_qr(link, error="m"), BytesIO()
    modules, _ = code.symbol_size()
    code.save(content, kind="png", scale=(_WIDTH - 2 * _MARGIN) // modules)
    return Image.open(content).convert("L")


def _wrapped(text: str, font: "ImageFont.FreeTypeFont") -> str:
    """The text in lines that fit on the sheet; its own line ends stay."""
    return "\n".join(line for given in text.splitlines() for line in _lines(given, font))


def _lines(text: str, font: "ImageFont.FreeTypeFont") -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > _WIDTH - 2 * _MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _height(text: str, size: int) -> int:
    return round((text.count("\n") + 1) * size * 1.35)


def _png(sheet: "Image.Image") -> bytes:
    content = BytesIO()
    sheet.save(content, "PNG")
    return content.getvalue()
