"""What is so for a whole period: what officers said about it, its days off, its totals."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text

from storage.schema.columns import Instant, metadata, person_id, row_id, unit_id

# What officers said about a period of a unit and everything below it; the newest word counts.
period_lock = Table(
    "period_lock",
    metadata,
    row_id(),
    unit_id(),
    Column("period", Text, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("locked", Boolean, nullable=False),
    person_id("said_by"),
    Column("said_at", Instant, nullable=False),
    Index("ix_period_lock_unit_id_period_from", "unit_id", "period_from"),
)

# Months for which officers excused a unit and everything below it from reporting, or no longer do;
# the newest word counts.
report_excuse = Table(
    "report_excuse",
    metadata,
    row_id(),
    unit_id(),
    Column("period", Text, nullable=False),
    Column("excused", Boolean, nullable=False),
    person_id("said_by"),
    Column("said_at", Instant, nullable=False),
    Index("ix_report_excuse_unit_id_period", "unit_id", "period"),
)

# Other due dates that officers gave a unit and everything below it; the newest word counts. It is
# kept as the first moment that is late; NULL for the date that follows from the rules.
deadline_exception = Table(
    "deadline_exception",
    metadata,
    row_id(),
    unit_id(),
    Column("period", Text, nullable=False),
    Column("late_from", Instant),
    person_id("said_by"),
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
