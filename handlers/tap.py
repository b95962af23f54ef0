"""How a tap is answered that may have come too late."""

from handlers.desk import Say, Turn


async def answer_tap(turn: Turn, answer: Say | None) -> None:
    """Show the answer; None means that the button is older than what has happened since."""
    if answer is None:
        await turn.pop_up("common.old_button")
    else:
        await turn.show(answer)
