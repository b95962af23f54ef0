"""Reporting a tally: `/baocao` step by step, or one line such as "3 buổi 45 đv 60 qc hôm qua".

Both ways fill the same draft, and both end at the same read-back: Đúng / Sửa / Bỏ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler, ConversationHandler, MessageHandler

from domain import tally_form
from domain.period import Period
from domain.reading import Choice, DateSpan, Intent, Question, QuestionCode, Reading, read
from domain.role import Action, Actor
from domain.tally import MEASURES, Figures, Precision, TallyKind, problems
from domain.tally_form import Refusal, Step, TallyForm, from_figures
from domain.unit import Unit
from handlers import dialogue
from handlers.desk import Button, Context, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, PRIVATE_TEXT, bottom_row, button, rows
from storage import draft as drafts
from storage import person, tally, unit, unit_report
from storage.draft import Draft
from wording.say import label

NAME = "tally"

KINDS_ASKED = (
    TallyKind.ORAL_SESSION,
    TallyKind.RESOLUTION_STUDY,
    TallyKind.CURRENT_AFFAIRS_BRIEFING,
    TallyKind.THEMATIC_TALK,
    TallyKind.ONLINE_POST,
    TallyKind.TRAINING_CLASS,
    TallyKind.CONTEST,
    TallyKind.DIALOGUE,
)


@dataclass(frozen=True, slots=True)
class TallyDraft:
    """The draft's data. `line` is a message with an open question, which is read again for its
    choices; `rest` are further entries of the same message; `nil` is the period code of a nil
    return; `fixing` shows the menu of fields.
    """

    form: TallyForm
    unit_name: str
    line: str | None = None
    said_at: datetime | None = None
    rest: tuple[Figures, ...] = ()
    nil: str | None = None
    fixing: bool = False


_DATA = TypeAdapter(TallyDraft)


def _pack(state: TallyDraft) -> dict[str, object]:
    data: dict[str, object] = _DATA.dump_python(state, mode="json")
    return data


def _unpack(draft: Draft) -> TallyDraft:
    return _DATA.validate_python(dict(draft.data))


# --- opening -------------------------------------------------------------------------------------


async def start(turn: Turn) -> int:
    """/baocao: the guided form; with figures behind the command, the same as the line alone."""
    if turn.arguments:
        return await _hear_line(turn, turn.arguments)
    return await dialogue.open_dialogue(turn, NAME, _begin)


async def hear_line(turn: Turn) -> int:
    """A free text: a report needs no command, anything else is answered with a hint."""
    return await _hear_line(turn, turn.text)


async def _hear_line(turn: Turn, text: str) -> int:
    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin_line(conn, sender, text)

    return await dialogue.open_dialogue(turn, NAME, opening)


async def correct(turn: Turn) -> int:
    """A tap on Sửa under a stored entry: the form stands at its read-back, filled with it."""
    _, tally_id, version, _ = turn.tap

    def opening(conn: Connection, sender: Sender) -> Say:
        return _begin_correction(conn, sender, int(tally_id), int(version))

    return await dialogue.open_dialogue(turn, NAME, opening)


def _begin(conn: Connection, sender: Sender) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    membership = actor.first(Action.REPORT_TALLY) if actor else None
    if membership is None:
        return _no_role(actor)
    state = TallyDraft(TallyForm(membership.unit_id), membership.unit_name)
    return _open(conn, sender, state)


def _begin_line(conn: Connection, sender: Sender, text: str) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    membership = actor.first(Action.REPORT_TALLY) if actor else None
    if actor is None or membership is None:
        return _no_role(actor)
    screening = dialogue.screened(text)
    if isinstance(screening, Say):
        return screening
    reading = read(text, sender.now)
    match reading.intent:
        case Intent.OTHER if reading.question is None:
            return Say("common.not_understood")
        case Intent.RETRACT:
            return _offer_withdrawal(conn, actor, sender)
        case Intent.CORRECT:
            return _begin_patch(conn, sender, actor, reading)
    return _begin_report(conn, sender, actor, reading, text)


def _begin_report(
    conn: Connection, sender: Sender, actor: Actor, reading: Reading, text: str
) -> Say:
    place = _unit_of(conn, actor, reading)
    if isinstance(place, Say):
        return place
    if not reading.entries:
        return _begin_question(conn, sender, TallyForm(place.id), place, text)
    first, *rest = (entry.figures for entry in reading.entries)
    form = from_figures(place.id, first)
    if reading.question is not None:
        return _begin_question(conn, sender, form, place, text)
    nil = reading.intent is Intent.NIL_REPORT
    state = TallyDraft(
        form,
        place.name,
        rest=tuple(rest),
        nil=Period.month_of(first.date_from).code if nil else None,
    )
    return _open(conn, sender, state)


def _begin_question(
    conn: Connection, sender: Sender, form: TallyForm, place: Unit, text: str
) -> Say:
    return _open(conn, sender, TallyDraft(form, place.name, line=text, said_at=sender.now))


def _begin_patch(conn: Connection, sender: Sender, actor: Actor, reading: Reading) -> Say:
    """ "sửa lại hôm qua là 54 qc": the sender's own latest entry of that day, with the change."""
    if not reading.entries:
        return Say("tally.nothing_to_correct")
    patch = reading.entries[0].figures
    dated = "date" not in {default.partition("=")[0] for default in reading.entries[0].defaults}
    mine = tally.of_reporter(conn, actor.person_id, sender.today - timedelta(days=62), 50)
    match = [
        entry
        for entry in mine
        if not dated
        or entry.figures.date_from <= patch.date_from <= patch.date_to <= entry.figures.date_to
    ]
    if not match:
        return Say("tally.nothing_to_correct")
    old = max(match, key=lambda entry: entry.created_at)
    form = from_figures(old.unit_id, old.figures, replaces=old.id)
    for measure in MEASURES[old.figures.kind]:
        number = getattr(patch, measure)
        if number is not None:
            asked = tally_form.set_count(tally_form.ask_again(form, Step(measure)), number)
            form = form if isinstance(asked, Refusal) else asked
    return _open(conn, sender, TallyDraft(form, old.unit_name))


