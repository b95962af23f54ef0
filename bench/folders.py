"""Where a run keeps its files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[1]
# Compiled modules, kept for all runs as in any installation.
COMPILED = PROJECT / ".bench" / "compiled"


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A folder on the project's own disk, because syncing costs nothing on one in memory."""
    parent = PROJECT / ".bench"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)
