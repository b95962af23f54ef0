"""The buttons under a list that lead to its other pages, and to the periods beside it."""

from collections.abc import Callable
from datetime import date

from domain.deadline import DeadlineRules, has_begun
from domain.period import Period, following, previous
from handlers.desk import Button, Keyboard
from handlers.dialogue import rows
from wording.say import label


def page_buttons(at: Callable[[int], str], page: int, *, more: bool) -> Keyboard:
    """The pages before and after this one; `at` is what the button of a page carries."""
    back = [Button(label("pages.button_back"), at(page - 1))] if page else []
    on = [Button(label("pages.button_on"), at(page + 1))] if more else []
    return rows([*back, *on], 2)


def period_buttons(
    at: Callable[[Period], str], older: Period | None, newer: Period | None
) -> Keyboard:
    """The periods before and after this one, as far as there are any."""
    back = [Button(label("pages.button_older", period=older), at(older))] if older else []
    on = [Button(label("pages.button_newer", period=newer), at(newer))] if newer else []
    return rows([*back, *on], 2)


def periods_beside(
    at: Callable[[Period], str], period: Period, today: date, rules: DeadlineRules
) -> Keyboard:
    """The period before this one, and the one after it once that has begun."""
    after = following(period)
    return period_buttons(at, previous(period), after if has_begun(after, rules, today) else None)
