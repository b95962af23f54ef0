"""Real disks for tests: small ones that fill up, and ones that take no write."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHUNK = b"\0" * 4096


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path | None]:
    """A file system of its own of this size; None where this user may not mount one."""
    folder.mkdir()
    size = f"size={kilobytes}k,mode=0700"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True
    )
    try:
        yield folder if mounted.returncode == 0 else None
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Write until nothing more fits; returns the file that takes the space."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(CHUNK)
        except OSError:
            return ballast


def forbid_writing(disk: Path) -> None:
    """Nobody can write there from now on, not even root where the disk is one of its own."""
    remounted = subprocess.run(["mount", "-o", "remount,ro", str(disk)], capture_output=True)
    if remounted.returncode != 0:
        for path in [*disk.iterdir(), disk]:
            path.chmod(0o500 if path.is_dir() else 0o400)
        assert os.geteuid() != 0, "root writes anywhere: it must be able to mount"
