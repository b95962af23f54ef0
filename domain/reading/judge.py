"""Chooses between storing, confirming and asking; at most one question, the first that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from domain.reading.drafts import Draft, entry_of
from domain.reading.model import (
    Action,
    Choice,
    DateProblem,
    DateSpan,
    Entry,
    Intent,
    Question,
    QuestionCode,
    Reading,
    Value,
)
from domain.reading.sight import Sight
from domain.reading.tokens import Sort, Token
from domain.reading.words import Label
from domain.tally import MEASURES, MOST, Precision, TallyKind

_RETYPE = Choice("retype")
_OTHER_DATE = Choice("other_date")
_USUAL_MOST_PER_SESSION = 300
_USUAL_LEAST_PER_SESSION = 5
_USUAL_MOST_SESSIONS_A_DAY = 10


def judge(intent: Intent, drafts: list[Draft], sight: Sight) -> Reading:
    """The reading of a report, a correction or a nil return."""
    alone = len(drafts) == 1
    report = intent is Intent.REPORT
    entries = tuple(entry_of(d, sight, intent, alone=alone) for d in drafts)
    question = next(_questions(intent, drafts, sight), None)
    if question:
        return Reading(intent, Action.ASK, entries, question)
    firm = report and alone and _firm(drafts[0], entries[0])
    return Reading(intent, Action.ACCEPT if firm else Action.CONFIRM, entries)


def _questions(intent: Intent, drafts: list[Draft], sight: Sight) -> Iterator[Question]:
    today = sight.clock.today
    for draft in drafts:
        if draft.problem:
            yield date_question(draft.problem, today)
    if intent is not Intent.REPORT:
        return
    yield from _several_dates(drafts, sight)
    yield from _each(sight)
    yield from _left_over(drafts[0], sight)
    for draft in drafts:
        yield from _about_figures(draft)


# --- dates ----------------------------------------------------------------------


def date_question(problem: DateProblem, today: date) -> Question:
    choices = [Choice(_date_code(problem, span, today), _days(span)) for span in problem.options]
    if problem.code is QuestionCode.FUTURE_DATE:
        choices.insert(0, Choice("plan"))
    else:
        choices.append(_OTHER_DATE)
    return Question(problem.code, {"written": problem.written}, tuple(choices))


def _date_code(problem: DateProblem, span: DateSpan, today: date) -> str:
    if problem.code is QuestionCode.T7:
        return "month" if span.precision is Precision.MONTH else "weekday"
    named = {0: "today", 1: "yesterday"}
    if span.precision is not Precision.DAY:
        return "date"
    return named.get((today - span.date_from).days, "date")


def _days(span: DateSpan) -> dict[str, Value]:
    return {
        "date_from": span.date_from,
        "date_to": span.date_to,
        "precision": span.precision.value,
        "dates": span.dates,
    }


def _several_dates(drafts: list[Draft], sight: Sight) -> Iterator[Question]:
    """Two unrelated dates and one set of figures: which of them?"""
    if len(drafts) > 1 or len(sight.mentions) < 2:
        return
    spans = [m.meaning for m in sight.mentions if isinstance(m.meaning, DateSpan)]
    if len(set(spans)) > 1 and not drafts[0].summed:
        problem = DateProblem(QuestionCode.DATE_CONFLICT, "", tuple(dict.fromkeys(spans)))
        yield date_question(problem, sight.clock.today)


# --- numbers that nothing explains ---------------------------------------------------


def _left_over(draft: Draft, sight: Sight) -> Iterator[Question]:
    units = _units_or_members(draft)
    if units:
        yield units
    bare = [token for token in sight.left if _is_bare(token, sight)]
    if not bare:
        return
    values = [value for token in bare for value in _values(token)]
    missing = [
        name
        for name in ("sessions", "party_members", "public")
        if getattr(draft, name) is None or f"{name}=1" in draft.defaults
    ]
    yield Question(
        QuestionCode.UNLABELLED,
        {"numbers": ", ".join(map(str, values)), "value": values[0]},
        (*_assignments(values, missing), _RETYPE),
    )


_EACH_WORDS = frozenset(["moi", "tung", "x"])
_EACH = re.compile(
    r"(?<!\w)(?:moi|tung) (?:ngay|buoi|cuoc|thon|to|xom|ban|khu|chi bo|don vi|diem|xa|lop)(?!\w)"
    r"|(?:buoi|cuoc|\db) x (?=\d)|(?<=[a-z])(?<!buoi)(?<!cuoc)/(?:buoi|cuoc)(?! ?[:/\d])(?!\w)"
)


def _each(sight: Sight) -> Iterator[Question]:
    """ "2 buổi, mỗi buổi 30 đv": figures are never multiplied, so the totals are asked for."""
    page = sight.page
    if _EACH_WORDS.isdisjoint(page.vocabulary) and "/" not in page.key:
        return
    for match in _EACH.finditer(page.key):
        written = page.words(match.span()).lower()
        if written.startswith(("mỗi", "từng", "/")) or "x" in written or not page.marked:
            choices = (Choice("already_total"), _RETYPE)
            yield Question(QuestionCode.EACH, {"written": written}, choices)


def _assignments(values: list[int], missing: list[str]) -> list[Choice]:
    """In the usual order: buổi, đảng viên, quần chúng; a single number may be any of them."""
    if len(values) == 1:
        return [Choice(name, {name: values[0]}) for name in missing]
    if len(values) == 2 and {"party_members", "public"} <= set(missing):
        first, second = values
        return [
            Choice("party_then_public", {"party_members": first, "public": second}),
            Choice("public_then_party", {"public": first, "party_members": second}),
        ]
    if len(values) == len(missing):
        return [Choice("usual_order", dict(zip(missing, values, strict=True)))]
    return []


def _values(token: Token) -> list[int]:
    return [token.value] if token.out_of is None else [token.value, token.out_of]


_ENUMERATED = re.compile(
    r"(?:nq|nghi quyet|chi thi|ct|kl|ket luan|so|to|thon|ban|khu)[ \d,]*(?:va )?$"
)
_ALONE = (Sort.BREAK, Sort.SIGN, Sort.NUMBER, Sort.MASKED)


def _is_bare(token: Token, sight: Sight) -> bool:
    """Numbers among words are part of the topic; those that stand alone were meant."""
    if token.out_of is not None:
        return True
    position = sight.tokens.index(token)
    before = sight.tokens[position - 1] if position else None
    after = sight.tokens[position + 1] if position + 1 < len(sight.tokens) else None
    opened = before is None or before.sort in (*_ALONE, Sort.LABEL)
    closed = after is None or after.sort in _ALONE
    named = _ENUMERATED.search(sight.page.key[max(0, token.start - 40) : token.start])
    return opened and closed and not named


def _units_or_members(draft: Draft) -> Question | None:
    """ "3 đv 5b": three units or three party members?"""
    party, sessions = draft.group.of(Label.PARTY), draft.group.of(Label.SESSIONS)
    if len(party) != 1 or len(sessions) != 1 or party[0].noun != "dv":
        return None
    first = party[0].start < sessions[0].start
    if not first or party[0].value > sessions[0].value or draft.group.of(Label.PUBLIC):
        return None
    return Question(
        QuestionCode.UNIT_OR_MEMBERS,
        {"value": party[0].value},
        (Choice("units", {"party_members": None}), Choice("members"), _RETYPE),
    )


# --- figures ---------------------------------------------------------------------------


def _about_figures(draft: Draft) -> Iterator[Question]:
    if draft.mixed is not None and (draft.party_members is None or draft.public is None):
        yield _mixed(draft)
    mismatch = _mismatch(draft)
    if mismatch:
        yield mismatch
    stated = [draft.sessions, draft.party_members, draft.public, draft.audience_total]
    largest = max([n for n in (*stated, draft.learners, draft.items) if n is not None], default=0)
    if largest > MOST:
        yield Question(QuestionCode.TOO_LARGE, {"value": largest}, (_RETYPE,))
    missing = _missing(draft)
    if missing and draft.comma:
        yield Question(
            QuestionCode.THOUSANDS,
            {"value": largest},
            (Choice("as_thousands"), _RETYPE),
        )
    if missing:
        yield missing


def _mixed(draft: Draft) -> Question:
    mixed = draft.mixed or 0
    parts = (draft.party_members or 0) + (draft.public or 0)
    total = draft.audience_total or mixed + parts
    return Question(
        QuestionCode.MIXED_MEMBERS,
        {"value": mixed, "total": total},
        (
            Choice(
                "all_members",
                {"party_members": mixed + (draft.party_members or 0), "audience_total": None},
            ),
            Choice("unsplit", {"audience_total": total}),
            _RETYPE,
        ),
    )


def _mismatch(draft: Draft) -> Question | None:
    total, party, public = draft.audience_total, draft.party_members, draft.public
    if total is None or draft.mixed is not None or (party is None and public is None):
        return None
    parts = (party or 0) + (public or 0)
    if parts == total or (parts < total and (party is None or public is None)):
        return None
    choices = [Choice("total", {"audience_total": parts})]
    if party is not None and public is not None:
        if total >= public:
            choices.append(Choice("party_members", {"party_members": total - public}))
        if total >= party:
            choices.append(Choice("public", {"public": total - party}))
    values: dict[str, Value] = {
        "total": total,
        "party_members": party,
        "public": public,
        "sum": parts,
    }
    return Question(QuestionCode.TOTAL_MISMATCH, values, (*choices, _RETYPE))


def _missing(draft: Draft) -> Question | None:
    """What a report cannot do without: how many sessions, and how many people."""
    if MEASURES[draft.kind][0] == "items":
        return None
    people = (draft.party_members, draft.public, draft.audience_total, draft.learners, draft.mixed)
    nobody = all(count is None for count in people)
    if draft.sessions is not None and not nobody:
        return None
    if nobody:
        return Question(QuestionCode.MISSING_AUDIENCE, {"sessions": draft.sessions})
    if draft.party_members is None and draft.public is None and draft.learners is None:
        values: dict[str, Value] = {"total": draft.audience_total}
        choice = Choice("one_session_unsplit", {"sessions": 1})
        return Question(QuestionCode.MISSING_SPLIT, values, (choice, _RETYPE))
    return Question(QuestionCode.MISSING_SESSIONS, {"precision": draft.days.precision.value})


# --- store at once? ----------------------------------------------------------------------


def _firm(draft: Draft, entry: Entry) -> bool:
    """Date and counts explicit and plausible, so that a tap would only cost time."""
    figures = entry.figures
    if draft.defaults or draft.comma or draft.summed or draft.mixed or figures.approximation:
        return False
    if MEASURES[draft.kind] == ("items",):
        return draft.days.precision in (Precision.DAY, Precision.WEEK) and bool(draft.items)
    return draft.days.precision is Precision.DAY and _complete(draft) and _plausible(draft, entry)


def _complete(draft: Draft) -> bool:
    if draft.sessions is None:
        return False
    if draft.kind is TallyKind.TRAINING_CLASS:
        return draft.learners is not None
    split = draft.party_members is not None and draft.public is not None
    return split or (draft.audience_total is not None and "audience_total" in MEASURES[draft.kind])


def _plausible(draft: Draft, entry: Entry) -> bool:
    sessions = draft.sessions or 0
    people = entry.figures.attendance if draft.learners is None else draft.learners
    if not sessions or people is None:
        return False
    average = people / sessions
    usual = _USUAL_LEAST_PER_SESSION <= average <= _USUAL_MOST_PER_SESSION
    return usual and sessions <= _USUAL_MOST_SESSIONS_A_DAY
