"""The first privacy screen."""

import json
import unicodedata
from pathlib import Path
from time import process_time
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.privacy import MASKS, Finding, Screening, Verdict, screen, screen_file
from domain.text import fold

TALLIES = Path(__file__).parents[1] / "data" / "tally_phrases"

STOPPED = [
    # the reference's own
    ("Ông [HỌ TÊN], số 12 tổ 4, sđt 0900 000 000, nói xấu chính quyền, đề nghị theo dõi", "named_person"),
    ("[ảnh chụp văn bản có dấu MẬT] gửi các đ/c tham khảo", "secrecy_mark"),
    ("danh sách 15 đảng viên bị kỷ luật và lý do: ...", "discipline"),
    ("lịch trực và vị trí đóng quân của lực lượng...", "defence"),
    # secrecy marks
    ("Công văn TUYỆT MẬT kèm theo", "secrecy_mark"),
    ("Văn bản tối mật gửi anh em", "secrecy_mark"),
    ("van ban TOI MAT", "secrecy_mark"),
    ("TUYET MAT", "secrecy_mark"),
    ("kế hoạch M Ậ T kèm theo", "secrecy_mark"),
    ("M.Ậ.T", "secrecy_mark"),
    ("MẬT", "secrecy_mark"),
    ("(MẬT) Kế hoạch tháng 12", "secrecy_mark"),
    ("Tài liệu LƯU HÀNH NỘI BỘ", "secrecy_mark"),
    ("tai lieu luu hanh noi bo", "secrecy_mark"),
    ("gửi đồng chí tài liệu mật", "secrecy_mark"),
    ("gui dong chi tai lieu mat", "secrecy_mark"),
    ("dấu M\u200bẬ\u200bT đỏ", "secrecy_mark"),
    # named persons
    ("Bà con phản ánh ông Nguyễn Văn A lấn đường", "named_person"),
    ("ong nguyen van a lan duong", "named_person"),
    ("Ong Nguyen Van A lan duong", "named_person"),
    ("chi Hoa o cuoi xom noi", "named_person"),
    ("chị Hoa ở cuối xóm nói", "named_person"),
    ("anh Tùng bán hàng giá cao", "named_person"),
    ("đồng chí Hùng vắng mặt", "named_person"),
    ("đ/c Hùng vắng mặt", "named_person"),
    ("ÔNG NGUYỄN VĂN A LẤN ĐƯỜNG", "named_person"),
    ("ông A ở đầu làng", "named_person"),
    ("bí thư chi bộ Trần Thị B chậm trả lời", "named_person"),
    ("chị Phương và anh Trung phản ánh", "named_person"),
    ("ông HÙNG lấn đường", "named_person"),
    ("cô giáo Thảo nghỉ dạy", "named_person"),
    ("bác Hồ Văn A ở xóm", "named_person"),
    ("ông Trần Phú ở cuối xóm", "named_person"),
    ("thôn trưởng Lò Văn B chậm trả lời", "named_person"),
    ("Chủ tịch UBND xã Lê Văn C nhận quà", "named_person"),
    ("Kính gửi đồng chí\nchi Hoa o cuoi xom noi", "named_person"),
    ("Họ và tên: một người dân", "named_person"),
    # surveillance
    ("Có người nói xấu chính quyền, đề nghị công an theo dõi", "surveillance"),
    ("đề nghị theo dõi gia đình này", "surveillance"),
    ("lập danh sách những người phản đối dự án", "surveillance"),
    # discipline and defence
    ("3 cán bộ của xã bị kỷ luật khiển trách", "discipline"),
    ("danh sach cac dang vien bi khai tru", "discipline"),
    ("toa do tran dia phao", "defence"),
    ("quân số của đơn vị đang trực là 30", "defence"),
]  # fmt: skip

MASKED = [
    ("CCCD 000000000000 của hộ bị thu hồi đất, nhờ tra giúp", "id_number", "000000000000"),
    ("số cmnd 012345678 ghi sai", "id_number", "012345678"),
    ("gọi lại 0912345678 nhé", "phone", "0912345678"),
    ("gọi lại 0912.345.678 nhé", "phone", "345"),
    ("gọi lại 0912 345 678 nhé", "phone", "345"),
    ("gọi lại (+84) 912-345-678 nhé", "phone", "345"),
    ("gọi lại 84912345678 nhé", "phone", "84912345678"),
    ("gọi lại 0912/345/678 nhé", "phone", "345"),
    ("gọi lại 0205.3812345 nhé", "phone", "3812345"),
    ("gọi lại ０９１２３４５６７８ nhé", "phone", "０９１２"),
    ("viết tới mot_nguoi.dan@example.com", "email", "nguoi"),
    ("xe 12A-123.45 chạy ẩu", "plate", "123"),
    ("xe biển số 12a 123.45 chạy ẩu", "plate", "123"),
    ("chuyển vào stk 1234567 ngân hàng", "bank_account", "1234567"),
    ("thẻ 1234 5678 9012 3456", "bank_account", "5678"),
    ("hộ ở số nhà 15 phản ánh", "address", "15"),
    ("hộ ở số 12 tổ 4 phản ánh", "address", "12"),
    ("hộ ở số 7 ngõ 25 phản ánh", "address", "25"),
    ("hộ ở số 12 đường Trần Phú phản ánh", "address", "12"),
]

