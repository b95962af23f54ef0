"""The monthly word to people of Zalo: what the bot has from them, so that what was lost is sent again."""

from sqlalchemy import Connection

from domain.period import Period
from handlers.desk import Say
from storage import monthly, tally

SHOWN = 12
WORD = "monthly.word"


def monthly_message(conn: Connection, person_id: int, period: Period) -> Say:
    """As it stands now: what came in since the word was queued is in it."""
    entries = tally.in_period(conn, person_id, period, SHOWN + 1)
    nil = monthly.said_nil(conn, person_id, period)
    if not entries and not nil:
        return Say("monthly.nothing", {"period": period})
    more = len(entries) > SHOWN
    return Say(WORD, {"period": period, "entries": entries[:SHOWN], "more": more, "nil": nil})
