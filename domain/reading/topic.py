"""What a report is about, in the writer's words or in the usual spelling."""

from __future__ import annotations

import re
from itertools import islice

from domain.reading.fillers import FILLERS, LEAD, LONGEST, TAIL
from domain.reading.kinds import RULING, RULING_WORDS, STUDY
from domain.reading.names import MOST_TRIES, Named, blocked_from
from domain.reading.page import Page, Span, cue, overlaps
from domain.reading.topics import is_usual, restore_topic
from domain.reading.words import PHRASES
from domain.text import fold

_MARKERS = (
    cue(
        "dung de nd",
        r"(?:voi )?(?:noi dung(?: (?:thanh|sang)(?! lap| pho| tich| vien))?|chu de|chuyen de|de tai|nd(?= ?:)|(?:(?<=[,;.] )|(?<=\n)|^)nd(?= (?!\d)))(?! so \d)",
    ),
    cue(
        "ve",
        r"(?:tuyen truyen mieng|tuyen truyen|ttm|tt mieng|thoi su|noi chuyen|pho bien) ve",
    ),
    cue(
        "ve",
        r"(?<!bao )(?<!ve )(?<!thuc )(?<!biet )(?<!cao )ve(?! (?:sinh|quoc|tinh|dich|viec nay|du|nha|dich|den))",
    ),
    cue(
        "truyen bien",
        r"(?:tuyen truyen|pho bien)(?! (?:mieng|vien|cho|tai|o|ngay|duoc|voi|chuyen de|luu dong))",
    ),
    cue("duong huan", r"(?:boi duong|tap huan)(?! (?:cho|dang vien|dv|\d))"),
)
_STUDY_TOPIC = cue(
    RULING_WORDS, rf"(?:{STUDY},? (?:va )?)+(?:cac |noi dung )*(?={RULING}\b)", whole=False
)
_RULING_TOPIC = cue(
    RULING_WORDS,
    rf"{RULING}(?= (?:so )?(?:\d|tw|trung uong|dai hoi|cua|hoi nghi|dang))",
    whole=False,
)
_TOPIC_STOPS = re.compile(r"[\n;()•|]|\.(?= |\n|$)| [-–—] | / |:? ?\d+ ?%|$")
_SIGNS_AROUND = frozenset(":,-–—.+/!()>*\"'•?")


def find_topic(page: Page, region: Span, blocked: list[Span], after: int) -> Named | None:
    """The topic: behind a marker, else what is left of the message after its figures.

    `blocked` are spans that mean something else; `after` is where the figures begin.
    """
    for marker in _MARKERS:
        for match in islice(marker.finditer(page, *region), MOST_TRIES):
            if overlaps(match.span(), blocked):
                continue
            named = _topic(page, (match.end(), _topic_end(page, match.end(), region, blocked)))
            if named:
                return named
    for words in (_STUDY_TOPIC, _RULING_TOPIC):
        ruling = next(words.finditer(page, *region), None)
        if ruling:
            start = ruling.end() if words is _STUDY_TOPIC else ruling.start()
            named = _topic(page, (start, _topic_end(page, start, region, blocked)))
            if named and not _is_bare_ruling(named):
                return named
    return _left_over(page, region, blocked, after)


def _topic_end(page: Page, start: int, region: Span, blocked: list[Span]) -> int:
    stop = _TOPIC_STOPS.search(page.key, start, region[1])
    return min(stop.start() if stop else region[1], blocked_from(start, blocked, page), region[1])


def _topic(page: Page, span: Span) -> Named | None:
    start, end = _strip(page, span, LEAD, TAIL)
    if not re.search(r"[^\W\d_]{2}", page.key[start:end]) or _is_label(page.key[start:end]):
        return None
    return Named(restore_topic(page.words((start, end))), (start, end))


def _is_label(key: str) -> bool:
    return " ".join(key.split()) in PHRASES


_PIECE = re.compile(r"[bd]/c|\w+|[^\w\s]")


