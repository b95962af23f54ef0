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

membership = Table(
    "membership",
    metadata,
    _id(),
    _person("person_id"),
    _unit(),
    Column("role", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    UniqueConstraint("person_id", "unit_id", "role", "valid_from"),
    Index("ix_membership_unit_id", "unit_id"),
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
    CheckConstraint("uses_left >= 0", name="uses_left_not_negative"),
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
    Column("briefing_id", ForeignKey("briefing.id"), nullable=False),
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
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Index("ix_delivery_state_id", "state", "id"),
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
