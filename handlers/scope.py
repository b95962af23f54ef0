"""What "[kỳ] [đơn vị]" after a command means, within the units that somebody may ask about."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection

from domain.deadline import DeadlineRules
from domain.period import Period, read_period
from domain.role import Action, Actor
from domain.status import collected_month
from domain.unit import Unit
from handlers.desk import Button, Say, Sender, Turn
from handlers.dialogue import actor_of, rows
from handlers.summary import unit_of_group, writer_of
from storage import unit
from wording.say import label

# So many units of one name are offered as buttons.
CHOICES = 8


@dataclass(frozen=True, slots=True)
class Reach:
    """The units that may be asked about: those whose path `holds`; `home` when none is named."""

    home: int
    holds: Callable[[frozenset[int]], bool]


@dataclass(frozen=True, slots=True)
class Scope:
    """The period and the unit, with everything below it, that a question is about."""

    period: Period
    unit: Unit


# Answers for a day about a scope with one page of what is found there, the first is 0.
PageOf = Callable[[Connection, date, Scope, DeadlineRules, int], Say]


def reach_of(actor: Actor, action: Action) -> Reach | None:
    """The units for which this person may do it; None for nowhere."""
    membership = actor.first(action)
    if membership is None:
        return None
    return Reach(membership.unit_id, lambda path: actor.may(action, path))


def reach_here(conn: Connection, turn: Turn) -> Reach | Say:
    """The units whose reports may be looked at: in private those that the person leads, in a group
    the group's own.
    """
    if not turn.is_private:
        home = unit_of_group(conn, turn.sender, writer_of(turn))
        if home is None:
            return Say("summary.group_not_registered")
        return Reach(home, lambda path: home in path)
    actor = actor_of(conn, turn.sender)
    if actor is None:
        return Say("common.not_enrolled")
    return reach_of(actor, Action.SEE_SUMMARY) or Say("missing.leads_only")


def looking(turn: Turn) -> Callable[..., Awaitable[Say]]:
    """How to ask what `reach_here` is part of: beside the writer, unless it may register a group.

    A year of a whole province takes some tenths of a second, in which no report should wait.
    """
    return turn.read if turn.is_private else turn.write


async def page_here(turn: Turn, page_of: PageOf) -> Say:
    """The page to which the tapped button NAME:PERIOD:UNIT:PAGE leads, within `reach_here`."""
    return await looking(turn)(_page_here, turn, page_of, turn.desk.rules.deadlines)


def _page_here(conn: Connection, turn: Turn, page_of: PageOf, rules: DeadlineRules) -> Say:
    _, code, unit_id, page = turn.tap
    reach = reach_here(conn, turn)
    if isinstance(reach, Say):
        return reach
    scope = find_scope(conn, reach, code, unit_id)
    if isinstance(scope, Say):
        return scope
    return page_of(conn, turn.sender.today, scope, rules, int(page))


def officer_asks(
    conn: Connection,
    sender: Sender,
    action: Action,
    text: str,
    rules: DeadlineRules,
    data: Callable[[Period, int], str],
) -> Scope | Say:
    """What an officer's command is about (see `read_scope`); or why they may not do it."""
    found = _officer(conn, sender, action)
    if isinstance(found, Say):
        return found
    _, reach = found
    return read_scope(conn, reach, text, sender.today, rules, data)


def officer_taps(
    conn: Connection, sender: Sender, action: Action, code: str, unit_id: str
) -> tuple[Actor, Scope] | Say:
    """Who taps an officer's button and what it is about; or why they may not do it."""
    found = _officer(conn, sender, action)
    if isinstance(found, Say):
        return found
    actor, reach = found
    scope = find_scope(conn, reach, code, unit_id)
    return scope if isinstance(scope, Say) else (actor, scope)


def _officer(conn: Connection, sender: Sender, action: Action) -> tuple[Actor, Reach] | Say:
    """The officer who speaks and the units for which they may do it."""
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    reach = reach_of(actor, action)
    return (actor, reach) if reach else Say("requests.officers_only")


def read_scope(
    conn: Connection,
    reach: Reach,
    text: str,
    today: date,
    rules: DeadlineRules,
    data: Callable[[Period, int], str],
) -> Scope | Say:
    """The scope that the words name, or what to ask back when they name none or several.

    The period and the unit come in either order, and either may be left out: then it is the month
    that is collected. `data` is what the button for a period and the id of a unit carries.
    """
    default = collected_month(today, rules)
    if not text:
        return Scope(default, unit.get(conn, reach.home))
    for period, name in _readings(text, today, rules):
        named = _named(conn, reach, name)
        if len(named) == 1:
            return Scope(period or default, named[0])
        if named:
            return which_unit(conn, named, partial(data, period or default))
    return Say("scope.unknown")


def find_scope(conn: Connection, reach: Reach, code: str, unit_id: str) -> Scope | Say:
    """The scope of a tapped button, or that it is out of reach now."""
    of = unit.get(conn, int(unit_id))
    if not reach.holds(of.path):
        return Say("scope.not_yours")
    return Scope(Period.from_code(code), of)


def _readings(text: str, today: date, rules: DeadlineRules) -> Iterator[tuple[Period | None, str]]:
    """Every way to take the words as a period and a name: the name alone, then the longest period.

    A unit's own name may end in what reads like a month ("Chi bộ thôn 2").
    """
    yield None, text
    words = text.split()
    for length in range(len(words), 0, -1):
        for spoken, name in (
            (words[:length], words[length:]),
            (words[-length:], words[:-length]),
        ):
            period = read_period(" ".join(spoken), today, rules.cutoff)
            if period is not None:
                yield period, " ".join(name)


def _named(conn: Connection, reach: Reach, name: str) -> list[Unit]:
    if not name:
        return [unit.get(conn, reach.home)]
    return [of for of in unit.named(conn, name) if reach.holds(of.path)]


def which_unit(conn: Connection, named: Sequence[Unit], data: Callable[[int], str]) -> Say:
    """Several units bear the name: one button each, told apart by the unit above."""
    buttons = [
        Button(label("scope.button_unit", unit=of, above=unit.name_above(conn, of.id)), data(of.id))
        for of in named[:CHOICES]
    ]
    return Say("scope.which", {"name": named[0].name}, rows(buttons, 1))
