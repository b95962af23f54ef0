"""A uvicorn server whose connections the sandbox can cut without an answer."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_CUT = "sandbox.cut"


class CuttableProtocol(H11Protocol):
    """Gives the application a way to drop the connection; long polls end when the server stops."""

    _running: asyncio.Task[object] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the transport's abort on through the scope."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("an HTTP connection needs a stream")
        super().connection_made(transport)
        # A listener made by socket.create_server does not say that it is TCP, so asyncio leaves
        # Nagle's algorithm on, and every answer waits 40 ms for the client's acknowledgement.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app: ASGIApp = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            scope[_CUT] = transport.abort
            self._running = asyncio.current_task()
            with suppress(asyncio.CancelledError):
                await app(scope, receive, send)

        self.app = with_cut

    def shutdown(self) -> None:
        """Called when the server stops: do not wait for a call that is under way."""
        super().shutdown()
        if self._running is not None and not self._running.done():
            self.transport.abort()
            self._running.cancel()


async def cut(scope: Scope) -> None:
    """Close the connection with no answer; in-process clients see ConnectionResetError."""
    abort: Callable[[], None] | None = scope.get(_CUT)
    if abort is None:
        raise ConnectionResetError("the sandbox cut the connection")
    abort()
    await asyncio.sleep(0.001)


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server to run on given sockets; it logs no requests, because their paths hold tokens."""
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        # Not uvloop, which may be there for the bot: its connections are of another kind.
        loop="asyncio",
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
    return uvicorn.Server(config)
