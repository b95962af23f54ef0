"""The real bot and the sandbox, once per test worker."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.journeys.rig import Rig, running
from tests.journeys.zalo_rig import ZaloRig
from tests.torture.lives import zygote as one_zygote


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-scenarios",
        action="store_true",
        help="write what the bot really answered into tests/journeys/scenarios",
    )


@pytest.fixture(scope="session")
def zygote() -> Iterator[subprocess.Popen[str]]:
    with one_zygote() as process:
        yield process


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory, zygote: subprocess.Popen[str]) -> Iterator[Rig]:
    with running(Rig(tmp_path_factory.mktemp("journeys"), zygote)) as rig:
        yield rig


@pytest.fixture(scope="session")
def zalo_rig(
    tmp_path_factory: pytest.TempPathFactory, zygote: subprocess.Popen[str]
) -> Iterator[ZaloRig]:
    with running(ZaloRig(tmp_path_factory.mktemp("journeys-on-zalo"), zygote)) as rig:
        yield rig
