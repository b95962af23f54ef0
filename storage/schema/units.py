"""The tree of units, what it was and what it is to become."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, false

from storage.schema.columns import Instant, metadata, row_id, unit_id

org_unit = Table(
    "org_unit",
    metadata,
    row_id(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    unit_id("parent_id", nullable=True),
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
    row_id(),
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
    Column("written", Text, nullable=False),
    Index("ix_unit_alias_folded", "folded"),
)
