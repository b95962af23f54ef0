"""The tables. One module, so that the whole of what is kept can be read in one sitting.

Numbers that were not given are NULL, never 0. Instants are aware datetimes, kept in UTC.
Dates are calendar dates in Asia/Ho_Chi_Minh.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime; SQLite has no time zones, so it is kept there as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _person(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, ForeignKey("person.id"), nullable=nullable)


def _unit(name: str = "unit_id", *, nullable: bool = False) -> Column[int]:
    return Column(name, ForeignKey("org_unit.id"), nullable=nullable)


# --- who ---------------------------------------------------------------------------------------

org_unit = Table(
    "org_unit",
    metadata,
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    _unit("parent_id", nullable=True),
    Column("position", Integer, nullable=False, default=0),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("member_count", Integer),
    Index("ix_org_unit_parent_id", "parent_id"),
)

# Every unit with itself (depth 0) and each ancestor: subtree access and live totals in one hop.
unit_path = Table(
    "unit_path",
    metadata,
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("ancestor_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("depth", Integer, nullable=False),
    # The unit has gone and the ancestor is, or stands above, the one that goes on for it.
    Column("inherited", Boolean, nullable=False, server_default=false()),
    Index("ix_unit_path_ancestor_id", "ancestor_id"),
)

# Who goes on for a unit that is no more: its history is summed under these. After a split nobody
# is one alone, so only a unit with a single successor hands its figures down.
unit_successor = Table(
    "unit_successor",
    metadata,
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("successor_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("since", Date, nullable=False),
)

# What is to become of units on a day to come (`domain.unit_change`), and what became of it.
unit_change = Table(
    "unit_change",
    metadata,
    _id(),
    Column("since", Date, nullable=False),
    Column("change", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("planned_at", Instant, nullable=False),
    Index("ix_unit_change_state_since", "state", "since"),
)

unit_alias = Table(
    "unit_alias",
    metadata,
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("folded", Text, primary_key=True),
    Index("ix_unit_alias_folded", "folded"),
)

person = Table(
    "person",
    metadata,
    _id(),
    Column("display_name", Text, nullable=False),
    Column("consent_version", Text),
    Column("consented_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("preferred_channel", Text),
)

account = Table(
    "account",
    metadata,
    _id(),
    _person("person_id"),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("unreachable_since", Instant),
    UniqueConstraint("channel", "address"),
    Index("ix_account_person_id", "person_id"),
)

# By such a code a person brings a second account; only its hash is kept.
link_code = Table(
    "link_code",
    metadata,
    Column("code_hash", Text, primary_key=True),
    _person("person_id"),
    Column("expires_at", Instant, nullable=False),
)

# Days on which somebody is away, and who stands in; one that came to nothing ends before it begins.
leave = Table(
    "leave",
    metadata,
    _id(),
    _person("person_id"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    _person("stand_in_id", nullable=True),
    _person("said_by"),
    Column("said_at", Instant, nullable=False),
    Index("ix_leave_person_id_last_day", "person_id", "last_day"),
    Index("ix_leave_last_day", "last_day"),
)

# A role that came to nothing ends before it begins. With a `leave_id` it is a stand-in's, for the
# days of that leave.
membership = Table(
    "membership",
    metadata,
    _id(),
    _person("person_id"),
    _unit(),
    Column("role", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("leave_id", ForeignKey("leave.id")),
    Index("ix_membership_unit_id", "unit_id"),
    Index("ix_membership_leave_id", "leave_id"),
)
# Nobody holds a role twice; two colleagues may have the same stand-in from the same day on.
Index(
    "uq_membership_own",
    membership.c.person_id,
    membership.c.unit_id,
    membership.c.role,
    membership.c.valid_from,
    unique=True,
    sqlite_where=membership.c.leave_id.is_(None),
    postgresql_where=membership.c.leave_id.is_(None),
)

invitation = Table(
    "invitation",
    metadata,
    _id(),
    Column("token_hash", Text, nullable=False, unique=True),
    _unit(),
    Column("role", Text, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    _person("created_by", nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    CheckConstraint("uses_left >= 0", name="uses_left_not_negative"),
    Index("ix_invitation_created_by", "created_by"),
)

# Who has agreed to the notice and waits for somebody in charge to let them in.
enrolment = Table(
    "enrolment",
    metadata,
    _id(),
    _person("person_id"),
    Column("invitation_id", ForeignKey("invitation.id"), nullable=False),
    _unit(),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    _person("decided_by", nullable=True),
    Column("decided_at", Instant),
    Index("ix_enrolment_state_id", "state", "id"),
    Index("ix_enrolment_person_id", "person_id"),
)

group_chat = Table(
    "group_chat",
    metadata,
    _id(),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    _unit(),
    _person("registered_by", nullable=True),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("channel", "address"),
)

# --- what came in ------------------------------------------------------------------------------

# Every update, committed before the messenger is told that it arrived. The payload is screened
# and bare; it is forgotten when the update is done, the row stays to recognise a second delivery.
inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("bot", Text, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("chat", Text, nullable=False),
    Column("payload", JSON),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("bot", "update_id"),
    Index("ix_inbox_bot_state_id", "bot", "state", "id"),
    # Ids are the order of arrival, also after old rows are gone.
    sqlite_autoincrement=True,
)

# --- what they say -----------------------------------------------------------------------------

# The one dialogue that a chat is in. The row is the truth; the messenger library's state follows.
draft = Table(
    "draft",
    metadata,
    _id(),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("dialogue", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("channel", "address"),
    # An id never comes back, so that the button of a draft that is gone stays old for good.
    sqlite_autoincrement=True,
)


def _figures() -> list[Column[object]]:
    """The columns of `domain.tally.Figures`, shared by a tally and its versions."""
    return [
        Column("state", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("date_from", Date, nullable=False),
        Column("date_to", Date, nullable=False),
        Column("precision", Text, nullable=False),
        Column("dates", JSON, nullable=False),
        Column("sessions", Integer),
        Column("party_members", Integer),
        Column("public", Integer),
        Column("audience_total", Integer),
        Column("learners", Integer),
        Column("items", Integer),
        Column("approximation", Text),
        Column("topic", Text),
        Column("location_text", Text),
        # What was odd about it, and why its sender keeps it; NULL where nothing was.
        Column("oddities", JSON(none_as_null=True)),
        Column("odd_reason", Text),
    ]


tally = Table(
    "tally",
    metadata,
    _id(),
    _unit(),
    _person("reporter_id", nullable=True),
    Column("version", Integer, nullable=False),
    *_figures(),
    Column("bucket", Text, nullable=False),
    # Where it came from: one message or draft leads to one tally, however often it is delivered.
    Column("origin", Text, nullable=False, unique=True),
    # The document an imported figure stands in; NULL for what was reported in the chat.
    Column("source", Text),
    Column("created_at", Instant, nullable=False),
    Index("ix_tally_unit_id_date_from_date_to", "unit_id", "date_from", "date_to"),
    Index("ix_tally_reporter_id_date_from", "reporter_id", "date_from"),
)

# Few entries come from a document, few are odd: whoever looks for those does not read all others.
Index(
    "ix_tally_unit_id_odd",
    tally.c.unit_id,
    tally.c.date_from,
    sqlite_where=tally.c.oddities.is_not(None),
    postgresql_where=tally.c.oddities.is_not(None),
)
Index(
    "ix_tally_unit_id_sourced",
    tally.c.unit_id,
    sqlite_where=tally.c.source.is_not(None),
    postgresql_where=tally.c.source.is_not(None),
)

tally_version = Table(
    "tally_version",
    metadata,
    Column("tally_id", ForeignKey("tally.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    _person("author_id", nullable=True),
    Column("at", Instant, nullable=False),
    *_figures(),
)

# Photos that go with an entry: by what name the messenger keeps them, never the picture itself.
evidence = Table(
    "evidence",
    metadata,
    _id(),
    Column("tally_id", ForeignKey("tally.id"), nullable=False),
    Column("file_id", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Index("ix_evidence_tally_id", "tally_id"),
    # An id never comes back, so that the button of a photo that is gone stays old for good.
    sqlite_autoincrement=True,
)

# Who has agreed to the notice about photos, in which version.
evidence_consent = Table(
    "evidence_consent",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("version", Text, nullable=False),
    Column("agreed_at", Instant, nullable=False),
)

# What somebody wants changed after its period was locked; an officer accepts or declines. Figures
# are those asked for: NULL for a withdrawal; without a tally it is a new entry.
change_request = Table(
    "change_request",
    metadata,
    _id(),
    _unit(),
    Column("tally_id", ForeignKey("tally.id")),
    Column("tally_version", Integer),
    Column("figures", JSON(none_as_null=True)),
    Column("oddities", JSON(none_as_null=True)),
    Column("odd_reason", Text),
    Column("state", Text, nullable=False),
    _person("asked_by"),
    Column("asked_at", Instant, nullable=False),
    _person("decided_by", nullable=True),
    Column("decided_at", Instant),
    Column("origin", Text, nullable=False, unique=True),
    Index("ix_change_request_tally_id", "tally_id"),
    Index("ix_change_request_state_id", "state", "id"),
)

# What officers said about a period of a unit and everything below it; the newest word counts.
period_lock = Table(
    "period_lock",
    metadata,
    _id(),
    _unit(),
    Column("period", Text, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("locked", Boolean, nullable=False),
    _person("said_by"),
    Column("said_at", Instant, nullable=False),
    Index("ix_period_lock_unit_id_period_from", "unit_id", "period_from"),
)

# Months for which officers excused a unit and everything below it from reporting, or no longer do;
# the newest word counts.
report_excuse = Table(
    "report_excuse",
    metadata,
    _id(),
    _unit(),
    Column("period", Text, nullable=False),
    Column("excused", Boolean, nullable=False),
    _person("said_by"),
    Column("said_at", Instant, nullable=False),
    Index("ix_report_excuse_unit_id_period", "unit_id", "period"),
)

# Other due dates that officers gave a unit and everything below it; the newest word counts. It is
# kept as the first moment that is late; NULL for the date that follows from the rules.
deadline_exception = Table(
    "deadline_exception",
    metadata,
    _id(),
    _unit(),
    Column("period", Text, nullable=False),
    Column("late_from", Instant),
    _person("said_by"),
    Column("said_at", Instant, nullable=False),
    Index("ix_deadline_exception_unit_id_period", "unit_id", "period"),
)

# Days off and working days that a decree adds, beside those of the settings.
day_off = Table(
    "day_off",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("note", Text),
    Column("said_at", Instant, nullable=False),
)

# What the books are kept by: with another MONTH_CUTOFF every entry's bucket has to be found anew.
kept_by = Table(
    "kept_by",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Live totals: one row per unit or ancestor, period bucket and kind (see storage.totals).
period_total = Table(
    "period_total",
    metadata,
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("bucket", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("bucket_from", Date, nullable=False),
    Column("bucket_to", Date, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("sessions", BigInteger, nullable=False),
    Column("sessions_known", Integer, nullable=False),
    Column("party_members", BigInteger, nullable=False),
    Column("party_members_known", Integer, nullable=False),
    Column("public", BigInteger, nullable=False),
    Column("public_known", Integer, nullable=False),
    Column("unsplit", BigInteger, nullable=False),
    Column("unsplit_known", Integer, nullable=False),
    Column("learners", BigInteger, nullable=False),
    Column("learners_known", Integer, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("items_known", Integer, nullable=False),
    Column("about", Integer, nullable=False),
    Column("over", Integer, nullable=False),
    Column("under", Integer, nullable=False),
    Index("ix_period_total_unit_id_bucket_from", "unit_id", "bucket_from"),
)

# "I am done" is a record of its own: a nil return is not a tally of zero.
unit_report = Table(
    "unit_report",
    metadata,
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("status", Text, nullable=False),
    _person("reported_by"),
    Column("reported_at", Instant, nullable=False),
)

target = Table(
    "target",
    metadata,
    _id(),
    _unit(),
    Column("name", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("planned", Integer),
    Column("done", Integer),
    Column("declared_percent", Numeric(6, 1)),
    Column("approximation", Text),
    Column("source", Text, nullable=False),
    UniqueConstraint("unit_id", "name", "period"),
)

opinion_note = Table(
    "opinion_note",
    metadata,
    _id(),
    _unit(),
    _person("sender_id"),
    Column("text", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("stance", Text, nullable=False),
    Column("breadth", Text, nullable=False),
    Column("place_text", Text),
    Column("is_proposal", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("origin", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Index("ix_opinion_note_unit_id_created_at", "unit_id", "created_at"),
)

# --- the monthly briefing and its reminders ------------------------------------------------------

briefing = Table(
    "briefing",
    metadata,
    _id(),
    _unit(),
    Column("title", Text, nullable=False),
    Column("topic", Text),
    Column("starts_at", Instant, nullable=False),
    Column("place", Text),
    Column("link", Text),
    Column("note", Text),
    Column("status", Text, nullable=False),
    _person("created_by"),
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
    _id(),
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
    _id(),
    Column("key", Text, nullable=False, unique=True),
    _person("person_id"),
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
    _id(),
    _person("person_id"),
    _unit(nullable=True),
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
    _person("said_by"),
    Column("said_at", Instant, nullable=False),
)

# --- who did what ------------------------------------------------------------------------------

audit_event = Table(
    "audit_event",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    _person("actor_id", nullable=True),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Integer),
    Column("details", JSON, nullable=False),
    Index("ix_audit_event_at", "at"),
)
