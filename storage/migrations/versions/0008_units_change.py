"""units that merge, split and move: whose figures go on under which unit"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column(
        "unit_path",
        sa.Column("inherited", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "unit_successor",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_unit_successor_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["org_unit.id"], name=op.f("fk_unit_successor_successor_id")
        ),
        sa.PrimaryKeyConstraint("unit_id", "successor_id", name=op.f("pk_unit_successor")),
    )
    op.create_table(
        "unit_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("planned_at", schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_change")),
    )
    op.create_index("ix_unit_change_state_since", "unit_change", ["state", "since"])
