"""A month of reports: July, which is due on 5 August."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from domain.period import Period
from domain.status import StatusCounts
from storage import status, tally, unit_report
from tests.storage import build
from tests.storage.build import RULES

JULY = Period.month_of(date(2026, 7, 1))
AUGUST = Period.month_of(date(2026, 8, 1))
# The last minute of the due date, 5 August, in Viet Nam.
IN_TIME = datetime(2026, 8, 5, 16, 59, tzinfo=UTC)
TOO_LATE = IN_TIME + timedelta(minutes=1)


def report(
    conn: Connection,
    unit_id: int,
    at: datetime = IN_TIME,
    day: date = JULY.start,
    reporter_id: int | None = None,
) -> int:
    """An entry of that day, recorded at that moment."""
    origin = f"{unit_id}:{day}:{at}:{reporter_id}"
    figures = build.figures(day, sessions=1)
    return tally.record(conn, unit_id, reporter_id, figures, origin, at).id


def nil(conn: Connection, unit_id: int, at: datetime = IN_TIME) -> None:
    unit_report.record_nil(conn, unit_id, JULY, build.reporter(conn), at)


def counts(conn: Connection, unit_id: int, period: Period = JULY) -> StatusCounts:
    return status.counts(conn, unit_id, period, RULES)