CLEAR = [
    # words, not marks
    "Tuyên truyền về bảo vệ bí mật nhà nước cho 30 đảng viên",
    "TUYÊN TRUYỀN BẢO VỆ BÍ MẬT NHÀ NƯỚC",
    "tuyen truyen ve bao ve bi mat nha nuoc",
    "Tập huấn: không gửi tài liệu mật qua mạng",
    "Mật độ dân cư cao, giá mật ong giảm, nhắc đổi mật khẩu",
    "MẶT TRẬN TỔ QUỐC XÃ PHỐI HỢP",
    "MAT TRAN TO QUOC XA PHOI HOP, CO MAT DU 30 DV",
    "dich dau mat do tang, ba con lo",
    "toi mat dien, ba con mong sua",
    "lam van ban mat nhieu thoi gian",
    # roles, groups, public figures and places
    "đồng chí Bí thư Đảng ủy xã dự và phát biểu",
    "Các đồng chí Lãnh đạo, đ/c BCV, anh em, ông bà, chị em phụ nữ dự đủ",
    "BÀ CON, ÔNG BÀ, ANH CHỊ EM PHẤN KHỞI",
    "Bà con học tập và làm theo Bác Hồ",
    "Học tập tấm gương Bác Hồ về đạo đức",
    "Đảng ủy xã Hoàng Văn Thụ tổ chức 2 buổi",
    "Chi bộ trường THPT Chu Văn An: 1 buổi",
    "Kỷ niệm ngày sinh Chủ tịch Hồ Chí Minh",
    "Kỷ niệm ngày sinh đồng chí Hoàng Văn Thụ",
    "Bài viết của đồng chí Tổng Bí thư Tô Lâm",
    "Đoạn qua trường Nguyễn Thị Minh Khai, đường Lê Thị Riêng xuống cấp",
    "Xã Chi Lăng, xã Ba Bể, huyện Cô Tô: bà con phấn khởi",
    "xa Chi Lang 2 buoi",
    "bác sĩ, cô giáo, thầy giáo ở Trường Tiểu học mong sửa đường",
    "Môn Tiếng Anh Khối 9 thiếu giáo viên",
    # figures and dates, not numbers of persons
    "ngày 08.7.2026 120 đảng viên, 340 quần chúng",
    "từ 08.7-12.7.2026: 5 buổi; 11/7/2026 08:00 hai buổi",
    "12B 1250 lượt; 3b 45dv 60qc",
    "Kinh phí 1.250.000.000 đồng, thu 150000000 đồng",
    "Nghị quyết số 12 tổ chức thực hiện từ 2026, Quyết định 1630/QĐ-TTg",
    # neighbouring matters that are legitimate topics
    "Quán triệt quy định về kỷ luật tổ chức đảng; nhân dân đồng tình xử lý nghiêm vi phạm",
    "Chi bộ quân sự: tuyên truyền quốc phòng toàn dân, giữ trận địa tư tưởng",
    "Đề nghị niêm yết lịch trực của trạm y tế",
    "Cử tri quan tâm theo dõi kỳ họp Quốc hội, đề nghị cấp trên theo dõi, chỉ đạo",
    "",
]


@pytest.mark.parametrize(("text", "finding"), STOPPED)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_must_not_be_stored_is_stopped(
    text: str, finding: str, form: Literal["NFC", "NFD"]
) -> None:
    result = screen(unicodedata.normalize(form, text))
    assert (result.verdict, result.text) == (Verdict.STOP, None)
    assert finding in result.findings


@pytest.mark.parametrize(("text", "finding", "value"), MASKED)
def test_a_number_that_leads_to_a_person_is_masked(text: str, finding: str, value: str) -> None:
    result = screen(text)
    assert result.verdict is Verdict.MASK
    assert result.findings == (Finding(finding),)
    assert result.text is not None
    assert MASKS[Finding(finding)] in result.text
    assert value not in result.text


def test_the_words_around_a_masked_number_stay() -> None:
    assert screen("Gọi 0912 345 678, gặp tổ trưởng").text == "Gọi [SỐ ĐIỆN THOẠI], gặp tổ trưởng"


def test_a_phone_number_in_groups_hides_behind_no_figures() -> None:
    assert screen("3 buổi 45 đv, 0912 345 678").text == "3 buổi 45 đv, [SỐ ĐIỆN THOẠI]"


def test_a_figure_behind_a_phone_number_stays() -> None:
    assert screen("0912345678 3 buổi 45 đv").text == "[SỐ ĐIỆN THOẠI] 3 buổi 45 đv"
    assert screen("0912345678 0987654321").text == "[SỐ ĐIỆN THOẠI] [SỐ ĐIỆN THOẠI]"


