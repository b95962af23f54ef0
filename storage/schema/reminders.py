"""Briefings, what falls due when and goes out to whom, and the ladder of reminders to report."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.columns import Instant, metadata, person_id, row_id, unit_id

# --- the monthly briefing and its reminders ------------------------------------------------------

briefing = Table(
    "briefing",
    metadata,
    row_id(),
    unit_id(),
    Column("title", Text, nullable=False),
    Column("topic", Text),
    Column("starts_at", Instant, nullable=False),
    Column("place", Text),
    Column("link", Text),
    Column("note", Text),
    Column("status", Text, nullable=False),
    person_id("created_by"),
    Column("created_at", Instant, nullable=False),
    Column("origin", Text, nullable=False, unique=True),
    Index("ix_briefing_starts_at", "starts_at"),
)

briefing_answer = Table(
    "briefing_answer",
    metadata,
    Column("briefing_id", ForeignKey("briefing.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("answered_at", Instant, nullable=False),
)

# Time is data: what falls due when. A tick expands a due row into one delivery per recipient.
reminder = Table(
    "reminder",
    metadata,
    row_id(),
    # NULL for the ladder of reminders to report: one row, for its next day (storage.ladder).
    Column("briefing_id", ForeignKey("briefing.id")),
    Column("rung", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("briefing_id", "rung"),
    Index("ix_reminder_state_due_at", "state", "due_at"),
)

delivery = Table(
    "delivery",
    metadata,
    row_id(),
    Column("key", Text, nullable=False, unique=True),
    person_id("person_id"),
    Column("message", Text, nullable=False),
    # What the message is about: one of these.
    Column("briefing_id", ForeignKey("briefing.id")),
    Column("request_id", ForeignKey("change_request.id")),
    Column("enrolment_id", ForeignKey("enrolment.id")),
    Column("leave_id", ForeignKey("leave.id")),
    Column("membership_id", ForeignKey("membership.id")),
    Column("rest_id", ForeignKey("reminder_rest.id")),
    # The day of the ladder: what it says is composed of that day's nudges when it is sent.
    Column("nudged_on", Date),
    # The period of a monthly word, the bot of a word about its quota.
    Column("about", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("expires_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Index("ix_delivery_state_id", "state", "id"),
    Index("ix_delivery_nudged_on_person_id", "nudged_on", "person_id"),
)

# --- the ladder of reminders to report -------------------------------------------------------------

# Of which unit and period a person's message of a day speaks. Each rung towards a due date comes
# once; `rung` is NULL for a round that somebody called, `told` are those above who hear of it.
nudge = Table(
    "nudge",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("due", Date, nullable=False),
    Column("rung", Integer),
    Column("told", Boolean, nullable=False),
    UniqueConstraint("person_id", "unit_id", "period", "due", "rung"),
    Index("ix_nudge_day", "day"),
)

# Who wants no reminders, of one unit or of any, until a day or until they say otherwise.
reminder_rest = Table(
    "reminder_rest",
    metadata,
    row_id(),
    person_id("person_id"),
    unit_id(nullable=True),
    Column("until", Date),
    Column("said_at", Instant, nullable=False),
    Index("ix_reminder_rest_person_id", "person_id"),
)

# Days on which an officer holds the ladder back for a unit with everything below it.
reminder_hold = Table(
    "reminder_hold",
    metadata,
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    person_id("said_by"),
    Column("said_at", Instant, nullable=False),
)
