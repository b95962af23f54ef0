"""`python -m bot units …`: the tree of units, as an operator keeps it."""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Concatenate, NoReturn, ParamSpec, TypeVar

import typer
from sqlalchemy import Connection

from wording.say import label

if TYPE_CHECKING:
    from bot.unit_rows import Stored
    from domain.unit_change import Change, ChangeRefused, Founding
    from storage.unit_change import Outcome, Planned

P = ParamSpec("P")
T = TypeVar("T")

# What the commands need is imported in them: `run` starts sooner without it (see bot.cli).

app = typer.Typer(no_args_is_help=True, help="The tree of units: import, export, merge, split.")

_Since = Annotated[
    datetime,
    typer.Option("--from", formats=["%Y-%m-%d", "%d/%m/%Y"], help="The first day it holds."),
]
_Into = Annotated[
    list[str],
    typer.Option(help="Code or name of who goes on; CODE=NAME founds a new unit."),
]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An xlsx or csv file.")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would be changed.")] = False,
) -> None:
    """Add and change units by a table; nothing is imported when a row is wrong."""
    from bot.cli import with_database
    from bot.table import explained
    from bot.unit_import import described, import_units

    result = with_database(lambda db: import_units(db, file, datetime.now(UTC), dry_run))
    for problem in result.problems:
        typer.echo(explained(problem, "units"), err=True)
    if result.problems:
        raise typer.Exit(1)
    for change in result.changes:
        typer.echo(described(change))
    counted = {"changes": len(result.changes), "unchanged": result.unchanged}
    typer.echo(label("units.result", **counted, dry_run=dry_run))
    _say_left(result.without_unit)


@app.command()
def export(file: Annotated[Path, typer.Argument(help="The xlsx or csv file to write.")]) -> None:
    """Write all units as a table that `units import` takes."""
    from bot.unit_table import write_units

    rows = [each.row for each in _read_stored().values()]
    write_units(file, rows)
    typer.echo(label("units.written", count=len(rows), file=file))


@app.command()
def template(file: Annotated[Path, typer.Argument(help="The xlsx or csv file to write.")]) -> None:
    """Write an empty table with headings, explanations and the list of types."""
    from bot.unit_table import write_units

    write_units(file, [])
    typer.echo(label("units.template_written", file=file))


@app.command()
def province(
    name: Annotated[str, typer.Argument(help="A province of today, e.g. 'Tuyên Quang'.")],
) -> None:
    """The same as `province`: start with the units of one of today's 34 provinces."""
    from bot.cli import build_province

    build_province(name)


@app.command()
def show(
    unit: Annotated[str | None, typer.Argument(help="Code or name; default: all.")] = None,
) -> None:
    """Print the tree, or the part of it below a unit."""
    from bot.unit_rows import tree_lines

    stored = _read_stored()
    top = None if unit is None else _find(unit)
    for line in tree_lines(stored, top):
        typer.echo(line)
    if not stored:
        typer.echo(label("units.no_tree"))


# --- changes -------------------------------------------------------------------------------------


@app.command()
def merge(
    units: Annotated[list[str], typer.Argument(help="Codes or names of those that end.")],
    into: Annotated[str, typer.Option(help="Code or name; CODE=NAME founds a new unit.")],
    since: _Since,
) -> None:
    """Let units end and another go on for them: figures, people and units below follow."""
    _end(units, [into], None, since)


@app.command()
def split(
    unit: Annotated[str, typer.Argument(help="Code or name of the unit that ends.")],
    into: _Into,
    since: _Since,
    main: Annotated[
        str | None, typer.Option(help="Code of who takes over people and units below.")
    ] = None,
) -> None:
    """Let several units go on for one; its figures stay with it."""
    _end([unit], into, main, since)


@app.command()
def close(
    unit: Annotated[str, typer.Argument(help="Code or name of the unit that ends.")],
    since: _Since,
) -> None:
    """Let a unit end without a successor."""
    _end([unit], [], None, since)


@app.command()
def rename(
    unit: Annotated[str, typer.Argument(help="Code or name.")],
    name: Annotated[str, typer.Argument(help="The new name; the old one is still understood.")],
    since: _Since,
) -> None:
    """Give a unit another name."""
    from domain.unit_change import Renaming

    _undertake(lambda conn: Renaming(_code_of(conn, unit), name), since)


@app.command()
def unalias(
    unit: Annotated[str, typer.Argument(help="Code or name.")],
    alias: Annotated[
        str, typer.Argument(help="The other name; tone marks and case do not matter.")
    ],
) -> None:
    """Let a unit be found by one of its other names no more."""
    from bot.cli import with_database
    from storage.unit import by_code, remove_alias

    code = _find(unit)

    def work(conn: Connection) -> tuple[str, bool]:
        found = by_code(conn, code)
        if found is None:
            return code, False
        return found.name, remove_alias(conn, found.id, alias, datetime.now(UTC))

    name, removed = with_database(lambda db: db.write(work))
    if not removed:
        _fail(label("units.unknown_alias", unit=name, alias=alias))
    typer.echo(label("units.alias_removed", unit=name, alias=alias))


