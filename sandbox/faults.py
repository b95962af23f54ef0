"""Faults that the control interface plants in the bot's way."""

from dataclasses import dataclass, field

from sandbox.errors import ApiError, too_many_requests

# What a fault calls the delivery of an update to a webhook, which is no method of the bot's.
DELIVERY = "webhook"

_DESCRIPTIONS = {
    400: "Bad Request: fault planted in the sandbox",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next `times` matching calls."""

    id: int
    method: str | None = None
    chat: int | None = None
    status: int | None = None
    retry_after: int | None = None
    delay_ms: int = 0
    drop_reply: bool = False
    disconnect: bool = False
    times: int = 1

    def matches(self, method: str, chat: int | None) -> bool:
        """Method names are compared without case, as the server does; no name means every method."""
        named = method != DELIVERY if self.method is None else self.method.lower() == method.lower()
        return named and (self.chat is None or self.chat == chat)

    def error(self) -> ApiError | None:
        """The answer instead of acting; None when the call is to be carried out."""
        if self.status == 429 or (self.status is None and self.retry_after is not None):
            return too_many_requests(self.retry_after or 1)
        if self.status is None:
            return None
        error = ApiError(self.status, _DESCRIPTIONS.get(self.status, "Internal Server Error"))
        if self.retry_after is not None:
            error.parameters["retry_after"] = self.retry_after
        return error


@dataclass(slots=True)
class Faults:
    """The planted faults, oldest first."""

    planted: list[Fault] = field(default_factory=list)
    last_id: int = 0

    def next_id(self) -> int:
        """A fresh number for a fault."""
        self.last_id += 1
        return self.last_id

    def take(self, method: str, chat: int | None) -> Fault | None:
        """The fault that this call runs into; it is used up by one."""
        for fault in self.planted:
            if fault.matches(method, chat):
                fault.times -= 1
                if fault.times <= 0:
                    self.planted.remove(fault)
                return fault
        return None