def _begin_correction(conn: Connection, sender: Sender, tally_id: int, version: int) -> Say:
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    old = tally.find(conn, tally_id)
    if actor is None or old is None or old.reporter_id != actor.person_id:
        return Say("tally.not_yours")
    if old.version != version or old.withdrawn:
        return Say("tally.changed_since")
    form = from_figures(old.unit_id, old.figures, replaces=old.id)
    return _open(conn, sender, TallyDraft(form, old.unit_name, fixing=True))


def _offer_withdrawal(conn: Connection, actor: Actor, sender: Sender) -> Say:
    mine = tally.of_reporter(conn, actor.person_id, sender.today - timedelta(days=62), 50)
    if not mine:
        return Say("tally.nothing_to_correct")
    latest = max(mine, key=lambda entry: entry.created_at)
    return Say("mine.ask_withdraw", {"entry": latest}, withdrawal_buttons(latest))


def _no_role(actor: Actor | None) -> Say:
    return Say("common.not_enrolled" if actor is None else "common.no_reporting_role")


def _unit_of(conn: Connection, actor: Actor, reading: Reading) -> Unit | Say:
    """The unit to report for: the sender's own, or a named one below it; never another's."""
    own = actor.first(Action.REPORT_TALLY)
    if own is None:
        return Say("common.no_reporting_role")
    named = next((e.figures.unit_text for e in reading.entries if e.figures.unit_text), None)
    candidates = unit.named(conn, named) if named else []
    mine = [u for u in candidates if actor.may(Action.REPORT_TALLY, u.path)]
    if candidates and not mine:
        return Say("tally.other_unit", {"named": named, "own": own.unit_name})
    return mine[0] if mine else unit.get(conn, own.unit_id)


