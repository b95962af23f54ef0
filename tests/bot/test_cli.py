"""The command line on a database of its own: it does its work, and its problems say what to do."""

import asyncio
import io
import os
import re
import shutil
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import redirect_stderr
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner, Result

from bot import province
from bot.cli import app, with_database
from bot.settings import Settings
from domain.role import Role
from domain.unit import UnitType
from sandbox.app import create_app
from storage import invitation, totals, unit
from storage.db import Database
from storage.schema import period_total, tally
from tests.sandbox.rig import Rig, over_http
from tests.storage import build
from tests.storage.engines import Postgres

T = TypeVar("T")

PROJECT = Path(__file__).parents[2]
SECRET = "AAsecret_of-the-bot"
TOKEN = f"123456:{SECRET}"
NOW = datetime.now(UTC)

FACTS = """unit,period,kind,sessions,party_members,public,source
{unit},2021,oral_session,6372,60000,96000,Báo cáo năm 2021
{unit},2021,contest,6,,,Báo cáo năm 2021
"""


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_file: Path) -> str:
    """An empty folder to work in, with a database that has a schema and nothing in it."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'bot.db')}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def refused(*arguments: str) -> str:
    """What a command says that ends with an error of the operator's: no traceback."""
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code != 0
    return result.output


def done(*arguments: str) -> str:
    """What a command says that ends well."""
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def on(url: str, f: Callable[[Connection], T]) -> T:
    """Run a function of the storage on the database of the command line."""

    async def work() -> T:
        async with Database(url) as db:
            return await db.write(f)

    return asyncio.run(work())


def cao_bang(conn: Connection) -> int:
    return province.build(conn, "Cao Bằng", NOW)


# --- units ---------------------------------------------------------------------------------------


def test_a_province_is_built_once(database: str) -> None:
    said = done("province", "Cao Bằng")
    assert re.fullmatch(r"\d\d units\.\n", said)
    assert done("province", "cao bang") == said
    assert on(database, unit.root) is not None


def test_an_unknown_province_is_told_with_what_may_be_said() -> None:
    said = refused("province", "Atlantis")
    assert "Atlantis" in said
    assert "province" in said.lower()


# --- invitations ---------------------------------------------------------------------------------


def token_in(said: str) -> str:
    [token] = re.findall(r"^/start ([A-Za-z0-9_-]{1,64})$", said, re.MULTILINE)
    return str(token)


def opened(url: str, token: str, at: datetime = NOW) -> invitation.Invitation | invitation.Refusal:
    return on(url, lambda conn: invitation.find(conn, invitation.hash_of(token), at))


def test_an_invitation_of_the_command_line_opens_the_bot(database: str) -> None:
    root = on(database, cao_bang)
    said = done("invite")
    assert f"https://t.me/YOUR_BOT?start={token_in(said)}" in said
    found = opened(database, token_in(said))
    assert isinstance(found, invitation.Invitation)
    assert (found.unit_id, found.role) == (root, Role.OFFICER)


def test_an_invitation_can_be_for_another_role_and_unit_and_time(database: str) -> None:
    on(database, cao_bang)
    said = done("invite", "--role", "reporter", "--unit", "04-cong-an", "--days", "2")
    found = opened(database, token_in(said))
    assert isinstance(found, invitation.Invitation)
    assert (found.unit_name, found.role) == ("Đảng ủy Công an tỉnh", Role.REPORTER)
    late = opened(database, token_in(said), NOW + timedelta(days=2, minutes=5))
    assert late is invitation.Refusal.EXPIRED


def test_an_invitation_for_many_can_be_printed(database: str, tmp_path: Path) -> None:
    on(database, cao_bang)
    sheet = tmp_path / "moi.png"
    said = done("invite", "--uses", "46", "--bot", "@bao_cao_bot", "--qr", str(sheet))
    assert f"https://t.me/bao_cao_bot?start={token_in(said)}" in said
    found = opened(database, token_in(said))
    assert isinstance(found, invitation.Invitation)
    assert found.uses_left == 46
    assert sheet.read_bytes().startswith(b"\x89PNG")


