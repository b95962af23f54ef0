"""Names of the reporting unit and of the place, in the writer's words."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from domain.reading.fillers import spellings
from domain.reading.page import Page, Span, cue, overlaps
from domain.reading.topics import restore_name
from domain.text import fold, normalise

MOST_TRIES = 8
_PLACE = (
    r"(?:nha van hoa|nvh|hoi truong|truong|tru so|ubnd|dinh(?! chinh)|cho|tram|cong ty|nha may|thon|ban|xom|"
    r"khu|khoi|to dan pho|tdp|to(?! chuc)|phuong|xa|trung tam|san|nha|doanh nghiep|buon|lang|ap|kcn|ktx)"
)
# Where a name ends, unless the word belongs to it ("xã Tân Hợp", "thôn Lâm Đồng").
_NAME_STOPS = spellings(
    """tổ chức | đã | có | báo cáo | b/c | làm | triển khai | thực hiện | mở | vừa | xin | gửi | phối hợp | tuyên truyền
    | được | hôm | sáng | chiều | tối | ngày | họp | sinh hoạt | quán triệt | học tập | bc | ttm | tt | cho | với | và
    | nội dung | về | chuyên đề | chủ đề | tháng | tuần | quý | xong | này | nay | không | ko | là | nói chuyện
    | thông tin | nhé | ạ | rồi | dự | nghe | đăng | phát | hoàn thành | lần | kết quả | nd | trong | thời sự | tập huấn
    | em | toàn | gồm"""
)
_WORDS = re.compile(r"[bd]/c|[^\W_]+", re.IGNORECASE)
_SIGNS = re.compile(r"[\n;:,.()–—•|+]| - | / |$")
_END_OF_LINE = re.compile(r"[\n;,–]| - |$")
_UNIT_LINE = cue("vi", r"(?:ten )?don vi ?: ?")
_UNIT = cue(
    "bo cb uy hoi doan",
    r"(?:chi bo|cb(?= (?:to|thon|truong|ban|xom|xa|khu|quan su|cong an|tdp|ubnd|co quan|phong|[a-z]* ?\d))"
    r"|dang bo|dang uy|chi hoi|chi doan)(?= \w)",
)
_SUBJECT_BEFORE = re.compile(r"(?:^|[\n,;:.()–-] ?|\b(?:cua|tai|bc|bao cao) )$")
_OPENING = re.compile(
    r"\W*(?:(?:bc|b/c|bao cao|kinh gui|em|xin|da|chao|ban|a|anh|chi|d/c|dong chi)\b[ :,.]*){0,6}"
    rf"(?P<name>(?:{_PLACE}|ban xay dung dang|mttq|hoi nong dan|hoi phu nu|hoi lhpn|hoi ccb|doan)(?! (?:em|minh|toi|chung|ta|nay|to chuc|e)\b) \w+)"
)
_LOCATION_LINE = re.compile(r"(?<!\w)dia diem ?: ?")
_LOCATION_WORDS = frozenset(["tai", "ngoai", "o", "diem"])
# "tại 2 thôn (Khuổi Lầy, Nà Chang)".
_PLACES = re.compile(r" ?\([^()\d\n:]{2,80}\)")
_AT = frozenset(["tại", "tai", "ngoài", "ngoai", "ở", "o"])
_LOCATION = re.compile(
    rf"(?<!\w)(?<!de )(?:(?:tai|ngoai|o)(?: (?=ngay))? (?={_PLACE}\b)|tai (?!nan\b|bien\b|san\b|lieu\b))"
)


class Named(NamedTuple):
    """A text field and where it was written."""

    text: str
    span: Span


def find_unit(page: Page, blocked: list[Span], known: tuple[str, ...], first: int) -> Named | None:
    """The reporting unit: a form line, a party organisation, or the name that opens the text.

    `first` is where the figures begin: before them an organisation is the subject.
    """
    line = _UNIT_LINE.search(page)
    if line:
        end = min(
            _next(_END_OF_LINE, page.key, line.end()),
            blocked_from(line.end(), blocked, page),
        )
        return _name(page, (line.end(), end))
    for match in islice(_UNIT.finditer(page), MOST_TRIES):
        before = page.key[: match.start()]
        subject = match.start() < first or _SUBJECT_BEFORE.search(before)
        staff = match.group().startswith("cb") and re.search(r"\d ?$", before)
        if subject and not staff and not overlaps(match.span(), blocked):
            end = _name_end(page, match.end(), blocked)
            if page.key[match.end() : end].strip():
                return _name(page, (match.start(), end))
    opening = _OPENING.match(page.key) or _OPENING.match(page.key, _after_date(blocked))
    if opening and not overlaps(opening.span("name"), blocked):
        start = opening.start("name")
        end = _name_end(page, start + 1, blocked)
        return _name(page, (start, end)) if end > opening.end("name") - 1 else None
    return _known_name(page, known)


def _after_date(blocked: list[Span]) -> int:
    """Where to go on when the message begins with something understood, such as its date."""
    return next((end for start, end in blocked if start == 0), 0)


def find_location(page: Page, blocked: list[Span]) -> Named | None:
    """Where it was held: "tại trường THPT", "ngoài NVH"."""
    if _LOCATION_WORDS.isdisjoint(page.vocabulary):
        return None
    line = _LOCATION_LINE.search(page.key)
    if line:
        return _name(page, (line.end(), _name_end(page, line.end(), blocked)), line.start())
    for match in islice(_LOCATION.finditer(page.key), MOST_TRIES):
        end = _name_end(page, match.end(), blocked)
        at = page.words(match.span()).lower().split()[0] in _AT
        if at and end > match.end() and not overlaps(match.span(), blocked):
            places = _PLACES.match(page.key, end)
            end = places.end() if places else end
            return _name(page, (match.end(), end), match.start())
    return None


def _known_name(page: Page, known: tuple[str, ...]) -> Named | None:
    for name in known:
        match = re.search(rf"(?<!\w){re.escape(fold(normalise(name)))}(?!\w)", page.key)
        if match and name:
            return Named(name, match.span())
    return None


def _name_end(page: Page, start: int, blocked: list[Span]) -> int:
    end = min(_next(_SIGNS, page.key, start), blocked_from(start, blocked, page))
    pieces = list(_WORDS.finditer(page.text, start, end))
    typed = [piece.group() for piece in pieces]
    for order, piece in enumerate(pieces):
        if _stops(typed, order, shouted=page.text.isupper()):
            return piece.start()
    return end


def _stops(typed: list[str], order: int, *, shouted: bool) -> bool:
    word = typed[order]
    if word[0].isupper() and order and typed[order - 1][0].isupper() and not shouted:
        return False
    two = " ".join(typed[order : order + 2]).lower()
    return word.lower() in _NAME_STOPS or two in _NAME_STOPS


def blocked_from(start: int, blocked: list[Span], page: Page) -> int:
    """Where the next understood part begins."""
    return min((span[0] for span in blocked if span[0] >= start), default=len(page.key))


def _next(pattern: re.Pattern[str], key: str, start: int) -> int:
    match = pattern.search(key, start)
    return match.start() if match else len(key)


def _name(page: Page, span: Span, full_start: int | None = None) -> Named | None:
    text = page.words(span)
    start = span[0] + len(text) - len(text.lstrip(" :-"))
    end = span[0] + len(text.rstrip(" :-"))
    if end <= start or end - start > 120:
        return None
    shown = restore_name(page.words((start, end)))
    return Named(shown, (start if full_start is None else full_start, end))
