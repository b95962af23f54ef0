"""What comes in, and the dialogue that it belongs to."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from storage.schema.columns import Instant, metadata, row_id

# Every update, committed before the messenger is told that it arrived. The payload is screened
# and bare; it is forgotten when the update is done, the row stays to recognise a second delivery.
inbox = Table(
    "inbox",
    metadata,
    row_id(),
    Column("bot", Text, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("chat", Text, nullable=False),
    Column("payload", JSON),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("bot", "update_id"),
    Index("ix_inbox_bot_state_id", "bot", "state", "id"),
    # Ids are the order of arrival, also after old rows are gone.
    sqlite_autoincrement=True,
)

# The one dialogue that a chat is in. The row is the truth; the messenger library's state follows.
draft = Table(
    "draft",
    metadata,
    row_id(),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("dialogue", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("channel", "address"),
    # An id never comes back, so that the button of a draft that is gone stays old for good.
    sqlite_autoincrement=True,
)