def test_a_picture_needs_the_bots_name(database: str, tmp_path: Path) -> None:
    on(database, cao_bang)
    assert "--bot" in refused("invite", "--qr", str(tmp_path / "moi.png"))
    assert not (tmp_path / "moi.png").exists()


def test_a_unit_is_found_by_its_name_without_tone_marks(database: str) -> None:
    on(database, cao_bang)
    found = opened(database, token_in(done("invite", "--unit", "dang uy cong an tinh")))
    assert isinstance(found, invitation.Invitation)
    assert found.unit_name == "Đảng ủy Công an tỉnh"


def test_without_units_one_is_told_to_build_the_province_first() -> None:
    assert "python -m bot province" in refused("invite")


def two_of_a_name(conn: Connection) -> None:
    top = build.province(conn)
    for code in ("tan-1", "tan-2"):
        unit.add(conn, code, "Đảng ủy xã Tân", UnitType.COMMUNE_COMMITTEE, top)


@pytest.mark.parametrize(("name", "count"), [("Đảng ủy xã Tân", 2), ("xã Không Có", 0)])
def test_a_name_that_is_not_one_units_is_refused(database: str, name: str, count: int) -> None:
    on(database, two_of_a_name)
    said = refused("invite", "--unit", name)
    assert f"{count} units are called '{name}'" in said
    assert "the code" in said
    assert token_in(done("invite", "--unit", "tan-1"))


def test_a_role_or_a_time_that_does_not_exist_is_refused() -> None:
    assert "emperor" in refused("invite", "--role", "emperor")
    assert "days" in refused("invite", "--days", "0")


# --- past years' figures -------------------------------------------------------------------------


@pytest.fixture
def facts(database: str, tmp_path: Path) -> str:
    """A file with two facts of a unit that there is."""
    on(database, cao_bang)
    path = tmp_path / "so-lieu.csv"
    path.write_text(FACTS.format(unit="04-cong-an"), "utf-8")
    return str(path)


def entries(conn: Connection) -> int:
    return len(conn.execute(select(tally.c.id)).all())


def test_facts_are_imported_once(facts: str, database: str) -> None:
    said = done("import", facts)
    assert "Đảng ủy Công an tỉnh" in said
    assert "Tuyên truyền miệng" in said
    assert on(database, entries) == 2
    assert "Tuyên truyền miệng" not in done("import", facts)
    assert on(database, entries) == 2


def test_a_dry_run_says_the_same_and_stores_nothing(facts: str, database: str) -> None:
    said = done("import", facts, "--dry-run")
    assert on(database, entries) == 0
    assert said.splitlines()[:-1] == done("import", facts).splitlines()[:-1]


def test_a_file_with_a_wrong_line_is_refused_as_a_whole(database: str, tmp_path: Path) -> None:
    on(database, cao_bang)
    file = tmp_path / "sai.csv"
    file.write_text(FACTS.format(unit="04-cong-an") + "xã Không Có,2021,contest,1,,,x\n", "utf-8")
    said = refused("import", str(file))
    assert "xã Không Có" in said
    assert "4" in said
    assert on(database, entries) == 0


def test_a_file_that_is_not_there_is_told() -> None:
    assert "khong-co.csv" in refused("import", "khong-co.csv")


# --- totals and schema ---------------------------------------------------------------------------


def spoil(conn: Connection) -> None:
    conn.execute(update(period_total).values(sessions=period_total.c.sessions + 1))


def test_totals_that_differ_are_listed_and_can_be_rebuilt(facts: str, database: str) -> None:
    done("import", facts)
    assert "agree" in done("totals", "verify")
    on(database, spoil)
    said = refused("totals", "verify")
    assert "oral_session" in said
    assert "python -m bot totals rebuild" in said
    done("totals", "rebuild")
    assert "agree" in done("totals", "verify")
    assert on(database, totals.verify) == []


