"""What people report: tallies with their photos and what is asked to be changed, nil returns,
targets, notes of opinion.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.columns import Instant, metadata, person_id, row_id, unit_id


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
    row_id(),
    unit_id(),
    person_id("reporter_id", nullable=True),
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
    person_id("author_id", nullable=True),
    Column("at", Instant, nullable=False),
    *_figures(),
)

# Photos that go with an entry: by what name the messenger keeps them, never the picture itself.
evidence = Table(
    "evidence",
    metadata,
    row_id(),
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
    row_id(),
    unit_id(),
    Column("tally_id", ForeignKey("tally.id")),
    Column("tally_version", Integer),
    Column("figures", JSON(none_as_null=True)),
    Column("oddities", JSON(none_as_null=True)),
    Column("odd_reason", Text),
    Column("state", Text, nullable=False),
    person_id("asked_by"),
    Column("asked_at", Instant, nullable=False),
    person_id("decided_by", nullable=True),
    Column("decided_at", Instant),
    Column("origin", Text, nullable=False, unique=True),
    Index("ix_change_request_tally_id", "tally_id"),
    Index("ix_change_request_state_id", "state", "id"),
)

# "I am done" is a record of its own: a nil return is not a tally of zero.
unit_report = Table(
    "unit_report",
    metadata,
    Column("unit_id", ForeignKey("org_unit.id"), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("status", Text, nullable=False),
    person_id("reported_by"),
    Column("reported_at", Instant, nullable=False),
)

target = Table(
    "target",
    metadata,
    row_id(),
    unit_id(),
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
    row_id(),
    unit_id(),
    person_id("sender_id"),
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
