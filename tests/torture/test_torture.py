"""Nothing lost, nothing twice: the bot is killed again and again while people talk to it."""

from pathlib import Path

import pytest

from tests.storage import engines
from tests.torture.ordeal import REPORTERS, Outcome, endure
from tests.torture.stage import Kept, Way, in_file

KILLS = 13


def assert_it_was_an_ordeal(outcome: Outcome) -> None:
    assert outcome.kills > KILLS
    assert outcome.lives > KILLS / 2
    assert outcome.reports > REPORTERS


@pytest.mark.parametrize(
    ("way", "seed"), [(Way.POLLING, 0), (Way.POLLING, 1), (Way.WEBHOOK, 2), (Way.ZALO_TOO, 3)]
)
def test_what_people_confirmed_is_there_once_however_often_the_bot_is_killed(
    way: Way, seed: int, tmp_path: Path, migrated_file: Path
) -> None:
    kept = in_file(tmp_path, migrated_file)
    assert_it_was_an_ordeal(endure(tmp_path, kept, way, seed, KILLS))


def test_so_it_is_on_a_database_server(tmp_path: Path) -> None:
    with engines.postgres() as server, server.migrated_database() as url:
        kept = Kept(url, server.folder / "data")
        assert_it_was_an_ordeal(endure(tmp_path, kept, Way.POLLING, 4, KILLS))
