"""Run the bot, check it, and what an operator does around it."""

import asyncio
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.settings import Settings
from bot.single import CannotStartError, only_poller
from domain.role import Role
from storage import inbox, invitation, totals, unit
from storage.db import Database
from storage.migrate import migrate as migrate_database
from storage.trouble import explained, trouble
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


@app.command()
def run() -> None:
    """Run the bot until it is stopped (Ctrl-C or SIGTERM)."""
    settings = _settings()
    logs.set_up(settings.log_level)
    if settings.telegram_token is None and not settings.zalo_tokens:
        _fail(
            "neither TELEGRAM_TOKEN nor ZALO_TOKEN is set: put the token that @BotFather or Zalo Bot "
            "Manager gave you into .env"
        )
    try:
        asyncio.run(_run(settings))
    except CannotStartError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except (SQLAlchemyError, OSError) as error:
        _fail(_unopened(error, settings))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    # Looking for another bot takes a second, in which the rest of this one is imported.
    alone = asyncio.create_task(_look_for_others(settings))
    try:
        bot = await asyncio.to_thread(import_module, "bot.run")
        await bot.run(settings, stop, alone)
    finally:
        alone.cancel()
        await asyncio.gather(alone, return_exceptions=True)


async def _look_for_others(settings: Settings) -> None:
    if settings.telegram_token is not None and settings.webhook_url is None:
        await only_poller(settings.telegram_token.get_secret_value(), settings.bot_api)


@zalo_app.command("probe")
def zalo_probe() -> None:
    """Ask the live platform what can be asked without a person (docs/zalo.md); before going live."""
    from bot.zalo_probe import probe

    settings = _settings()
    if not settings.zalo_tokens:
        _fail("ZALO_TOKEN is not set")
    api = str(settings.zalo_base_url).rstrip("/")
    for token in settings.zalo_tokens:
        _show(asyncio.run(probe(token.get_secret_value(), api)))


@app.command()
def check() -> None:
    """Validate settings, database, token, time zone and messages; say what to mend."""
    from bot.check import check as check_all

    _show(asyncio.run(check_all(_settings())))


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
        _fail(f"{error} is no province of today: give its name, e.g. 'Tuyên Quang', or its number.")
    typer.echo(f"{count} units.")


@app.command()
def invite(
    role: Annotated[Role, typer.Option(help="The role to hand out.")] = Role.OFFICER,
    unit_name: Annotated[
        str | None, typer.Option("--unit", help="Name or code of the unit; default: the province.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="Days until it expires.")] = 7,
) -> None:
    """Make an invitation token: the way in for the first officer."""

    def create(conn: Connection) -> str:
        place = _find_unit(conn, unit_name)
        now = datetime.now(UTC)
        return invitation.create(conn, place, role, None, now, now + timedelta(days=days))

    async def make(db: Database) -> str:
        return await db.write(create)

    token = with_database(make)
    typer.echo(f"Send this to the bot, or open https://t.me/YOUR_BOT?start={token}")
    typer.echo(f"/start {token}")


def _find_unit(conn: Connection, name: str | None) -> int:
    if name is None:
        found = unit.root(conn)
        if found is None:
            _fail("There is no unit yet: run `python -m bot province NAME` first.")
        return found.id
    by_code = unit.by_code(conn, name)
    units = [by_code] if by_code else unit.named(conn, name)
    if len(units) != 1:
        _fail(f"{len(units)} units are called {name!r}: give the full name or the code.")
    return units[0].id


@app.command("import")
def import_facts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file.")],
    dry_run: Annotated[bool, typer.Option(help="Only say what would be added.")] = False,
) -> None:
    """Bring in past years' figures; nothing is imported when a line is wrong."""

    from bot import facts

    async def bring_in(db: Database) -> facts.ImportResult:
        return await facts.import_facts(db, file, datetime.now(UTC), dry_run)

    result = with_database(bring_in)
    for problem in result.problems:
        typer.echo(facts.explained(problem), err=True)
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

    settings = _settings()
    now = datetime.now(UTC)
    findings = asyncio.run(examine(settings, now, last_backup(settings)))
    _show(findings)


@app.command("backup")
def make_backup() -> None:
    """Back the database up while the bot runs: checked, encrypted with BACKUP_KEY_FILE, rotated."""
    from bot.backup import backup
    from storage.backup import BackupError

    try:
        made = backup(_settings(), datetime.now(UTC))
    except BackupError as error:
        _fail(str(error))
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
        restored = restore(_settings(), file, into, datetime.now(UTC), overwrite=overwrite)
    except (BackupError, CannotStartError) as error:
        _fail(str(error))
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
        _fail(f"No parked update has the number {number}: see `python -m bot inbox list`.")
    typer.echo(done)


def with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Open the database of the settings, migrated, and run `work` on it."""

    async def opened() -> T:
        async with Database(_settings().database_url) as db:
            await migrate_database(db)
            return await work(db)

    try:
        return asyncio.run(opened())
    except (SQLAlchemyError, OSError) as error:
        _fail(_unopened(error, _settings()))


def _unopened(error: Exception, settings: Settings) -> str:
    what = trouble(error)
    if what is None:
        return f"the database cannot be opened ({type(error).__name__}): mend DATABASE_URL"
    return explained(what, settings.database_url)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}"
            for e in error.errors(include_input=False)
        ]
        _fail("Mend these settings (environment or .env):\n  " + "\n  ".join(lines))
    except SettingsError as error:
        name = re.findall(r'field "(\w+)"', str(error))
        _fail(f"{''.join(name).upper()}: write a JSON list, for example []")


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    sys.exit(2)
