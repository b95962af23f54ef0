"""Our bot as a contender: `python -m bot run` as an operator starts it, on a furnished database."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from bench.messenger import TOKEN
from bench.processes import Contender
from domain.briefing import Briefing, DueReminder, Rung
from domain.role import Role
from domain.unit import UnitType
from storage import briefing, person, schema, totals, unit
from storage.db import Database
from storage.migrate import migrate

CHANNEL = "telegram"
COMMUNES, CELLS = 12, 8


def contender(bot_api: str, database: Path, **settings: str) -> Contender:
    """The real composition, fully synced, on a real file."""
    return Contender(
        ("-m", "bot", "run"),
        {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_BASE_URL": bot_api,
            "DATABASE_URL": f"sqlite:///{database}",
            "WEB_PORT": "0",
            # They report all the time; nobody asks them whether that can be.
            "MOST_SESSIONS_A_DAY": "1000000",
            "MANY_SESSIONS_A_MONTH": "1000000",
            # Nor reminds them, should today be a day for it.
            "REMINDER_DAYS": "[]",
            **settings,
        },
    )


async def furnish(database: Path, chats: Iterable[int], *, briefing_due: bool = False) -> None:
    """A province of three levels, and a reporter behind each chat; `briefing_due`: with a
    reminder to all of them that is due now.
    """
    async with Database(f"sqlite:///{database}") as db:
        await migrate(db)
        await db.write(_furnish, list(chats), datetime.now(UTC), briefing_due)


def _furnish(conn: Connection, chats: list[int], now: datetime, briefing_due: bool) -> None:
    since = (now - timedelta(days=365)).date()
    root = unit.add(conn, "08", "Tỉnh ủy", UnitType.PROVINCE_COMMITTEE)
    cells = _cells(conn, root)
    for number, chat in enumerate(chats):
        person_id = person.add(conn, "Báo cáo viên", now, consent_version="2026-11")
        person.add_account(conn, person_id, CHANNEL, str(chat))
        cell = cells[number % len(cells)]
        person.add_membership(conn, person_id, cell, Role.REPORTER, since)
    if briefing_due:
        _announce(conn, root, person_id, now)


def _cells(conn: Connection, root: int) -> list[int]:
    made = []
    for c in range(COMMUNES):
        name = f"Đảng ủy xã {c}"
        commune = unit.add(conn, f"08-{c}", name, UnitType.COMMUNE_COMMITTEE, root)
        for n in range(CELLS):
            name = f"Chi bộ thôn {n}, xã {c}"
            made.append(unit.add(conn, f"08-{c}-{n}", name, UnitType.CELL, commune))
    return made


def _announce(conn: Connection, root: int, officer: int, now: datetime) -> None:
    details = Briefing(title="Hội nghị báo cáo viên", starts_at=now + timedelta(days=1))
    due = DueReminder(Rung.INVITATION, now, now + timedelta(hours=12))
    briefing.announce(conn, root, officer, details, [due], "bench", now)


async def kept(database: Path) -> int:
    """How many tallies are in the database; raises when the totals are not those of a recount."""
    async with Database(f"sqlite:///{database}") as db:
        if await db.read(totals.verify):
            raise AssertionError("the totals are not those of a recount")
        return await db.read(_count)


def _count(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(schema.tally)).scalar_one()
