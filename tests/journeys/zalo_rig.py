"""The same bot on Zalo alone, with a sandbox of its own. There is nothing to tap, so the bot's own
measures tell when it has done all that it was given.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.journeys.rig import PATIENCE, PROBE, Rig, _free_port

ZALO_TOKEN = "77:journey-secret_Token-on-Zalo"
BOT = ZALO_TOKEN.partition(":")[0]
# When nobody has said anything for so many seconds, the bot is most likely done. Its measures, which
# cost more than an answer, tell for sure.
SILENCE = 0.02
ROUNDS = 1000
# No scenario is about them, and one bot serves all scenarios.
ROOMY = {"quota": 1_000_000, "users": 1_000_000, "groups": 1_000_000}
_HANDLED = re.compile(r"^baocao_answer_seconds_count (\S+)$", re.MULTILINE)


@dataclass
class ZaloRig(Rig):
    """`said` counts what the running bot was told, and `handled` what it was seen to have done;
    `web_port` is where it shows its measures.
    """

    token: str = ZALO_TOKEN
    web_port: int = field(default_factory=_free_port)
    said: int = 0
    handled: float = 0
    event: int = 0

    def _messenger(self, base: str) -> dict[str, str]:
        return {
            "TELEGRAM_TOKEN": "",
            "ZALO_TOKEN": self.token,
            "ZALO_BASE_URL": f"{base}/zalo",
            "ZALO_POLL_SECONDS": "1",
            "ZALO_POLL_FLOOR": "0",
            "ZALO_QUOTA": str(ROOMY["quota"]),
            # Said on Zalo alone; no scenario is about it.
            "ZALO_WORD_DAY": "0",
            "WEB_PORT": str(self.web_port),
            "PUBLIC_URL": f"http://127.0.0.1:{self.web_port}",
        }

    def _wait_for_bot(self) -> None:
        self.post("/sim/quirks", platform="zalo", **ROOMY)
        number = self.say(PROBE, PROBE, text="chào")[-1]
        self.get(f"/sim/chats/{PROBE}/messages", platform="zalo", after=number, wait=PATIENCE)
        self.settle(PROBE, PROBE)
        self.post("/sim/quirks", platform="zalo", replays=0)

    def kill_bot(self) -> None:
        """What the killed bot's last poll swallows comes again, or it would be lost as on Zalo itself."""
        super().kill_bot()
        self.said, self.handled = 0, 0
        self.post("/sim/quirks", platform="zalo", replays=1)

    def say(self, person: int, chat: int, **content: object) -> list[int]:
        """Somebody says something that the bot will hear; returns the numbers of the messages."""
        body = {"platform": "zalo", "from": person, "chat": chat}
        numbers: list[int] = self.post("/sim/message", **body, **content)["message_ids"]
        self.said += len(numbers)
        return numbers

    def settle(self, person: int, chat: int) -> None:
        """Wait until the bot has done all that it was told, in whichever chat."""
        if self.handled < self.said:
            self._listen()
            self.settle_until(self._is_through)

    def settle_until(self, done: Callable[[], bool]) -> None:
        for _ in range(ROUNDS):
            if done():
                return
            self._listen()
        raise AssertionError(f"it does not come; the log ends with\n{self.log_since(0)[-2000:]}")

    def _listen(self) -> None:
        """Wait until nobody says anything any more."""
        heard = -1
        while heard != self.event:
            heard = self.event
            self.event = self.get("/sim/events", after=self.event, wait=SILENCE)["last"]

    def _is_through(self) -> bool:
        page = self.http.get(f"http://127.0.0.1:{self.web_port}/metrics").text
        found = _HANDLED.search(page)
        assert found, page
        self.handled = float(found[1])
        return self.handled >= self.said

    def people_on_zalo(self) -> Any:
        return self.get("/sim/people", platform="zalo", hidden=1)

    def reset(self) -> None:
        super().reset()
        self.http.delete("/sim/faults", params={"platform": "zalo"}).raise_for_status()
