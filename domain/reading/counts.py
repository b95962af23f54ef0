"""Decides which number counts what: labels may stand before or after their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from domain.reading.dates import Mention
from domain.reading.model import DateProblem
from domain.reading.page import Page, Span
from domain.reading.tokens import Sort, Token
from domain.reading.words import APPROXIMATE, GAP_WORDS, NAMING, PEOPLE, Label
from domain.tally import Approximation

# More numbers than this are no message of a person.
_MOST_NUMBERS = 80


@dataclass(frozen=True, slots=True)
class Count:
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


@dataclass(frozen=True, slots=True)
class Ratio:
    """a/b that is no date: attended/total, or a pair that a legend explains."""

    start: int
    end: int
    first: int
    second: int
    labels: tuple[Label, Label] | None = None

    @property
    def span(self) -> Span:
        return self.start, self.end


_PERSON = (
    r"(?:luot )?(?:dang vien|dv|d/c|dong chi|quan chung|qc|nguoi|hoc vien|hoi vien|doan vien|"
    r"can bo|dai bieu|nhan dan|ba con|bcv|bao cao vien)"
)
_RATIO = re.compile(r"(?<![\d/.,\-])(\d{1,4})/(\d{1,4})(?![\d/]|[.,]\d|%)")
_PERSON_AFTER = re.compile(rf" ?{_PERSON}\b(?! ?:? ?\d)")
_PERSON_BEFORE = re.compile(
    rf"(?<!\d)(?<!\d ){_PERSON}(?: (?:du|tham gia|tham du|co mat|du hop|di hop|di))?[ :]*\(?(?:co mat )?$"
)
_LEGEND = re.compile(
    r"(?<![\w])(?:(?P<party>dang vien|dv) ?/ ?(?:quan chung|qc|nd|nhan dan)"
    r"|(?:quan chung|qc|nd|nhan dan) ?/ ?(?:dang vien|dv))(?!\w)"
)
_AFTER_SESSION = re.compile(r"(?:\db|\d ?(?:buoi|cuoc|b|c))[ :,]*$|[:(] ?$")


def find_ratios(
    page: Page, mentions: list[Mention]
) -> tuple[list[Ratio], list[Mention], Span | None]:
    """Ratios, the dates that remain, and where the legend of the pairs stands."""
    legend = _LEGEND.search(page.key)
    taken = {mention.start: mention for mention in mentions}
    solid = [mention for mention in mentions if not mention.loose]
    ratios: list[Ratio] = []
    matches = [m for m in _RATIO.finditer(page.key) if not _inside(m, solid)]
    for match in matches:
        ratio = _ratio(match, page.key, legend, taken.get(match.start()), alone=len(matches) == 1)
        if ratio:
            ratios.append(ratio)
    gone = {ratio.start for ratio in ratios}
    kept = [mention for mention in mentions if mention.start not in gone]
    return ratios, kept, legend.span() if legend else None


def _inside(match: re.Match[str], mentions: list[Mention]) -> bool:
    return any(m.start <= match.start() < m.end for m in mentions)


def _ratio(
    match: re.Match[str],
    key: str,
    legend: re.Match[str] | None,
    mention: Mention | None,
    *,
    alone: bool,
) -> Ratio | None:
    first, second = int(match[1]), int(match[2])
    dated = mention is not None and not isinstance(mention.meaning, DateProblem)
    if legend:
        beside = bool(_AFTER_SESSION.search(key[: match.start()][-12:]))
        if dated and not (alone or beside):
            return None
        labels = (Label.PARTY, Label.PUBLIC)
        return Ratio(*match.span(), first, second, labels if legend["party"] else labels[::-1])
    before, after = key[: match.start()][-40:], key[match.end() :][:20]
    attended = first <= second and bool(_PERSON_AFTER.match(after) or _PERSON_BEFORE.search(before))
    if attended or (mention is None and second > 12):
        return Ratio(*match.span(), first, second)
    return None


def place_ratios(tokens: list[Token], ratios: list[Ratio], legend: Span | None) -> list[Token]:
    """Ratios become number tokens; the labels of a legend go out of play."""
    placed: list[Token] = []
    by_start = {ratio.start: ratio for ratio in ratios}
    for token in tokens:
        ratio = next((r for r in ratios if r.start <= token.start < r.end), None)
        if ratio is None:
            hidden = legend and legend[0] <= token.start < legend[1]
            placed.append(replace(token, sort=Sort.MASKED) if hidden else token)
        elif token.start in by_start:
            placed.extend(_ratio_tokens(ratio))
    return placed


def _ratio_tokens(ratio: Ratio) -> list[Token]:
    written = f"{ratio.first}/{ratio.second}"
    first = Token(Sort.NUMBER, *ratio.span, written, value=ratio.first)
    if ratio.labels is None:
        return [replace(first, out_of=ratio.second)]
    second = replace(first, value=ratio.second)
    return [
        replace(number, sort=Sort.MASKED, label=label, key=f"pair {label}")
        for number, label in zip((first, second), ratio.labels, strict=True)
    ]


_ORDINAL = re.compile(r"(?<!\w)(?<!\d )(?:buoi|cuoc|lop) (?:thu )?\d{1,2}(?!\d)(?= ?:? ?\d)")
_COUNTED = re.compile(r"\d ?(?:buoi|cuoc|lop|b|c)(?!\w)")


def ordinals(page: Page) -> list[Span]:
    """ "2 buổi: buổi 1 20đv 30qc, buổi 2 …": the number of a session is not a count."""
    spans = [match.span() for match in _ORDINAL.finditer(page.key)]
    return spans if _COUNTED.search(page.key) else []


# --- which label belongs to which number ------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """The best way so far to label the numbers up to one of them."""

    score: float
    taken: int
    mode: str
    labels: tuple[int, ...]
    previous: _Step | None


def pair(tokens: list[Token]) -> tuple[list[Count], list[Token]]:
    """Counts in order, and the numbers that no label explains."""
    numbers = [i for i, t in enumerate(tokens) if t.sort is Sort.NUMBER][:_MOST_NUMBERS]
    runs = _runs(tokens, numbers)
    counts = [_fixed(token) for token in tokens if token.key.startswith("pair ")]
    left: list[Token] = []
    for number, labels in zip(numbers, _best(tokens, numbers, runs), strict=True):
        if labels is None:
            left.append(tokens[number])
        elif labels:
            counts.append(_count(tokens, number, [tokens[i] for i in labels]))
    return sorted(counts, key=lambda count: count.start), left


def adopt_total(counts: list[Count], left: list[Token]) -> tuple[list[Count], list[Token]]:
    """ "105 (45đv+60qc)": a number without a label that is the sum of both parts."""
    parts = [c.value for c in counts if c.label in (Label.PARTY, Label.PUBLIC)]
    total = next((t for t in left if len(parts) == 2 and t.value == sum(parts)), None)
    if total is None or total.out_of is not None or any(c.label is Label.TOTAL for c in counts):
        return counts, left
    counts = [*counts, Count(Label.TOTAL, total.value, total.start, total.end)]
    return sorted(counts, key=lambda c: c.start), [token for token in left if token is not total]


def _fixed(token: Token) -> Count:
    return Count(token.label, token.value, token.start, token.end)


def _runs(tokens: list[Token], numbers: list[int]) -> list[list[int]]:
    """The labels before each number, and those after the last one."""
    edges = [-1, *numbers, len(tokens)]
    return [
        [i for i in range(edges[k] + 1, edges[k + 1]) if tokens[i].sort is Sort.LABEL]
        for k in range(len(edges) - 1)
    ]


def _best(
    tokens: list[Token], numbers: list[int], runs: list[list[int]]
) -> list[tuple[int, ...] | None]:
    """For each number its label tokens; () when it belongs to a name; None when unexplained."""
    steps = {0: _Step(0.0, 0, "", (), None)}
    for order, number in enumerate(numbers):
        following: dict[int, _Step] = {}
        for step in steps.values():
            for option in _options(tokens, number, runs[order], runs[order + 1], step):
                best = following.get(option.taken * 4 + len(option.mode) % 4)
                if best is None or option.score > best.score:
                    following[option.taken * 4 + len(option.mode) % 4] = option
        steps = following
    return _trace(max(steps.values(), key=lambda step: step.score), len(numbers))


def _trace(step: _Step | None, length: int) -> list[tuple[int, ...] | None]:
    chosen: list[tuple[int, ...] | None] = []
    while step is not None and len(chosen) < length:
        chosen.append(None if step.mode == "" else step.labels)
        step = step.previous
    return chosen[::-1]


def _options(
    tokens: list[Token], number: int, before: list[int], after: list[int], step: _Step
) -> list[_Step]:
    free = before[step.taken :]
    lost = sum(0.8 for i in free if tokens[i].label in (Label.PARTY, Label.PUBLIC, Label.SESSIONS))
    options = [_Step(step.score - lost, 0, "", (), step)]
    name = _naming_score(tokens, number)
    if name:
        options.append(_Step(step.score - lost + name, 0, "nm", (), step))
    if free and (cost := _before_cost(tokens, free[-1], number)) is not None:
        own = lost and tokens[free[-1]].label in (Label.PARTY, Label.PUBLIC, Label.SESSIONS)
        switch = 0.6 if step.mode == "a" else 0.0
        colon = 1.5 if _announces(tokens, free[-1]) else 0.0
        score = step.score + 10 + colon - cost - switch - lost + (0.8 if own else 0.0)
        options.append(_Step(score, 0, "bef", (free[-1],), step))
        if after and _unit_noun(tokens, number, free[-1], after[0]):
            options.append(_Step(score + 1.5, 1, "bef", (after[0], free[-1]), step))
    for length in range(1, min(2, len(after)) + 1):
        cost = _after_cost(tokens, number, after[:length])
        if cost is not None:
            switch = 0.6 if step.mode == "bef" else 0.0
            score = step.score + 10.1 - cost - switch - lost + 0.5 * (length - 1)
            options.append(_Step(score, length, "a", tuple(after[:length]), step))
    return options


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
        "don-vi",
        "chi-bo",
        "can-bo",
        "cb",
        "luot",
        "d/c",
        "dong-chi",
        "clip",
    ]
)


def _gap(
    tokens: list[Token], start: int, end: int, words: frozenset[str] | set[str]
) -> float | None:
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
    if written.label is Label.IGNORED or (
        written.key.replace(" ", "-") in _NEVER_BEFORE and not colon
    ):
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
    if any(t.key in (":", "=", "/") for t in tokens[number + 1 : labels[0]]):
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
    before = tokens[max(0, number - 2) : number]
    if not before or before[-1].end < tokens[number].start - 1:
        return 0.0
    words = [t.key for t in before if t.sort in (Sort.WORD, Sort.LABEL)]
    if not words or before[-1].sort is Sort.SIGN:
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


def _is_within(words: list[str]) -> bool:
    text = " ".join(words)
    opened = text.rfind("(") > text.rfind(")")
    return opened or bool(re.search(r"trong do(?: (?:co|la|:|,))*(?: \w+)?$", text))


def _approximation(tokens: list[Token], number: int) -> Approximation | None:
    words = [t.key for t in tokens[max(0, number - 2) : number]]
    for written in (" ".join(words), words[-1] if words else ""):
        if written in APPROXIMATE:
            return Approximation(APPROXIMATE[written])
    return None
