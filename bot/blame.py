"""What of the world around the bot is to blame for an error, in words for the operator."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from telegram.error import TelegramError

from bot.single import CannotStartError
from storage.trouble import explained, trouble

# With this exit code whatever watches the bot starts it again.
START_AGAIN = 1


@contextmanager
def opening(database_url: str) -> Iterator[None]:
    """The database is opened in here, and nothing else is done: raises CannotStartError for whatever
    the driver raises meanwhile.
    """
    try:
        yield
    except Exception as error:
        what = trouble(error)
        if what is not None:
            raise CannotStartError(explained(what, database_url)) from error
        if isinstance(error, SQLAlchemyError | OSError):
            raise CannotStartError(
                f"the database cannot be opened ({type(error).__name__}): mend DATABASE_URL"
            ) from error
        raise


def blamed(error: Exception, database_url: str) -> tuple[str, int] | None:
    """What to say and the code to exit with; None for a mistake of our own."""
    match error:
        case CannotStartError():
            return str(error), error.exit_code
        case DBAPIError():
            what = trouble(error)
            return None if what is None else (explained(what, database_url), 2)
        case TelegramError():
            # Its text may hold the token.
            return (
                f"The messenger does not answer as it should ({type(error).__name__}): see that the "
                "network is up and that the bot's TELEGRAM_ and ZALO_ settings are right."
            ), START_AGAIN
        case OSError():
            return f"{type(error).__name__}: {error}", START_AGAIN
    return None
