"""Run the bot, check it, and what an operator does around it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from sqlalchemy import Connection

from bot.blame import opening
from bot.calendar_cli import app as calendar_app
from bot.people_cli import invite
from bot.reminders_cli import app as reminders_app
from bot.single import CannotStartError
from bot.start import fail, settings_or_exit, start, told
from bot.units_cli import app as units_app
from storage import inbox, totals, unit
from storage.db import Database
from storage.migrate import migrate as migrate_database
from wording.say import label

T = TypeVar("T")

if TYPE_CHECKING:
    from bot.check import Finding

# What only one command needs is imported there: `run` starts sooner without it, and smaller.

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
totals_app = typer.Typer(no_args_is_help=True, help="Verify or rebuild the live totals.")
app.add_typer(totals_app, name="totals")
inbox_app = typer.Typer(no_args_is_help=True, help="Updates that failed and were parked.")
app.add_typer(inbox_app, name="inbox")
zalo_app = typer.Typer(no_args_is_help=True, help="The Zalo Bot Platform.")
app.add_typer(zalo_app, name="zalo")
app.add_typer(units_app, name="units")
app.add_typer(calendar_app, name="calendar")
app.add_typer(reminders_app, name="reminders")


# The command itself begins in bot/__main__.py, so that it starts without all of this.
app.command("run")(start)


@zalo_app.command("probe")
def zalo_probe() -> None:
    """Ask the live platform what can be asked without a person (docs/zalo.md); before going live."""
    from bot.zalo_probe import probe

    settings = settings_or_exit()
    if not settings.zalo_tokens:
        fail("ZALO_TOKEN is not set")
    api = str(settings.zalo_base_url).rstrip("/")
    for token in settings.zalo_tokens:
        _show(asyncio.run(probe(token.get_secret_value(), api)))


@app.command()
def check() -> None:
    """Validate settings, database, token, time zone and messages; say what to mend."""
    from bot.check import check as check_all

    _show(asyncio.run(check_all(settings_or_exit())))


def _show(findings: "list[Finding]") -> None:
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'MEND'}  {finding.subject}: {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema; a new one is made when there is none."""
    with_database(_nothing)
    typer.echo("The database has the newest schema.")


async def _nothing(_: Database) -> None:
    """Opening the database has migrated it."""


@app.command("province")
def build_province(
    name: Annotated[str, typer.Argument(help="A province of today, e.g. 'Tuyên Quang'.")],
) -> None:
    """Start with the units of one of today's 34 provinces: party committees, communes, wards."""

    from bot import province

    async def build(db: Database) -> int:
        await db.write(province.build, name, datetime.now(UTC))
        return await db.read(unit.count)

    try:
        count = with_database(build)
    except province.UnknownProvinceError as error:
        fail(f"{error} is no province of today: give its name, e.g. 'Tuyên Quang', or its number.")
    typer.echo(f"{count} units.")


app.command()(invite)


@app.command("import")
def import_facts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file.")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would be added.")] = False,
) -> None:
    """Bring in past years' figures; nothing is imported when a line is wrong."""

    from bot import facts
    from bot.table import explained

    async def bring_in(db: Database) -> facts.ImportResult:
        return await facts.import_facts(db, file, datetime.now(UTC), dry_run)

    result = with_database(bring_in)
    for problem in result.problems:
        typer.echo(explained(problem, "facts"), err=True)
    if result.problems:
        raise typer.Exit(1)
    for fact in result.added:
        typer.echo(facts.described(fact))
    values = {"added": len(result.added), "unchanged": len(result.unchanged), "dry_run": dry_run}
    typer.echo(label("facts.result", **values))


