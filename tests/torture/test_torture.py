"""Nothing lost, nothing twice: the bot is killed again and again while people talk to it."""

from pathlib import Path

import pytest

from tests.torture.ordeal import REPORTERS, endure

KILLS = 13


@pytest.mark.parametrize("seed", range(4))
def test_what_people_confirmed_is_there_once_however_often_the_bot_is_killed(
    seed: int, tmp_path: Path, migrated_file: Path
) -> None:
    outcome = endure(tmp_path, migrated_file, seed, KILLS)
    assert outcome.kills > KILLS
    assert outcome.lives > KILLS / 2
    assert outcome.reports > REPORTERS
