"""`python -m bot`: the bot itself starts without the rest of the command line, which is bot/cli.py."""

import sys

if sys.argv[1:] == ["run"]:
    from bot.start import start

    start()
else:
    from bot.cli import app

    app()
