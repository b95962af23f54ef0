"""Work on the database that leaves nothing behind."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from storage.db import Database


class Undo(Exception):
    pass


async def undone(db: Database, run: Callable[[Connection], None]) -> None:
    """Run an example and leave nothing behind."""

    def unit_of_work(conn: Connection) -> None:
        run(conn)
        raise Undo

    with pytest.raises(Undo):
        await db.write(unit_of_work)
