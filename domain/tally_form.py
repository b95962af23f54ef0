"""The tally draft and its steps: (form, answer) → form.

One form, filled by the guided way or by a one-line report; what one way has filled, the other
does not ask again.
"""

import re
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum

from domain.reading import DateProblem, DateSpan, Intent, read, read_count, read_day
from domain.tally import MEASURES, MOST, TOPIC_LENGTH, Approximation, Figures, Precision, TallyKind
from domain.text import normalise


class Step(StrEnum):
    """A question of the form; the measure steps carry the names of the measures."""

    KIND = "kind"
    DAY = "day"
    SESSIONS = "sessions"
    PARTY_MEMBERS = "party_members"
    PUBLIC = "public"
    AUDIENCE_TOTAL = "audience_total"
    LEARNERS = "learners"
    ITEMS = "items"
    TOPIC = "topic"
    CONFIRM = "confirm"


class Refusal(StrEnum):
    """Why an answer does not fit the question; the form stays as it was."""

    NOT_A_KIND = "not_a_kind"
    NOT_A_DATE = "not_a_date"
    FUTURE_DATE = "future_date"
    NOT_A_NUMBER = "not_a_number"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    NOT_AN_ANSWER = "not_an_answer"


_NOT_NUMBERS = (Step.KIND, Step.DAY, Step.CONFIRM)
# More digits than any count has: the number reader does not take it for one.
_BEYOND_READING = re.compile(r"[0-9][0-9., ]{7,}")
_NOT_UNDERSTOOD = {Step.KIND: Refusal.NOT_A_KIND, Step.CONFIRM: Refusal.NOT_AN_ANSWER}
_SPLIT = (Step.PARTY_MEMBERS, Step.PUBLIC)


@dataclass(frozen=True, slots=True)
class TallyForm:
    """What is known so far, for the unit `unit_id`.

    `answered` lists the steps in the order of their answers, so that one can go back; a measure
    that was answered with "not known" stays None. `unsplit` asks one total in place of the two
    parts. `replaces` is the stored tally that this form corrects.
    """

    unit_id: int
    kind: TallyKind | None = None
    date_from: date | None = None
    date_to: date | None = None
    precision: Precision = Precision.DAY
    dates: tuple[date, ...] = ()
    sessions: int | None = None
    party_members: int | None = None
    public: int | None = None
    audience_total: int | None = None
    learners: int | None = None
    items: int | None = None
    approximation: Approximation | None = None
    topic: str | None = None
    location_text: str | None = None
    unsplit: bool = False
    answered: tuple[Step, ...] = ()
    replaces: int | None = None

    def steps(self) -> tuple[Step, ...]:
        """The questions that this form asks, in order; the kind decides what is measured."""
        if self.kind is None:
            return (Step.KIND,)
        measures = [Step(name) for name in MEASURES[self.kind]]
        if self.unsplit:
            measures = [s for s in measures if s not in _SPLIT]
            measures += [s for s in (Step.AUDIENCE_TOTAL,) if s not in measures]
        return (Step.KIND, Step.DAY, *measures, Step.TOPIC)

    def step(self) -> Step:
        """The question to ask next, or CONFIRM when all is answered."""
        return next((s for s in self.steps() if s not in self.answered), Step.CONFIRM)

    def figures(self) -> Figures:
        """The figures of a form whose kind and day are known; raises ValueError before that."""
        if self.kind is None or self.date_from is None or self.date_to is None:
            raise ValueError("the form has no kind or no day yet")
        return Figures(
            kind=self.kind,
            date_from=self.date_from,
            date_to=self.date_to,
            precision=self.precision,
            dates=self.dates,
            sessions=self.sessions,
            party_members=self.party_members,
            public=self.public,
            audience_total=self.audience_total,
            learners=self.learners,
            items=self.items,
            approximation=self.approximation,
            topic=self.topic,
            location_text=self.location_text,
        )


def from_figures(unit_id: int, figures: Figures, replaces: int | None = None) -> TallyForm:
    """A form in which everything is answered: it stands at the confirmation."""
    values = {field.name: getattr(figures, field.name) for field in fields(figures)}
    del values["unit_text"]
    split_missing = figures.party_members is None or figures.public is None
    unsplit = figures.audience_total is not None and split_missing
    form = TallyForm(unit_id, **values, unsplit=unsplit, replaces=replaces)
    return replace(form, answered=form.steps())


def with_gaps(form: TallyForm) -> TallyForm:
    """The form in which a missing number of sessions, or of people altogether, is asked for."""
    people = (form.party_members, form.public, form.audience_total, form.learners)
    missing = {Step.SESSIONS} if form.sessions is None else set()
    if all(number is None for number in people):
        missing |= {*_SPLIT, Step.AUDIENCE_TOTAL, Step.LEARNERS}
    return replace(form, answered=tuple(s for s in form.answered if s not in missing))


def back(form: TallyForm) -> TallyForm:
    """Take back the last answer, so that its question is asked again."""
    if form.unsplit and form.step() is Step.AUDIENCE_TOTAL:
        return replace(form, unsplit=False, audience_total=None)
    return replace(form, answered=form.answered[:-1])


