"""What a tally's draft holds, and its present question with the buttons under it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter

from domain import tally_form
from domain.oddity import REASONS, OddityCode
from domain.period import Period
from domain.reading import Question, read
from domain.tally import Figures, TallyKind
from domain.tally_form import Step, TallyForm
from handlers.desk import Button, Keyboard, Say
from handlers.dialogue import Dialogue, bottom_row, button, rows
from handlers.tally_check import Weighed
from storage.draft import Draft
from storage.evidence import Photo
from storage.tally import StoredTally
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
    """`origin` names the message that opened the draft, so that no way of storing it counts twice.

    `line` is a message with an open question, which is read again for its choices; `rest` are
    further entries of the same message; `nil` is the period code of a nil return; `fixing` shows
    the menu of fields; `named` is a unit that the line names and nobody knows; `again` is the field
    that is asked once more; `weighed` is how the figures of the read-back stand beside what is
    stored; `photo` goes with the entry that comes of it.
    """

    form: TallyForm
    unit_name: str
    origin: str = ""
    line: str | None = None
    said_at: datetime | None = None
    rest: tuple[Figures, ...] = ()
    nil: str | None = None
    fixing: bool = False
    named: str | None = None
    again: Step | None = None
    weighed: Weighed | None = None
    photo: Photo | None = None

    @property
    def is_open(self) -> bool:
        """Something else than the figures themselves is being asked."""
        return self.line is not None or self.nil is not None or self.fixing

    def question(self) -> Question | None:
        """What is still open in the line."""
        if self.line is None or self.said_at is None:
            return None
        return read(self.line, self.said_at).question

    def asking(self, question: Question, line: str, said_at: datetime) -> "TallyDraft":
        """A question with answers to choose from is asked as such; what is missing, as a step."""
        if question.choices:
            return replace(self, line=line, said_at=said_at)
        return replace(self, form=tally_form.with_gaps(self.form))

    def answered(self, form: TallyForm) -> "TallyDraft":
        """The draft with an answer in it: no other question is open any more."""
        return replace(self, form=form, line=None, said_at=None, nil=None, fixing=False, again=None)


def ask(draft: Draft, state: TallyDraft) -> Say:
    """The present question; and that the photo waits for its answer."""
    asked = _ask(draft, state)
    return asked if state.photo is None else replace(asked, after="evidence.waits")


def _ask(draft: Draft, state: TallyDraft) -> Say:
    question = state.question()
    if state.nil is not None:
        return _ask_nil(draft, state, Period.from_code(state.nil))
    if question is not None:
        return _ask_question(draft, question)
    if state.fixing:
        return _ask_field(draft, state)
    if state.form.step() is Step.CONFIRM:
        return _read_back(draft, state)
    return _ask_step(draft, state)


DIALOGUE = Dialogue(NAME, TypeAdapter(TallyDraft), ask)


def _values(state: TallyDraft) -> Mapping[str, object]:
    weighed = state.weighed or Weighed()
    return {
        "f": state.form.figures(),
        "unit": state.unit_name,
        "correcting": state.form.replaces is not None,
        "more": len(state.rest),
        "named": state.named,
        "odd": weighed.odd,
        "why": bool(weighed.odd and REASONS[weighed.odd[0].code]),
        "locked": weighed.locked,
        "replaceable": weighed.replaceable,
    }


def _read_back(draft: Draft, state: TallyDraft) -> Say:
    fix, drop = (
        button(draft, "tally.button_fix", "fix"),
        button(draft, "tally.button_drop", "cancel"),
    )
    right = _right_buttons(draft, state.weighed or Weighed())
    last = ((right[0], fix), (drop,)) if len(right) == 1 else (*rows(right, 2), (fix, drop))
    return Say("tally.read_back", _values(state), last)


def _right_buttons(draft: Draft, weighed: Weighed) -> list[Button]:
    """The ways to say "it is right": plainly, or, where something is odd, with why."""
    if not weighed.odd:
        return [button(draft, "tally.button_ok", "ok")]
    match weighed.odd[0].code:
        case OddityCode.SAME_AGAIN:
            return [button(draft, "tally.button_another", "ok")]
        case OddityCode.ON_TOP_OF_TOTAL:
            return [button(draft, "tally.button_add", "ok")]
        case OddityCode.ON_TOP_OF_DAYS:
            add = button(draft, "tally.button_add", "ok")
            return [button(draft, "tally.button_replace", "replace"), add][
                not weighed.replaceable :
            ]
    return [
        button(draft, f"oddity.reason_{reason}", "ok", reason)
        for reason in REASONS[weighed.odd[0].code]
    ]


def _ask_nil(draft: Draft, state: TallyDraft, period: Period) -> Say:
    yes, no = button(draft, "tally.button_nil", "ok"), button(draft, "tally.button_drop", "cancel")
    return Say("tally.ask_nil", {"period": period, "unit": state.unit_name}, ((yes, no),))


def _ask_question(draft: Draft, question: Question) -> Say:
    offered = [
        button(draft, f"question.choice_{choice.code}", "choice", i, c=choice, q=question.values)
        for i, choice in enumerate(question.choices)
    ]
    keyboard = (*rows(offered, 2), bottom_row(draft, back=False))
    return Say(f"question.{question.code}", {"q": question.values}, keyboard)


def _ask_field(draft: Draft, state: TallyDraft) -> Say:
    steps = state.form.steps()
    if state.form.unsplit:
        steps = (*steps[:-1], Step.PARTY_MEMBERS, steps[-1])
    fields = [button(draft, f"tally.field_{step}", "field", step) for step in steps]
    return Say("tally.ask_field", _values(state), (*rows(fields, 2), bottom_row(draft, back=True)))


def _ask_step(draft: Draft, state: TallyDraft) -> Say:
    form, step = state.form, state.form.step()
    keyboard = (
        *rows(_offered(draft, step), 2 if step is Step.KIND else 3),
        bottom_row(draft, back=bool(form.answered)),
    )
    return Say(f"tally.ask_{step}", {"unit": state.unit_name, "kind": form.kind}, keyboard)


def _offered(draft: Draft, step: Step) -> list[Button]:
    """The answers that most people give, as buttons; any other can be typed."""
    match step:
        case Step.KIND:
            return [button(draft, f"kind.{kind}", "kind", kind) for kind in KINDS_ASKED]
        case Step.DAY:
            return [button(draft, f"tally.day_{ago}", "day", ago) for ago in range(3)]
        case Step.SESSIONS:
            return [_number(draft, number) for number in range(1, 7)]
        case Step.ITEMS:
            return []
        case Step.PARTY_MEMBERS | Step.PUBLIC:
            return [_number(draft, 0), button(draft, f"tally.unknown_{step}", "unknown")]
    return [button(draft, f"tally.unknown_{step}", "unknown")]


def _number(draft: Draft, number: int) -> Button:
    return button(draft, "tally.number", "n", number, number=number)


# --- under a stored entry ------------------------------------------------------------------------


def entry_buttons(entry: StoredTally) -> Keyboard:
    """Sửa and Rút lại, valid for this version of a stored entry."""
    return (
        (
            entry_button(entry, label("mine.button_correct"), "fix"),
            entry_button(entry, label("mine.button_withdraw"), "ask"),
        ),
    )


def withdrawal_buttons(entry: StoredTally) -> Keyboard:
    return (
        (
            entry_button(entry, label("mine.button_yes_withdraw"), "withdraw"),
            entry_button(entry, label("mine.button_keep"), "keep"),
        ),
    )


def entry_button(entry: StoredTally, text: str, action: str) -> Button:
    return Button(text, f"entry:{entry.id}:{entry.version}:{action}")