def test_a_new_database_gets_its_schema(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    said = done("migrate")
    assert "newest schema" in said
    assert done("migrate") == said


# --- what is wrong around it ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", f"{SECRET}:12345"),
        ("HEADLINE_KINDS", '["dancing"]'),
        ("HEADLINE_KINDS", "dancing"),
        ("EXTRA_DAYS_OFF", "2026-12-31"),
        ("CLOCK_URL", "what o'clock"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    said = refused("migrate")
    assert name in said
    assert value not in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "url",
    ["sqlite:////no/such/folder/bot.db", "no url", "postgresql://bot:pass-word@127.0.0.1:1/bot"],
)
def test_a_database_that_cannot_be_opened_is_told(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    said = refused("migrate")
    assert "DATABASE_URL" in said
    assert "pass-word" not in said


def test_a_database_that_the_server_does_not_know_is_told(
    monkeypatch: pytest.MonkeyPatch, postgres: Postgres
) -> None:
    with postgres.migrated_database() as url:
        monkeypatch.setenv("DATABASE_URL", url.replace("/postgres?", "/no-such-database?"))
        said = refused("migrate")
    assert "(DATABASE_URL): It cannot be opened" in said


def test_what_fails_later_is_not_told_as_a_database_that_cannot_be_opened() -> None:
    async def lose_the_network(_: Database) -> None:
        raise ConnectionResetError(104, "Connection reset by peer")

    async def fill_the_disk(_: Database) -> None:
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise OperationalError("INSERT", None, full)

    async def mistake(_: Database) -> None:
        raise OperationalError("SELECT * FROM nowhere", None, sqlite3.OperationalError())

    lost, full = said_at_the_end(lose_the_network), said_at_the_end(fill_the_disk)
    assert lost == (1, "ConnectionResetError: [Errno 104] Connection reset by peer\n")
    assert full[0] == 2
    assert "The disk is full: free some space there." in full[1]
    with pytest.raises(OperationalError):
        with_database(mistake)


def said_at_the_end(work: Callable[[Database], Awaitable[None]]) -> tuple[int, str]:
    """The exit code of a command that does `work` on the database, and what it says."""
    heard = io.StringIO()
    with redirect_stderr(heard), pytest.raises(SystemExit) as ended:
        with_database(work)
    return int(str(ended.value)), heard.getvalue()


# --- running -------------------------------------------------------------------------------------


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_http(create_app(limits=False)) as made:
        yield made


async def run_bot(**settings: str) -> tuple[int | None, str]:
    """`python -m bot run` until it ends by itself: its exit code, and all that it writes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        env=os.environ | {"PYTHONPATH": str(PROJECT)} | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


def test_a_bot_without_a_token_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # The logs belong to the whole process, which here is that of the tests.
    monkeypatch.setattr("bot.logs.set_up", lambda _: None)
    said = refused("run")
    assert "TELEGRAM_TOKEN" in said
    assert "@BotFather" in said


async def test_a_bot_whose_token_is_refused_says_so_without_it(rig: Rig) -> None:
    await rig.post("/sim/faults", method="getMe", status=401, times=9)
    code, output = await run_bot(TELEGRAM_TOKEN=TOKEN, TELEGRAM_BASE_URL=str(rig.http.base_url))
    assert code != 0, output
    assert SECRET not in output
    assert "TELEGRAM_TOKEN" in output


@pytest.mark.parametrize(
    ("name", "words"),
    [("TELEGRAM_BASE_URL", "the network is up"), ("CLOCK_URL", "Cannot connect to host")],
)
async def test_a_network_that_is_down_is_not_told_as_the_database(
    rig: Rig, name: str, words: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        there = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": str(rig.http.base_url)}
        code, output = await run_bot(**there | {name: silent})
    assert code == 1
    assert words in output
    assert "database" not in output
    assert "Traceback" not in output
    assert SECRET not in output
