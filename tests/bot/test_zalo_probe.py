"""What the probe finds on a platform that is there, refuses the token, or does not answer."""

from collections.abc import AsyncIterator

import pytest

from bot.zalo_probe import probe
from sandbox.app import create_app
from tests.sandbox.rig import Rig, over_http
from tests.sandbox.zalo_rig import TOKEN, ZaloRig


@pytest.fixture
async def served() -> AsyncIterator[Rig]:
    async with over_http(create_app()) as rig:
        yield rig


def _api(rig: Rig) -> str:
    return f"{str(rig.http.base_url).rstrip('/')}/zalo"


async def test_each_answer_of_the_platform_is_recorded_and_nothing_is_changed(served: Rig) -> None:
    found = {finding.subject: finding.text for finding in await probe(TOKEN, _api(served))}
    assert "Bot Báo cáo" in found.pop("the token")
    assert found.pop("an idle poll").startswith("code 408 after 2.")
    assert found == {
        "the webhook": "none (code 404)",
        "an unknown chat": "code 400: Bad Request: chat not found",
        "an empty text": "code 400: Bad Request: chat not found",
        "an unknown method": "code 404: Not Found",
        "a webhook without a secret": (
            "code 400: Bad Request: secret_token must have 8 to 256 characters"
        ),
    }
    assert (await ZaloRig(served).refused("getWebhookInfo"))[0] == 404


async def test_a_refused_token_is_said_without_naming_it(served: Rig) -> None:
    first = (await probe("12:x", _api(served)))[0]
    assert (first.ok, first.text) == (False, "refused with 401: Unauthorized")


async def test_a_platform_that_does_not_answer_is_said_so() -> None:
    first, *rest = await probe(TOKEN, "http://127.0.0.1:9")
    assert (first.ok, first.text) == (False, "no answer: NotSent")
    assert not any("zalo-test" in finding.text for finding in (first, *rest))
