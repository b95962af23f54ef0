"""A messenger's monthly quota of messages as a budget: replies come before what nobody asked for."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How far the month's messages are used up."""

    PLENTY = "plenty"
    WARNING = "warning"
    SCARCE = "scarce"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class Usage:
    """One bot's messages of one month: replies, what went out unasked, and what came in."""

    replies: int = 0
    unasked: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Quota:
    """`messages` a month. From the share `scarce` on, only replies go out. Whether what people write
    counts as well is disputed, so it is a setting.
    """

    messages: int
    counts_received: bool
    warning: float = 0.7
    scarce: float = 0.9

    def used(self, usage: Usage) -> int:
        return usage.replies + usage.unasked + (usage.received if self.counts_received else 0)

    def share(self, usage: Usage) -> float:
        """How much of the month is used up; 1.0 is all of it, and more is possible."""
        return self.used(usage) / self.messages

    def level(self, usage: Usage) -> Level:
        share = self.share(usage)
        if share >= 1:
            return Level.SPENT
        if share >= self.scarce:
            return Level.SCARCE
        return Level.WARNING if share >= self.warning else Level.PLENTY

    def allows(self, usage: Usage, *, unasked: bool) -> bool:
        """A reply is always tried: only the messenger itself knows when its month is over."""
        return not unasked or self.level(usage) in {Level.PLENTY, Level.WARNING}

    def explains_refusal(self, usage: Usage) -> bool:
        """Whether a "too many" of the messenger is the month's, so that waiting is no help."""
        return self.level(usage) in {Level.SCARCE, Level.SPENT}
