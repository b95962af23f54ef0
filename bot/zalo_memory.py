"""The Zalo channel's memory, in the database."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from domain.quota import Quota
from storage import person, zalo
from storage.db import Database
from wording.format import VIETNAM


def _arrive(conn: Connection, bot: str, message_id: str, chat: int, at: datetime) -> int:
    """Zalo tells of no block, nor of the end of one: who writes is within reach again."""
    person.came_back(conn, "zalo", str(chat))
    return zalo.arrive(conn, bot, message_id, at)


class ZaloMemory:
    """What one bot (named by the digits of its token) must remember; `now` may be moved."""

    def __init__(self, db: Database, bot: str, quota: Quota, now: Callable[[], datetime]) -> None:
        self._db = db
        self._bot = bot
        self._quota = quota
        self._now = now
        # Ids never change, and nobody else writes a chat's menus, so each is looked up once.
        self._numbers: dict[str, int] = {}
        self._zalo_ids: dict[int, str] = {}
        self._menus: dict[int, Mapping[str, Any]] = {}

    async def number_of(self, zalo_id: str, *, is_group: bool) -> int:
        known = self._numbers.get(zalo_id)
        if known is None:
            known = await self._db.write(zalo.number_of, self._bot, zalo_id, is_group=is_group)
            self._numbers[zalo_id], self._zalo_ids[known] = known, zalo_id
        return known

    async def zalo_id_of(self, number: int) -> str | None:
        if number not in self._zalo_ids:
            found = await self._db.read(zalo.zalo_id_of, self._bot, number)
            if found is None:
                return None
            self._zalo_ids[number] = found
        return self._zalo_ids[number]

    async def arrived(self, message_id: str, chat: int) -> int:
        return await self._db.write(_arrive, self._bot, message_id, chat, self._moment())

    async def menus(self, chat: int) -> Mapping[str, Any]:
        if chat not in self._menus:
            self._menus[chat] = await self._db.read(zalo.menus, chat)
        return self._menus[chat]

    async def keep_menus(self, chat: int, menus: Mapping[str, Any]) -> None:
        await self._db.write(zalo.keep_menus, chat, menus)
        self._menus[chat] = menus

    async def may_send(self, *, unasked: bool) -> bool:
        if not unasked:
            return True
        usage = await self._db.read(zalo.usage, self._bot, self._moment())
        return self._quota.allows(usage, unasked=unasked)

    async def sent(self, *, unasked: bool) -> None:
        await self._db.write(zalo.sent, self._bot, self._moment(), unasked=unasked)

    async def is_month_spent(self) -> bool:
        usage = await self._db.read(zalo.usage, self._bot, self._moment())
        return self._quota.explains_refusal(usage)

    def _moment(self) -> datetime:
        return self._now().astimezone(VIETNAM)
