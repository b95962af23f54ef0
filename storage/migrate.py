"""Bring a database to the newest schema. Forward only: a released migration is never changed."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def config(conn: Connection | None = None) -> "Config":
    from alembic.config import Config

    cfg = Config()
    cfg.set_main_option("script_location", str(MIGRATIONS))
    cfg.attributes["connection"] = conn
    return cfg


async def migrate(db: Database, to: str = "head") -> None:
    """Run what is missing, as one transaction; a no-op on a current database."""
    await db.write(_upgrade, to)


def _upgrade(conn: Connection, to: str) -> None:
    if current(conn) == newest():
        return
    # Most starts have nothing to migrate, and do without 10 MiB of Alembic.
    from alembic import command

    command.upgrade(config(conn), to)


def versions() -> list[str]:
    """All schema versions, oldest first: the file of each migration begins with its own."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest() -> str:
    known = versions()
    if not known:
        raise RuntimeError(f"no migration in {MIGRATIONS}")
    return known[-1]


def current(conn: Connection) -> str | None:
    """The schema version of this database, or None for an empty one."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    version: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version
