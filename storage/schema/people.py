"""People, how they come in, the roles they hold and what they did."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
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

person = Table(
    "person",
    metadata,
    row_id(),
    Column("display_name", Text, nullable=False),
    Column("consent_version", Text),
    Column("consented_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("preferred_channel", Text),
)

account = Table(
    "account",
    metadata,
    row_id(),
    person_id("person_id"),
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
    person_id("person_id"),
    Column("expires_at", Instant, nullable=False),
)

# Days on which somebody is away, and who stands in; one that came to nothing ends before it begins.
leave = Table(
    "leave",
    metadata,
    row_id(),
    person_id("person_id"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    person_id("stand_in_id", nullable=True),
    person_id("said_by"),
    Column("said_at", Instant, nullable=False),
    Index("ix_leave_person_id_last_day", "person_id", "last_day"),
    Index("ix_leave_last_day", "last_day"),
)

# A role that came to nothing ends before it begins. With a `leave_id` it is a stand-in's, for the
# days of that leave.
membership = Table(
    "membership",
    metadata,
    row_id(),
    person_id("person_id"),
    unit_id(),
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
    row_id(),
    Column("token_hash", Text, nullable=False, unique=True),
    unit_id(),
    Column("role", Text, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    person_id("created_by", nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    CheckConstraint("uses_left >= 0", name="uses_left_not_negative"),
    Index("ix_invitation_created_by", "created_by"),
)

# Who has agreed to the notice and waits for somebody in charge to let them in.
enrolment = Table(
    "enrolment",
    metadata,
    row_id(),
    person_id("person_id"),
    Column("invitation_id", ForeignKey("invitation.id"), nullable=False),
    unit_id(),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    person_id("decided_by", nullable=True),
    Column("decided_at", Instant),
    Index("ix_enrolment_state_id", "state", "id"),
    Index("ix_enrolment_person_id", "person_id"),
)

group_chat = Table(
    "group_chat",
    metadata,
    row_id(),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    unit_id(),
    person_id("registered_by", nullable=True),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("channel", "address"),
)

# --- who did what ------------------------------------------------------------------------------

audit_event = Table(
    "audit_event",
    metadata,
    row_id(),
    Column("at", Instant, nullable=False),
    person_id("actor_id", nullable=True),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Integer),
    Column("details", JSON, nullable=False),
    Index("ix_audit_event_at", "at"),
)
