"""How long a start takes, and how much memory a crowd does."""

from pathlib import Path

from bench import ours
from bench.folders import fresh_folder
from bench.messenger import Messenger, listening
from bench.people import FIRST_CHAT, Reporters
from bench.processes import running

LATENCY = 0.06
WITHIN = 120.0


async def seconds_to_first_answer(people: int) -> float:
    """From the start of the process to the answer that reaches the messenger; a message waits.

    The database is that of `people` reporters.
    """
    with fresh_folder() as folder:
        await ours.furnish(folder / "bot.db", range(FIRST_CHAT, FIRST_CHAT + people))
        return await first_answer_on(folder / "bot.db")


async def first_answer_on(database: Path) -> float:
    """The same on a database that is there; the first reporter of it has the chat FIRST_CHAT."""
    messenger = Messenger()
    messenger.latency = LATENCY
    writer = messenger.people = Reporters(messenger, 1)
    writer.begin()
    async with (
        listening(messenger) as bot_api,
        running(ours.contender(bot_api, database), database.parent) as process,
    ):
        await writer.tape.reaches(1, WITHIN)
        writer.rest()
        return writer.tape.last_at - process.started_at


async def peak_mib(people: int) -> float:
    """The peak of a bot to which so many people write at once, each a whole report."""
    messenger = Messenger()
    messenger.latency = LATENCY
    crowd = messenger.people = Reporters(messenger, people)
    with fresh_folder() as folder:
        await ours.furnish(folder / "bot.db", crowd.chats)
        async with (
            listening(messenger) as bot_api,
            running(ours.contender(bot_api, folder / "bot.db"), folder) as process,
        ):
            crowd.begin()
            await crowd.tape.reaches(people, WITHIN)
            crowd.rest()
            return process.peak_mib()
