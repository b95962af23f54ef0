"""The message of a day of the ladder, and what its buttons do.

It is composed when it is sent and again after each tap, of what is still missing then.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler

from domain.briefing import VIETNAM
from domain.ladder import LadderRules, next_evening, next_push
from domain.period import Period
from domain.role import Action, Actor
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import Handler, actor_of
from storage import audit, lock, nudge, person, reminder, rest, totals, unit, unit_report
from storage.nudge import Owed, Standing
from storage.reminder import Delivery
from wording.say import label

EVENING = "ladder.evening"
GAVE_UP = "ladder.gave_up"
# So many units have a button of their own for "nothing to report".
_NIL_BUTTONS = 3
# So many units are listed for those above, with their contacts; /thieu has them all.
_LISTED = 20
# For so long it is worth telling a lead that somebody has given a unit up.
_WORTH_TELLING = timedelta(days=7)


def nudge_messages(
    conn: Connection, deliveries: Iterable[Delivery], now: datetime, rules: LadderRules
) -> Mapping[int, Say]:
    """What these messages say now, by the deliveries' ids; those with nothing left to say are not
    there.
    """
    today = now.astimezone(VIETNAM).date()
    asked = [(each, each.nudged_on) for each in deliveries if each.nudged_on is not None]
    keys = {(each.person_id, day) for each, day in asked}
    found = nudge.standings(conn, keys, today, rules)
    said = ((each, day, found[each.person_id, day]) for each, day in asked)
    return {
        each.id: _reminder(each.message, left, day, today)
        for each, day, left in said
        if left.own or (left.told and each.message != EVENING)
    }


def gave_up_message(conn: Connection, rest_id: int, now: datetime) -> Say | None:
    """Tells a lead who has given which unit up; None when they have taken it back."""
    found = rest.given_up(conn, rest_id, now.astimezone(VIETNAM).date())
    return None if found is None else Say(GAVE_UP, {"found": found})


def _reminder(key: str, left: Standing, day: date, today: date) -> Say:
    """In the evening only what the person has to report."""
    return Say(key, _values(left, today), _buttons(left, day, asks_evening=key != EVENING))


def _values(left: Standing, today: date) -> dict[str, object]:
    return {
        "own": left.own,
        "told": left.told[:_LISTED],
        "more": max(0, len(left.told) - _LISTED),
        "today": today,
    }


def _buttons(left: Standing, day: date, *, asks_evening: bool) -> Keyboard:
    if not left.own:
        return ()
    report = Button(label("ladder.button_report"), "nudge:report")
    evening = Button(label("ladder.button_evening"), f"nudge:evening:{day}")
    give_up = Button(label("ladder.button_give_up"), f"nudge:give_up:{day}")
    nil = [_nil_button(each, day, alone=len(left.own) == 1) for each in left.own]
    last = (evening, give_up) if asks_evening else (give_up,)
    return ((report,), *((each,) for each in nil[:_NIL_BUTTONS] if each), last)


def _nil_button(owed: Owed, day: date, *, alone: bool) -> Button | None:
    """Nothing to report from the person's own unit; None for who has none there."""
    if owed.home is None:
        return None
    unit_id, unit_name = owed.home
    text = label("ladder.button_nil", unit=unit_name, period=owed.period, alone=alone)
    return Button(text, _nil_data("nil", day, owed.period, unit_id))


def _nil_data(wish: str, day: date, period: Period, unit_id: int) -> str:
    return f"nudge:{wish}:{day}:{period.code}:{unit_id}"


# --- nothing to report ------------------------------------------------------------------------------


async def tap_nil(turn: Turn, rules: LadderRules) -> None:
    """Nothing to report from this unit for this period, said or taken back by one tap."""
    _, wish, day, code, unit_id = turn.tap
    act = _say_nil if wish == "nil" else _take_back
    period, on = Period.from_code(code), date.fromisoformat(day)
    await turn.show(await turn.write(act, turn.sender, on, period, int(unit_id), rules))


def _say_nil(
    conn: Connection, sender: Sender, day: date, period: Period, unit_id: int, rules: LadderRules
) -> Say:
    actor = actor_of(conn, sender)
    of = unit.get(conn, unit_id)
    values = {"unit": of.name, "period": period}
    if actor is None or not actor.may(Action.REPORT_TALLY, of.path):
        return Say("scope.not_yours")
    if lock.locks(conn, unit_id, period, rules.deadlines, sender.today):
        return Say("ladder.locked", values)
    if totals.read(conn, unit_id, period):
        return Say("tally.nil_but_figures", values)
    unit_report.record_nil(conn, unit_id, period, actor.person_id, sender.now)
    left = nudge.standing(conn, actor.person_id, day, sender.today, rules)
    undo = Button(label("tally.button_undo"), _nil_data("undo", day, period, unit_id))
    rest_of_it = _buttons(left, day, asks_evening=True)
    return Say("ladder.nil_done", values | _values(left, sender.today), ((undo,), *rest_of_it))


