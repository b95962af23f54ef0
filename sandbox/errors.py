"""The two ways in which the sandbox says no: to the bot, and to whoever steers it."""


class ApiError(Exception):
    """A refusal in the words of the real Bot API server, shown to the bot."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class SimError(Exception):
    """A wrong request to the control interface, in plain English (HTTP 400)."""


def bad_request(text: str) -> ApiError:
    """400 with the server's usual prefix."""
    return ApiError(400, f"Bad Request: {text}")


def forbidden(text: str) -> ApiError:
    """403 with the server's usual prefix."""
    return ApiError(403, f"Forbidden: {text}")


def conflict(text: str) -> ApiError:
    """409 with the server's usual prefix."""
    return ApiError(409, f"Conflict: {text}")


def too_many_requests(seconds: int) -> ApiError:
    """429 that names the seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
