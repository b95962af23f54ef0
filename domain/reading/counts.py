"""Decides which number counts what: labels may stand before or after their numbers."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import NamedTuple

from domain.reading.page import Span
from domain.reading.tokens import Sort, Token
from domain.reading.words import APPROXIMATE, GAP_WORDS, NAMING, PEOPLE, Label
from domain.tally import Approximation


class Count(NamedTuple):
    """A number with its label. `noun` is the label as written (folded), `out_of` the enrolled.

    `within`: named as a part of the figures before it ("trong đó", in brackets).
    """

    label: Label
    value: int
    start: int
    end: int
    noun: str = ""
    comma: bool = False
    out_of: int | None = None
    within: bool = False
    approximation: Approximation | None = None

    @property
    def span(self) -> Span:
        return self.start, self.end


# A label that no number takes; numbers with labels on both sides in one message.
_WANTED = frozenset({Label.PARTY, Label.PUBLIC, Label.SESSIONS})
_LOST = 0.8
_SWITCH = 0.6
_SCORE = attrgetter("score")
_Labels = tuple[int, ...] | None


class _Way(NamedTuple):
    """One way to explain a number: what it gains, and by which labels (their positions).

    `side` is -1 for a label before, 1 for one after the number; `taken` counts those after.
    No labels at all mean a name ("tổ 5"), None that the number stays unexplained.
    """

    gain: float
    side: int
    taken: int
    labels: _Labels


class _Step(NamedTuple):
    """The best way so far to explain the numbers up to one of them."""

    score: float
    side: int
    taken: int
    labels: _Labels
    previous: _Step | None


def pair(tokens: list[Token]) -> tuple[list[Count], list[Token]]:
    """Counts in order, and the numbers that no label explains."""
    numbers = [i for i, t in enumerate(tokens) if t.sort is Sort.NUMBER]
    runs = _runs(tokens, numbers)
    counts = [_fixed(t) for t in tokens if t.sort is Sort.MASKED and t.key.startswith("pair ")]
    left: list[Token] = []
    for number, labels in zip(numbers, _best(tokens, numbers, runs), strict=True):
        if labels is None:
            left.append(tokens[number])
        elif labels:
            counts.append(_count(tokens, number, [tokens[i] for i in labels]))
    return sorted(counts, key=lambda count: count.start), left


def adopt_total(
    tokens: list[Token], counts: list[Count], left: list[Token]
) -> tuple[list[Count], list[Token]]:
    """ "105 (45đv+60qc)": a number without a label or noun that is the sum of both parts."""
    parts = [c.value for c in counts if c.label in (Label.PARTY, Label.PUBLIC)]
    total = next((t for t in left if len(parts) == 2 and t.value == sum(parts)), None)
    if (
        total is None
        or total.out_of is not None
        or _has_noun(tokens, total)
        or any(c.label is Label.TOTAL for c in counts)
    ):
        return counts, left
    counts = [*counts, Count(Label.TOTAL, total.value, total.start, total.end)]
    return sorted(counts, key=lambda c: c.start), [token for token in left if token is not total]


def _has_noun(tokens: list[Token], number: Token) -> bool:
    """ "50 năm" counts years, whatever the sum of the people."""
    after = tokens[tokens.index(number) + 1 :]
    return bool(after) and after[0].sort is Sort.WORD and after[0].start == number.end + 1


def _fixed(token: Token) -> Count:
    return Count(token.label, token.value, token.start, token.end)


def _runs(tokens: list[Token], numbers: list[int]) -> list[list[int]]:
    """The labels before each number, and those after the last one."""
    edges = [-1, *numbers, len(tokens)]
    return [
        [i for i in range(edges[k] + 1, edges[k + 1]) if tokens[i].sort is Sort.LABEL]
        for k in range(len(edges) - 1)
    ]


def _best(tokens: list[Token], numbers: list[int], runs: list[list[int]]) -> list[_Labels]:
    """For each number its label tokens; () when it belongs to a name; None when unexplained."""
    regular = _regular(tokens, numbers, runs)
    if regular is not None:
        return regular
    steps = [_Step(0.0, 0, 0, None, None)]
    for order, number in enumerate(numbers):
        ways = _ways(tokens, number, runs[order], runs[order + 1])
        steps = _advance(steps, ways, _prices(tokens, runs[order]))
    return _trace(max(steps, key=_SCORE))


_RIGHT_BESIDE = -1.1


def _regular(
    tokens: list[Token], numbers: list[int], runs: list[list[int]]
) -> list[_Labels] | None:
    """ "3 buổi 45 đv 60 qc", as most write: no other way can be better, so none is weighed."""
    if runs[0] or not all(len(labels) == 1 for labels in runs[1:]):
        return None
    for number, labels in zip(numbers, runs[1:], strict=True):
        cost = _after_cost(tokens, number, labels)
        if cost is None or cost > _RIGHT_BESIDE:
            return None
    return [tuple(labels) for labels in runs[1:]]


def _price(label: Token) -> float:
    """Of a label that no number takes."""
    return _LOST if label.label in _WANTED else 0.0


def _prices(tokens: list[Token], labels: list[int]) -> list[float]:
    """What it costs when the first n labels are taken and the others left alone."""
    prices = [0.0]
    for label in reversed(labels):
        prices.append(prices[-1] + _price(tokens[label]))
    return prices[::-1]


def _advance(steps: list[_Step], ways: list[_Way], prices: list[float]) -> list[_Step]:
    """The best steps to the next number."""
    best: dict[tuple[int, int], _Step] = {}
    for step in steps:
        reached = step.score - prices[step.taken]
        none_left = step.taken == len(prices) - 1
        for gain, side, taken, labels in ways:
            if side < 0 and none_left:
                continue
            score = reached + gain - (_SWITCH if step.side * side < 0 else 0.0)
            rival = best.get((side, taken))
            if rival is None or score > rival.score:
                best[side, taken] = _Step(score, side, taken, labels, step)
    return list(best.values())


def _trace(step: _Step) -> list[_Labels]:
    chosen: list[_Labels] = []
    while step.previous is not None:
        chosen.append(step.labels)
        step = step.previous
    return chosen[::-1]


def _ways(tokens: list[Token], number: int, before: list[int], after: list[int]) -> list[_Way]:
    ways = [_Way(0.0, 0, 0, None)]
    name = _naming_score(tokens, number)
    if name:
        ways.append(_Way(name, 0, 0, ()))
    if before and (cost := _before_cost(tokens, before[-1], number)) is not None:
        colon = 1.5 if _announces(tokens, before[-1]) else 0.0
        gain = 10 + colon - cost + _price(tokens[before[-1]])
        ways.append(_Way(gain, -1, 0, (before[-1],)))
        if after and _unit_noun(tokens, number, before[-1], after[0]):
            ways.append(_Way(gain + 1.5, -1, 1, (after[0], before[-1])))
    for length in range(1, min(2, len(after)) + 1):
        cost = _after_cost(tokens, number, after[:length])
        if cost is not None:
            gain = 10.1 - cost + 0.5 * (length - 1)
            ways.append(_Way(gain, 1, length, tuple(after[:length])))
    return ways


_SIGN_COST = {
    ":": 0.0,
    "=": 0.0,
    "~": 0.0,
    ">": 0.0,
    "≈": 0.0,
    "(": 1.0,
    ")": 1.0,
    "-": 1.5,
    "–": 1.5,
    "—": 1.5,
    "/": 1.5,
    "•": 1.0,
}
_AFTER_WORDS = {"luot", "nguoi", "la", "ban", "nguoi:", "so"}
# These stand after their number only, unless a colon follows.
_NEVER_BEFORE = frozenset(
    [
        "c",
        "hn",
        "ng",
        "dan",
        "tin",
        "bai",
        "nguoi",
        "diem",
        "giai",
        "ho",
        "don vi",
        "chi bo",
        "can bo",
        "cb",
        "luot",
        "d/c",
        "dong chi",
        "clip",
    ]
)


def _gap(
    tokens: list[Token], start: int, end: int, words: frozenset[str] | set[str]
) -> float | None:
    if end == start + 1:
        return 0.0
    cost = 0.0
    between = tokens[start + 1 : end]
    if len(between) > 6:
        return None
    for token in between:
        if token.sort is Sort.WORD and token.key in words:
            cost += 0.3
        elif token.sort is Sort.SIGN and token.key in _SIGN_COST:
            cost += _SIGN_COST[token.key]
        else:
            return None
    return cost


def _before_cost(tokens: list[Token], label: int, number: int) -> float | None:
    written = tokens[label]
    colon = label + 1 < len(tokens) and tokens[label + 1].key in (":", "=")
    if written.label is Label.IGNORED or (written.key in _NEVER_BEFORE and not colon):
        return None
    cost = _gap(tokens, label, number, GAP_WORDS)
    if cost is None or not _compatible(written.label, tokens[number]):
        return None
    if written.key == "b" and not colon and tokens[number].start != written.end:
        cost += 3
    return cost + (2.5 if written.key.startswith("tong") and " " not in written.key else 0.0)


def _after_cost(tokens: list[Token], number: int, labels: list[int]) -> float | None:
    if not _compatible(tokens[labels[-1]].label, tokens[number]):
        return None
    cost = _gap(tokens, number, labels[0], _AFTER_WORDS)
    if cost is None or (len(labels) == 2 and not _chained(tokens, labels)):
        return None
    nearest = tokens[labels[0]]
    # "60 (ĐV 45…" and "45: đv" do not say what stands before the sign.
    gap = tokens[number + 1 : labels[0]]
    if gap and any(token.key in (":", "=", "/") for token in gap):
        cost += 2.0
    # "80 người", "45dv" say more than "nhân dân 1", unless the label announces its own number.
    announcing = _announces(tokens, labels[-1])
    distance = nearest.start - tokens[number].end
    # "thôn 5 b…" is a name; a session is "5b" there.
    if distance and len(nearest.key) == 1 and _naming_score(tokens, number):
        cost += 7.0
    return (
        cost
        + (2.0 if announcing else 0.0)
        - (2.0 if distance == 0 else 1.1 if distance == 1 else 0.0)
    )


def _announces(tokens: list[Token], label: int) -> bool:
    """ "Số buổi: 2" announces its number; "2 buổi: …" has it already."""
    colon = label + 1 < len(tokens) and tokens[label + 1].key in (":", "=")
    return colon and not (label and tokens[label - 1].sort is Sort.NUMBER)


def _unit_noun(tokens: list[Token], number: int, before: int, after: int) -> bool:
    """ "đảng viên 25 đồng chí", "bà con: 45 người": the noun behind only says people."""
    specific = tokens[before].label in PEOPLE and tokens[before].label is not Label.TOTAL
    return specific and after == number + 1 and tokens[after].label is Label.TOTAL


def _chained(tokens: list[Token], labels: list[int]) -> bool:
    """ "lượt" + "đảng viên", "người" + "là" + "quần chúng"."""
    first, second = tokens[labels[0]], tokens[labels[1]]
    general = first.label is Label.TOTAL and second.label in PEOPLE
    return general and all(t.key in ("la", "(", "du") for t in tokens[labels[0] + 1 : labels[1]])


def _compatible(label: Label, number: Token) -> bool:
    return number.out_of is None or label in PEOPLE or label is Label.IGNORED


def _naming_score(tokens: list[Token], number: int) -> float:
    last = tokens[number - 1] if number else None
    if last is None or last.sort is Sort.SIGN or last.end < tokens[number].start - 1:
        return 0.0
    worded = last.sort is Sort.WORD or last.sort is Sort.LABEL
    if worded and last.key.rpartition(" ")[2] not in NAMING:
        return 0.0
    before = tokens[max(0, number - 2) : number]
    words = [t.key for t in before if t.sort in (Sort.WORD, Sort.LABEL)]
    if not words:
        return 0.0
    return NAMING.get("-".join(words[-2:]), 0.0) or NAMING.get(words[-1].split()[-1], 0.0)


def _count(tokens: list[Token], number: int, labels: list[Token]) -> Count:
    token, label = tokens[number], labels[-1]
    start = min(token.start, labels[0].start)
    words = [t.key for t in tokens[max(0, number - 8) : number]]
    return Count(
        label=label.label,
        value=token.value,
        start=start,
        end=max(token.end, label.end),
        noun=label.key,
        comma=token.comma,
        out_of=token.out_of,
        within=_is_within(words),
        approximation=_approximation(tokens, number),
    )


_IN_THAT = re.compile(r"trong do(?: (?:co|la|:|,))*(?: \w+)?$")


def _is_within(words: list[str]) -> bool:
    if "(" not in words and "trong" not in words:
        return False
    text = " ".join(words)
    opened = text.rfind("(") > text.rfind(")")
    return opened or bool(_IN_THAT.search(text))


_APPROXIMATE_ENDS = frozenset(written.split()[-1] for written in APPROXIMATE)


def _approximation(tokens: list[Token], number: int) -> Approximation | None:
    if not number or tokens[number - 1].key not in _APPROXIMATE_ENDS:
        return None
    words = [t.key for t in tokens[max(0, number - 2) : number]]
    for written in (" ".join(words), words[-1]):
        if written in APPROXIMATE:
            return Approximation(APPROXIMATE[written])
    return None
