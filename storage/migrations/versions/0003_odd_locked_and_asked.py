"""odd figures, locked periods, requests for changes after the lock"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("tally", "tally_version"):
        op.add_column(table, sa.Column("oddities", sa.JSON(), nullable=True))
        op.add_column(table, sa.Column("odd_reason", sa.Text(), nullable=True))
    op.drop_index("ix_tally_unit_id_date_from", "tally")
    op.create_index(
        "ix_tally_unit_id_date_from_date_to", "tally", ["unit_id", "date_from", "date_to"]
    )
    op.create_table(
        "change_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("tally_id", sa.Integer(), nullable=True),
        sa.Column("tally_version", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("oddities", sa.JSON(), nullable=True),
        sa.Column("odd_reason", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", schema.Instant(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", schema.Instant(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_change_request_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["tally_id"], ["tally.id"], name=op.f("fk_change_request_tally_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_change_request_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_change_request_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_request")),
        sa.UniqueConstraint("origin", name=op.f("uq_change_request_origin")),
    )
    op.create_index("ix_change_request_tally_id", "change_request", ["tally_id"])
    op.create_index("ix_change_request_state_id", "change_request", ["state", "id"])

    op.create_table(
        "period_lock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_period_lock_unit_id")),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_period_lock_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_lock")),
    )
    op.create_index("ix_period_lock_unit_id_period_from", "period_lock", ["unit_id", "period_from"])

    with op.batch_alter_table("delivery") as delivery:
        delivery.alter_column("briefing_id", existing_type=sa.Integer(), nullable=True)
        delivery.add_column(sa.Column("request_id", sa.Integer(), nullable=True))
        delivery.create_foreign_key(
            op.f("fk_delivery_request_id"), "change_request", ["request_id"], ["id"]
        )
