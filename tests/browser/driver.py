"""The demo as a process, Chromium, and what a person does in the sandbox's page."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Playwright, expect

PROJECT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 15_000
# How much higher the list of messages must be to show this row and all after it, with its paddings.
MISSING_HEIGHT = """row => {
  const all = document.getElementById("messages").getBoundingClientRect().bottom;
  const shown = document.getElementById("messages-box").clientHeight;
  return all - row.getBoundingClientRect().top + 20 - shown;
}"""
_STOPPED_WITHIN = 20.0


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """`python -m bot demo` on a free port, ready to be used; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "bot", "demo", "--port", port, "--data", str(folder)]
    output = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, stdout=output, stderr=output, text=True) as process:
        try:
            assert process.stdout and process.stderr
            said = process.stdout.readline()
            assert said.startswith("Demo: "), process.stderr.read()
            yield said.removeprefix("Demo: ").strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_STOPPED_WITHIN)


def chromium(playwright: Playwright) -> Browser:
    assert CHROMIUM.exists(), "the browser tests need Chromium: install the package chromium"
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@dataclass
class Window:
    """The sandbox's page in a browser window; `complaints` are the errors that it met."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def part(self, hook: str) -> Locator:
        """What bears this test id."""
        return self.page.get_by_test_id(hook)

    # --- chats

    def enter(self, chat: str) -> None:
        """Take up a person's phone ("person-1001") or a group ("group--5001")."""
        back = self.page.get_by_label("Về danh sách")
        if back.is_visible():
            back.click()
        self.part(chat).click()
        self.expect_in(chat)

    def expect_in(self, chat: str) -> None:
        expect(self.part(chat)).to_have_attribute("aria-current", "true")

    def write_as(self, person: int) -> None:
        """In a group: whose phone it is."""
        self.part("writer").select_option(str(person))

    def say(self, text: str, answer: str) -> Locator:
        """Type a message and send it; gives the bot's answer, which contains `answer`."""
        composer = self.part("composer")
        composer.fill(text)
        composer.press("Enter")
        expect(self.part("send")).to_be_enabled()
        return self.expect_answer(answer)

    def tap(self, label: str, answer: str) -> Locator:
        """Tap a button under the newest message; gives the bot's answer."""
        self.answer.locator(".inline-keyboard").get_by_role(
            "button", name=label, exact=True
        ).click()
        return self.expect_answer(answer)

    @property
    def answer(self) -> Locator:
        """The bot's newest message, once it has come after what the person said last."""
        return self.page.locator("#messages > li.mine ~ li.theirs:last-child")

    def expect_answer(self, text: str) -> Locator:
        expect(self.answer).to_contain_text(text)
        return self.answer

    @property
    def said(self) -> Locator:
        """What the person said last."""
        return self.page.locator("#messages > li.mine").last

    # --- pictures

    def rest(self) -> None:
        """Take the pointer and the caret away."""
        self.page.mouse.move(0, 0)
        self.part("composer").blur()

    @contextmanager
    def fitted(self, first: Locator) -> Iterator[None]:
        """A window so high that the open chat begins with this message."""
        usual = self.page.viewport_size
        assert usual is not None
        self.rest()
        missing = round(first.evaluate(MISSING_HEIGHT))
        self.page.set_viewport_size({"width": usual["width"], "height": usual["height"] + missing})
        yield
        self.page.set_viewport_size(usual)

    # --- the clock

    def now(self) -> datetime:
        """The sandbox's time."""
        told = self.part("clock").get_attribute("datetime")
        assert told is not None
        return datetime.fromisoformat(told)

    def move_clock(self, button: str) -> None:
        before = self.part("clock").inner_text()
        self.part(button).click()
        expect(self.part("clock")).not_to_have_text(before)


def figures(summary: str) -> tuple[int, ...]:
    """Sessions, all listeners, party members and public in the first line of a summary."""
    line = re.search(
        r"Tổng số tuyên truyền miệng: (\S+) buổi – \D*(\S+) lượt \(ĐV (\S+); QC ([\d.]+)", summary
    )
    assert line is not None, summary
    return tuple(int(number.replace(".", "")) for number in line.groups())
