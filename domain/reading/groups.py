"""Gathers counts into entries: one per day and kind, sub-groups summed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from domain.reading.counts import Count
from domain.reading.dates import Mention
from domain.reading.kinds import find_kind
from domain.reading.page import Page, Span
from domain.reading.sight import Sight
from domain.reading.words import ITEM_KINDS, Label
from domain.tally import TallyKind

_MEASURES = (Label.SESSIONS, Label.PARTY, Label.TOTAL, Label.MIXED, Label.LEARNERS)


@dataclass(slots=True)
class Group:
    """Counts that belong together. `header` marks a line that adds up the others."""

    counts: list[Count] = field(default_factory=list)
    mention: Mention | None = None
    kind: TallyKind | None = None
    kind_span: Span | None = None
    region: Span = (0, 0)
    parts: int = 1
    header_total: int | None = None

    @property
    def start(self) -> int:
        return self.counts[0].start if self.counts else self.region[0]

    @property
    def end(self) -> int:
        return max((count.end for count in self.counts), default=self.region[1])

    def of(self, label: Label) -> list[Count]:
        return [count for count in self.counts if count.label is label]

    @property
    def sums(self) -> dict[Label, int]:
        sums: dict[Label, int] = {}
        for count in self.counts:
            sums[count.label] = sums.get(count.label, 0) + count.value
        return sums

    def sum_of(self, label: Label) -> int | None:
        return self.sums.get(label)

    @property
    def labels(self) -> frozenset[Label]:
        return frozenset([count.label for count in self.counts])


def gather(sight: Sight, counts: Iterable[Count], mentions: list[Mention]) -> list[Group]:
    """The entries of the message in order, dated and with their kinds."""
    groups = _split([c for c in counts if c.label is not Label.IGNORED])
    _date(groups, mentions)
    _place(groups, sight, mentions)
    return _merge(_share_sessions(_drop_headers(groups)))


def _split(counts: list[Count]) -> list[Group]:
    groups: list[Group] = []
    for count in counts:
        if not groups or _starts_new(groups[-1], count):
            groups.append(Group())
        if not _repeated(groups[-1], count):
            groups[-1].counts.append(count)
    return groups


def _starts_new(group: Group, count: Count) -> bool:
    labels = group.labels
    if count.label in ITEM_KINDS:
        return not labels <= {count.label, Label.TOTAL}
    if not labels.isdisjoint(ITEM_KINDS):
        return count.label is not Label.TOTAL
    if count.label not in labels:
        return False
    if count.label is Label.PUBLIC:
        return any(c.noun == count.noun for c in group.of(Label.PUBLIC))
    return count.label in _MEASURES and not count.within and not _repeated(group, count)


def _repeated(group: Group, count: Count) -> bool:
    """ "100 lượt nghe (100 người)" says one thing twice; so does a total after its parts."""
    return count.label is Label.TOTAL and any(c.value == count.value for c in group.of(Label.TOTAL))


def _date(groups: list[Group], mentions: list[Mention]) -> None:
    """Dates stand before all their groups or after them; the first one decides."""
    if not groups or not mentions:
        return
    before = mentions[0].start < groups[0].start
    for group in groups:
        earlier = [m for m in mentions if m.end <= group.start]
        later = [m for m in mentions if m.start >= group.start]
        if before:
            group.mention = earlier[-1] if earlier else None
        else:
            group.mention = later[0] if later else mentions[-1]
    if len(groups) == 1:
        groups[0].mention = mentions[0]


def _place(groups: list[Group], sight: Sight, mentions: list[Mention]) -> None:
    """The part of the text that speaks of each group, and the kind named there."""
    page, whole = sight.page, sight.kind
    starts = [_region_start(groups, i, page, mentions) for i in range(len(groups))]
    for order, group in enumerate(groups):
        end = starts[order + 1] if order + 1 < len(groups) else len(page.key)
        group.region = (starts[order], end)
        _name_kind(group, page, whole if len(groups) == 1 else None)
    for group in groups:
        if group.kind is None and whole and not any(g.kind for g in groups if g is not group):
            group.kind, group.kind_span = whole
    _inherit_kind(groups)


def _inherit_kind(groups: list[Group]) -> None:
    """A heading names the kind of all groups; else sessions named once carry their kind on."""
    heading = groups[0].kind_span if groups else None
    if heading and heading[1] <= groups[0].start:
        for group in groups:
            group.kind = group.kind or groups[0].kind
    for before, group in pairwise(groups):
        if group.kind is None and Label.SESSIONS not in group.labels:
            group.kind = before.kind


def _region_start(groups: list[Group], order: int, page: Page, mentions: list[Mention]) -> int:
    if order == 0:
        return 0
    floor, start = groups[order - 1].end, groups[order].start
    cuts = [page.key.rfind(sign, floor, start) + 1 for sign in (";", "\n", ".", ",", ":")]
    mention = groups[order].mention
    if mention and floor <= mention.start < start:
        return mention.start
    also = page.key.rfind(" va ", floor, start)
    strong = [cut for cut in (*cuts[:3], also) if cut > floor]
    return max(strong or cuts[3:], default=floor) or floor


def _name_kind(group: Group, page: Page, whole: tuple[TallyKind, Span] | None) -> None:
    item = next((ITEM_KINDS[c.label] for c in group.counts if c.label in ITEM_KINDS), None)
    if item:
        group.kind = item
        return
    found = whole or find_kind(page, group.region)
    if found:
        group.kind, group.kind_span = found


def _drop_headers(groups: list[Group]) -> list[Group]:
    """ "3 buổi: thôn A 1b…, thôn B 1b…, thôn C 1b…": the first line adds up the others."""
    for header in (groups[0], groups[-1]) if len(groups) > 2 else ():
        rest = [group for group in groups if group is not header]
        if _adds_up(header, rest):
            total = header.sum_of(Label.TOTAL)
            rest[0].header_total = total
            if rest[0].mention is None:
                rest[0].mention = header.mention
            return rest
    return groups


def _adds_up(header: Group, rest: list[Group]) -> bool:
    if not header.labels or not header.labels & {Label.SESSIONS, Label.TOTAL, Label.PARTY}:
        return False
    return all(_total(rest, label) == header.sum_of(label) for label in header.labels)


def _total(groups: list[Group], label: Label) -> int | None:
    labels: tuple[Label, ...] = (label,)
    if label is Label.TOTAL and not all(g.of(Label.TOTAL) for g in groups):
        labels = (Label.PARTY, Label.PUBLIC)
    values = [g.sum_of(one) for g in groups for one in labels]
    stated = [value for value in values if value is not None]
    return sum(stated) if len(stated) == len(values) else None


def _share_sessions(groups: list[Group]) -> list[Group]:
    """ "2 buổi: sáng 40đv 60qc, chiều 30đv 20qc": the sessions were named once for all."""
    if len(groups) < 2 or Label.SESSIONS not in groups[0].labels:
        return groups
    first, rest = groups[0], groups[1:]
    plain = all(Label.SESSIONS not in g.labels and not g.labels & set(ITEM_KINDS) for g in rest)
    same_day = len({_day_key(group) for group in groups}) == 1
    people = first.labels - {Label.SESSIONS}
    if not (plain and same_day and all(g.labels == people for g in rest if people)):
        return groups
    counts = [*first.counts, *(count for group in rest for count in group.counts)]
    region = (first.region[0], groups[-1].region[1])
    return [replace(first, counts=counts, region=region, parts=max(1, len(rest) + bool(people)))]


def _merge(groups: list[Group]) -> list[Group]:
    """Sum groups of one day and one kind that state the same measures."""
    merged: list[Group] = []
    for group in groups:
        twin = next((g for g in merged if _alike(g, group)), None)
        if twin is None:
            merged.append(group)
            continue
        twin.counts = [*twin.counts, *group.counts]
        twin.region = (twin.region[0], max(twin.region[1], group.region[1]))
        twin.parts += group.parts
        twin.header_total = twin.header_total or group.header_total
    return merged


def _alike(one: Group, two: Group) -> bool:
    return _day_key(one) == _day_key(two) and one.kind == two.kind and one.labels == two.labels


def _day_key(group: Group) -> object:
    return group.mention.meaning if group.mention else None