def ask_again(form: TallyForm, step: Step) -> TallyForm:
    """Ask one question again and keep all other answers; asking a part brings the split back."""
    kept = tuple(s for s in form.answered if s is not step)
    return replace(form, answered=kept, unsplit=form.unsplit and step not in _SPLIT)


def keep(form: TallyForm, step: Step) -> TallyForm:
    """Leave a question that was asked again: its answer stays what it was."""
    return replace(form, answered=_with(form.answered, step))


def unknown(form: TallyForm) -> TallyForm:
    """Answer the present question with "not known"; for the split, one total is asked instead."""
    step = form.step()
    if step in _SPLIT:
        for part in _SPLIT:
            if part is step or part not in form.answered:
                form = _set(form, part, None)
        return replace(form, unsplit=True)
    return replace(_set(form, step, None), answered=(*form.answered, step))


def set_kind(form: TallyForm, kind: TallyKind) -> TallyForm:
    """Set the kind; what the new kind does not measure is forgotten."""
    fits = set(MEASURES[kind]) | {Step.AUDIENCE_TOTAL, *_SPLIT}
    lost = {m: None for m in ("sessions", "learners", "items") if m not in fits}
    if "sessions" not in MEASURES[kind]:
        lost |= {"party_members": None, "public": None, "audience_total": None}
    form = replace(form, kind=kind, unsplit=form.unsplit and Step.SESSIONS not in lost)
    for measure in lost:
        form = _set(form, Step(measure), None)
    kept = tuple(s for s in form.answered if s not in lost)
    return replace(form, answered=_with(kept, Step.KIND))


def set_day(form: TallyForm, span: DateSpan | DateProblem, today: date) -> TallyForm | Refusal:
    """Set the days; a date that has not come yet is refused, because a plan is no result."""
    if isinstance(span, DateProblem):
        return Refusal.FUTURE_DATE if span.code == "future_date" else Refusal.NOT_A_DATE
    if span.date_from > today:
        return Refusal.FUTURE_DATE
    return replace(
        form,
        date_from=span.date_from,
        date_to=span.date_to,
        precision=span.precision,
        dates=span.dates,
        answered=_with(form.answered, Step.DAY),
    )


def set_count(form: TallyForm, number: int | None) -> TallyForm | Refusal:
    """Set the measure that is being asked. A total that was the sum of its parts stays it."""
    step = form.step()
    if number is None:
        return Refusal.NOT_A_NUMBER
    if not 0 <= number <= MOST:
        return Refusal.TOO_LARGE
    changed = replace(_set(form, step, number), answered=_with(form.answered, step))
    if step in _SPLIT and form.audience_total is not None and _parts(form) == form.audience_total:
        return replace(changed, audience_total=_parts(changed))
    return changed


def set_topic(form: TallyForm, text: str) -> TallyForm | Refusal:
    topic = " ".join(normalise(text).split())
    if len(topic) > TOPIC_LENGTH:
        return Refusal.TOO_LONG
    return replace(form, topic=topic or None, answered=_with(form.answered, Step.TOPIC))


def answer(form: TallyForm, text: str, now: datetime) -> TallyForm | Refusal:
    """Fill the present question from what was typed; a whole report fills all that it states."""
    step = form.step()
    if step is Step.TOPIC:
        return set_topic(form, text)
    number = None if step in _NOT_NUMBERS else read_count(text)
    if number is not None:
        return set_count(form, number)
    if step not in _NOT_NUMBERS and _BEYOND_READING.fullmatch(text.strip()):
        return Refusal.TOO_LARGE
    whole = _whole_report(form, text, now)
    if whole is not None:
        return whole
    if step is Step.DAY:
        return set_day(form, read_day(text, now), now.date())
    return _NOT_UNDERSTOOD.get(step, Refusal.NOT_A_NUMBER)


def _whole_report(form: TallyForm, text: str, now: datetime) -> TallyForm | None:
    """The form with all that a one-line report states; None where the text is no clear report."""
    reading = read(text, now)
    if reading.intent is not Intent.REPORT or len(reading.entries) != 1 or reading.question:
        return None
    entry = reading.entries[0]
    new = from_figures(form.unit_id, entry.figures, form.replaces)
    if form.date_from is not None and "date=received_date" in entry.defaults:
        new = replace(
            new,
            date_from=form.date_from,
            date_to=form.date_to,
            precision=form.precision,
            dates=form.dates,
        )
    return new


def _set(form: TallyForm, step: Step, value: int | None) -> TallyForm:
    """The form with one field set; for a number, the field has the name of its step."""
    match step:
        case Step.SESSIONS:
            return replace(form, sessions=value)
        case Step.PARTY_MEMBERS:
            return replace(form, party_members=value)
        case Step.PUBLIC:
            return replace(form, public=value)
        case Step.AUDIENCE_TOTAL:
            return replace(form, audience_total=value)
        case Step.LEARNERS:
            return replace(form, learners=value)
        case Step.ITEMS:
            return replace(form, items=value)
        case _:
            return replace(form, topic=None)


def _parts(form: TallyForm) -> int | None:
    if form.party_members is None or form.public is None:
        return None
    return form.party_members + form.public


def _with(answered: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    return (*(s for s in answered if s is not step), step)
