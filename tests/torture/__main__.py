"""`python -m tests.torture --kills 1000 --seed 1 [--minutes 60]`: ordeals, one after the other.

Ends when the kills or the minutes are reached, or at the first promise that is broken; then the
story of those concerned is printed, and the files stay for a look.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.storage import engines
from tests.torture.chat import Violation
from tests.torture.ordeal import endure

KILLS_EACH = 25


def main() -> None:
    """Repeat until it is enough."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="stop after so many")
    parser.add_argument("--minutes", type=float, help="stop after so long, whatever comes first")
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first ordeal; then one more each"
    )
    given = parser.parse_args()
    enough = time.monotonic() + (given.minutes * 60 if given.minutes else float("inf"))
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    migrated, kills, seed = engines.migrated_file(folder), 0, given.seed
    while kills < given.kills and time.monotonic() < enough:
        kills += _ordeal(folder, migrated, seed)
        seed += 1
    print(f"{kills} kills, nothing lost, nothing twice")
    shutil.rmtree(folder)


def _ordeal(folder: Path, migrated: Path, seed: int) -> int:
    place = folder / str(seed)
    place.mkdir()
    try:
        outcome = endure(place, migrated, seed, KILLS_EACH)
    except Violation as broken:
        sys.exit(f"BROKEN: {broken}")
    shutil.rmtree(place)
    print(
        f"seed {seed}: {outcome.kills} kills of {outcome.lives} running bots, {outcome.updates} updates, "
        f"{outcome.reports} reports, {outcome.seconds:.0f} s",
        flush=True,
    )
    return outcome.kills


if __name__ == "__main__":
    main()
