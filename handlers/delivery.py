"""What a queued message says when its turn has come: of a briefing, of a request, or an alert."""

from datetime import datetime

from sqlalchemy import Connection

from domain.period import Period
from domain.role import Approval
from handlers.approval import enrolment_message
from handlers.desk import Say
from handlers.leave import leave_message
from handlers.monthly import WORD, monthly_message
from handlers.nudge import gave_up_message
from handlers.requests import request_message
from handlers.roles import role_message
from handlers.schedule import reminder_message
from handlers.still_waiting import STILL_WAITING, still_waiting_message
from storage.reminder import Delivery


def delivery_message(conn: Connection, delivery: Delivery, now: datetime) -> Say | None:
    """None when there is nothing to say any more; for a day of the ladder see handlers.nudge."""
    if delivery.rest_id is not None:
        return gave_up_message(conn, delivery.rest_id, now)
    if delivery.enrolment_id is not None:
        return enrolment_message(conn, delivery.message, delivery.enrolment_id)
    if delivery.leave_id is not None:
        return leave_message(conn, delivery.message, delivery.leave_id)
    if delivery.membership_id is not None:
        return role_message(conn, delivery.message, delivery.membership_id)
    if delivery.request_id is not None:
        return request_message(conn, delivery.message, delivery.request_id)
    if delivery.briefing_id is not None:
        return reminder_message(conn, delivery.message, delivery.briefing_id)
    if delivery.message == WORD and delivery.about is not None:
        return monthly_message(conn, delivery.person_id, Period.from_code(delivery.about))
    if delivery.message == STILL_WAITING and delivery.about is not None:
        return still_waiting_message(conn, delivery.person_id, Approval(delivery.about), now)
    return Say(delivery.message, {"about": delivery.about})
