"""The Zalo bots' month as a budget: how it stands, and a word to the officers when it runs short."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.check import Finding
from domain.quota import Level, Quota, Usage
from domain.role import Action
from storage import person, reminder, unit, zalo
from storage.zalo import MONTH
from wording.format import VIETNAM

WORTH = timedelta(days=3)
# The last word comes when nothing else goes out unasked.
LAST_WORD = "zalo.quota_scarce"

_WORDS = {
    Level.WARNING: "zalo.quota_warning",
    Level.SCARCE: LAST_WORD,
    Level.SPENT: LAST_WORD,
}
_ADVICE = {
    Level.WARNING: "the month runs short: send fewer briefings by Zalo, or invite to another Zalo bot",
    Level.SCARCE: "only replies go out until the month ends: tell people on Telegram",
    Level.SPENT: "Zalo may refuse replies too until the month ends: tell people on Telegram",
}


def warn(conn: Connection, bot: str, quota: Quota, now: datetime) -> None:
    """Queue a word to those who announce briefings, once for each bot, month and level."""
    local = now.astimezone(VIETNAM)
    word = _WORDS.get(quota.level(zalo.usage(conn, bot, local)))
    root = unit.root(conn)
    if word is None or root is None:
        return
    reminder.queue(
        conn,
        person.in_charge(conn, root.id, Action.ANNOUNCE_BRIEFING, local.date()),
        key=f"{word}:{bot}:{local.strftime(MONTH)}",
        message=word,
        at=now,
        expires_at=now + WORTH,
        about=bot,
    )


def findings(
    bots: Sequence[str], quota: Quota, usages: Mapping[str, Usage], now: datetime
) -> Iterator[Finding]:
    """One line for each bot: what of this month is used up, and what follows."""
    month = now.astimezone(VIETNAM).strftime(MONTH)
    for bot in bots:
        usage = usages.get(bot, Usage())
        level = quota.level(usage)
        used = f"{quota.used(usage):,} of {quota.messages:,} messages of {month} ({quota.share(usage):.0%})"
        advice = f": {_ADVICE[level]}" if level in _ADVICE else ""
        yield Finding(level is Level.PLENTY, f"zalo {bot}", f"{level}, {used}{advice}")