def _strip(page: Page, span: Span, lead: frozenset[str], tail: frozenset[str]) -> Span:
    """Without signs and small words at both ends, but never cutting a usual topic."""
    pieces = list(_PIECE.finditer(page.key, *span))
    keys = [piece.group() for piece in pieces]
    typed = [page.words(piece.span()).lower() for piece in pieces]
    first, last = 0, len(keys)
    while first < last and typed[first] in _SIGNS_AROUND:
        first += 1
    while first < last and typed[last - 1] in _SIGNS_AROUND:
        last -= 1
    while first < last and not is_usual(keys[first:last]):
        cut = _lead_length(typed[first:last], lead)
        if not cut:
            break
        first += cut
    while first < last and not is_usual(keys[first:last]):
        cut = _tail_length(typed[first:last], tail)
        if not cut:
            break
        last -= cut
    return (pieces[first].start(), pieces[last - 1].end()) if first < last else (span[1], span[1])


def _lead_length(typed: list[str], phrases: frozenset[str]) -> int:
    if typed[0] in _SIGNS_AROUND:
        return 1
    return next((n for n in range(LONGEST, 0, -1) if " ".join(typed[:n]) in phrases), 0)


# "trẻ em", "học sinh, sinh viên": the small word belongs to the noun before it.
_KEPT_TAILS = frozenset(["trẻ em", "tre em", "học tập"])


def _tail_length(typed: list[str], phrases: frozenset[str]) -> int:
    if typed[-1] in _SIGNS_AROUND:
        return 1
    if " ".join(typed[-2:]) in _KEPT_TAILS:
        return 0
    return next((n for n in range(LONGEST, 0, -1) if " ".join(typed[-n:]) in phrases), 0)


def _left_over(page: Page, region: Span, blocked: list[Span], after: int) -> Named | None:
    for start, end in _chunks(page.key, region, blocked):
        begin, stop = _strip_fillers(page, (start, end))
        words = _PIECE.findall(page.key, begin, stop)
        known = is_usual(words)
        long_enough = len(words) >= 2 or (page.words((begin, stop)).isupper() and stop - begin > 2)
        if known or (begin >= after and long_enough and len(words) <= 15):
            named = _topic(page, (begin, stop))
            return named if named and not _is_bare_ruling(named) else None
    return None


_BARE_RULING = re.compile(
    rf"(?:(?:{STUDY}|cac|mot so|noi dung|va|,) ?)*(?:{RULING}(?: moi| cua dang| cac cap)?(?:,? (?:va )?|$))+"
)


def _is_bare_ruling(named: Named) -> bool:
    """ "quán triệt nghị quyết" names the kind of work, not which resolution."""
    return bool(_BARE_RULING.fullmatch(fold(named.text)))


def _strip_fillers(page: Page, span: Span) -> Span:
    return _strip(page, span, FILLERS, TAIL)


_CUT = re.compile(
    r"[\n;()•|:!?]|\.(?= |\n|$)| [-–—/] |,(?= ?\d)|(?:(?:vao|luc|tu|den) )*\d\d?(?:h|:)\d{0,2}"
)
_MEANINGLESS = " \n;|" + "".join(_SIGNS_AROUND)


def _chunks(key: str, region: Span, blocked: list[Span]) -> list[Span]:
    """What lies between the signs and the understood parts, if it is more than signs."""
    if not _between(key, region, blocked):
        return []
    cuts = [match.span() for match in _CUT.finditer(key)]
    return _between(key, region, [*cuts, *blocked])


def _between(key: str, region: Span, edges: list[Span]) -> list[Span]:
    chunks: list[Span] = []
    start, end = region
    for left, right in sorted([*edges, (end, end)]):
        if start < left <= end and key[start:left].strip(_MEANINGLESS):
            chunks.append((start, left))
        start = max(start, right)
    return chunks


def is_explained(page: Page, blocked: list[Span]) -> bool:
    """Whether the message has nothing but what is understood, and signs between."""
    return not _between(page.key, (0, len(page.key)), blocked)


_LETTERS = re.compile(r"[^\W\d_]+")


def residue(page: Page, blocked: list[Span]) -> int:
    """How many words of the message nothing explains."""
    return sum(
        len(_LETTERS.findall(page.key, *_strip_fillers(page, chunk)))
        for chunk in _chunks(page.key, (0, len(page.key)), blocked)
    )