def _take_back(
    conn: Connection, sender: Sender, day: date, period: Period, unit_id: int, rules: LadderRules
) -> Say:
    """Only who said it takes it back, and not after the lock."""
    actor = actor_of(conn, sender)
    values = {"unit": unit.get(conn, unit_id).name, "period": period}
    if actor is None:
        return Say("common.not_enrolled")
    if lock.locks(conn, unit_id, period, rules.deadlines, sender.today):
        return Say("ladder.locked", values)
    if not unit_report.take_back_nil(conn, unit_id, period, actor.person_id, sender.now):
        return Say("scope.not_yours")
    return _again(conn, sender, actor, day, rules)


def _again(conn: Connection, sender: Sender, actor: Actor, day: date, rules: LadderRules) -> Say:
    """The reminder as it stands now."""
    left = nudge.standing(conn, actor.person_id, day, sender.today, rules)
    if not left:
        return _nothing_left(conn, sender, actor, day)
    return _reminder(reminder.LADDER, left, day, sender.today)


# --- this evening, and no longer --------------------------------------------------------------------


async def tap_wish(turn: Turn, rules: LadderRules) -> None:
    """Remind me this evening; it is no longer my task, or it is after all."""
    _, wish, day = turn.tap
    await turn.show(await turn.write(_wished, turn.sender, wish, date.fromisoformat(day), rules))


def _wished(conn: Connection, sender: Sender, wish: str, day: date, rules: LadderRules) -> Say:
    actor = actor_of(conn, sender)
    if actor is None:
        return Say("common.not_enrolled")
    fulfil = {"evening": _this_evening, "give_up": _give_up, "back": _come_back}[wish]
    return fulfil(conn, sender, actor, day, rules)


def _this_evening(
    conn: Connection, sender: Sender, actor: Actor, day: date, rules: LadderRules
) -> Say:
    """Once for each day's reminder, at their own wish outside the hours for everybody."""
    left = nudge.standing(conn, actor.person_id, day, sender.today, rules)
    if not left.own:
        return _nothing_left(conn, sender, actor, day)
    opens, closes = next_evening(sender.now, rules)
    reminder.queue(
        conn,
        [actor.person_id],
        key=f"{EVENING}:{day}",
        message=EVENING,
        at=sender.now,
        expires_at=closes,
        nudged_on=day,
        not_before=opens,
    )
    audit.record(conn, sender.now, actor.person_id, "remind_in_the_evening", "person")
    buttons = _buttons(left, day, asks_evening=False)
    return Say("ladder.evening_asked", {"at": opens}, buttons)


def _give_up(conn: Connection, sender: Sender, actor: Actor, day: date, rules: LadderRules) -> Say:
    """No reminders of these units any more; who leads them hears of it."""
    left = nudge.standing(conn, actor.person_id, day, sender.today, rules)
    if not left.own:
        return _nothing_left(conn, sender, actor, day)
    for owed in left.own:
        rest_id = rest.begin(conn, actor.person_id, owed.unit_id, None, sender.now)
        _tell_leads(conn, sender, actor, owed, rest_id, rules)
    return Say("ladder.given_up", {"own": left.own}, _back(day))


def _back(day: date) -> Keyboard:
    return ((Button(label("ladder.button_back"), f"nudge:back:{day}"),),)


def _nothing_left(conn: Connection, sender: Sender, actor: Actor, day: date) -> Say:
    """Who is not reminded because they said so can take it back."""
    rests = rest.rests(conn, actor.person_id, sender.today)
    return Say("ladder.nothing_left", keyboard=_back(day) if rests else ())


def _tell_leads(
    conn: Connection, sender: Sender, actor: Actor, owed: Owed, rest_id: int, rules: LadderRules
) -> None:
    """In the hours of reminders: nobody need know of it at night."""
    leads = person.in_charge(conn, owed.unit_id, Action.CALL_ROUND, sender.today)
    reminder.queue(
        conn,
        [each for each in leads if each != actor.person_id],
        key=f"{GAVE_UP}:{rest_id}",
        message=GAVE_UP,
        at=sender.now,
        expires_at=sender.now + _WORTH_TELLING,
        rest_id=rest_id,
        not_before=next_push(sender.now, rules),
    )


def _come_back(
    conn: Connection, sender: Sender, actor: Actor, day: date, rules: LadderRules
) -> Say:
    rest.end(conn, actor.person_id, sender.now, sender.today)
    return _again(conn, sender, actor, day, rules)


def handlers(desk: Desk, rules: LadderRules) -> list[Handler]:
    day = r"\d{4}-\d\d-\d\d"
    return [
        CallbackQueryHandler(
            desk.on(partial(tap_nil, rules=rules)),
            pattern=rf"^nudge:(nil|undo):{day}:[0-9A-Z.-]+:\d+$",
        ),
        CallbackQueryHandler(
            desk.on(partial(tap_wish, rules=rules)),
            pattern=rf"^nudge:(evening|give_up|back):{day}$",
        ),
    ]
