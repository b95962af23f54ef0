"""`python -m bot doctor`: how are the running bot and its database, and what to do if not well."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot import zalo_budget
from bot.check import Finding
from bot.files import PATH
from bot.metrics import age
from bot.settings import Settings, public_part
from bot.web import HOST, INBOX_SECONDS, POLL_SECONDS, Health, Problem
from storage import health, totals, unit_change
from storage.db import Database
from storage.health import State
from storage.migrate import current, newest
from storage.reminder import DeliveryState
from storage.trouble import explained, trouble
from storage.unit_change import Planned
from wording.say import label

ANSWER_SECONDS = 15
# One night's backup may be missing; two in a row are no accident.
BACKUP_OLD_AFTER = timedelta(hours=36)
RECENT = timedelta(days=1)
UNREACHABLE_SHARE = 0.1
DISK_FREE_AT_LEAST = 500_000_000

# The inbox is missing here: its age is read from the database, which also tells how much waits.
_ADVICE = {
    Problem.DATABASE: "its database takes no write: is the disk full, the file read-only, "
    "or locked by another program?",
    Problem.POLL: "the messenger has not answered {poll}: look at the network, and run "
    "`python -m bot check`",
    Problem.TICK: "it has not looked at the reminders for {tick}: look into its log, then restart it",
}
_OUTCOMES = {
    DeliveryState.UNKNOWN: "with an unknown outcome, not sent again since they may have arrived: "
    "tell these people another way if it matters",
    DeliveryState.FAILED: "refused by the messenger: look into the log",
}


async def doctor(settings: Settings, now: datetime, last_backup: datetime | None) -> list[Finding]:
    """Look at everything; one thing that is wrong does not hide another. Changes nothing."""
    return [
        *await _running(settings.web_port),
        *await _files(settings),
        *await _database(settings, now),
        *_disk(settings.database_url),
        *_backup(settings.database_url, now, last_backup),
    ]


# --- the running bot -------------------------------------------------------------------------------


async def _running(port: int) -> list[Finding]:
    if not port:
        return [Finding(True, "bot", "not asked, since WEB_PORT is 0")]
    try:
        found = await _ask(f"http://{HOST}:{port}/health")
    except (aiohttp.ClientError, TimeoutError):
        text = (
            f"does not answer on port {port}: start it with `python -m bot run`, or look into "
            "its log when it should be running"
        )
        return [Finding(False, "bot", text)]
    except ValidationError:
        text = f"port {port} belongs to another program: choose another WEB_PORT and restart"
        return [Finding(False, "bot", text)]
    wrong = [Finding(False, "bot", text) for text in _advice(found)]
    return wrong or [Finding(True, "bot", "runs")]


async def _ask(url: str) -> Health:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as response:
        return Health.model_validate_json(await response.read())


async def _files(settings: Settings) -> list[Finding]:
    """Whether the public address leads to this bot: nobody else answers so to a link that is none."""
    if settings.public_url is None:
        return []
    url = f"{str(settings.public_url).rstrip('/')}/{PATH}/x"
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as response:
            leads_here = await response.text() == label("zalo.link_gone")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        leads_here = False
    text = "does not lead to this bot: look at the proxy and the certificate (docs/zalo.md)"
    return [Finding(leads_here, "PUBLIC_URL", "leads to this bot" if leads_here else text)]


def _advice(found: Health) -> Iterator[str]:
    silent = {b: s for b, s in found.last_poll_seconds.items() if s > POLL_SECONDS}
    poll = ", ".join(f"{bot} for {_span(seconds)}" for bot, seconds in silent.items())
    tick = _span(found.last_tick_seconds)
    for problem in found.problems:
        if problem in _ADVICE:
            yield _ADVICE[problem].format(poll=poll, tick=tick)


# --- the database ----------------------------------------------------------------------------------


async def _database(settings: Settings, now: datetime) -> list[Finding]:
    url = settings.database_url
    try:
        return await _look(settings, now)
    except (SQLAlchemyError, OSError, ValueError) as error:
        what = trouble(error)
        text = explained(what, url) if what else f"{type(error).__name__}: mend DATABASE_URL"
        return [Finding(False, "database", text)]


async def _look(settings: Settings, now: datetime) -> list[Finding]:
    url = settings.database_url
    file = _file(url)
    if file is not None and not file.exists():
        return [Finding(False, "database", f"{file} is missing: mend DATABASE_URL")]
    async with Database(url) as db:
        version = await db.read(current)
        if version != newest():
            text = f"schema {version}, this bot needs {newest()}: run `python -m bot migrate`"
            return [Finding(False, "database", text)]
        state = await db.read(health.state, now)
        recent = await db.read(health.deliveries, now - RECENT)
        differences = await db.read(totals.verify)
        planned = await db.read(unit_change.planned)
    size = f"schema {version}, {_megabytes(state.size)}"
    return [
        Finding(True, "database", size),
        *_inbox(state, now),
        _reminders(state),
        *_outcomes(recent),
        _people(state),
        *zalo_budget.findings(
            [public_part(token) for token in settings.zalo_tokens], settings.quota, state.zalo, now
        ),
        _totals(len(differences)),
        *_units(planned),
    ]


def _file(url: str) -> Path | None:
    """The file of a SQLite database; a wrong address is told by the look into it."""
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def _inbox(state: State, now: datetime) -> Iterator[Finding]:
    oldest = age(state.oldest, now)
    text = f"{state.waiting} waiting"
    if oldest > INBOX_SECONDS:
        text += f", the oldest for {_span(oldest)}: the bot does not run, or hangs: restart it"
    yield Finding(oldest <= INBOX_SECONDS, "inbox", text)
    if state.parked:
        text = f"{state.parked} parked after repeated failure: see `python -m bot inbox list`"
        yield Finding(False, "inbox", text)


def _units(planned: Sequence[Planned]) -> Iterator[Finding]:
    refused = sum(each.state is unit_change.State.REFUSED for each in planned)
    if refused:
        text = f"{refused} could not be carried out on their day: see `python -m bot units planned`"
        yield Finding(False, "units", text)


def _reminders(state: State) -> Finding:
    if state.late:
        text = f"{state.late} overdue and not sent: the bot does not run, or hangs: restart it"
        return Finding(False, "reminders", text)
    return Finding(True, "reminders", f"{state.due} due")


def _outcomes(recent: Mapping[DeliveryState, int]) -> Iterator[Finding]:
    for outcome, advice in _OUTCOMES.items():
        if recent[outcome]:
            text = f"{recent[outcome]} of the last 24 hours {advice}"
            yield Finding(False, "deliveries", text)


def _people(state: State) -> Finding:
    text = f"{state.unreachable} of {state.accounts} cannot be reached"
    if state.unreachable > state.accounts * UNREACHABLE_SHARE:
        text += ": they blocked the bot or left; ask their units to have them write to it again"
        return Finding(False, "people", text)
    return Finding(True, "people", text)


def _totals(differences: int) -> Finding:
    if differences:
        text = f"not equal to a recount in {differences} rows: see `python -m bot totals verify`, then run "
        return Finding(False, "totals", text + "`python -m bot totals rebuild`")
    return Finding(True, "totals", "equal to a recount")


# --- around it -------------------------------------------------------------------------------------


def _disk(url: str) -> Iterator[Finding]:
    """Room for the database's growth, and for a copy of it."""
    file = _file(url)
    if file is None or not file.exists():
        return
    free = shutil.disk_usage(file.parent).free
    text = f"{_megabytes(free)} free"
    needed = max(DISK_FREE_AT_LEAST, 2 * file.stat().st_size)
    if free < needed:
        text += f", {_megabytes(needed)} are needed: remove what is old, or move the database"
    yield Finding(free >= needed, "disk", text)


def _backup(url: str, now: datetime, last: datetime | None) -> Iterator[Finding]:
    """Of a SQLite file; a PostgreSQL server has backups of its own."""
    if _file(url) is None:
        return
    if last is None:
        text = "there is none yet: `python -m bot backup` makes one, a running bot one every night"
        yield Finding(False, "backup", text)
        return
    passed = now - last
    text = f"the last one is {_span(passed.total_seconds())} old"
    if passed > BACKUP_OLD_AFTER:
        text += ": run `python -m bot backup`, it says what is in the way"
    yield Finding(passed <= BACKUP_OLD_AFTER, "backup", text)


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
