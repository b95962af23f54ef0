"""What the bots asked, for `GET /sim/calls`."""

from collections import deque
from dataclasses import dataclass
from itertools import islice

from sandbox.jsons import JsonDict
from sandbox.params import Params

KEPT = 20_000


@dataclass(slots=True)
class Call:
    """One request; status and ok are None while it is under way."""

    id: int
    at: str
    bot: int
    method: str
    params: Params
    status: int | None = None
    ok: bool | None = None
    description: str | None = None
    fault: int | None = None
    platform: str = "telegram"

    def shown(self) -> JsonDict:
        """As the control interface lists it."""
        return {
            "id": self.id,
            "at": self.at,
            "platform": self.platform,
            "bot": self.bot,
            "method": self.method,
            "params": self.params.for_log(),
            "status": self.status,
            "ok": self.ok,
            "description": self.description,
            "fault": self.fault,
        }


class CallLog:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._last_id = 0

    def begin(
        self, at: str, bot: int, method: str, params: Params, platform: str = "telegram"
    ) -> Call:
        """Note a call when it arrives."""
        self._last_id += 1
        call = Call(self._last_id, at, bot, method, params.without_contents(), platform=platform)
        self._calls.append(call)
        return call

    def list(self, method: str | None, after: int, limit: int | None) -> list[JsonDict]:
        """The newest `limit` calls (None: all) with a greater id, of one method or of all."""
        wanted = method.lower() if method else None
        newest_first = (
            call
            for call in reversed(self._calls)
            if call.id > after and (wanted is None or call.method.lower() == wanted)
        )
        return [call.shown() for call in islice(newest_first, limit)][::-1]
