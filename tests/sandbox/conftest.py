"""Fixtures of the sandbox's tests."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from sandbox.app import create_app
from sandbox.clock import TZ
from tests.sandbox.rig import Rig, in_process, over_http

START = datetime(2026, 11, 21, 8, 0, tzinfo=TZ)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """An in-process sandbox without send limits."""
    made = in_process(create_app(limits=False, now=START))
    async with made.http:
        yield made


@pytest.fixture
async def served() -> AsyncIterator[Rig]:
    """A sandbox behind real HTTP, without send limits."""
    app = create_app(limits=False, now=START, webhook_retry_seconds=0.01)
    async with over_http(app) as made:
        yield made
