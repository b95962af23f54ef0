"""The real bot and the sandbox, once per test worker."""

from collections.abc import Iterator

import pytest

from tests.journeys.rig import Rig, running
from tests.journeys.zalo_rig import ZaloRig


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-scenarios",
        action="store_true",
        help="write what the bot really answered into tests/journeys/scenarios",
    )


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with running(Rig(tmp_path_factory.mktemp("journeys"))) as rig:
        yield rig


@pytest.fixture(scope="session")
def zalo_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZaloRig]:
    with running(ZaloRig(tmp_path_factory.mktemp("journeys-on-zalo"))) as rig:
        yield rig
