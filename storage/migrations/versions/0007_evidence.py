"""photos that go with an entry, and who has agreed to the notice about them"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "evidence_consent",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("agreed_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_evidence_consent_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_evidence_consent")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tally_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sent_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["tally_id"], ["tally.id"], name=op.f("fk_evidence_tally_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_evidence_tally_id", "evidence", ["tally_id"])