def _open(conn: Connection, sender: Sender, state: TallyDraft) -> Say:
    draft = drafts.start(
        conn, sender.channel, sender.address, NAME, state.form.step(), _pack(state), sender.now
    )
    return prompt(draft)


# --- answering -----------------------------------------------------------------------------------


def hear_answer(conn: Connection, sender: Sender, text: str) -> Say:
    """A typed answer to the present question."""
    draft = drafts.get(conn, sender.channel, sender.address)
    if draft is None or draft.dialogue != NAME:
        return Say("common.draft_gone")
    screening = dialogue.screened(text)
    if isinstance(screening, Say):
        return replace(prompt(draft), note=screening.key)
    state = _unpack(draft)
    answered = tally_form.answer(state.form, screening.text or "", sender.now)
    if isinstance(answered, Refusal):
        return replace(prompt(draft), note=f"tally.refused_{answered}")
    return _go_on(conn, sender, draft, _settled(state, answered))


def hear_tap(conn: Connection, sender: Sender, draft: Draft, action: Sequence[str]) -> Say:
    """A tap under the present question."""
    state = _unpack(draft)
    form = state.form
    match action:
        case ["ok"]:
            return _finish(conn, sender, draft, state)
        case ["fix"]:
            return _go_on(conn, sender, draft, replace(state, fixing=True))
        case ["field", name]:
            return _go_on(
                conn, sender, draft, _settled(state, tally_form.ask_again(form, Step(name)))
            )
        case ["back"] if state.fixing or state.line is not None:
            return _go_on(conn, sender, draft, replace(state, fixing=False))
        case ["back"]:
            return _go_on(conn, sender, draft, replace(state, form=tally_form.back(form)))
        case ["unknown"]:
            return _go_on(conn, sender, draft, replace(state, form=tally_form.unknown(form)))
        case ["kind", name]:
            chosen = tally_form.set_kind(form, TallyKind(name))
            return _go_on(conn, sender, draft, replace(state, form=chosen))
        case ["day", ago]:
            day = sender.today - timedelta(days=int(ago))
            span = DateSpan(day, day, Precision.DAY)
            return _take(conn, sender, draft, tally_form.set_day(form, span, sender.today))
        case ["n", number]:
            return _take(conn, sender, draft, tally_form.set_count(form, int(number)))
        case ["choice", index]:
            return _choose(conn, sender, draft, state, int(index))
    return prompt(draft)


def _take(conn: Connection, sender: Sender, draft: Draft, answered: TallyForm | Refusal) -> Say:
    if isinstance(answered, Refusal):
        return replace(prompt(draft), note=f"tally.refused_{answered}")
    return _go_on(conn, sender, draft, _settled(_unpack(draft), answered))


def _settled(state: TallyDraft, form: TallyForm) -> TallyDraft:
    """The draft with an answer in it: no question of the line is open any more."""
    return replace(state, form=form, line=None, said_at=None, fixing=False)


def _go_on(conn: Connection, sender: Sender, draft: Draft, state: TallyDraft) -> Say:
    return prompt(drafts.save(conn, draft, state.form.step(), _pack(state), sender.now))


# What to ask by typing when the offered answers do not fit.
_ASKED_BY_TYPING = {
    QuestionCode.T7: Step.DAY,
    QuestionCode.BAD_DATE: Step.DAY,
    QuestionCode.FUTURE_DATE: Step.DAY,
    QuestionCode.VAGUE_DATE: Step.DAY,
    QuestionCode.LUNAR_DATE: Step.DAY,
    QuestionCode.DATE_CONFLICT: Step.DAY,
    QuestionCode.MISSING_DATE: Step.DAY,
    QuestionCode.MISSING_SESSIONS: Step.SESSIONS,
}


