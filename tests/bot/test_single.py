"""A second bot by mistake, with real processes: it stops with a sentence, the first goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.lock import only_one
from bot.single import SecondInstanceError
from tests.bot.processes import CONFIRM, TOKEN, Stage, furnished, sessions_kept, staged
from tests.storage.engines import Postgres, migrated_file, postgres


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_file(tmp_path_factory.mktemp("single"))


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as stage:
        yield stage


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    return furnished(migrated, tmp_path / "bao-cao.db")


def test_a_second_bot_on_one_database_stops_and_a_killed_one_leaves_no_lock(
    stage: Stage, database: Path, tmp_path: Path
) -> None:
    first = stage.start(database)
    stage.report()

    link = tmp_path / "other-name.db"
    link.symlink_to(database)
    second = stage.begin(link, TELEGRAM_TOKEN="2:another-secret_Token")

    assert second.ends() == 3
    assert "Another bot is running on" in second.said
    assert "Traceback" not in second.said
    stage.report()
    assert sessions_kept(database) == 2

    first.kill()
    before = stage.newest()
    stage.say(next(stage.lines))
    stage.say("/trogiup")
    # Nor is what waits, and nobody confirms, taken for the work of another bot.
    stage.start(database)
    stage.answer(CONFIRM, before)


def test_a_second_bot_with_one_token_stops_and_the_first_misses_nothing(
    stage: Stage, database: Path, migrated: Path, tmp_path: Path
) -> None:
    first = stage.start(database)
    other = furnished(migrated, tmp_path / "other.db")
    second = stage.begin(other)
    for _ in range(6):
        stage.report()
    assert second.ends() == 3
    assert "same TELEGRAM_TOKEN" in second.said
    assert TOKEN not in second.said
    assert "Traceback" not in second.said
    stage.report()
    assert first.runs()
    assert (sessions_kept(database), sessions_kept(other)) == (7, 0)
    assert sum("Đã lưu" in answer for answer in stage.answers()) == 7


async def test_of_two_on_one_server_database_the_second_stops_until_the_first_is_gone(
    server: Postgres,
) -> None:
    with server.migrated_database() as url:
        async with only_one(url):
            with pytest.raises(SecondInstanceError, match="running on postgresql://"):
                async with only_one(url):
                    pass
        async with only_one(url):
            pass