FIGURE_WORDS = ("3", "45", "1250", "13/7", "buổi", "đv", "qc", "hôm qua", ",", "ngày", "đảng viên")


@given(st.lists(st.sampled_from(FIGURE_WORDS), max_size=12))
def test_a_line_of_figures_holds_nothing_to_find_whatever_their_order(words: list[str]) -> None:
    """Such lines are cleared without a search; "xong" sends the same line through all of them."""
    line = " ".join(words)
    if sum(map(str.isdigit, line)) < 9:
        assert screen(line).verdict is screen(f"{line} xong").verdict is Verdict.CLEAR


@pytest.mark.parametrize("text", CLEAR)
def test_an_ordinary_message_passes_unchanged(text: str) -> None:
    assert screen(text) == Screening(Verdict.CLEAR, (), text)


@pytest.mark.parametrize(("text", "_finding", "_value"), MASKED)
def test_a_masked_text_is_clear_when_it_is_sent_again(
    text: str, _finding: str, _value: str
) -> None:
    masked = screen(text).text
    assert masked is not None
    assert screen(masked).verdict is Verdict.CLEAR


def test_every_tally_passes() -> None:
    texts = [
        text
        for path in TALLIES.glob("*.json")
        for text in _texts(json.loads(path.read_text("utf-8")))
    ]
    assert texts
    assert [text for text in texts if screen(text).verdict is not Verdict.CLEAR] == []


def _texts(data: object) -> list[str]:
    """Every "text" anywhere in the data that is a report."""
    if isinstance(data, list):
        return [text for item in data for text in _texts(item)]
    if not isinstance(data, dict) or data.get("intent") == "other":
        return []
    own = [data["text"]] if isinstance(data.get("text"), str) else []
    return own + [text for value in data.values() for text in _texts(value)]


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("CV_MAT_2026.pdf", None),
        ("ke-hoach_tuyet_mat.docx", "gửi các đồng chí"),
        ("Tài liệu mật.pdf", None),
        ("anh.jpg", "văn bản có dấu MẬT"),
        ("anh.jpg", "ông Nguyễn Văn A"),
        ("Ông Nguyễn Văn A.jpg", None),
    ],
)
def test_a_file_is_stopped_by_its_name_or_its_caption(name: str, caption: str | None) -> None:
    assert screen_file(name, caption).verdict is Verdict.STOP


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        (None, None),
        ("IMG_20260714_091500.jpg", "Buổi tuyên truyền tại nhà văn hóa"),
        ("mat_tran_to_quoc.pdf", None),
        ("bao-ve-bi-mat-nha-nuoc.pptx", "đề cương tuyên truyền"),
    ],
)
def test_an_ordinary_file_passes(name: str | None, caption: str | None) -> None:
    assert screen_file(name, caption).verdict is Verdict.CLEAR


BREAKS = st.text(" .-()·–_*\u00a0\u200b", max_size=3)
PHONES = st.from_regex(r"0[35789][0-9]{8}", fullmatch=True)
IDS = st.from_regex(r"0[0-9]{11}", fullmatch=True)


@given(PHONES | IDS, st.lists(BREAKS, min_size=11, max_size=11), st.booleans())
def test_a_number_broken_up_in_any_way_never_comes_back(
    number: str, breaks: list[str], abroad: bool
) -> None:
    national = "".join(map("".join, zip(number, [*breaks, ""], strict=False)))
    typed = f"+84 {national[1:]}" if abroad and len(number) == 10 else national
    result = screen(f"bà con gọi {typed} để hỏi")
    assert result.verdict is Verdict.MASK
    assert result.text is not None
    kept = [character for character in result.text if character.isdigit()]
    assert len(kept) < 4


@given(st.text(max_size=400))
def test_the_screen_never_fails_and_a_stop_never_returns_text(text: str) -> None:
    result = screen(text)
    assert (result.text is None) == (result.verdict is Verdict.STOP)
    assert bool(result.findings) == (result.verdict is not Verdict.CLEAR)
    if result.verdict is Verdict.CLEAR:
        assert result.text == text


@given(st.sampled_from([text for text, _ in STOPPED]), st.text("abc ,.\n", max_size=40))
def test_words_around_it_do_not_let_a_stopped_message_through(stopped: str, around: str) -> None:
    result = screen(f"{around}\n{stopped}\n{around}")
    assert (result.verdict, result.text) == (Verdict.STOP, None)


def test_screening_takes_time_in_proportion_to_the_length() -> None:
    def seconds(text: str) -> float:
        began = process_time()
        screen(text)
        return process_time() - began

    for piece in ("0 ", "ông ", "a.", "M ", "danh sách ", "12/", fold("Nguyễn ")):
        short, long = seconds(piece * 500), seconds(piece * 5_000)
        assert long < 40 * short + 0.05
