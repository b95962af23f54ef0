"""Reporting a tally: `/baocao` step by step, or one line such as "3 buổi 45 đv 60 qc hôm qua".

Both ways fill the same draft, and both end at the same read-back: Đúng / Sửa / Bỏ.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler, ConversationHandler, MessageHandler

from domain import tally_form
from domain.period import Period
from domain.reading import Choice, DateSpan, QuestionCode
from domain.role import Action
from domain.tally import Figures, Precision, TallyKind, problems
from domain.tally_form import Refusal, Step, TallyForm, from_figures
from handlers import dialogue
from handlers.desk import Context, Desk, Say, Sender, Turn
from handlers.dialogue import PRIVATE, PRIVATE_TEXT, actor_of
from handlers.tally_draft import DIALOGUE, NAME, TallyDraft, entry_buttons
from handlers.tally_line import begin_correction, begin_form, begin_line, no_role
from storage import tally, unit, unit_report
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
    return await dialogue.open_dialogue(turn, NAME, begin_form)


async def hear_line(turn: Turn) -> int:
    """A free text: a report needs no command, anything else is answered with a hint."""
    if turn.stopped:
        return await dialogue.refuse_stopped(turn)
    return await _hear(turn, turn.text)


async def _hear(turn: Turn, text: str) -> int:
    def opening(conn: Connection, sender: Sender) -> Say:
        return begin_line(conn, sender, text)

    return await dialogue.open_dialogue(turn, NAME, opening)


async def correct(turn: Turn) -> int:
    """A tap on Sửa under a stored entry: the form stands at its fields, filled with it."""
    _, tally_id, version, _ = turn.tap

    def opening(conn: Connection, sender: Sender) -> Say:
        return begin_correction(conn, sender, int(tally_id), int(version))

    return await dialogue.open_dialogue(turn, NAME, opening)


# --- answering -----------------------------------------------------------------------------------


def hear_answer(conn: Connection, sender: Sender, draft: Draft, text: str) -> Say:
    """A typed answer to the present question; a whole line answers all of it at once."""
    state = DIALOGUE.state(draft)
    question, form = state.question(), state.form
    if question is not None and question.code in _ABOUT_THE_DAY:
        form = tally_form.ask_again(form, Step.DAY)
    return _take(conn, sender, draft, tally_form.answer(form, text, sender.now))


def hear_tap(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
    """A tap under the present question."""
    state = DIALOGUE.state(draft)
    form = state.form
    match action:
        case ["ok"]:
            return _finish(conn, sender, draft, state)
        case ["fix"]:
            return _go_on(conn, sender, draft, replace(state, fixing=True))
        case ["back"] if state.fixing:
            return _go_on(conn, sender, draft, replace(state, fixing=False))
        case ["back"] if state.again is not None:
            return _take(conn, sender, draft, tally_form.keep(form, state.again))
        case ["back"]:
            return _take(conn, sender, draft, tally_form.back(form))
        case ["field", name]:
            asked = state.answered(tally_form.ask_again(form, Step(name)))
            return _go_on(conn, sender, draft, replace(asked, again=Step(name)))
        case ["unknown"]:
            return _take(conn, sender, draft, tally_form.unknown(form))
        case ["kind", name]:
            return _take(conn, sender, draft, tally_form.set_kind(form, TallyKind(name)))
        case ["day", ago]:
            day = sender.today - timedelta(days=int(ago))
            span = DateSpan(day, day, Precision.DAY)
            return _take(conn, sender, draft, tally_form.set_day(form, span, sender.today))
        case ["n", number]:
            return _take(conn, sender, draft, tally_form.set_count(form, int(number)))
        case ["choice", index]:
            return _choose(conn, sender, draft, state, int(index))
    return DIALOGUE.prompt(draft)


def _take(conn: Connection, sender: Sender, draft: Draft, answered: TallyForm | Refusal) -> Say:
    if isinstance(answered, Refusal):
        return DIALOGUE.again(draft, f"tally.refused_{answered}")
    return _go_on(conn, sender, draft, DIALOGUE.state(draft).answered(answered))


def _go_on(conn: Connection, sender: Sender, draft: Draft, state: TallyDraft) -> Say:
    return DIALOGUE.go_on(conn, sender, draft, state.form.step(), state)


def _choose(conn: Connection, sender: Sender, draft: Draft, state: TallyDraft, index: int) -> Say:
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
            return _take(conn, sender, draft, tally_form.ask_again(state.form, Step.DAY))
    return _take(conn, sender, draft, tally_form.with_gaps(_applied(state.form, choice)))


def _applied(form: TallyForm, choice: Choice) -> TallyForm:
    """The form with the fields that a choice sets."""
    changed = _FORM.validate_python(_FORM.dump_python(form) | dict(choice.change))
    return from_figures(form.unit_id, changed.figures(), form.replaces)


# --- storing -------------------------------------------------------------------------------------


def _finish(conn: Connection, sender: Sender, draft: Draft, state: TallyDraft) -> Say:
    """Đúng: store what was read back, in one transaction with the end of the draft."""
    actor = actor_of(conn, sender)
    if actor is None or not actor.may(Action.REPORT_TALLY, unit.path(conn, state.form.unit_id)):
        dialogue.close(conn, sender)
        return no_role(actor)
    if state.nil is not None:
        return _store_nil(conn, sender, state, actor.person_id, Period.from_code(state.nil))
    figures = state.form.figures()
    wrong = problems(figures, sender.today)
    if wrong:
        return DIALOGUE.again(draft, f"tally.problem_{wrong[0]}")
    stored = _store(conn, sender, draft, state, actor.person_id, figures)
    if stored is None:
        dialogue.close(conn, sender)
        return Say("tally.changed_since")
    if state.rest:
        return _next_entry(conn, sender, draft, state)
    dialogue.close(conn, sender)
    return Say("tally.stored", {"entry": stored}, entry_buttons(stored))


def _store_nil(
    conn: Connection, sender: Sender, state: TallyDraft, person_id: int, period: Period
) -> Say:
    dialogue.close(conn, sender)
    unit_report.record_nil(conn, state.form.unit_id, period, person_id, sender.now)
    return Say("tally.nil_stored", {"period": period, "unit": state.unit_name})


def _store(
    conn: Connection,
    sender: Sender,
    draft: Draft,
    state: TallyDraft,
    person_id: int,
    figures: Figures,
) -> tally.StoredTally | None:
    """The stored entry; None when the one to correct was withdrawn meanwhile."""
    replaces = state.form.replaces
    if replaces is None:
        origin = f"draft:{draft.id}:{len(state.rest)}"
        return tally.record(conn, state.form.unit_id, person_id, figures, origin, sender.now)
    if tally.get(conn, replaces).withdrawn:
        return None
    return tally.correct(conn, replaces, person_id, figures, sender.now)


def _next_entry(conn: Connection, sender: Sender, draft: Draft, state: TallyDraft) -> Say:
    """The next entry of the same message is read back in its turn."""
    first, *rest = state.rest
    following = replace(state, form=from_figures(state.form.unit_id, first), rest=tuple(rest))
    return replace(_go_on(conn, sender, draft, following), note="tally.stored_next")


def handlers(desk: Desk) -> ConversationHandler[Context]:
    """This dialogue; a free text opens it, so it must come after all others."""
    return dialogue.conversation(
        desk,
        NAME,
        [
            CommandHandler("baocao", desk.on(start), filters=PRIVATE),
            CallbackQueryHandler(desk.on(correct), pattern=r"^entry:\d+:\d+:fix$"),
            MessageHandler(PRIVATE_TEXT, desk.on(hear_line)),
        ],
        hear_answer,
        hear_tap,
        # A draft that has expired must not swallow a new report.
        on_lost=begin_line,
    )
