"""units that are excused from reporting for a period"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "report_excuse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("excused", sa.Boolean(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_report_excuse_unit_id")
        ),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_report_excuse_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_excuse")),
    )
    op.create_index("ix_report_excuse_unit_id_period", "report_excuse", ["unit_id", "period"])