@app.command()
def read(
    text: Annotated[str | None, typer.Argument(help="What somebody typed.")] = None,
    at: Annotated[str | None, typer.Option(help="When, as 2026-07-14T20:10+07:00.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A JSON file of phrases.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
) -> None:
    """Say how a report is read, and from which words; with --file, how many phrases are exact."""
    from bot.read_tool import read_tool

    said, exit_code = read_tool(text, at=at, now=datetime.now(UTC), file=file, as_json=as_json)
    typer.echo(said)
    raise typer.Exit(exit_code)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is served.")] = 8080,
    data: Annotated[Path, typer.Option(help="The folder that keeps the demo.")] = Path(".demo"),
) -> None:
    """Start the sandbox messenger and the real bot with a realistic province."""
    from bot.demo import demo as run_demo

    run_demo(port, data)


@app.command()
def doctor() -> None:
    """Say how the running bot and its database are, and what to do if something is wrong."""
    from bot.backup import last_backup
    from bot.doctor import doctor as examine

    settings = settings_or_exit()
    now = datetime.now(UTC)
    findings = asyncio.run(examine(settings, now, last_backup(settings)))
    _show(findings)


@app.command("backup")
def make_backup() -> None:
    """Back the database up while the bot runs: checked, encrypted with BACKUP_KEY_FILE, rotated."""
    from bot.backup import backup
    from storage.backup import BackupError

    try:
        made = backup(settings_or_exit(), datetime.now(UTC))
    except BackupError as error:
        fail(str(error))
    typer.echo(f"Backup: {made}")


@app.command("restore")
def restore_backup(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    into: Annotated[Path, typer.Argument(help="The database file to make of it.")],
    overwrite: Annotated[bool, typer.Option(help="Replace INTO if it exists.")] = False,
) -> None:
    """Make a database file of a backup, checked; what exists is not overwritten unasked."""
    from bot.backup import restore
    from storage.backup import BackupError

    try:
        restored = restore(settings_or_exit(), file, into, datetime.now(UTC), overwrite=overwrite)
    except (BackupError, CannotStartError) as error:
        fail(str(error))
    typer.echo(f"{into} holds the backup, schema {restored.schema}.")
    if restored.set_aside is not None:
        typer.echo(f"What was there before is kept as {restored.set_aside}.")


@totals_app.command()
def verify() -> None:
    """Recount everything and list what the live totals say differently."""

    async def differences(db: Database) -> list[totals.Difference]:
        return await db.read(totals.verify)

    found = with_database(differences)
    for row in found:
        typer.echo(
            f"unit {row.unit_id}, {row.bucket}, {row.kind}: {row.kept} is kept, {row.counted} counted"
        )
    if found:
        typer.echo("Run `python -m bot totals rebuild`.", err=True)
        raise typer.Exit(1)
    typer.echo("The totals agree with a recount.")


@totals_app.command()
def rebuild() -> None:
    """Replace the live totals by a recount."""

    async def rewrite(db: Database) -> None:
        await db.write(totals.rebuild)

    with_database(rewrite)
    typer.echo("The totals are rebuilt.")


@inbox_app.command("list")
def list_parked() -> None:
    """List the parked updates: number, when, and with what they failed."""

    async def parked(db: Database) -> list[inbox.Parked]:
        return await db.read(inbox.parked)

    rows = with_database(parked)
    for row in rows:
        typer.echo(f"{row.id}  {row.received_at:%Y-%m-%d %H:%M} UTC  {row.error}")
    typer.echo(f"{len(rows)} parked.")


@inbox_app.command()
def retry(number: Annotated[int, typer.Argument(help="The number that `list` shows.")]) -> None:
    """Handle a parked update again when the bot starts next."""
    _release(inbox.retry, number, "It is handled again when the bot starts next.")


@inbox_app.command()
def drop(number: Annotated[int, typer.Argument(help="The number that `list` shows.")]) -> None:
    """Give a parked update up; what it said is forgotten."""
    _release(inbox.drop, number, "It is dropped.")


def _release(change: Callable[[Connection, int], bool], number: int, done: str) -> None:
    async def release(db: Database) -> bool:
        return await db.write(change, number)

    if not with_database(release):
        fail(f"No parked update has the number {number}: see `python -m bot inbox list`.")
    typer.echo(done)


def with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Open the database of the settings, migrated, and run `work` on it."""

    url = settings_or_exit().database_url

    async def opened() -> T:
        async with AsyncExitStack() as stack:
            with opening(url):
                db = await stack.enter_async_context(Database(url))
                await migrate_database(db)
            return await work(db)

    with told(url):
        return asyncio.run(opened())
