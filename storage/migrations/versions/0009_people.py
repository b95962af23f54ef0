"""people: approval, leave and stand-ins, invitations that are taken back"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _leave()
    _membership()
    _invitation()
    _enrolment()
    with op.batch_alter_table("delivery") as delivery:
        for column, table in (
            ("enrolment_id", "enrolment"),
            ("leave_id", "leave"),
            ("membership_id", "membership"),
        ):
            delivery.add_column(sa.Column(column, sa.Integer(), nullable=True))
            delivery.create_foreign_key(op.f(f"fk_delivery_{column}"), table, [column], ["id"])


def _leave() -> None:
    op.create_table(
        "leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_leave_person_id")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["person.id"], name=op.f("fk_leave_stand_in_id")),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_leave_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    op.create_index("ix_leave_person_id_last_day", "leave", ["person_id", "last_day"])
    op.create_index("ix_leave_last_day", "leave", ["last_day"])


def _membership() -> None:
    with op.batch_alter_table("membership") as membership:
        membership.add_column(sa.Column("leave_id", sa.Integer(), nullable=True))
        membership.create_foreign_key(op.f("fk_membership_leave_id"), "leave", ["leave_id"], ["id"])
        membership.drop_constraint(
            op.f("uq_membership_person_id_unit_id_role_valid_from"), type_="unique"
        )
    op.create_index("ix_membership_leave_id", "membership", ["leave_id"])
    op.create_index(
        "uq_membership_own",
        "membership",
        ["person_id", "unit_id", "role", "valid_from"],
        unique=True,
        sqlite_where=sa.text("leave_id IS NULL"),
        postgresql_where=sa.text("leave_id IS NULL"),
    )


def _invitation() -> None:
    op.add_column("invitation", sa.Column("revoked_at", schema.Instant(), nullable=True))
    op.create_index("ix_invitation_created_by", "invitation", ["created_by"])


def _enrolment() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", schema.Instant(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", schema.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_enrolment_invitation_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_enrolment_unit_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_enrolment_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index("ix_enrolment_state_id", "enrolment", ["state", "id"])
    op.create_index("ix_enrolment_person_id", "enrolment", ["person_id"])