def _choose(conn: Connection, sender: Sender, draft: Draft, state: TallyDraft, index: int) -> Say:
    question = _open_question(state)
    if question is None or index >= len(question.choices):
        return prompt(draft)
    choice = question.choices[index]
    if choice.code == "plan":
        drafts.discard(conn, sender.channel, sender.address)
        return Say("tally.plan_not_counted")
    form = _applied(state.form, choice)
    if not choice.change:
        form = tally_form.ask_again(form, _ASKED_BY_TYPING.get(question.code, Step.SESSIONS))
    return _go_on(conn, sender, draft, _settled(state, form))


def _applied(form: TallyForm, choice: Choice) -> TallyForm:
    """The form with the fields that a choice sets; the change may cover only some of them."""
    names = {name: value for name, value in choice.change.items() if name != "unit_text"}
    changed = TypeAdapter(TallyForm).validate_python(
        TypeAdapter(TallyForm).dump_python(form) | names
    )
    if changed.kind is None or changed.date_from is None:
        return changed
    return from_figures(form.unit_id, changed.figures(), form.replaces)


def _open_question(state: TallyDraft) -> Question | None:
    if state.line is None or state.said_at is None:
        return None
    return read(state.line, state.said_at).question


def _finish(conn: Connection, sender: Sender, draft: Draft, state: TallyDraft) -> Say:
    """Đúng: store what was read back, in one transaction with the end of the draft."""
    actor = person.actor(conn, sender.channel, sender.address, sender.today)
    if actor is None or not actor.may(Action.REPORT_TALLY, unit.path(conn, state.form.unit_id)):
        drafts.discard(conn, sender.channel, sender.address)
        return _no_role(actor)
    if state.nil is not None:
        drafts.discard(conn, sender.channel, sender.address)
        period = Period.from_code(state.nil)
        unit_report.record_nil(conn, state.form.unit_id, period, actor.person_id, sender.now)
        return Say("tally.nil_stored", {"period": period, "unit": state.unit_name})
    figures = state.form.figures()
    wrong = problems(figures, sender.today)
    if wrong:
        return replace(prompt(draft), note=f"tally.problem_{wrong[0]}")
    stored = _store(conn, sender, draft, state, actor.person_id, figures)
    answer = Say("tally.stored", {"entry": stored}, entry_buttons(stored))
    if not state.rest:
        drafts.discard(conn, sender.channel, sender.address)
        return answer
    following = replace(
        state, form=from_figures(stored.unit_id, state.rest[0]), rest=state.rest[1:]
    )
    return replace(_go_on(conn, sender, draft, following), note="tally.stored_next")


def _store(
    conn: Connection,
    sender: Sender,
    draft: Draft,
    state: TallyDraft,
    person_id: int,
    figures: Figures,
) -> tally.StoredTally:
    if state.form.replaces is not None:
        return tally.correct(conn, state.form.replaces, person_id, figures, sender.now)
    origin = f"draft:{draft.id}:{len(state.rest)}"
    return tally.record(conn, state.form.unit_id, person_id, figures, origin, sender.now)


# --- asking --------------------------------------------------------------------------------------


def prompt(draft: Draft) -> Say:
    """The present question of a draft, with its buttons."""
    state = _unpack(draft)
    if state.nil is not None:
        return _ask_nil(draft, state)
    if state.line is not None:
        return _ask_question(draft, state)
    if state.fixing:
        return _ask_field(draft, state)
    if state.form.step() is Step.CONFIRM:
        return _read_back(draft, state)
    return _ask_step(draft, state)


def _read_back(draft: Draft, state: TallyDraft) -> Say:
    keyboard = (
        (button(draft, "tally.button_ok", "ok"), button(draft, "tally.button_fix", "fix")),
        (button(draft, "tally.button_drop", "cancel"),),
    )
    values = {
        "f": state.form.figures(),
        "unit": state.unit_name,
        "correcting": state.form.replaces is not None,
        "more": len(state.rest),
    }
    return Say("tally.read_back", values, keyboard, goes_on=True)


