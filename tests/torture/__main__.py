"""`python -m tests.torture --kills 1000 --seed 1 [--minutes 60]`: ordeals, one after the other: the
bot polls, is called, polls Zalo as well, and polls with its database on a server.

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
from tests.torture.ordeal import Outcome, endure
from tests.torture.stage import Kept, Way, in_file

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
    with engines.postgres() as server:
        while kills < given.kills and time.monotonic() < enough:
            kills += _ordeal(folder, migrated, server, seed)
            seed += 1
    print(f"{kills} kills, nothing lost, nothing twice")
    shutil.rmtree(folder)


def _ordeal(folder: Path, migrated: Path, server: engines.Postgres, seed: int) -> int:
    place = folder / str(seed)
    place.mkdir()
    way = [*Way, None][seed % (len(Way) + 1)]
    try:
        if way is None:
            outcome = _on_a_server(place, server, seed)
        else:
            outcome = endure(place, in_file(place, migrated), way, seed, KILLS_EACH)
    except Violation as broken:
        sys.exit(f"BROKEN: {broken}")
    shutil.rmtree(place)
    print(
        f"seed {seed}, {way or 'on a server'}: {outcome.kills} kills of {outcome.lives} running bots, {outcome.updates} updates, "
        f"{outcome.reports} reports, {outcome.seconds:.0f} s",
        flush=True,
    )
    return outcome.kills


def _on_a_server(place: Path, server: engines.Postgres, seed: int) -> Outcome:
    with server.migrated_database() as url:
        return endure(place, Kept(url, server.folder / "data"), Way.POLLING, seed, KILLS_EACH)


if __name__ == "__main__":
    main()
