"""/donvi: leads and officers see who holds which role in their units; others their own roles and
whom to ask.

Names, roles, whether somebody can be reached or is away: never what or how much anybody reports
(reference §9.4, no judgement on reporters). Every look at names is written into the audit log.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.role import ALLOWED, Action, Actor, Approval
from handlers.approval import waiting_button, waiting_for
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of, rows
from handlers.pages import page_buttons
from handlers.scope import reach_of, which_unit
from storage import audit, leave, people, unit
from storage.people import Held
from wording.say import label

# So many roles make a page.
SHOWN = 10


# --- the list ------------------------------------------------------------------------------------


async def show_people(turn: Turn) -> None:
    """/donvi [đơn vị]"""
    answer = await turn.write(_asked, turn.sender, turn.arguments, turn.desk.approval)
    await turn.show(answer)


async def tap_list(turn: Turn) -> None:
    """Another page, or a unit among several of one name."""
    _, unit_id, page = turn.tap
    answer = await turn.write(overview, turn.sender, int(unit_id), int(page), turn.desk.approval)
    await turn.show(answer)


def _asked(conn: Connection, sender: Sender, name: str, approval: Approval) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    reach = reach_of(actor, Action.SEE_PEOPLE)
    if reach is None:
        return _own(conn, sender, actor)
    if not name:
        return _home(conn, sender, actor, approval)
    named = [of for of in unit.named(conn, name, sender.today) if reach.holds(of.path)]
    if len(named) == 1:
        return overview(conn, sender, named[0].id, 0, approval)
    if not named:
        return Say("people.unknown_unit")
    return which_unit(conn, named, lambda unit_id: _list_data(unit_id, 0))


def _home(conn: Connection, sender: Sender, actor: Actor, approval: Approval) -> Say:
    """The unit that the person leads; which, when there are several."""
    led = (m.unit_id for m in actor.memberships if m.role in ALLOWED[Action.SEE_PEOPLE])
    first, *more = dict.fromkeys(led)
    if not more:
        return overview(conn, sender, first, 0, approval)
    units = [unit.get(conn, unit_id) for unit_id in (first, *more)]
    question = which_unit(conn, units, lambda unit_id: _list_data(unit_id, 0))
    return replace(question, key="people.which")


def _own(conn: Connection, sender: Sender, actor: Actor) -> Say:
    """One's own roles, each with whom to ask."""
    held = people.of_person(conn, actor.person_id, sender.today)
    asked = [(each, people.leads_of(conn, each.unit_id, sender.today)) for each in held]
    return Say("people.own", {"held": asked})


def overview(conn: Connection, sender: Sender, unit_id: int, page: int, approval: Approval) -> Say:
    """A page of the roles held in the unit and below it, with the way to each person."""
    actor, of = actor_of(conn, sender), unit.get(conn, unit_id)
    if actor is None or not actor.may(Action.SEE_PEOPLE, of.path):
        return Say("people.not_yours")
    first = page * SHOWN
    found = people.below(conn, unit_id, sender.today, SHOWN + 1, first)
    if page and not found:
        return overview(conn, sender, unit_id, 0, approval)
    shown = found[:SHOWN]
    audit.record(
        conn, sender.now, actor.person_id, "see_people", "org_unit", unit_id, page=page + 1
    )
    ids = {held.person_id for held in shown}
    values = {
        "unit": of,
        "people": people.count_below(conn, unit_id, sender.today),
        "groups": _by_unit(shown, first),
        "away": leave.away(conn, ids, sender.today),
        "reachable": people.reachable(conn, ids),
    }
    keyboard = (
        *_card_buttons(shown, first, unit_id),
        *page_buttons(partial(_list_data, unit_id), page, more=len(found) > SHOWN),
        *_waiting_button(conn, actor, approval),
    )
    return Say("people.list", values, keyboard)


