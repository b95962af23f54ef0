"""Bring a database to the newest schema. Forward only: a released migration is never changed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.db import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def config(conn: Connection | None = None) -> Config:
    cfg = Config()
    cfg.set_main_option("script_location", str(MIGRATIONS))
    cfg.attributes["connection"] = conn
    return cfg


async def migrate(db: Database, to: str = "head") -> None:
    """Run what is missing, as one transaction; a no-op on a current database."""
    await db.write(_upgrade, to)


def _upgrade(conn: Connection, to: str) -> None:
    command.upgrade(config(conn), to)


def newest() -> str:
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise RuntimeError(f"no migration in {MIGRATIONS}")
    return head


def current(conn: Connection) -> str | None:
    """The schema version of this database, or None for an empty one."""
    return MigrationContext.configure(conn).get_current_revision()
