"""The check, on real parts: each thing that is wrong is named with its mend."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr
from sqlalchemy import Connection, text
from typer.testing import CliRunner

from bot import province
from bot.check import Finding, check
from bot.cli import app
from bot.settings import Settings
from sandbox.app import create_app
from storage import unit
from storage.db import Database
from storage.migrate import newest
from tests.sandbox.rig import Rig, over_http
from tests.storage import build

SECRET = "AAsecret_of-the-bot"
TOKEN = f"123456:{SECRET}"
# The sandbox refuses this secret as no bot's: too short.
MALFORMED = "123456:ab"

one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_http(create_app()) as made:
        yield made


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


async def found(subject: str, settings: Settings) -> Finding:
    """The finding about one subject; whatever else is found does not tell the token."""
    findings = await check(settings)
    assert SECRET not in repr(findings)
    [finding] = [finding for finding in findings if finding.subject == subject]
    return finding


# --- the database --------------------------------------------------------------------------------


async def test_an_empty_database_is_to_be_migrated(empty_url: str) -> None:
    finding = await found("DATABASE_URL", Settings(database_url=empty_url))
    assert not finding.ok
    assert "empty" in finding.text
    assert "python -m bot migrate" in finding.text


async def test_a_database_without_units_is_to_be_given_some(db_url: str) -> None:
    finding = await found("units", Settings(database_url=db_url))
    assert not finding.ok
    assert "python -m bot province" in finding.text


@one_engine
async def test_a_database_of_another_version_is_to_be_migrated(db_url: str) -> None:
    def grow_old(conn: Connection) -> None:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    async with Database(db_url) as db:
        await db.write(grow_old)
    finding = await found("DATABASE_URL", Settings(database_url=db_url))
    assert not finding.ok
    assert "schema 0000" in finding.text
    assert newest() in finding.text
    assert "python -m bot migrate" in finding.text


async def test_a_database_that_is_ready_is_described(db_url: str) -> None:
    async with Database(db_url) as db:
        await db.write(build.province)
    finding = await found("DATABASE_URL", Settings(database_url=db_url))
    assert finding == Finding(True, "DATABASE_URL", f"schema {newest()}, 1 units")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no/such/folder/bot.db",
        "no url at all",
        "postgresql://bot:pass-word@127.0.0.1:1/bot",
    ],
)
async def test_a_database_that_cannot_be_opened_is_told_without_its_password(url: str) -> None:
    finding = await found("DATABASE_URL", Settings(database_url=url))
    assert not finding.ok
    assert "mend DATABASE_URL" in finding.text
    assert "pass-word" not in finding.text


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "letter.docx"
    file.write_bytes(b"a letter, not a database " * 100)
    finding = await found("DATABASE_URL", Settings(database_url=f"sqlite:///{file}"))
    assert not finding.ok
    assert "mend DATABASE_URL" in finding.text


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_database_name_that_the_server_does_not_know_is_told(empty_url: str) -> None:
    address, mark, query = empty_url.partition("?")
    unknown = f"{address.rpartition('/')[0]}/no_such_database{mark}{query}"
    finding = await found("DATABASE_URL", Settings(database_url=unknown))
    assert not finding.ok
    assert "mend DATABASE_URL" in finding.text


# --- the messenger -------------------------------------------------------------------------------


def reaching(address: str, token: str = TOKEN) -> Settings:
    return Settings(
        telegram_token=SecretStr(token),
        telegram_base_url=HttpUrl(address),
        database_url="sqlite:///unused.db",
    )


async def test_a_missing_token_is_told_with_where_to_get_one() -> None:
    finding = await found("TELEGRAM_TOKEN", Settings())
    assert not finding.ok
    assert "@BotFather" in finding.text


async def test_without_telegram_it_may_run_on_zalo_only() -> None:
    finding = await found("TELEGRAM_TOKEN", Settings(zalo_token=SecretStr("77:abc")))
    assert finding == Finding(True, "TELEGRAM_TOKEN", "not set: the bot runs on Zalo only")


async def test_an_accepted_token_names_its_bot(rig: Rig) -> None:
    finding = await found("TELEGRAM_TOKEN", reaching(str(rig.http.base_url)))
    assert finding == Finding(True, "TELEGRAM_TOKEN", "accepted: @bao_cao_sandbox_bot")


async def test_the_address_may_end_in_bot(rig: Rig) -> None:
    assert (await found("TELEGRAM_TOKEN", reaching(f"{rig.http.base_url}/bot"))).ok


async def test_a_refused_token_is_told_without_it(rig: Rig) -> None:
    finding = await found("TELEGRAM_TOKEN", reaching(str(rig.http.base_url), MALFORMED))
    assert not finding.ok
    assert "refused" in finding.text
    assert "@BotFather" in finding.text
    assert MALFORMED not in finding.text


async def test_a_messenger_that_cannot_be_reached_is_not_the_tokens_fault(nobody: str) -> None:
    finding = await found("TELEGRAM_BASE_URL", reaching(nobody))
    assert not finding.ok
    assert nobody in finding.text
    assert "token not tried" in finding.text


async def test_a_messenger_that_breaks_is_not_the_tokens_fault(rig: Rig) -> None:
    for fault in ({"status": 502}, {"drop_reply": True}, {"retry_after": 5}):
        await rig.post("/sim/faults", method="getMe", **fault)
        finding = await found("TELEGRAM_BASE_URL", reaching(str(rig.http.base_url)))
        assert not finding.ok


async def test_messages_and_time_zone_are_looked_at() -> None:
    assert (await found("messages", Settings())).ok
    assert (await found("time zone", Settings())).ok


async def test_everything_is_looked_at_whatever_is_wrong(nobody: str) -> None:
    settings = reaching(nobody).model_copy(update={"database_url": "no url at all"})
    findings = await check(settings)
    assert [(f.subject, f.ok) for f in findings] == [
        ("time zone", True),
        ("messages", True),
        ("DATABASE_URL", False),
        ("TELEGRAM_BASE_URL", False),
    ]


# --- as an operator runs it ----------------------------------------------------------------------


async def run_check(monkeypatch: pytest.MonkeyPatch, **settings: str) -> tuple[int, str]:
    """`python -m bot check` beside the running sandbox: its exit code, and all that it writes."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    result = await asyncio.to_thread(CliRunner().invoke, app, ["check"])
    return result.exit_code, result.output


@one_engine
async def test_with_everything_there_the_check_ends_well(
    rig: Rig, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Database(db_url) as db:
        await db.write(province.build, "Cao Bằng", datetime(2026, 11, 21, tzinfo=UTC))
        units = await db.read(unit.count)
    code, output = await run_check(
        monkeypatch,
        TELEGRAM_TOKEN=TOKEN,
        TELEGRAM_BASE_URL=str(rig.http.base_url),
        DATABASE_URL=db_url,
    )
    assert code == 0, output
    assert f"ok    DATABASE_URL: schema {newest()}, {units} units" in output
    assert "ok    TELEGRAM_TOKEN: accepted: @bao_cao_sandbox_bot" in output
    assert "MEND" not in output
    assert SECRET not in output


async def test_with_something_missing_the_check_ends_with_an_error(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.post("/sim/faults", method="getMe", status=401)
    code, output = await run_check(
        monkeypatch,
        TELEGRAM_TOKEN=TOKEN,
        TELEGRAM_BASE_URL=str(rig.http.base_url),
        DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}",
    )
    assert code == 1, output
    assert "MEND  DATABASE_URL: the database is empty" in output
    assert "MEND  TELEGRAM_TOKEN: refused" in output
    assert SECRET not in output
