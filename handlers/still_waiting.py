"""Newcomers who have waited for days: whoever decides about them is reminded, once a week at most."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from domain.briefing import VIETNAM
from domain.ladder import LadderRules, closing, is_push_time
from domain.role import Approval
from handlers.approval import deciders, waiting_button
from handlers.desk import Say
from storage import enrolment, ladder, leave, reminder, unit
from storage.enrolment import Enrolment

STILL_WAITING = "approval.still_waiting"
# So long they wait before somebody is reminded of them, and so many are named.
WAITED = timedelta(days=3)
SHOWN = 10
_A_WEEK = timedelta(days=7)


def remind_deciders(
    conn: Connection, approval: Approval, rules: LadderRules, now: datetime
) -> None:
    """Queue the reminder, in the hours of reminders. Who has a message of the ladder that day is
    reminded on another one; who is away is not.
    """
    due = reminder.next_due(conn)
    # What is due by the ladder is queued first.
    if not is_push_time(now, rules) or (due is not None and due <= now):
        return
    today = now.astimezone(VIETNAM).date()
    late = [asked for asked in _waiting(conn) if asked.asked_at + WAITED <= now]
    people = {each for asked in late for each in deciders(conn, asked, approval, today)}
    # Less than a week: the hour of the day at which this is looked at varies.
    people -= reminder.had(conn, STILL_WAITING, now - _A_WEEK + timedelta(hours=12))
    people -= ladder.nudged_on(conn, today)
    reminder.queue(
        conn,
        sorted(people - leave.away(conn, people, today).keys()),
        key=f"{STILL_WAITING}:{today}",
        message=STILL_WAITING,
        at=now,
        expires_at=closing(today, rules),
        about=approval,
    )


def still_waiting_message(
    conn: Connection, person_id: int, approval: Approval, now: datetime
) -> Say | None:
    """Who waits for this person's word; None when nobody does any more."""
    today = now.astimezone(VIETNAM).date()
    theirs = [
        asked for asked in _waiting(conn) if person_id in deciders(conn, asked, approval, today)
    ]
    if not theirs:
        return None
    values = {"waiting": theirs, "shown": SHOWN}
    return Say(STILL_WAITING, values, ((waiting_button(len(theirs)),),))


def _waiting(conn: Connection) -> list[Enrolment]:
    top = unit.root(conn)
    return [] if top is None else enrolment.waiting_below(conn, [top.id])
