"""The demo in a real browser, and the pictures that are taken of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, ViewportSize, expect, sync_playwright

from tests.browser.driver import PATIENCE_MS, PROJECT, Window, chromium, demo

KEPT = PROJECT / "test-output" / "browser"
PHONE_WIDTH = 390


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures",
        type=Path,
        metavar="DIR",
        help="write the pictures of the documents into this folder",
    )


@dataclass(frozen=True)
class Album:
    """Screenshots of every stage, and in `pictures`, when it is given, those for the documents."""

    kept: Path
    pictures: Path | None

    def stage(self, name: str, window: Window) -> None:
        number = len(list(self.kept.glob("*.png"))) + 1
        window.page.screenshot(path=self.kept / f"{number:02}-{name}.png")

    def page(self, name: str, window: Window) -> None:
        """A picture of the whole page."""
        if self.pictures:
            window.rest()
            window.page.screenshot(path=self.pictures / f"{name}.png")

    def phone(self, name: str, window: Window, first: Locator) -> None:
        """A picture of the open chat from this message on."""
        if self.pictures:
            with window.fitted(first):
                window.page.locator("#chat").screenshot(path=self.pictures / f"{name}.png")


@pytest.fixture
def album(request: pytest.FixtureRequest) -> Album:
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.png"):
        old.unlink()
    return Album(KEPT, request.config.getoption("--pictures", None))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with demo(tmp_path / "demo") as address:
        yield address


@pytest.fixture
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


OpenWindow = Callable[[int, int], Window]


@pytest.fixture
def open_window(browser: Browser, address: str) -> Iterator[OpenWindow]:
    """Opens windows on the demo, and sees in the end that none of them met an error."""
    windows: list[Window] = []

    def open_one(width: int, height: int) -> Window:
        phone = width <= PHONE_WIDTH
        viewport: ViewportSize = {"width": width, "height": height}
        context = browser.new_context(
            viewport=viewport,
            device_scale_factor=1.4 if phone else 1,
            has_touch=phone,
            locale="vi-VN",
            reduced_motion="reduce",
        )
        window = Window(context.new_page())
        window.page.goto(address)
        expect(window.part("person-1001")).to_be_visible()
        windows.append(window)
        return window

    yield open_one
    assert [window.complaints for window in windows] == [[] for _ in windows]
