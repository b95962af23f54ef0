"""Once a month a word to each person on Zalo, which may lose messages: what the bot has from them."""

from datetime import datetime, time

from sqlalchemy import Connection

from domain.deadline import DeadlineRules, due_date, month_of, window
from domain.period import previous
from handlers.monthly import WORD
from storage import monthly, reminder
from wording.format import VIETNAM

# In the afternoon of a working day, when nothing else goes out by itself.
FROM, UNTIL = time(14, 0), time(16, 30)


def tell(conn: Connection, rules: DeadlineRules, working_day: int, now: datetime) -> None:
    """Queue the word of the month that is over, once for each person: on that working day after it, or
    on one of the next until its due date when the bot did not run. Never for 0.
    """
    local = now.astimezone(VIETNAM)
    today, calendar = local.date(), rules.calendar
    if not working_day or not FROM <= local.time() < UNTIL or not calendar.is_working_day(today):
        return
    month = previous(month_of(today, rules))
    _, last_day = window(month, rules.cutoff)
    if not calendar.shift(last_day, working_day) <= today <= due_date(month, rules):
        return
    reminder.queue(
        conn,
        monthly.whom(conn, month, last_day, today),
        key=f"monthly:{month.code}",
        message=WORD,
        at=now,
        expires_at=datetime.combine(today, UNTIL, VIETNAM),
        about=month.code,
    )
