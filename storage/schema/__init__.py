"""The tables, by what they are about. Importing any of them makes `metadata` whole.

Numbers that were not given are NULL, never 0. Instants are aware datetimes, kept in UTC.
Dates are calendar dates in Asia/Ho_Chi_Minh.
"""

from storage.schema.chats import draft, inbox
from storage.schema.columns import Instant, metadata
from storage.schema.people import (
    account,
    audit_event,
    enrolment,
    group_chat,
    invitation,
    leave,
    link_code,
    membership,
    person,
)
from storage.schema.periods import (
    day_off,
    deadline_exception,
    kept_by,
    period_lock,
    period_total,
    report_excuse,
)
from storage.schema.reminders import (
    briefing,
    briefing_answer,
    delivery,
    nudge,
    reminder,
    reminder_hold,
    reminder_rest,
)
from storage.schema.tallies import (
    change_request,
    evidence,
    evidence_consent,
    opinion_note,
    tally,
    tally_version,
    target,
    unit_report,
)
from storage.schema.units import org_unit, unit_alias, unit_change, unit_path, unit_successor
from storage.schema.zalo import zalo_address, zalo_arrival, zalo_file, zalo_menu, zalo_month

__all__ = [
    "Instant",
    "account",
    "audit_event",
    "briefing",
    "briefing_answer",
    "change_request",
    "day_off",
    "deadline_exception",
    "delivery",
    "draft",
    "enrolment",
    "evidence",
    "evidence_consent",
    "group_chat",
    "inbox",
    "invitation",
    "kept_by",
    "leave",
    "link_code",
    "membership",
    "metadata",
    "nudge",
    "opinion_note",
    "org_unit",
    "period_lock",
    "period_total",
    "person",
    "reminder",
    "reminder_hold",
    "reminder_rest",
    "report_excuse",
    "tally",
    "tally_version",
    "target",
    "unit_alias",
    "unit_change",
    "unit_path",
    "unit_report",
    "unit_successor",
    "zalo_address",
    "zalo_arrival",
    "zalo_file",
    "zalo_menu",
    "zalo_month",
]
