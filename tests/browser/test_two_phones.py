"""The demo's reporter with a phone for each messenger: one bot, one person, one set of figures."""

from playwright.sync_api import FrameLocator, expect

from tests.browser.conftest import Album, OpenWindow

REPORTER = "person-1001"


def _say(phone: FrameLocator, text: str, answer: str) -> None:
    """Write on Zalo; the bot's newest message there comes to hold `answer`."""
    phone.get_by_test_id("zalo-composer").fill(text)
    phone.get_by_test_id("zalo-composer").press("Enter")
    newest = phone.locator("[data-testid=zalo-messages] li.mine ~ li.theirs:last-child")
    expect(newest).to_contain_text(answer)


def test_what_is_reported_on_one_phone_is_seen_and_undone_on_the_other(
    open_window: OpenWindow, album: Album
) -> None:
    window = open_window(1280, 800)
    window.enter(REPORTER)
    window.part("zalo-toggle").click()
    phone = window.page.frame_locator("iframe.beside")
    expect(phone.get_by_test_id("zalo-messages")).to_contain_text("Chào đồng chí")

    window.say("2 buổi 28 đv 40 qc hôm qua", "✅ Đã ghi")
    _say(phone, "của tôi", "2 buổi – 28 đảng viên – 40 quần chúng")
    _say(phone, "1 buổi 12 đv 20 qc hôm qua", "✅ Đã ghi")
    window.say("/cuatoi", "1 buổi – 12 đảng viên")
    for part in ("zalo-month", "zalo-composer"):
        expect(phone.get_by_test_id(part)).to_be_in_viewport()
    album.stage("two-phones", window)

    _say(phone, "hoàn tác", "Đã hoàn tác")
    album.stage("undone", window)
