"""By which bot somebody is reached: one per messenger, and on Zalo the one that knows the person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ExtBot

from handlers.desk import Say
from storage import zalo
from storage.db import Database


@dataclass(frozen=True)
class Way:
    """The bots of one messenger by their names; `unasked` are the `api_kwargs` of what nobody asked for."""

    bots: Mapping[str, ExtBot[Any]]
    unasked: Mapping[str, Any]


@dataclass(frozen=True)
class Ways:
    """All messengers that run, the preferred one first."""

    db: Database
    by_channel: Mapping[str, Way]

    @property
    def channels(self) -> Sequence[str]:
        return tuple(self.by_channel)

    async def send(
        self, channel: str, address: str, message: Say, *, spares: bool = True, **more: Any
    ) -> None:
        """Say something that nobody asked for; raises what the messenger raises. It `spares` what is kept
        of a month's quota for replies, unless it is what must be said all the same.
        """
        way = self.by_channel[channel]
        bot = await self._bot(way, address)
        await bot.send_message(
            int(address),
            message.text(),
            parse_mode=ParseMode.HTML,
            api_kwargs={**message.markup(), **(way.unasked if spares else {})},
            **more,
        )

    async def _bot(self, way: Way, address: str) -> ExtBot[Any]:
        if len(way.bots) == 1:
            return next(iter(way.bots.values()))
        name = await self.db.read(zalo.bot_of, int(address))
        if name is None or name not in way.bots:
            raise BadRequest("Chat not found")
        return way.bots[name]
