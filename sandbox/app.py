"""The whole sandbox as one ASGI application."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from sandbox.botapi import BotApi, download
from sandbox.control import control_routes
from sandbox.world import Options, World
from sandbox.zalo_api import ZaloApi
from sandbox.zalo_control import picture

STATIC = Path(__file__).parent / "static"


# A browser asks each time, so that a new version of the page is never mixed with an old one.
ASK_AGAIN = {"Cache-Control": "no-cache"}


class _Parts(StaticFiles):
    """The page's scripts, styles and icons."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(ASK_AGAIN)
        return response


async def _page(_: Request) -> FileResponse:
    return FileResponse(STATIC / "index.html", headers=ASK_AGAIN)


async def _zalo_page(_: Request) -> FileResponse:
    return FileResponse(STATIC / "zalo.html", headers=ASK_AGAIN)


def create_app(
    *,
    data: Path | None = None,
    username: str = "bao_cao_sandbox_bot",
    privacy: bool = True,
    limits: bool = True,
    now: datetime | None = None,
    webhook_retry_seconds: float = 1.0,
) -> Starlette:
    """A sandbox; its state is kept in `data` when given, else it ends with the process.

    `now` is where the clock starts (the machine's time by default), `webhook_retry_seconds` the
    first pause after a failed delivery. The world is at `app.state.world`.
    """
    world = World(
        Options(
            data=data,
            username=username,
            privacy=privacy,
            limits=limits,
            now=now,
            webhook_retry_seconds=webhook_retry_seconds,
        )
    )
    bot_api = BotApi(world)
    zalo_api = ZaloApi(world.zalo, world.calls, webhook_retry_seconds)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        flushing = asyncio.create_task(world.journal.keep_flushing())
        for bot in world.bots.values():
            bot_api.deliveries.restart(bot)
        for zalo_bot in world.zalo.bots.values():
            zalo_api.deliveries.restart(zalo_bot)
        yield
        await bot_api.deliveries.close()
        await zalo_api.deliveries.close()
        flushing.cancel()
        with suppress(asyncio.CancelledError):
            await flushing
        world.close()

    app = Starlette(
        routes=[
            Route("/bot{token}/{method}", bot_api),
            Route("/file/bot{token}/{path:path}", download),
            Route("/zalo/bot{token}/{method}", zalo_api),
            Route("/zalo/file/{file_id}", picture),
            *control_routes(world),
            Route("/", _page),
            Route("/zalo", _zalo_page),
            Mount("/static", _Parts(directory=STATIC, check_dir=False)),
        ],
        lifespan=lifespan,
    )
    app.state.world = world
    return app
