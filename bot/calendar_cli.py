"""`python -m bot calendar`: days off and working days that a decree adds."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Days off and working days by decree.")
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
_MOST_DAYS = 31

Days = Annotated[
    list[str], typer.Argument(help="Days like 2027-02-10, or several: 2027-02-05..2027-02-10.")
]


@app.command()
def add(
    days: Days,
    working: Annotated[
        bool, typer.Option("--working/--off", help="A working day, or a day off.")
    ] = False,
    note: Annotated[str | None, typer.Option(help="The decree that says so.")] = None,
) -> None:
    """Enter days; a running bot follows within a minute."""
    from bot.cli import with_database
    from storage import day_off
    from storage.db import Database

    entered = [day_off.DecreedDay(day, working, note) for day in _days(days)]

    async def work(db: Database) -> None:
        await db.write(day_off.say, entered, datetime.now(UTC))

    with_database(work)
    for each in entered:
        typer.echo(_line(each.day, each.working, each.note))


@app.command()
def remove(days: Days) -> None:
    """Forget days that were entered: the calendar and the settings decide again."""
    from bot.cli import with_database
    from storage import day_off
    from storage.db import Database

    wanted = _days(days)

    async def work(db: Database) -> list[date]:
        return await db.write(day_off.remove, wanted, datetime.now(UTC))

    known = with_database(work)
    for day in wanted:
        typer.echo(f"{day}  {'forgotten' if day in known else 'was not entered'}")


@app.command("list")
def list_days(
    year: Annotated[
        int | None, typer.Option(help="All weekdays off and worked weekend days of this year.")
    ] = None,
) -> None:
    """The days that were entered, or what the calendar makes of a year."""
    from bot.books import Books
    from bot.cli import with_database
    from bot.settings import Settings
    from storage import day_off
    from storage.db import Database

    async def work(db: Database) -> tuple[list[day_off.DecreedDay], Books]:
        books = Books(Settings(), db)
        await books.tick()
        return await db.read(day_off.all_days), books

    entered, books = with_database(work)
    notes = {each.day: each.note for each in entered}
    if year is None:
        found = [(each.day, each.working) for each in entered]
    else:
        found = [(day, books.deadlines.calendar.is_working_day(day)) for day in _year(year)]
        found = [(day, working) for day, working in found if working is (day.weekday() > 4)]
    for day, working in found:
        typer.echo(_line(day, working, notes.get(day)))


def _year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _days(texts: list[str]) -> list[date]:
    return [day for text in texts for day in _span(text)]


def _span(text: str) -> list[date]:
    match = _DAYS.fullmatch(text)
    try:
        first = date.fromisoformat(match[1] if match else "")
        last = date.fromisoformat(match[2]) if match and match[2] else first
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no day like 2027-02-10") from error
    if not 0 <= (last - first).days < _MOST_DAYS:
        raise typer.BadParameter(f"{text} must run forwards, over {_MOST_DAYS} days at the most")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _line(day: date, working: bool, note: str | None) -> str:
    what = "working day" if working else "day off"
    return f"{day:%a} {day}  {what}{f'  {note}' if note else ''}"
