"""Which dialogue each chat is in, for the library's ConversationHandler: read from the drafts.

The draft rows are written with the facts, in the message's own transaction, so nothing is written
here: the library's own persistence would be a 60-second timer beside it.
"""

from typing import Any

from telegram.ext import BasePersistence, PersistenceInput
from telegram.ext._utils.types import CDCData, ConversationDict, ConversationKey

from handlers.dialogue import OPEN
from storage import draft
from storage.db import Database

Empty = dict[Any, Any]


class DraftPersistence(BasePersistence[Empty, Empty, Empty]):
    """Restores conversations from open drafts; keeps nothing itself."""

    def __init__(self, db: Database, channel: str) -> None:
        nothing = PersistenceInput(
            bot_data=False, chat_data=False, user_data=False, callback_data=False
        )
        super().__init__(store_data=nothing)
        self._db = db
        self._channel = channel

    async def get_conversations(self, name: str) -> ConversationDict:
        """Private chats only, where the chat's id is the person's."""
        addresses = await self._db.read(draft.open_dialogues, self._channel, name)
        return {(int(address), int(address)): OPEN for address in addresses}

    async def update_conversation(
        self, name: str, key: ConversationKey, new_state: object | None
    ) -> None:
        """The draft row is the truth; it was written by the handler."""

    async def flush(self) -> None:
        """Nothing waits here."""

    async def get_user_data(self) -> dict[int, Empty]:
        return {}

    async def get_chat_data(self) -> dict[int, Empty]:
        return {}

    async def get_bot_data(self) -> Empty:
        return {}

    async def get_callback_data(self) -> CDCData | None:
        return None

    async def update_user_data(self, user_id: int, data: Empty) -> None:
        """Not stored."""

    async def update_chat_data(self, chat_id: int, data: Empty) -> None:
        """Not stored."""

    async def update_bot_data(self, data: Empty) -> None:
        """Not stored."""

    async def update_callback_data(self, data: CDCData) -> None:
        """Not stored."""

    async def drop_chat_data(self, chat_id: int) -> None:
        """Not stored."""

    async def drop_user_data(self, user_id: int) -> None:
        """Not stored."""

    async def refresh_user_data(self, user_id: int, user_data: Empty) -> None:
        """Not stored."""

    async def refresh_chat_data(self, chat_id: int, chat_data: Empty) -> None:
        """Not stored."""

    async def refresh_bot_data(self, bot_data: Empty) -> None:
        """Not stored."""
