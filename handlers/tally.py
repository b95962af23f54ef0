"""Reporting a tally: `/baocao` step by step, or one line such as "3 buổi 45 đv 60 qc hôm qua".

Both ways fill the same draft, and both end at the same read-back: Đúng / Sửa / Bỏ.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler, ConversationHandler, MessageHandler

from domain import tally_form
from domain.oddity import OddReason
from domain.period import Period
from domain.reading import Choice, DateSpan, QuestionCode, read
from domain.role import Action, Actor
from domain.tally import Precision, TallyKind, problems
from domain.tally_form import Refusal, Step, TallyForm, from_figures
from handlers import dialogue, edits
from handlers.desk import Context, Desk, Rules, Say, Sender, Turn
from handlers.dialogue import PRIVATE, PRIVATE_TEXT, actor_of
from handlers.evidence import ask_to_agree
from handlers.requests import asked
from handlers.tally_draft import DIALOGUE, NAME, TallyDraft, entry_buttons
from handlers.tally_line import (
    begin_correction,
    begin_form,
    begin_line,
    begin_reading,
    no_role,
)
from handlers.tally_store import settled, store_draft, with_photo, withdraw_parts
from storage import unit, unit_report
from storage.change_request import ChangeRequest
from storage.draft import Draft

_FORM = TypeAdapter(TallyForm)

# Questions that a typed date answers.
_ABOUT_THE_DAY = (
    QuestionCode.T7,
    QuestionCode.BAD_DATE,
    QuestionCode.FUTURE_DATE,
    QuestionCode.VAGUE_DATE,
    QuestionCode.LUNAR_DATE,
    QuestionCode.DATE_CONFLICT,
    QuestionCode.MISSING_DATE,
)


# --- opening -------------------------------------------------------------------------------------


async def start(turn: Turn) -> int:
    """/baocao: the guided form; with figures behind the command, the same as the line alone."""
    if turn.arguments:
        return await _hear(turn, turn.arguments)

    def opening(conn: Connection, sender: Sender) -> Say:
        return begin_form(conn, sender, turn.desk.rules)

    return await dialogue.open_dialogue(turn, NAME, opening)


async def hear_line(turn: Turn) -> int:
    """A free text: a report needs no command, anything else is answered with a hint."""
    if turn.stopped:
        return await dialogue.refuse_stopped(turn)
    return await _hear(turn, turn.text)


async def _hear(turn: Turn, text: str) -> int:
    reading = read(text, turn.now)

    def opening(conn: Connection, sender: Sender) -> Say:
        return begin_reading(conn, sender, turn.desk.rules, text, reading)

    state = await dialogue.open_dialogue(turn, NAME, opening)
    if turn.photo is not None:
        await ask_to_agree(turn)
    return state


async def correct(turn: Turn) -> int:
    """A tap on Sửa under a stored entry: the form stands at its fields, filled with it."""
    _, tally_id, version, _ = turn.tap

    def opening(conn: Connection, sender: Sender) -> Say:
        return begin_correction(conn, sender, turn.desk.rules, int(tally_id), int(version))

    return await dialogue.open_dialogue(turn, NAME, opening)


# --- answering -----------------------------------------------------------------------------------


def hear_answer(rules: Rules, conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """A typed answer to the present question; a whole line answers all of it at once."""
    state = DIALOGUE.state(draft)
    question, form = state.question(), state.form
    if question is not None and question.code in _ABOUT_THE_DAY:
        form = tally_form.ask_again(form, Step.DAY)
    return _take(conn, sender, rules, draft, tally_form.answer(form, text, sender.now))


def hear_tap(
    rules: Rules, conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]
) -> Say:
    """A tap under the present question."""
    state = DIALOGUE.state(draft)
    form = state.form
    match action:
        case ["ok", *why]:
            reason = OddReason(why[0]) if why else None
            return _finish(conn, sender, rules, draft, state, reason)
        case ["replace"]:
            return _replace_parts(conn, sender, rules, draft, state)
        case ["fix"]:
            return _go_on(conn, sender, rules, draft, replace(state, fixing=True))
        case ["back"] if state.fixing:
            return _go_on(conn, sender, rules, draft, replace(state, fixing=False))
        case ["back"] if state.again is not None:
            return _take(conn, sender, rules, draft, tally_form.keep(form, state.again))
        case ["back"]:
            return _take(conn, sender, rules, draft, tally_form.back(form))
        case ["field", name]:
            asked = state.answered(tally_form.ask_again(form, Step(name)))
            return _go_on(conn, sender, rules, draft, replace(asked, again=Step(name)))
        case ["unknown"]:
            return _take(conn, sender, rules, draft, tally_form.unknown(form))
        case ["kind", name]:
            return _take(conn, sender, rules, draft, tally_form.set_kind(form, TallyKind(name)))
        case ["day", ago]:
            day = sender.today - timedelta(days=int(ago))
            span = DateSpan(day, day, Precision.DAY)
            return _take(conn, sender, rules, draft, tally_form.set_day(form, span, sender.today))
        case ["n", number]:
            return _take(conn, sender, rules, draft, tally_form.set_count(form, int(number)))
        case ["choice", index]:
            return _choose(conn, sender, rules, draft, state, int(index))
    return DIALOGUE.prompt(draft)


def _take(
    conn: Connection, sender: Sender, rules: Rules, draft: Draft, answered: TallyForm | Refusal
) -> Say:
    if isinstance(answered, Refusal):
        return DIALOGUE.again(draft, f"tally.refused_{answered}")
    return _go_on(conn, sender, rules, draft, DIALOGUE.state(draft).answered(answered))


def _go_on(conn: Connection, sender: Sender, rules: Rules, draft: Draft, state: TallyDraft) -> Say:
    state = settled(conn, sender, rules, state)
    return DIALOGUE.go_on(conn, sender, draft, state.form.step(), state)


def _choose(
    conn: Connection, sender: Sender, rules: Rules, draft: Draft, state: TallyDraft, index: int
) -> Say:
    """One of the offered answers to the question of a line."""
    question = state.question()
    if question is None or index >= len(question.choices):
        return DIALOGUE.prompt(draft)
    choice = question.choices[index]
    match choice.code:
        case "plan":
            dialogue.close(conn, sender)
            return Say("tally.plan_not_counted")
        case "retype":
            dialogue.close(conn, sender)
            return Say("tally.retype")
        case "other_date":
            return _take(conn, sender, rules, draft, tally_form.ask_again(state.form, Step.DAY))
    return _take(conn, sender, rules, draft, tally_form.with_gaps(_applied(state.form, choice)))


def _applied(form: TallyForm, choice: Choice) -> TallyForm:
    """The form with the fields that a choice sets."""
    changed = _FORM.validate_python(_FORM.dump_python(form) | dict(choice.change))
    return from_figures(form.unit_id, changed.figures(), form.replaces)


# --- storing -------------------------------------------------------------------------------------


def _finish(
    conn: Connection,
    sender: Sender,
    rules: Rules,
    draft: Draft,
    state: TallyDraft,
    reason: OddReason | None = None,
) -> Say:
    """Đúng: store what was read back, in one transaction with the end of the draft."""
    actor = _reporter(conn, sender, state)
    if isinstance(actor, Say):
        return actor
    if state.nil is not None:
        return _store_nil(conn, sender, state, actor.person_id, Period.from_code(state.nil))
    wrong = problems(state.form.figures(), sender.today)
    if wrong:
        return DIALOGUE.again(draft, f"tally.problem_{wrong[0]}")
    stored = store_draft(conn, sender, rules, actor, draft, state, reason)
    if stored is not None and state.rest:
        return _next_entry(conn, sender, rules, draft, state)
    dialogue.close(conn, sender)
    if stored is None:
        return Say("tally.changed_since")
    if isinstance(stored, ChangeRequest):
        return replace(asked(conn, stored), after="evidence.not_now" if state.photo else None)
    answer = Say("tally.stored", {"entry": stored}, entry_buttons(stored))
    return with_photo(conn, sender, stored, state.photo, answer)


def _reporter(conn: Connection, sender: Sender, state: TallyDraft) -> Actor | Say:
    """Who reports; a refusal for somebody whose role ended while the draft was open."""
    actor = actor_of(conn, sender)
    if actor is None or not actor.may(Action.REPORT_TALLY, unit.path(conn, state.form.unit_id)):
        dialogue.close(conn, sender)
        return no_role(actor)
    return actor


def _replace_parts(
    conn: Connection, sender: Sender, rules: Rules, draft: Draft, state: TallyDraft
) -> Say:
    """Thay: the total takes the place of the entries for single days, which are withdrawn."""
    actor = _reporter(conn, sender, state)
    if isinstance(actor, Say):
        return actor
    if not problems(state.form.figures(), sender.today):
        withdraw_parts(conn, sender, actor, state)
        state = settled(conn, sender, rules, state)
    return _finish(conn, sender, rules, draft, state)


def _store_nil(
    conn: Connection, sender: Sender, state: TallyDraft, person_id: int, period: Period
) -> Say:
    dialogue.close(conn, sender)
    unit_report.record_nil(conn, state.form.unit_id, period, person_id, sender.now)
    return Say("tally.nil_stored", {"period": period, "unit": state.unit_name})


def _next_entry(
    conn: Connection, sender: Sender, rules: Rules, draft: Draft, state: TallyDraft
) -> Say:
    """The next entry of the same message is read back in its turn; a photo goes with the last."""
    first, *rest = state.rest
    following = replace(state, form=from_figures(state.form.unit_id, first), rest=tuple(rest))
    return replace(_go_on(conn, sender, rules, draft, following), note="tally.stored_next")


def handlers(desk: Desk) -> ConversationHandler[Context]:
    """This dialogue; a free text opens it, so it must come after all others."""
    return dialogue.conversation(
        desk,
        NAME,
        [
            CommandHandler("baocao", desk.on(start), filters=PRIVATE),
            CallbackQueryHandler(desk.on(start), pattern=r"^nudge:report$"),
            CallbackQueryHandler(desk.on(correct), pattern=r"^entry:\d+:\d+:fix$"),
            *edits.handlers(desk),
            MessageHandler(PRIVATE_TEXT, desk.on(hear_line)),
        ],
        partial(hear_answer, desk.rules),
        partial(hear_tap, desk.rules),
        # A draft that has expired must not swallow a new report.
        on_lost=lambda conn, sender, line: begin_line(conn, sender, desk.rules, line),
    )
