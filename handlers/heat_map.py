"""The button under /thieu that shows its list as a picture: units by months, in colours and letters."""

from datetime import date
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler

from domain.deadline import DeadlineRules
from domain.period import Period, PeriodKind
from handlers.desk import Button, Desk, Keyboard, Picture, Say, Turn
from handlers.dialogue import Handler
from handlers.pages import page_buttons
from handlers.scope import Scope, page_here
from reports.heat_map import HeatMap, lay_out
from storage import status
from wording.say import label


async def tap_heat_map(turn: Turn) -> None:
    """A page of the table, as a message and the picture behind it; the list stays where it is."""
    await turn.show(await page_here(turn, heat_map), new=True)


def heat_map(conn: Connection, today: date, scope: Scope, rules: DeadlineRules, page: int) -> Say:
    """A page of the table for the scope, with the picture of it and the way to the other pages."""
    period, unit = _whole(scope.period), scope.unit
    months = status.of_months(conn, unit.id, period, rules, today)
    if not any(months.values()):
        return Say("missing.owes_nothing", {"unit": unit, "period": period})
    table = lay_out(unit.name, period, months, today, page)
    at = partial(_data, scope.period, unit.id)
    keyboard = page_buttons(at, table.page, more=table.page + 1 < table.pages)
    picture = Picture("heat_map.caption", partial(_draw, table))
    return Say("heat_map.shown", {"map": table}, keyboard, picture=picture)


def _whole(period: Period) -> Period:
    """A month is shown with its whole year: one column alone says no more than the list."""
    return Period.year_of(period.start) if period.kind is PeriodKind.MONTH else period


def _draw(table: HeatMap) -> bytes:
    # Imported when somebody looks: it takes longer than all the rest of a start.
    from reports.heat_map_picture import draw

    return draw(table)


def heat_map_button(scope: Scope) -> Keyboard:
    """The way from the list to the picture."""
    return ((Button(label("heat_map.button"), _data(scope.period, scope.unit.id, 0)),),)


def _data(period: Period, unit_id: int, page: int) -> str:
    return f"heat:{period.code}:{unit_id}:{page}"


def handlers(desk: Desk) -> list[Handler]:
    months = r"[0-9]{4}(?:-(?:[0-9]{2}|Q[1-4]|H[12]|9M))?"
    return [CallbackQueryHandler(desk.on(tap_heat_map), pattern=rf"^heat:{months}:\d+:\d+$")]
