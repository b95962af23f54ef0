"""the ladder of reminders to report"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "nudge",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nudge_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_nudge_unit_id")),
        sa.PrimaryKeyConstraint("person_id", "day", "unit_id", "period", name=op.f("pk_nudge")),
        sa.UniqueConstraint(
            "person_id",
            "unit_id",
            "period",
            "due",
            "rung",
            name=op.f("uq_nudge_person_id_unit_id_period_due_rung"),
        ),
    )
    op.create_index("ix_nudge_day", "nudge", ["day"])
    op.create_table(
        "reminder_rest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("said_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reminder_rest_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_reminder_rest_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rest")),
    )
    op.create_index("ix_reminder_rest_person_id", "reminder_rest", ["person_id"])
    op.create_table(
        "reminder_hold",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_reminder_hold_unit_id")
        ),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_reminder_hold_said_by")),
        sa.PrimaryKeyConstraint("unit_id", "period", "day", name=op.f("pk_reminder_hold")),
    )
    with op.batch_alter_table("reminder") as reminder:
        reminder.alter_column("briefing_id", existing_type=sa.Integer(), nullable=True)
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(sa.Column("rest_id", sa.Integer(), nullable=True))
        delivery.create_foreign_key(
            op.f("fk_delivery_rest_id"), "reminder_rest", ["rest_id"], ["id"]
        )
        delivery.add_column(sa.Column("nudged_on", sa.Date(), nullable=True))
        delivery.add_column(sa.Column("not_before", schema.Instant(), nullable=True))
    op.create_index("ix_delivery_nudged_on_person_id", "delivery", ["nudged_on", "person_id"])
