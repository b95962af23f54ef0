"""What a queued message says when its turn has come: of a briefing, of a request, or an alert."""

from sqlalchemy import Connection

from handlers.desk import Say
from handlers.requests import request_message
from handlers.schedule import reminder_message
from storage.reminder import Delivery


def delivery_message(conn: Connection, delivery: Delivery) -> Say:
    if delivery.request_id is not None:
        return request_message(conn, delivery.message, delivery.request_id)
    if delivery.briefing_id is not None:
        return reminder_message(conn, delivery.message, delivery.briefing_id)
    return Say(delivery.message)
