"""The bench of a term runs, in a tiny size, on a database that is what the bot itself would keep."""

from random import Random

from bench import term
from bench.term import Size
from handlers.desk import Say
from storage import totals
from storage.db import Database

TINY = Size(communes=3, reporters=20, entries=400)


async def test_every_command_of_a_term_is_measured() -> None:
    results = await term.measure(TINY, 2, starts=False)
    assert len(results.commands) == len(term.ASKED) + 1
    assert all(took.p99 >= took.p50 > 0 for took in results.commands)
    assert results.megabytes > 0
    printed = term.as_text(results)
    assert all(took.what in printed for took in results.commands)


async def test_the_database_of_the_term_holds_totals_that_are_a_recount(db: Database) -> None:
    root = await db.write(term.build, TINY)
    assert await db.read(totals.verify) == []
    asked = {what: await db.read(ask, root, Random(what)) for what, ask in term.ASKED.items()}
    said = {what: answer.text() for what, answer in asked.items() if isinstance(answer, Say)}
    assert "trên tổng 3 đơn vị" in said["/thieu of a month"]
    assert "lượt" in said["/tongket of a year"]
