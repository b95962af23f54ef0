"""Turns a group of counts into figures, stating each default."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from domain.reading.days import one_day
from domain.reading.groups import Group
from domain.reading.model import DateProblem, DateSpan, Entry, Intent
from domain.reading.names import Named, find_location, find_unit
from domain.reading.page import Cue, Span, overlaps
from domain.reading.sight import Sight
from domain.reading.tokens import Sort
from domain.reading.topic import find_topic, is_explained
from domain.reading.words import ITEM_KINDS, UNION_NOUNS, Label
from domain.tally import MEASURES, Figures, Precision, TallyKind


@dataclass(slots=True)
class Draft:
    """Figures in the making. `mixed`: people of whom only some are members, not told apart."""

    kind: TallyKind
    days: DateSpan
    problem: DateProblem | None = None
    sessions: int | None = None
    party_members: int | None = None
    public: int | None = None
    audience_total: int | None = None
    learners: int | None = None
    items: int | None = None
    mixed: int | None = None
    defaults: list[str] = field(default_factory=list)
    spans: dict[str, Span] = field(default_factory=dict)
    comma: bool = False
    summed: bool = False
    group: Group = field(default_factory=Group)


def draft_of(group: Group, sight: Sight) -> Draft:
    """The figures of one group before anything is asked."""
    kind = group.kind or TallyKind.ORAL_SESSION
    named = group.kind is not None or "lop" not in sight.page.vocabulary
    if not named and any(c.noun.endswith("lop") for c in group.counts):
        kind = TallyKind.TRAINING_CLASS
    days, problem = _days(group, sight)
    draft = Draft(kind, days, problem, group=group)
    draft.comma = any(count.comma for count in group.counts)
    draft.summed = group.parts > 1
    _fill(draft, group)
    _adapt_to_kind(draft)
    if MEASURES[kind][0] != "items":
        _derive_split(draft, group, sight)
        _default_union(draft, group)
        _default_sessions(draft)
    _locate(draft, group, sight)
    return draft


def _days(group: Group, sight: Sight) -> tuple[DateSpan, DateProblem | None]:
    if group.mention is None:
        return one_day(sight.clock.today), None
    meaning = group.mention.meaning
    if isinstance(meaning, DateSpan):
        return meaning, None
    return (meaning.options or (one_day(sight.clock.today),))[0], meaning


def _fill(draft: Draft, group: Group) -> None:
    sums = group.sums
    draft.sessions = sums.get(Label.SESSIONS)
    draft.party_members = sums.get(Label.PARTY)
    draft.public = sums.get(Label.PUBLIC)
    draft.audience_total = sums.get(Label.TOTAL)
    draft.learners = sums.get(Label.LEARNERS)
    draft.mixed = sums.get(Label.MIXED)
    draft.items = next((sums[label] for label in reversed(ITEM_KINDS) if label in sums), None)
    if group.header_total is not None and draft.audience_total is None:
        draft.audience_total = group.header_total


def _adapt_to_kind(draft: Draft) -> None:
    """The same word counts different things: học viên, buổi phát thanh."""
    if MEASURES[draft.kind][0] == "items":
        stated = (draft.items, draft.sessions, draft.audience_total)
        draft.items = next((count for count in stated if count is not None), None)
        draft.sessions = draft.party_members = draft.public = draft.audience_total = None
        draft.learners = draft.mixed = None
        return
    if draft.kind is TallyKind.TRAINING_CLASS:
        if draft.learners is None and draft.party_members is None and draft.public is None:
            draft.learners, draft.audience_total = draft.audience_total, None
    elif draft.learners is not None:
        draft.public = (draft.public or 0) + draft.learners
        draft.learners = None


_ONLY = Cue(
    frozenset(["toan", "la", "chi", "deu", "%"]),
    re.compile(
        r"(?:toan(?: bo)?(?: la)?|deu la|chi(?: co)?|100 ?%(?: la)?|het la|tat ca(?: deu)? la) $"
    ),
)
_NO = Cue(
    frozenset(["khong", "ko", "k", "chua", "khg"]),
    re.compile(r"(?:khong|ko|k|chua|khg) (?:co )?$"),
)


def _derive_split(draft: Draft, group: Group, sight: Sight) -> None:
    only = _bare_labels(sight, group, _ONLY)
    absent = _bare_labels(sight, group, _NO)
    if Label.PARTY in absent and draft.party_members is None:
        draft.party_members = 0
    if Label.PUBLIC in absent and draft.public is None:
        draft.public = 0
    _everybody_is(draft, only)
    _subtract(draft, group)
    attended = any(c.out_of is not None for c in group.of(Label.PARTY))
    if attended and draft.public is None and draft.audience_total is None:
        draft.public = 0
        draft.defaults.append("public=0")


def _everybody_is(draft: Draft, only: set[Label]) -> None:
    """ "toàn bà con, 63 người": all 63 are public, none is a party member."""
    if Label.PUBLIC in only and draft.party_members is None:
        draft.public = draft.audience_total if draft.public is None else draft.public
        draft.audience_total = None
        draft.party_members = 0
        draft.defaults.append("party_members=0")
    elif Label.PARTY in only and draft.public is None:
        if draft.party_members is None:
            draft.party_members, draft.audience_total = draft.audience_total, None
        draft.public = 0
        draft.defaults.append("public=0")


def _subtract(draft: Draft, group: Group) -> None:
    """The rest of a stated total, and members named as a part of the public before them."""
    party, public, total = draft.party_members, draft.public, draft.audience_total
    within = any(count.within for count in group.of(Label.PARTY))
    if total is None and public is not None and party is not None and within and public >= party:
        outside = not any(count.within for count in group.of(Label.PUBLIC))
        if outside and party > 0:
            draft.audience_total, draft.public = public, public - party
            draft.defaults.append("public=total-party_members")
    elif total is not None and party is not None and public is None and total >= party:
        draft.public = total - party
        draft.defaults.append("public=total-party_members")
    elif total is not None and public is not None and party is None and total >= public:
        draft.party_members = total - public
        draft.defaults.append("party_members=total-public")


def _bare_labels(sight: Sight, group: Group, before: Cue) -> set[Label]:
    if not before.may_be_on(sight.page):
        return set()
    start, end = group.region
    return {
        token.label
        for token in sight.tokens
        if token.sort is Sort.LABEL
        and start <= token.start < end
        and before.pattern.search(sight.page.key[max(0, token.start - 14) : token.start])
    }


def _default_union(draft: Draft, group: Group) -> None:
    for count in group.of(Label.PUBLIC):
        noun = UNION_NOUNS.get(count.noun)
        if noun is None and count.noun.startswith("hoi vien"):
            noun = "hội viên"
        text = f"{noun} counted as public"
        if noun and text not in draft.defaults:
            draft.defaults.append(text)
    if draft.kind is not TallyKind.TRAINING_CLASS and any(
        count.noun == "hv" for count in group.of(Label.LEARNERS)
    ):
        draft.defaults.append("hội viên counted as public")


def _default_sessions(draft: Draft) -> None:
    counted = (
        draft.party_members is not None or draft.public is not None or draft.learners is not None
    )
    whole = draft.audience_total is not None and "audience_total" in MEASURES[draft.kind]
    named_day = draft.days.precision is Precision.DAY
    if draft.sessions is None and named_day and (counted or whole):
        draft.sessions = 1
        draft.defaults.append("sessions=1")


_COUNTED_FIELDS = {
    Label.SESSIONS: "sessions",
    Label.PARTY: "party_members",
    Label.PUBLIC: "public",
    Label.TOTAL: "audience_total",
    Label.LEARNERS: "learners",
    **dict.fromkeys(ITEM_KINDS, "items"),
}


def _locate(draft: Draft, group: Group, sight: Sight) -> None:
    for count in group.counts:
        name = _COUNTED_FIELDS.get(count.label, "")
        if name and (name == "items" or getattr(draft, name) is not None):
            draft.spans[name] = _cover(draft.spans.get(name, count.span), count.span)
    if group.kind_span:
        draft.spans["kind"] = group.kind_span
    if group.mention:
        draft.spans["date"] = group.mention.span
    elif draft.problem is None:
        draft.defaults.insert(0, "date=received_date")


def _cover(one: Span, two: Span) -> Span:
    return min(one[0], two[0]), max(one[1], two[1])


def entry_of(draft: Draft, sight: Sight, intent: Intent, *, alone: bool) -> Entry:
    """The entry with its topic, unit and place; `alone`: the whole message speaks of it."""
    names = _names(draft, sight, intent, alone=alone)
    spans = draft.spans | {name: named.span for name, named in names.items()}
    return Entry(
        figures=Figures(
            kind=draft.kind,
            date_from=draft.days.date_from,
            date_to=draft.days.date_to,
            precision=draft.days.precision,
            dates=draft.days.dates,
            sessions=draft.sessions,
            party_members=draft.party_members,
            public=draft.public,
            audience_total=_stated_total(draft),
            learners=draft.learners,
            items=draft.items,
            approximation=next(
                (c.approximation for c in draft.group.counts if c.approximation), None
            ),
            **{name: named.text for name, named in names.items()},
        ),
        defaults=tuple(draft.defaults),
        spans={name: sight.page.original(span) for name, span in spans.items()},
    )


_TOPICLESS = frozenset({TallyKind.REPORTER_CONFERENCE, TallyKind.DIALOGUE})


def _names(draft: Draft, sight: Sight, intent: Intent, *, alone: bool) -> dict[str, Named]:
    """Topic, unit and place, as far as the message names them."""
    page, blocked, known = sight.page, sight.blocked, sight.person.unit_names
    if not known and is_explained(page, blocked):
        return {}
    region = (0, len(page.key)) if alone else draft.group.region
    location = find_location(page, blocked)
    blocked = [*blocked, location.span] if location else blocked
    if location and not alone and not _inside(location.span, region):
        location = None
    speaks = draft.group.parts == 1 and intent is not Intent.CORRECT
    unit = find_unit(page, blocked, known, draft.group.start) if speaks else None
    if unit and location and overlaps(unit.span, [location.span]):
        unit = None
    blocked = [*blocked, unit.span] if unit else blocked
    named_by_kind = draft.kind in _TOPICLESS or MEASURES[draft.kind][0] == "items"
    rest_is_topic = intent is Intent.REPORT and not named_by_kind
    after = draft.group.start if rest_is_topic else len(page.key)
    told = intent is not Intent.NIL_REPORT and (draft.group.parts == 1 or alone)
    regions = [region]
    if draft.group.parts > 1:
        # What stands between the parts belongs to one of them.
        regions = [(0, draft.group.start), (draft.group.end, len(page.key))]
    topics = (find_topic(page, one, blocked, after) for one in regions if told)
    topic = next((found for found in topics if found), None)
    found = {"topic": topic, "unit_text": unit, "location_text": location}
    return {name: named for name, named in found.items() if named}


def _inside(span: Span, region: Span) -> bool:
    return region[0] <= span[0] and span[1] <= region[1]


def _stated_total(draft: Draft) -> int | None:
    """People of whom only some are members belong to the total, never to either part."""
    if draft.mixed is None:
        return draft.audience_total
    parts = (draft.party_members or 0) + (draft.public or 0)
    return draft.audience_total or draft.mixed + parts


def nothing(kind: TallyKind, days: DateSpan) -> Draft:
    """A nil return of a kind."""
    if MEASURES[kind][0] == "items":
        return Draft(kind, days, items=0)
    return Draft(kind, days, sessions=0, party_members=0, public=0)