@app.command()
def move(
    unit: Annotated[str, typer.Argument(help="Code or name.")],
    to: Annotated[str, typer.Option(help="Code or name of the new parent.")],
    since: _Since,
) -> None:
    """Put a unit below another; its history goes with it."""
    from domain.unit_change import Moving

    _undertake(lambda conn: Moving(_code_of(conn, unit), _code_of(conn, to)), since)


@app.command()
def planned() -> None:
    """List the changes of days to come, and those that could not be carried out."""
    from storage import unit_change

    waiting = _read(unit_change.planned)
    for each in waiting:
        typer.echo(_read(_planned_line, each))
    if not waiting:
        typer.echo(label("units.none_planned"))


@app.command()
def cancel(number: Annotated[int, typer.Argument(help="The number that `planned` shows.")]) -> None:
    """Give up a change of a day to come."""
    from bot.cli import with_database
    from storage import unit_change

    if not with_database(lambda db: db.write(unit_change.cancel, number, datetime.now(UTC))):
        _fail(label("units.unknown_plan", id=number))
    typer.echo(label("units.cancelled", id=number))


def _end(units: Iterable[str], into: Iterable[str], main: str | None, since: datetime) -> None:
    from domain.unit_change import Ending

    def ending(conn: Connection) -> Ending:
        founded = [_founding(text) for text in into if "=" in text]
        successors = tuple(
            _founding(text).code if "=" in text else _code_of(conn, text) for text in into
        )
        heir = main
        if len(successors) == 1:
            (heir,) = successors
        elif main is not None and main not in successors:
            heir = _code_of(conn, main)
        codes = tuple(_code_of(conn, text) for text in units)
        return Ending(codes, successors, heir, tuple(founded))

    _undertake(ending, since)


def _founding(text: str) -> "Founding":
    from domain.unit_change import Founding

    code, _, name = text.partition("=")
    return Founding(code.strip(), name.strip())


def _undertake(change: "Callable[[Connection], Change]", since: datetime) -> None:
    """Carry a change out, or plan it, and say what has been done."""
    from bot.cli import with_database
    from domain.unit_change import ChangeRefused
    from storage import unit_change

    day = since.date()

    def work(conn: Connection) -> "tuple[str, Outcome | None]":
        wanted = change(conn)
        said = _said(conn, wanted)
        return said, unit_change.undertake(conn, wanted, day, datetime.now(UTC))

    try:
        said, outcome = with_database(lambda db: db.write(work))
    except ChangeRefused as refused:
        _fail(_refusal(refused))
    typer.echo(label("units.done", what=said, since=day, planned=outcome is None))
    _say_left(0 if outcome is None else outcome.without_unit)


# --- in words ------------------------------------------------------------------------------------


def _said(conn: Connection, change: "Change") -> str:
    """What the change makes of which units, by their names of now."""
    from domain.unit_change import Ending, Renaming

    if isinstance(change, Renaming):
        return _sentence(conn, "rename", [change.unit], [change.name])
    if not isinstance(change, Ending):
        return _sentence(conn, "move", [change.unit], [_name(conn, change.parent)])
    founded = {each.code: each.name for each in change.founded}
    into = [founded.get(code) or _name(conn, code) for code in change.successors]
    what = {0: "close", 1: "merge"}.get(len(into), "split")
    return _sentence(conn, what, change.units, into)


def _sentence(conn: Connection, what: str, units: Iterable[str], into: list[str]) -> str:
    names = [_name(conn, code) for code in units]
    return label(f"units.what_{what}", units=names, into=into)


def _name(conn: Connection, code: str) -> str:
    from storage import unit

    found = unit.by_code(conn, code)
    return code if found is None else found.name


def _planned_line(conn: Connection, each: "Planned") -> str:
    obstacle, _, about = (each.reason or "").partition(" ")
    return label(
        "units.planned_line",
        id=each.id,
        since=each.since,
        what=_said(conn, each.change),
        reason=_obstacle(obstacle, about) if obstacle else None,
    )


def _say_left(people: int) -> None:
    if people:
        typer.echo(label("units.without_unit", count=people))


def _refusal(refused: "ChangeRefused") -> str:
    return _obstacle(refused.obstacle, refused.unit)


def _obstacle(code: str, about: str) -> str:
    return label(f"units.problem_{code}", value=about)


# --- finding units -------------------------------------------------------------------------------


def _code_of(conn: Connection, text: str) -> str:
    """The code of the one unit that has this code or name; raises ChangeRefused."""
    from domain.unit_change import ChangeRefused, Obstacle
    from storage import unit

    units = unit.called(conn, text)
    if len(units) != 1:
        raise ChangeRefused(Obstacle.AMBIGUOUS if units else Obstacle.UNKNOWN, text)
    return unit.code(conn, units[0].id)


def _find(text: str) -> str:
    from domain.unit_change import ChangeRefused

    try:
        return _read(_code_of, text)
    except ChangeRefused as refused:
        _fail(_refusal(refused))


def _read_stored() -> "dict[str, Stored]":
    from bot.unit_rows import stored_units

    return _read(stored_units)


def _read(f: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    from bot.cli import with_database

    return with_database(lambda db: db.read(f, *args, **kwargs))


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    sys.exit(2)
