"""Which kind of work a report is about (the field reference §2.1)."""

from __future__ import annotations

from domain.reading.page import Cue, Page, Span, cue
from domain.tally import TallyKind

RULING = r"(?:nghi quyet|nq|chi thi|ct|ket luan|kl|quy dinh|huong dan|van kien)"
RULING_WORDS = "quyet nq thi ct luan kl dinh dan kien"
STUDY = r"(?:hoc tap|hoc|quan triet|nghien cuu|trien khai|pho bien|quan triet trien khai|qt)"

# The first that matches decides.
_KINDS: tuple[tuple[TallyKind, Cue], ...] = (
    (
        TallyKind.REPORTER_CONFERENCE,
        cue("vien bcv", r"(?:hoi nghi|hn|giao ban)(?: \w+){0,3}? (?:bao cao vien|bcv)"),
    ),
    (
        TallyKind.OPINION_REPORT,
        cue("luan dlxh", r"(?:bao cao|bc)(?: ve)?(?: tinh hinh)? (?:du luan(?: xa hoi)?|dlxh)"),
    ),
    (TallyKind.TRAINING_WORKSHOP, cue("huan", r"tap huan")),
    (
        TallyKind.TRAINING_CLASS,
        cue("duong hoc", r"boi duong|lop(?: \w+){0,3} hoc vien|hoc vien"),
    ),
    (TallyKind.CONTEST, cue("thi", r"hoi thi|cuoc thi")),
    (TallyKind.DIALOGUE, cue("thoai", r"doi thoai")),
    (
        TallyKind.BROADCAST,
        cue(
            "thanh loa phat",
            r"phat thanh|truyen thanh|phat loa|loa phat|luot loa|tren loa|luot phat",
        ),
    ),
    (TallyKind.CURRENT_AFFAIRS_BRIEFING, cue("su ttts", r"thoi su|tt thoi su|ttts")),
    (
        TallyKind.RESOLUTION_STUDY,
        cue(
            f"{RULING_WORDS} triet",
            rf"{STUDY},? (?:va )?(?:{STUDY},? )*(?:va )?(?:cac |noi dung )*{RULING}|quan triet",
        ),
    ),
    (
        TallyKind.THEMATIC_TALK,
        cue(
            "chuyen",
            r"noi chuyen|tuyen truyen chuyen de|tt chuyen de|(?:buoi|cuoc|hoi nghi|hn|b) chuyen de",
        ),
    ),
    (TallyKind.ORAL_SESSION, cue("ttm mieng", r"ttm|(?:tuyen truyen|tt) mieng")),
)


_KIND_WORDS = frozenset().union(*(words.words for _, words in _KINDS))


def find_kind(page: Page, region: Span | None = None) -> tuple[TallyKind, Span] | None:
    """The kind that the words of the page, or of a part of it, name, if any."""
    if _KIND_WORDS.isdisjoint(page.vocabulary):
        return None
    start, end = region or (0, len(page.key))
    for kind, words in _KINDS:
        match = words.pattern.search(page.key[start:end]) if words.may_be_on(page) else None
        if match:
            return kind, (match.start() + start, match.end() + start)
    return None
