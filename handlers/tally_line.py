"""What a line opens: a report, a nil return, a correction or a withdrawal of one's own entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from domain import tally_form
from domain.period import Period
from domain.reading import Action as ReadAction
from domain.reading import (
    DateProblem,
    DateSpan,
    Entry,
    Intent,
    QuestionCode,
    Reading,
    read,
    read_day,
)
from domain.role import Action, Actor, Membership
from domain.tally import MEASURES
from domain.tally_form import Refusal, Step, TallyForm, from_figures
from domain.text import fold
from handlers.desk import Rules, Say, Sender
from handlers.dialogue import actor_of
from handlers.tally_draft import DIALOGUE, TallyDraft, withdrawal_buttons
from handlers.tally_store import settled, store_at_once
from storage import evidence, tally, totals, unit
from storage.tally import StoredTally

# How far back a correction or withdrawal looks for the entry that is meant.
RECENT = timedelta(days=62)
MOST_RECENT = 50


def begin_form(conn: Connection, sender: Sender, rules: Rules) -> Say:
    """The guided form, for the sender's own unit."""
    actor = actor_of(conn, sender)
    own = actor.first(Action.REPORT_TALLY) if actor else None
    if own is None:
        return no_role(actor)
    return open_draft(
        conn, sender, rules, TallyDraft(TallyForm(own.unit_id), own.unit_name, sender.origin)
    )


def begin_line(conn: Connection, sender: Sender, rules: Rules, line: str) -> Say:
    """A free text, as the privacy screen let it through."""
    return begin_reading(conn, sender, rules, line, read(line, sender.now))


def begin_reading(
    conn: Connection, sender: Sender, rules: Rules, line: str, reading: Reading
) -> Say:
    """The same, read already: reading takes longer than a transaction should."""
    actor = actor_of(conn, sender)
    own = actor.first(Action.REPORT_TALLY) if actor else None
    if actor is None or own is None:
        return no_role(actor)
    if sender.photo is not None and not evidence.has_agreed(conn, actor.person_id):
        sender = replace(sender, photo=None)
    match reading.intent:
        case Intent.REPORT | Intent.NIL_REPORT:
            return _begin_report(conn, sender, rules, actor, own, reading, line)
        case Intent.CORRECT:
            return _begin_patch(conn, sender, rules, actor, reading, line)
        case Intent.RETRACT:
            return _offer_withdrawal(conn, sender, actor)
    return Say("tally.plan_not_counted" if _is_plan(line, sender) else "common.not_understood")


def _is_plan(line: str, sender: Sender) -> bool:
    """A text that is no report but speaks of a day to come."""
    day = read_day(line, sender.now)
    return isinstance(day, DateProblem) and day.code is QuestionCode.FUTURE_DATE


def begin_correction(
    conn: Connection, sender: Sender, rules: Rules, tally_id: int, version: int
) -> Say:
    """The form filled with a stored entry, asking which field to change."""
    actor = actor_of(conn, sender)
    old = tally.find(conn, tally_id)
    if actor is None or old is None or old.reporter_id != actor.person_id:
        return Say("tally.not_yours")
    if old.version != version or old.withdrawn:
        return Say("tally.changed_since")
    return open_draft(conn, sender, rules, replace(_correcting(old), fixing=True))


def no_role(actor: Actor | None) -> Say:
    return Say("common.not_enrolled" if actor is None else "common.no_reporting_role")


def _begin_report(
    conn: Connection,
    sender: Sender,
    rules: Rules,
    actor: Actor,
    own: Membership,
    reading: Reading,
    line: str,
) -> Say:
    if not reading.entries:
        return _begin_same_again(conn, sender, rules, actor, reading)
    named = next((e.figures.unit_text for e in reading.entries if e.figures.unit_text), None)
    figures = [entry.figures for entry in reading.entries]
    place = _unit_called(conn, actor, own, named, figures[-1].date_to)
    if isinstance(place, Say):
        return place
    unknown = _unknown(named, place)
    first, *rest = figures
    if reading.action is ReadAction.ACCEPT and not (rest or unknown):
        stored = store_at_once(conn, sender, rules, actor, place.unit_id, first)
        if stored is not None:
            return stored
    form = from_figures(place.unit_id, first)
    state = TallyDraft(form, place.unit_name, sender.origin, rest=tuple(rest), named=unknown)
    if reading.question is not None:
        state = state.asking(reading.question, line, sender.now)
    elif reading.intent is Intent.NIL_REPORT:
        return _begin_nil(conn, sender, rules, state, Period.month_of(first.date_from))
    return open_draft(conn, sender, rules, state)


