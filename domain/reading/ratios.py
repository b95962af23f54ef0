"""Pairs such as 19/19 and 15/40, and numbers that only number things."""

from __future__ import annotations

import re
from typing import NamedTuple

from domain.reading.dates import Mention
from domain.reading.model import DateProblem
from domain.reading.page import Page, Span
from domain.reading.tokens import Sort, Token
from domain.reading.words import Label


class Ratio(NamedTuple):
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
    if "/" not in page.key:
        return [], mentions, None
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
    if not ratios and legend is None:
        return tokens
    placed: list[Token] = []
    by_start = {ratio.start: ratio for ratio in ratios}
    for token in tokens:
        ratio = next((r for r in ratios if r.start <= token.start < r.end), None)
        if ratio is None:
            hidden = legend and legend[0] <= token.start < legend[1]
            placed.append(token._replace(sort=Sort.MASKED) if hidden else token)
        elif token.start in by_start:
            placed.extend(_ratio_tokens(ratio))
    return placed


def _ratio_tokens(ratio: Ratio) -> list[Token]:
    written = f"{ratio.first}/{ratio.second}"
    first = Token(Sort.NUMBER, *ratio.span, written, value=ratio.first)
    if ratio.labels is None:
        return [first._replace(out_of=ratio.second)]
    second = first._replace(value=ratio.second)
    return [
        number._replace(sort=Sort.MASKED, label=label, key=f"pair {label}")
        for number, label in zip((first, second), ratio.labels, strict=True)
    ]


_ORDINAL = re.compile(r"(?<!\w)(?<!\d )(?:buoi|cuoc|lop) (?:thu )?\d{1,2}(?!\d)(?= ?:? ?\d)")
_COUNTED = re.compile(r"\d ?(?:buoi|cuoc|lop|b|c)(?!\w)")


_LINE_NUMBER = re.compile(r"(?:^|\n)(\d{1,2})[.)/](?= |[a-z])")


def ordinals(page: Page) -> list[Span]:
    """ "2 buổi: buổi 1 20đv 30qc, buổi 2 …" and "1. Ngày …": these numbers count nothing."""
    spans = [match.span() for match in _ORDINAL.finditer(page.key)]
    spans = spans if spans and _COUNTED.search(page.key) else []
    lines = list(_LINE_NUMBER.finditer(page.key)) if "\n" in page.key else []
    if [int(line[1]) for line in lines[:2]] == [1, 2]:
        spans += [line.span(1) for line in lines]
    return spans
