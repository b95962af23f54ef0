"""exceptions to deadlines, days off by decree, the cut-off; entries that are odd or from documents"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "deadline_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("late_from", schema.Instant()),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_deadline_exception_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["said_by"], ["person.id"], name=op.f("fk_deadline_exception_said_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_exception")),
    )
    op.create_index(
        "ix_deadline_exception_unit_id_period", "deadline_exception", ["unit_id", "period"]
    )
    op.create_table(
        "day_off",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("said_at", schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_off")),
    )
    op.create_index(
        "ix_tally_unit_id_odd",
        "tally",
        ["unit_id", "date_from"],
        sqlite_where=sa.text("oddities IS NOT NULL"),
        postgresql_where=sa.text("oddities IS NOT NULL"),
    )
    op.create_index(
        "ix_tally_unit_id_sourced",
        "tally",
        ["unit_id"],
        sqlite_where=sa.text("source IS NOT NULL"),
        postgresql_where=sa.text("source IS NOT NULL"),
    )
    op.create_table(
        "kept_by",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kept_by")),
    )