def _unit_called(
    conn: Connection, actor: Actor, own: Membership, named: str | None, day: date
) -> Membership | Say:
    """The unit to report for: the sender's own, or a named one below it; never another's.

    For a unit that has gone by that day it is the one that goes on for it.
    """
    called = unit.named(conn, named, on=day) if named else []
    within = [u for u in called if actor.may(Action.REPORT_TALLY, u.path)]
    if called and not within:
        return Say("tally.other_unit", {"named": named, "own": own.unit_name})
    return Membership(within[0].id, within[0].name, own.role) if within else own


def _unknown(named: str | None, place: Membership) -> str | None:
    """The name, unless it is a part of the unit's own: "chi bộ tổ 3" of "Chi bộ tổ 3, xã X"."""
    return named if named and fold(named) not in fold(place.unit_name) else None


def _begin_nil(
    conn: Connection, sender: Sender, rules: Rules, state: TallyDraft, period: Period
) -> Say:
    """A nil return, unless the unit has figures: then one of both is wrong."""
    if totals.read(conn, state.form.unit_id, period):
        return Say("tally.nil_but_figures", {"unit": state.unit_name, "period": period})
    return open_draft(conn, sender, rules, replace(state, nil=period.code))


def _begin_same_again(
    conn: Connection, sender: Sender, rules: Rules, actor: Actor, reading: Reading
) -> Say:
    """ "như hôm qua": the figures of that day, read back for today."""
    day = reading.question.values.get("date") if reading.question else None
    old = latest(conn, sender, actor, lambda e: e.figures.date_from == e.figures.date_to == day)
    if old is None:
        return Say("tally.nothing_like_before")
    figures = replace(old.figures, date_from=sender.today, date_to=sender.today)
    return open_draft(
        conn,
        sender,
        rules,
        TallyDraft(from_figures(old.unit_id, figures), old.unit_name, sender.origin),
    )


def _begin_patch(
    conn: Connection, sender: Sender, rules: Rules, actor: Actor, reading: Reading, line: str
) -> Say:
    """ "sửa lại hôm qua là 54 qc": the sender's own latest entry of that day, with the change."""
    patch = reading.entries[0] if reading.entries else None
    old = latest(conn, sender, actor, lambda e: patch is None or _meant(patch, e))
    if old is None:
        return Say("tally.nothing_to_correct")
    state = _correcting(old)
    if patch is None:
        state = replace(state, fixing=True)
    else:
        state = replace(state, form=_patched(state.form, patch))
    if reading.question is not None:
        state = state.asking(reading.question, line, sender.now)
    return open_draft(conn, sender, rules, state)


def _meant(patch: Entry, entry: StoredTally) -> bool:
    """Whether the entry holds the day of a correction; one without a day means any."""
    if "date=received_date" in patch.defaults:
        return True
    days, wanted = entry.figures, patch.moved_from or patch.figures
    return days.date_from <= wanted.date_from and wanted.date_to <= days.date_to


def _patched(form: TallyForm, patch: Entry) -> TallyForm:
    """The form with the day and every number that the correction states."""
    new = patch.figures
    if patch.moved_from is not None:
        day = DateSpan(new.date_from, new.date_to, new.precision, new.dates)
        moved = tally_form.set_day(form, day, new.date_to)
        form = form if isinstance(moved, Refusal) else moved
    for measure in MEASURES[form.figures().kind]:
        number = getattr(new, measure)
        if number is not None:
            changed = tally_form.set_count(tally_form.ask_again(form, Step(measure)), number)
            form = form if isinstance(changed, Refusal) else changed
    return form


def _offer_withdrawal(conn: Connection, sender: Sender, actor: Actor) -> Say:
    newest = latest(conn, sender, actor, lambda _: True)
    if newest is None:
        return Say("tally.nothing_to_correct")
    return Say("mine.ask_withdraw", {"entry": newest}, withdrawal_buttons(newest))


def latest(
    conn: Connection, sender: Sender, actor: Actor, wanted: Callable[[StoredTally], bool]
) -> StoredTally | None:
    """The sender's own newest entry of the last weeks that is wanted."""
    mine = tally.of_reporter(conn, actor.person_id, sender.today - RECENT, MOST_RECENT)
    return max(filter(wanted, mine), key=lambda entry: (entry.created_at, entry.id), default=None)


def _correcting(old: StoredTally) -> TallyDraft:
    return TallyDraft(from_figures(old.unit_id, old.figures, replaces=old.id), old.unit_name)


def open_draft(conn: Connection, sender: Sender, rules: Rules, state: TallyDraft) -> Say:
    """Begin the dialogue with what is known so far. No photo goes with a nil return."""
    if state.nil is None:
        state = replace(state, photo=sender.photo)
    return DIALOGUE.open(conn, sender, state.form.step(), settled(conn, sender, rules, state))
