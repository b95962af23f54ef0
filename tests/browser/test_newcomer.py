"""The newcomer's round: what somebody does who tries the demo for the first time."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.conftest import PHONE_WIDTH, Album, OpenWindow
from tests.browser.driver import Window, figures
from wording.format import VIETNAM, day, dmy

CELL_REPORTER = "person-1001"
COMMUNE_REPORTER = "person-1002"
LEAD = "person-1003"
OFFICER = "person-1005"
NEWCOMER = "person-1006"
COMMITTEE = "group--5001"

NOTE = (
    "Bà con trong thôn rất phấn khởi vì đường liên thôn đã được bê tông hóa, "
    "mong sớm có điện chiếu sáng."
)
NAMING_NOTE = "Ông Nguyễn Văn Anh, số 12 tổ 4, nói xấu chính quyền"
BRIEFING = "Hội nghị báo cáo viên trực tuyến"


def test_a_newcomer_walks_the_whole_round(open_window: OpenWindow, album: Album) -> None:
    wide, phone = open_window(1280, 800), open_window(PHONE_WIDTH, 844)
    yesterday = _today(wide) - timedelta(days=1)
    before = _summary_of_month(wide, yesterday)

    an_officer_invites_and_the_newcomer_joins(wide, phone, album)
    one_line_is_stored_and_corrected(wide, phone, album, yesterday)
    the_guide_goes_step_by_step_back_and_away(wide, phone, album, yesterday)
    a_note_is_sent_and_one_that_names_somebody_is_stopped(wide, phone, album)
    the_committee_sees_the_totals(wide, album)
    after = _summary_of_month(wide, yesterday)
    assert [new - old for old, new in zip(before, after, strict=True)] == [5, 232, 72, 160]

    an_officer_announces_the_briefing(wide, album)
    the_clock_brings_the_reminders(wide, phone, album)


def an_officer_invites_and_the_newcomer_joins(wide: Window, phone: Window, album: Album) -> None:
    wide.enter(OFFICER)
    wide.say("/moi", "Mời với vai trò nào?")
    wide.tap("Báo cáo viên, tuyên truyền viên", "của đơn vị nào?")
    wide.say("xã Lâm Bình", "của đơn vị nào?")
    wide.tap("Đảng ủy xã Lâm Bình", "dùng cho bao nhiêu người")
    answer = wide.tap("Một người", "Mã QR")
    album.stage("invitation", wide)

    answer.get_by_role("link").click()
    wide.part("chooser-1006").click()
    wide.expect_in(NEWCOMER)
    wide.expect_answer("Đăng ký tham gia")
    phone.enter(NEWCOMER)
    album.phone("join", phone, phone.answer)
    wide.tap("✅ Đồng ý, đăng ký", "✅ Chào đồng chí Người mới.")
    album.stage("enrolled", wide)


def one_line_is_stored_and_corrected(
    wide: Window, phone: Window, album: Album, yesterday: date
) -> None:
    wide.enter(CELL_REPORTER)
    wide.say(
        "3 buổi 45 đv 60 qc hôm qua",
        f"{day(yesterday)} – 3 buổi – 45 đảng viên – 60 quần chúng",
    )
    album.stage("stored-at-once", wide)
    album.page("sandbox", wide)
    phone.enter(CELL_REPORTER)
    album.phone("one-line", phone, phone.said)

    wide.tap("✏️ Sửa", "Đồng chí muốn sửa mục nào?")
    wide.tap("Đảng viên", "Bao nhiêu lượt đảng viên dự?")
    wide.say("42", f"✏️ Sửa thành: {day(yesterday)} – 3 buổi – 42 đảng viên – 60 quần chúng")
    wide.tap("✅ Đúng", "đã sửa 1 lần")
    album.stage("corrected", wide)

    answer = wide.say("/cuatoi", "Số liệu đồng chí đã gửi")
    expect(answer).to_contain_text(f"{day(yesterday)} – 3 buổi – 42 đảng viên – 60 quần chúng")
    album.stage("my-reports", wide)
    phone.expect_answer("Số liệu đồng chí đã gửi")
    album.phone("my-reports", phone, phone.said)


def the_guide_goes_step_by_step_back_and_away(
    wide: Window, phone: Window, album: Album, yesterday: date
) -> None:
    wide.enter(COMMUNE_REPORTER)
    wide.say("/baocao", "Đồng chí chọn loại hoạt động.")
    wide.tap("Nói chuyện chuyên đề", "Nói chuyện chuyên đề: ngày nào?")
    wide.tap("◀ Quay lại", "Đồng chí chọn loại hoạt động.")
    wide.tap("Tuyên truyền miệng", "Tuyên truyền miệng: ngày nào?")
    wide.tap("✖ Hủy", "Đã hủy, không lưu gì.")
    album.stage("cancelled", wide)

    wide.say("/baocao", "Đồng chí chọn loại hoạt động.")
    phone.enter(COMMUNE_REPORTER)
    album.phone("step-by-step", phone, phone.said)
    wide.tap("Tuyên truyền miệng", "Tuyên truyền miệng: ngày nào?")
    wide.tap("Hôm qua", "Bao nhiêu buổi?")
    wide.tap("2", "Bao nhiêu lượt đảng viên dự?")
    wide.say("30", "Bao nhiêu lượt quần chúng dự?")
    wide.say("100", "Nội dung chính là gì?")
    album.stage("step-by-step", wide)
    wide.tap("Bỏ qua", f"Đã hiểu: {day(yesterday)} – 2 buổi – 30 đảng viên – 100 quần chúng")
    wide.tap("✅ Đúng", "✅ Đã lưu")


def a_note_is_sent_and_one_that_names_somebody_is_stopped(
    wide: Window, phone: Window, album: Album
) -> None:
    wide.enter(CELL_REPORTER)
    wide.say("/duluan", "Phản ánh dư luận xã hội")
    wide.say(NAMING_NOTE, "⚠️ Tin này không được lưu.")
    album.stage("note-stopped", wide)
    wide.say(NOTE, "Lĩnh vực: Hạ tầng, giao thông, điện, nước")
    phone.enter(CELL_REPORTER)
    album.phone("opinion-note", phone, phone.said)
    wide.tap("✅ Gửi", "✅ Đã ghi ý kiến số")
    album.stage("note-sent", wide)


def the_committee_sees_the_totals(wide: Window, album: Album) -> None:
    wide.enter(COMMITTEE)
    wide.write_as(1005)
    today = _today(wide)
    wide.say("/tongket", f"📊 TỔNG KẾT THÁNG {today.month}/{today.year}")
    album.stage("this-month", wide)
    wide.say(
        "/tongket 2021",
        "Tổng số tuyên truyền miệng: 6.372 buổi – 156.000 lượt (ĐV 60.000; QC 96.000)",
    )
    album.stage("2021", wide)
    wide.say("/tongket 2018", "Tổng số tuyên truyền miệng: 267 buổi – trên 12.000 lượt (chưa tách)")
    wide.say("/tongket 2010-2015", "Tổng số tuyên truyền miệng: 723 buổi – 67.279 lượt (chưa tách)")
    wide.say("/tongket 2023", "Lớp đào tạo, bồi dưỡng cán bộ: 30/28 = 107 %")
    album.stage("2023", wide)


def an_officer_announces_the_briefing(wide: Window, album: Album) -> None:
    held = _friday_after(_today(wide) + timedelta(days=3))
    wide.enter(OFFICER)
    wide.say("/hoinghi", "Tên hội nghị?")
    wide.say(BRIEFING, "Bắt đầu lúc nào?")
    wide.say(f"8h ngày {dmy(held)}", "Họp ở đâu?")
    wide.say("https://hop.example.vn/bao-cao-vien", "Chuyên đề, nội dung chính?")
    wide.say("Chuyển đổi số", "Đồng chí xem lại trước khi thông báo:")
    wide.tap("📣 Thông báo", "📣 Đã lên lịch")
    album.stage("announced", wide)


def the_clock_brings_the_reminders(wide: Window, phone: Window, album: Album) -> None:
    schedule = wide.answer.inner_text()
    phone.enter(CELL_REPORTER)
    _jump(wide, schedule, "gửi giấy mời")
    phone.expect_answer("✉️ Kính mời đồng chí dự")
    album.phone("invitation", phone, phone.answer)
    phone.tap("✅ Dự", "Đồng chí đã trả lời: ✅ Dự.")
    album.stage("answered-on-a-phone", phone)

    wide.enter(LEAD)
    wide.expect_answer("✉️ Kính mời đồng chí dự")
    _jump(wide, schedule, "hỏi lại người chưa trả lời")
    wide.expect_answer("🔔 Hội nghị sắp diễn ra, đồng chí chưa trả lời:")
    album.stage("asked-again", wide)
    _jump(wide, schedule, "nhắc trong ngày")
    wide.expect_answer("🔔 Hôm nay có hội nghị:")
    phone.expect_answer("🔔 Hôm nay có hội nghị:")

    _jump(wide, schedule, "hỏi phụ trách đơn vị số người dự")
    wide.expect_answer("🔔 Hội nghị đã họp:")
    wide.move_clock("clock-hour")
    wide.move_clock("clock-day")
    wide.move_clock("clock-month-end")
    assert (_today(wide) + timedelta(days=1)).day == 1
    expect(wide.part(LEAD).locator("time")).to_have_text(re.compile(r"\d+/\d+"))
    album.stage("end-of-month", wide)


def _today(window: Window) -> date:
    return window.now().astimezone(VIETNAM).date()


def _friday_after(day: date) -> date:
    return day + timedelta(days=(3 - day.weekday()) % 7 + 1)


def _jump(window: Window, schedule: str, what: str) -> None:
    """Go on to the next reminder, which is due when the officer was told."""
    due = re.search(rf"(\d\d:\d\d) [^\n]*? – {what}", schedule)
    assert due is not None, schedule
    expect(window.part("clock-next")).to_contain_text(due.group(1))
    window.move_clock("clock-next")


def _summary_of_month(window: Window, within: date) -> tuple[int, ...]:
    window.enter(COMMITTEE)
    month = f"{within.month}/{within.year}"
    answer = window.say(f"/tongket tháng {month}", f"TỔNG KẾT THÁNG {month}")
    return figures(answer.inner_text())
