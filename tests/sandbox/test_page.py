"""How the page is served; what it does is shown by tests/browser."""

import pytest

from tests.sandbox.rig import Rig


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/static/style.css"])
async def test_a_browser_never_shows_an_old_page(rig: Rig, path: str) -> None:
    reply = await rig.http.get(path)
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-cache"
