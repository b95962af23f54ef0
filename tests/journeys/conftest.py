"""The real bot and the sandbox, once per test worker."""

from collections.abc import Iterator

import pytest

from tests.journeys.rig import Rig, running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-scenarios",
        action="store_true",
        help="write what the bot really answered into tests/journeys/scenarios",
    )


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with running(tmp_path_factory.mktemp("journeys")) as rig:
        yield rig
