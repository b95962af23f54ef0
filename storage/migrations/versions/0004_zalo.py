"""Zalo: ids, arrivals, menus, months"""

import sqlalchemy as sa
from alembic import op

from storage import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "zalo_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("zalo_id", sa.Text(), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zalo_address")),
        sa.UniqueConstraint("bot", "zalo_id", name=op.f("uq_zalo_address_bot_zalo_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "zalo_arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("received_at", schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zalo_arrival")),
        sa.UniqueConstraint("bot", "message_id", name=op.f("uq_zalo_arrival_bot_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_zalo_arrival_received_at", "zalo_arrival", ["received_at"])
    op.create_table(
        "zalo_menu",
        sa.Column("chat", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("menus", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("chat", name=op.f("pk_zalo_menu")),
    )
    op.create_table(
        "zalo_month",
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("unasked", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bot", "month", name=op.f("pk_zalo_month")),
    )
