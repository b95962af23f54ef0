"""two accounts of one person: link codes, the preferred messenger"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("person", sa.Column("preferred_channel", sa.Text(), nullable=True))
    op.create_table(
        "link_code",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_link_code_person_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_link_code")),
    )
