"""`python -m bot reminders`: what the ladder of reminders would send, on any days."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

import typer
from sqlalchemy import Connection, select

from bot.settings import Settings
from domain.ladder import LadderRules, Nudge, Quiet, plan
from storage import ladder
from storage.db import Database
from storage.person import valid_on
from storage.schema import membership, org_unit

app = typer.Typer(no_args_is_help=True, help="The ladder of reminders to report.")


@app.callback()
def group() -> None:
    """A group, although it has a single command so far."""


@app.command("plan")
def show_plan(
    first: Annotated[str, typer.Option("--from", help="The first day, as 2026-12-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
) -> None:
    """Say whom the ladder would remind of what, and why, by what is stored now."""
    from bot.books import Books
    from bot.cli import with_database

    begin, end = _day(first), _day(last)

    async def listed(db: Database) -> list[str]:
        settings = Settings()
        books = Books(settings, db)
        await books.tick()
        rules = settings.ladder(books.deadlines)
        return await db.read(lambda conn: list(lines(conn, begin, end, rules)))

    for line in with_database(listed):
        typer.echo(line)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day like 2026-12-01") from error


def lines(conn: Connection, first: date, last: date, rules: LadderRules) -> Iterator[str]:
    """A line for each day that has a message, and below it one for each person."""
    messages = 0
    day = ladder.next_day(conn, first, rules)
    while day is not None and day <= last:
        told = list(_of_day(conn, day, rules))
        messages += sum(line.startswith("  person") for line in told)
        yield f"{day} {day:%a}" if told else f"{day} {day:%a}  nobody"
        yield from told
        day = ladder.next_day(conn, day + timedelta(days=1), rules)
    yield f"{messages} messages, if nobody reports until then."


def _of_day(conn: Connection, day: date, rules: LadderRules) -> Iterator[str]:
    seen = ladder.look(conn, day, rules)
    codes = _names(conn)
    sent = _by_person(plan(day, seen.units, seen.around, seen.quiet, rules))
    for person_id, nudges in sent.items():
        who = f"person {person_id} ({_role(conn, person_id, day)})"
        yield f"  {who}: {'; '.join(_why(nudge, codes) for nudge in nudges)}"
    for person_id in _by_person(plan(day, seen.units, seen.around, Quiet(), rules)):
        if person_id not in sent:
            yield f"  left out: person {person_id}, {_why_not(person_id, seen.quiet)}"


def _by_person(nudges: list[Nudge]) -> dict[int, list[Nudge]]:
    found: dict[int, list[Nudge]] = {}
    for nudge in nudges:
        found.setdefault(nudge.person_id, []).append(nudge)
    return dict(sorted(found.items()))


def _why(nudge: Nudge, names: dict[int, str]) -> str:
    what = "told of" if nudge.told else "asked for"
    instead = f", for person {nudge.for_person}" if nudge.for_person else ""
    unit = f"{names[nudge.unit_id]} {nudge.period.code}"
    return f"{what} {unit} (missing, due {nudge.due}, rung {nudge.rung}{instead})"


def _why_not(person_id: int, quiet: Quiet) -> str:
    if person_id in quiet.reminded:
        return "has had the message of the day"
    if person_id in quiet.resting:
        return "wants no reminders"
    if person_id in quiet.away:
        other = quiet.away[person_id]
        return "away" if other is None else f"away, person {other} stands in"
    return "has given the unit up"


def _role(conn: Connection, person_id: int, day: date) -> str:
    rows = conn.execute(
        select(membership.c.role, org_unit.c.name)
        .join(org_unit, org_unit.c.id == membership.c.unit_id)
        .where(membership.c.person_id == person_id, valid_on(day))
        .order_by(membership.c.id)
    )
    return ", ".join(f"{row.role} in {row.name}" for row in rows) or "no role"


def _names(conn: Connection) -> dict[int, str]:
    rows = conn.execute(select(org_unit.c.id, org_unit.c.name))
    return {row.id: row.name for row in rows}