def _ask_nil(draft: Draft, state: TallyDraft) -> Say:
    values = {"period": Period.from_code(state.nil or ""), "unit": state.unit_name}
    keyboard = (
        (
            button(draft, "tally.button_nil", "ok"),
            button(draft, "tally.button_drop", "cancel"),
        ),
    )
    return Say("tally.ask_nil", values, keyboard, goes_on=True)


def _ask_question(draft: Draft, state: TallyDraft) -> Say:
    question = _open_question(state)
    if question is None:
        return _ask_step(draft, replace(state, line=None))
    values = {"q": question.values, "choices": question.choices}
    offered = [
        button(draft, f"question.choice_{choice.code}", "choice", i, c=choice, q=question.values)
        for i, choice in enumerate(question.choices)
    ]
    keyboard = (*rows(offered, 2), bottom_row(draft, back=False))
    return Say(f"question.{question.code}", values, keyboard, goes_on=True)


def _ask_field(draft: Draft, state: TallyDraft) -> Say:
    steps = state.form.steps()
    if state.form.unsplit:
        steps = (*steps[:-1], Step.PARTY_MEMBERS, steps[-1])
    fields = [button(draft, f"tally.field_{step}", "field", step) for step in steps]
    values = {"f": state.form.figures(), "unit": state.unit_name}
    keyboard = (*rows(fields, 2), bottom_row(draft, back=True))
    return Say("tally.ask_field", values, keyboard, goes_on=True)


def _ask_step(draft: Draft, state: TallyDraft) -> Say:
    step = state.form.step()
    values = {"unit": state.unit_name, "kind": state.form.kind}
    keyboard = (
        *rows(_offered(draft, state.form, step), 2 if step is Step.KIND else 3),
        bottom_row(draft, back=bool(state.form.answered)),
    )
    return Say(f"tally.ask_{step}", values, keyboard, goes_on=True)


def _offered(draft: Draft, form: TallyForm, step: Step) -> list[Button]:
    """The answers that most people give, as buttons; any other can be typed."""
    unknown = button(draft, f"tally.unknown_{step}", "unknown") if _may_be_unknown(step) else None
    match step:
        case Step.KIND:
            return [button(draft, f"kind.{kind}", "kind", kind) for kind in KINDS_ASKED]
        case Step.DAY:
            return [button(draft, f"tally.day_{ago}", "day", ago) for ago in range(3)]
        case Step.SESSIONS:
            return _numbers(draft, range(1, 7))
        case Step.PARTY_MEMBERS | Step.PUBLIC:
            numbers = _numbers(draft, range(1))
        case _:
            numbers = []
    return [*numbers, unknown] if unknown else numbers


def _may_be_unknown(step: Step) -> bool:
    return step not in (Step.KIND, Step.DAY, Step.SESSIONS, Step.ITEMS)


def _numbers(draft: Draft, numbers: range) -> list[Button]:
    return [button(draft, "tally.number", "n", number, number=number) for number in numbers]


# --- under a stored entry ------------------------------------------------------------------------


def entry_buttons(entry: tally.StoredTally) -> Keyboard:
    """Sửa and Rút lại, valid for this version of a stored entry."""
    return (
        (
            _entry_button(entry, "mine.button_correct", "fix"),
            _entry_button(entry, "mine.button_withdraw", "ask"),
        ),
    )


def withdrawal_buttons(entry: tally.StoredTally) -> Keyboard:
    return (
        (
            _entry_button(entry, "mine.button_yes_withdraw", "withdraw"),
            _entry_button(entry, "mine.button_keep", "keep"),
        ),
    )


def _entry_button(entry: tally.StoredTally, key: str, action: str) -> Button:
    return Button(label(key), f"entry:{entry.id}:{entry.version}:{action}")


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
    )
