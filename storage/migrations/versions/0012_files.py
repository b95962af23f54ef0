"""files that people of Zalo fetch by a link, and the monthly word of what the bot has from them"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "zalo_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", schema.Instant(), nullable=False),
        sa.Column("times_left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zalo_file")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_zalo_file_key_hash")),
        sqlite_autoincrement=True,
    )
    # The inbox itself knows what it has taken.
    op.drop_column("zalo_arrival", "taken")
    op.add_column("delivery", sa.Column("about", sa.Text()))
