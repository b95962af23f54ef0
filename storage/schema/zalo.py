"""What one must remember of Zalo's ids, messages, menus, months and files, beside the other tables."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from storage.schema.columns import Instant, metadata

# A person or group as one bot knows it. Our number for it is made of the row's id, which is never
# used again.
zalo_address = Table(
    "zalo_address",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bot", Text, nullable=False),
    Column("zalo_id", Text, nullable=False),
    Column("is_group", Boolean, nullable=False),
    UniqueConstraint("bot", "zalo_id"),
    sqlite_autoincrement=True,
)

# A message that came in; the row's id is the number of its update. Not a word of it is kept.
zalo_arrival = Table(
    "zalo_arrival",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bot", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("bot", "message_id"),
    Index("ix_zalo_arrival_received_at", "received_at"),
    sqlite_autoincrement=True,
)

# The choices that a chat can answer with a letter.
zalo_menu = Table(
    "zalo_menu",
    metadata,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("menus", JSON, nullable=False),
)

# What one bot sent and received in a month of Vietnam's calendar, as 2026-11.
zalo_month = Table(
    "zalo_month",
    metadata,
    Column("bot", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("replies", Integer, nullable=False),
    Column("unasked", Integer, nullable=False),
    Column("received", Integer, nullable=False),
)

# A file until it expires; of the key that ends its link only the hash is kept. It is meant for one chat.
zalo_file = Table(
    "zalo_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_hash", Text, nullable=False, unique=True),
    Column("chat", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("times_left", Integer, nullable=False),
    # An id never comes back: the audit log names it.
    sqlite_autoincrement=True,
)