def _by_unit(shown: Sequence[Held], first: int) -> list[tuple[str, list[tuple[int, Held]]]]:
    """The roles of a page with their numbers, below the names of their units."""
    numbered = enumerate(shown, start=first + 1)
    groups = groupby(numbered, key=lambda each: (each[1].unit_id, each[1].unit_name))
    return [(name, list(of_unit)) for (_, name), of_unit in groups]


def _card_buttons(shown: Sequence[Held], first: int, unit_id: int) -> Keyboard:
    buttons = [
        Button(label("people.button_person", number=n), card_data(held.person_id, unit_id))
        for n, held in enumerate(shown, start=first + 1)
    ]
    return rows(buttons, 5)


def _waiting_button(conn: Connection, actor: Actor, approval: Approval) -> Keyboard:
    number = len(waiting_for(conn, actor, approval))
    return ((waiting_button(number),),) if number else ()


def _list_data(unit_id: int, page: int) -> str:
    return f"people:{unit_id}:{page}"


# --- one person ----------------------------------------------------------------------------------


async def tap_card(turn: Turn) -> None:
    """A tap on a number: the person's roles, and what can be done about them."""
    _, person_id, unit_id = turn.tap
    await turn.show(await turn.write(card, turn.sender, int(person_id), int(unit_id)))


def card(conn: Connection, sender: Sender, person_id: int, unit_id: int) -> Say:
    """Somebody's roles within the reach of who looks; `unit_id` is the list to go back to."""
    actor = actor_of(conn, sender)
    held = _in_reach(conn, actor, person_id, sender) if actor else []
    if actor is None or not held:
        return Say("people.not_yours")
    audit.record(conn, sender.now, actor.person_id, "see_person", "person", person_id)
    planned = leave.coming(conn, person_id, sender.today)
    values = {
        "held": held,
        "reachable": bool(people.reachable(conn, [person_id])),
        "leave": planned,
    }
    given = [each for each in held if _may_change(conn, actor, each)]
    buttons = [
        *(button for each in given for button in _role_buttons(each, unit_id)),
        *(_person_buttons(person_id, unit_id, planned.id if planned else None) if given else ()),
        (Button(label("people.button_list"), _list_data(unit_id, 0)),),
    ]
    return Say("people.card", values, tuple(buttons))


def _in_reach(conn: Connection, actor: Actor, person_id: int, sender: Sender) -> list[Held]:
    return [
        held
        for held in people.of_person(conn, person_id, sender.today)
        if actor.may(Action.SEE_PEOPLE, unit.path(conn, held.unit_id))
    ]


def _may_change(conn: Connection, actor: Actor, held: Held) -> bool:
    """A stand-in's role ends with the leave."""
    return not held.stands_in and actor.may_give(held.role, unit.path(conn, held.unit_id))


def manages(conn: Connection, actor: Actor, person_id: int, today: date) -> bool:
    """Whether this lead or officer may hand out, and so look after, a role of that person."""
    return any(
        actor.may_give(held.role, unit.path(conn, held.unit_id))
        for held in people.of_person(conn, person_id, today)
    )


def _role_buttons(held: Held, unit_id: int) -> Keyboard:
    return tuple(
        (Button(label(f"people.button_{wish}", held=held), f"role:{held.id}:{wish}:{unit_id}"),)
        for wish in ("end", "move")
    )


def _person_buttons(person_id: int, unit_id: int, leave_id: int | None) -> Keyboard:
    give = Button(label("people.button_give"), f"role:{person_id}:give:{unit_id}")
    away = Button(label("people.button_away"), f"away:for:{person_id}")
    back = Button(label("people.button_back"), f"away:{leave_id}:back")
    return ((give,), (away if leave_id is None else back,))


def card_data(person_id: int, unit_id: int) -> str:
    return f"person:{person_id}:{unit_id}"


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("donvi", desk.on(show_people), filters=PRIVATE),
        CallbackQueryHandler(desk.on(tap_list), pattern=r"^people:\d+:\d+$"),
        CallbackQueryHandler(desk.on(tap_card), pattern=r"^person:\d+:\d+$"),
    ]
