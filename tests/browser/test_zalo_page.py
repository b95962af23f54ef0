"""The Zalo phone in the sandbox's page, by itself and beside the Telegram one, without a bot."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.driver import PROJECT

BOT = "/zalo/bot5:zalo-page"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A sandbox with one person."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().removeprefix("Sandbox: ").strip().rstrip("/")
            httpx.post(f"{address}/sim/users", json={"first_name": "Lan"}).raise_for_status()
            yield address
        finally:
            process.terminate()


def _answer(address: str, **message: object) -> None:
    """The bot reads one message and answers it."""
    with httpx.Client(base_url=address, timeout=20) as bot:
        update = bot.get(f"{BOT}/getUpdates", params={"timeout": 10}).json()
        chat = update["result"]["message"]["chat"]["id"]
        sent = bot.post(f"{BOT}/sendMessage", json={"chat_id": chat, **message}).json()
        assert sent["ok"], sent


def test_a_person_writes_on_zalo_beside_telegram_and_reads_a_styled_answer_without_buttons(
    open_window: OpenWindow, address: str
) -> None:
    window = open_window(1280, 800)
    window.enter("person-1001")
    window.part("zalo-toggle").click()
    phone = window.page.frame_locator("iframe.beside")
    expect(phone.get_by_test_id("zalo-month")).to_have_text("Tháng này: 0 tin gửi, 0 tin đến")
    phone.get_by_test_id("zalo-composer").fill("báo cáo")
    phone.get_by_test_id("zalo-composer").press("Enter")
    _answer(address, text="Đúng chưa?\na. Đúng", text_styles=[{"start": 0, "len": 4, "st": ["b"]}])
    messages = phone.get_by_test_id("zalo-messages")
    expect(messages.locator("li.mine")).to_contain_text("báo cáo")
    expect(messages.locator("li.theirs strong")).to_have_text("Đúng")
    expect(messages.locator("li.theirs .inline-keyboard")).to_have_count(0)
    expect(phone.get_by_test_id("zalo-month")).to_have_text("Tháng này: 1 tin gửi, 1 tin đến")
    expect(window.page.locator("#messages > li")).to_have_count(0)
    window.part("zalo-toggle").click()
    expect(window.page.locator("iframe.beside")).to_have_count(0)
    assert window.complaints == []


def test_a_link_in_an_answer_opens_beside_the_phone(open_window: OpenWindow, address: str) -> None:
    window = open_window(480, 800)
    window.page.goto(f"{address}/zalo#person-1001")
    window.part("zalo-composer").fill("tệp")
    window.part("zalo-composer").press("Enter")
    picture = f"{address}/static/favicon.svg"
    _answer(address, text=f"📎 Báo cáo tháng 7.xlsx: {picture}\n(Tải được trong 24 giờ.)")
    link = window.page.locator("li.theirs a")
    expect(link).to_have_text(picture)
    with window.page.context.expect_page() as opened:
        link.click()
    assert opened.value.url == picture


def test_the_51st_person_is_told_so_in_their_own_words(
    open_window: OpenWindow, address: str
) -> None:
    httpx.post(f"{address}/sim/quirks", json={"users": 0}).raise_for_status()
    window = open_window(1280, 800)
    window.page.goto(f"{address}/zalo#person-1001")
    expect(window.part("zalo-month")).to_contain_text("Tháng này")
    window.part("zalo-composer").fill("chào")
    window.part("zalo-composer").press("Enter")
    expect(window.part("toast")).to_contain_text("bot này đã đủ số người dùng")
    # The browser notes every refusal as a complaint; this one was wanted.
    assert len(window.complaints) == 1
    window.complaints.clear()
