"""When backups are made and where; how they are made is storage/backup.py's matter."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from bot.lock import file_lock
from bot.settings import Settings
from storage import backup as storage
from storage.backup import BackupError, Restored, last_at
from wording.format import VIETNAM

log = logging.getLogger(__name__)

# When few people write, in Vietnam's time.
DAILY_AT = time(2, 0)
TRY_AGAIN_AFTER = timedelta(hours=1)


def folder_of(settings: Settings) -> Path:
    """BACKUP_DIR, or the folder `backups` beside the database."""
    if settings.backup_dir is not None:
        return settings.backup_dir
    return storage.sqlite_file(settings.database_url).parent / "backups"


def backup(settings: Settings, now: datetime) -> Path:
    """Make a backup now; blocks until it is done. Raises BackupError."""
    return storage.backup(
        settings.database_url,
        folder_of(settings),
        now,
        key_file=settings.backup_key_file,
        keep=settings.backup_keep,
        days=settings.backup_days,
    )


def restore(
    settings: Settings, file: Path, into: Path, now: datetime, *, overwrite: bool
) -> Restored:
    """Restore into a file that no bot is running on. Raises BackupError, SecondInstanceError."""
    try:
        with file_lock(into):
            return storage.restore(
                file, into, now, key_file=settings.backup_key_file, overwrite=overwrite
            )
    except OSError as error:
        raise BackupError(f"{into} cannot be written: {error.strerror}.") from error


def last_backup(settings: Settings) -> datetime | None:
    """When the last good backup was made; None without one, and for PostgreSQL, which has its own."""
    try:
        return last_at(folder_of(settings))
    except BackupError:
        return None


def due(folder: Path, now: datetime) -> bool:
    """Whether the last good backup is from before the last 02:00 (Vietnam's time), or missing."""
    local = now.astimezone(VIETNAM)
    latest = datetime.combine(local.date(), DAILY_AT, VIETNAM)
    if local < latest:
        latest -= timedelta(days=1)
    last = last_at(folder)
    return last is None or last < latest


class DailyBackup:
    """Makes the daily backup when it is due, beside everything else; `now` may be moved.

    A backup that fails is told in the log and tried again an hour later.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._not_before: datetime | None = None

    async def tick(self) -> None:
        now = self._now()
        if self._not_before is not None and now < self._not_before:
            return
        self._not_before = now + TRY_AGAIN_AFTER
        try:
            await asyncio.to_thread(self._make_if_due, now)
        except BackupError as error:
            log.error("there is no backup of today: %s", error)
        else:
            self._not_before = None

    def _make_if_due(self, now: datetime) -> None:
        if due(folder_of(self._settings), now):
            made = backup(self._settings, now)
            log.info("backup made: %s", made.name)
