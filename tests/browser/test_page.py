"""The sandbox's page by itself, without a bot."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.driver import PROJECT, Window


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A sandbox with a person in a group and one outside of it."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().removeprefix("Sandbox: ").strip().rstrip("/")
            for name in ("Lan", "Minh"):
                httpx.post(f"{address}/sim/users", json={"first_name": name}).raise_for_status()
            group = {"type": "group", "title": "Ban", "members": [1001]}
            httpx.post(f"{address}/sim/chats", json=group).raise_for_status()
            yield address
        finally:
            process.terminate()


def test_a_person_who_blocked_the_bot_is_shown_so_after_a_reload_too(
    open_window: OpenWindow,
) -> None:
    window = open_window(1280, 800)
    window.enter("person-1001")
    _choose(window, "Chặn bot")
    expect(window.part("unblock")).to_be_visible()
    window.page.reload()
    window.part("unblock").click()
    expect(window.part("composer")).to_be_visible()


def test_a_person_joins_a_group_through_its_menu_and_can_write_there(
    open_window: OpenWindow,
) -> None:
    window = open_window(1280, 800)
    window.enter("group--5001")
    _choose(window, "Minh vào nhóm")
    window.write_as(1002)
    window.part("composer").fill("Chào cả nhà")
    window.part("send").click()
    expect(window.said).to_contain_text("Chào cả nhà")


def test_the_clock_goes_on_by_an_hour_and_by_a_day(open_window: OpenWindow) -> None:
    window = open_window(1280, 800)
    for button, step in (("clock-hour", timedelta(hours=1)), ("clock-day", timedelta(days=1))):
        before = window.now()
        window.move_clock(button)
        assert step <= window.now() - before < step + timedelta(minutes=1)


def test_what_a_bot_asked_is_listed_without_its_long_polls(
    open_window: OpenWindow, address: str
) -> None:
    window = open_window(1280, 800)
    for _ in range(3):
        httpx.get(f"{address}/bot123:abc/getUpdates").raise_for_status()
        httpx.get(f"{address}/bot123:abc/getMe").raise_for_status()
    expect(window.part("calls").locator("li")).to_have_count(3)
    expect(window.part("calls")).not_to_contain_text("getUpdates")


def _choose(window: Window, item: str) -> None:
    window.part("chat-menu").click()
    window.page.get_by_role("menuitem", name=item).click()
