"""`python -m sandbox --port N [--data DIR]`: the messenger alone, on loopback."""

import argparse
import socket
import sys
from datetime import datetime
from pathlib import Path

from sandbox.app import create_app
from sandbox.serving import make_server


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="TCP port, 0 for a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--data", type=Path, help="folder that keeps the state")
    parser.add_argument("--username", default="bao_cao_sandbox_bot", help="the bot's username")
    parser.add_argument("--now", type=datetime.fromisoformat, help="where the clock starts")
    parser.add_argument("--no-limits", action="store_true", help="switch the rate model off")
    parser.add_argument("--no-privacy", action="store_true", help="let bots read all of a group")
    return parser


def main() -> None:
    """Serve until stopped."""
    parser = arguments()
    given = parser.parse_args()
    try:
        listener = socket.create_server((given.host, given.port))
    except OSError as error:
        parser.error(f"cannot listen on {given.host}:{given.port}: {error.strerror}")
    app = create_app(
        data=given.data,
        username=given.username,
        privacy=not given.no_privacy,
        limits=not given.no_limits,
        now=given.now,
    )
    sys.stdout.write(f"Sandbox: http://{given.host}:{listener.getsockname()[1]}/\n")
    sys.stdout.flush()
    make_server(app).run(sockets=[listener])


if __name__ == "__main__":
    main()
