"""The sheet with an invitation's QR code: the code is the link's, whole and sharp."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image
from segno import make_qr

from reports.qr import qr_sheet
from wording.say import label

LINK = "https://t.me/bao_cao_bot?start=abcdefghijklmnopqrstuvwx"
SHORT = "Chi bộ thôn Nà Tông"
LONG = "Chi bộ Trường Tiểu học và Trung học cơ sở " * 5


def sheet(text: str = SHORT) -> Image.Image:
    return Image.open(BytesIO(qr_sheet(LINK, "Quét mã để tham gia", text)))


def modules(picture: Image.Image, top: int, left: int, size: int, count: int) -> list[bytes]:
    """What the middle of each module shows: 1 for black."""
    middles = [round((n + 0.5) * size) for n in range(count)]
    return [bytes(picture.getpixel((left + x, top + y)) == 0 for x in middles) for y in middles]


def test_the_code_on_the_sheet_is_that_of_the_link() -> None:
    code = make_qr(LINK, error="m")
    wanted = [bytes(row) for row in code.matrix]
    picture = sheet()
    across = len(wanted) + 2 * code.default_border_size
    size = (picture.width - 120) // across
    left = (picture.width - across * size) // 2 + code.default_border_size * size
    found = [
        top
        for top in range(picture.height - size * len(wanted))
        if modules(picture, top, left, size, len(wanted)) == wanted
    ]
    assert found


@pytest.mark.parametrize("text", [SHORT, LONG, f"{SHORT}\n\n{LONG}"])
def test_no_text_runs_over_the_edge_of_the_sheet(text: str) -> None:
    picture = sheet(text)
    for edge in (0, 10, picture.width - 10, picture.width - 1):
        column = picture.crop((edge, 0, edge + 1, picture.height))
        assert column.getextrema() == (255, 255)
    last = picture.crop((0, picture.height - 10, picture.width, picture.height))
    assert last.getextrema() == (255, 255)


def test_a_longer_text_makes_a_longer_sheet() -> None:
    assert sheet(LONG).height > sheet().height


def test_the_sheet_says_what_to_write_where_no_link_can_be_scanned() -> None:
    words = label("zalo.invitation", token="abc")
    expires_at = datetime(2026, 11, 27, tzinfo=UTC)
    values = {"link": LINK, "role": "reporter", "unit": SHORT, "uses": 10, "expires_at": expires_at}
    both = label("invite.sheet_text", ways=(LINK, words), **values)
    assert "\n\nHoặc, không cần quét mã:\nNhắn cho bot trên Zalo: bắt đầu abc\n\nDùng được" in both
    assert "bắt đầu" not in label("invite.sheet_text", ways=(LINK,), **values)
