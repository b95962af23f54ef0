"""What holding Zalo against Telegram must notice, and what it lets pass."""

import pytest

from tests.journeys.same import first_difference
from tests.journeys.zalo_rig import ZaloRig
from tests.journeys.zalo_stage import ZaloStage, read
from wording.say import label

LINE = """\
reporter: 3 buổi 45 đv 60 qc 12/11
  bot:
    ✅ Đã ghi (số 1): Thứ Năm 12/11/2026 – 3 buổi – 45 đảng viên – 60 quần chúng
    Tuyên truyền miệng
    Đơn vị: Chi bộ thôn Nà Tông

    Chưa đúng, đồng chí chọn dưới đây. Xem lại: /cuatoi
    [✏️ Sửa] [↩️ Hoàn tác]
stored:
  tally 1 of reporter, Chi bộ thôn Nà Tông: oral_session 2026-11-12 sessions=3 party_members=45 public=60
"""


@pytest.fixture
def stage(zalo_rig: ZaloRig) -> ZaloStage:
    return ZaloStage(zalo_rig)


@pytest.mark.parametrize(
    ("on_telegram", "otherwise"),
    [
        ("45 đảng viên", "54 đảng viên"),
        ("[✏️ Sửa] [↩️ Hoàn tác]", "[✏️ Sửa]"),
        ("    Tuyên truyền miệng\n", ""),
        ("  bot:\n", "  bot to lead:\n"),
        ("stored:", "  bot:\n    Và còn nữa\nstored:"),
        ("public=60", "public=61"),
    ],
)
def test_another_word_choice_chat_message_or_fact_is_a_difference(
    stage: ZaloStage, on_telegram: str, otherwise: str
) -> None:
    written = LINE.replace(on_telegram, otherwise)
    assert written != LINE
    assert first_difference(written, stage)


def test_signs_before_choices_their_rows_and_edits_are_none(stage: ZaloStage) -> None:
    written = LINE.replace("[✏️ Sửa] [↩️ Hoàn tác]", "[Hoàn tác]\n    [Sửa]")
    assert first_difference(written.replace("bot:", "bot edits:"), stage) is None


def test_what_stands_behind_the_last_step_is_not_played(stage: ZaloStage) -> None:
    assert first_difference("reporter: /huy\n", stage, "reporter: /huy") is None


def test_a_menu_is_taken_off_a_text_with_what_to_type_for_each_choice() -> None:
    shown = read(f"Bao nhiêu?\n\n1 · 2\na. Quay lại\nb. Hủy\n{label('zalo.choose')}")
    assert shown.choices == {"1": "1", "2": "2", "Quay lại": "a", "Hủy": "b"}
    assert [line for line in shown.lines if line] == ["Bao nhiêu?"]
    assert read("Kỳ này: 3").choices == {}
