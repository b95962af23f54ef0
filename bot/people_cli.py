"""`python -m bot invite`: the way in for the first officer, or for anybody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from bot.start import fail
from domain.role import Role
from domain.unit import Unit
from storage import invitation, unit
from wording.say import label


def invite(
    role: Annotated[Role, typer.Option(help="The role to hand out.")] = Role.OFFICER,
    unit_name: Annotated[
        str | None, typer.Option("--unit", help="Name or code of the unit; default: the province.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="Days until it expires.")] = 7,
    uses: Annotated[int, typer.Option(min=1, max=2000, help="For so many people.")] = 1,
    bot: Annotated[str, typer.Option(help="The bot's name on Telegram, for the link.")] = "",
    qr: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write a sheet to print here, as PNG.")
    ] = None,
) -> None:
    """Make an invitation token: the way in for the first officer."""
    # The command line's own module imports this one.
    from bot.cli import with_database

    if qr is not None and not bot:
        fail("--qr needs --bot NAME: the picture holds a link to the bot on Telegram.")
    now = datetime.now(UTC)
    expires_at = now + timedelta(days=days)

    def create(conn: Connection) -> tuple[Unit, str]:
        place = _find_unit(conn, unit_name)
        return place, invitation.create(conn, place.id, role, None, now, expires_at, uses)

    place, token = with_database(lambda db: db.write(create))
    link = f"https://t.me/{bot.removeprefix('@') or 'YOUR_BOT'}?start={token}"
    typer.echo(f"Send this to the bot, or open {link}")
    typer.echo(f"/start {token}")
    if qr is not None:
        _write_sheet(qr, link, place, role, uses, expires_at)


def _write_sheet(
    file: Path, link: str, place: Unit, role: Role, uses: int, expires_at: datetime
) -> None:
    from reports.qr import qr_sheet

    text = label(
        "invite.sheet_text",
        link=link,
        ways=(link,),
        unit=place.name,
        role=role,
        uses=uses,
        expires_at=expires_at,
    )
    file.write_bytes(qr_sheet(link, label("invite.sheet_title"), text))
    typer.echo(f"{file} can be printed.")


def _find_unit(conn: Connection, name: str | None) -> Unit:
    if name is None:
        found = unit.root(conn)
        if found is None:
            fail("There is no unit yet: run `python -m bot province NAME` first.")
        return found
    units = unit.called(conn, name)
    if len(units) != 1:
        fail(f"{len(units)} units are called {name!r}: give the full name or the code.")
    return units[0]
