"""What a report is about: kind, topic, unit and place, in the writer's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from domain.reading.page import Page, Span, overlaps, phrase
from domain.reading.topics import is_usual, restore_name, restore_topic
from domain.reading.words import PHRASES
from domain.tally import TallyKind
from domain.text import fold, normalise

_MOST_TRIES = 8
_Phrases = frozenset[tuple[str, ...]]

_RULING = r"(?:nghi quyet|nq|chi thi|ct|ket luan|kl|quy dinh|huong dan|van kien)"
_STUDY = r"(?:hoc tap|hoc|quan triet|nghien cuu|trien khai|pho bien|quan triet trien khai|qt)"

# The first that matches decides.
_KINDS: tuple[tuple[TallyKind, re.Pattern[str]], ...] = tuple(
    (kind, phrase(pattern))
    for kind, pattern in (
        (
            TallyKind.REPORTER_CONFERENCE,
            r"(?:hoi nghi|hn|giao ban)(?: \w+){0,3}? (?:bao cao vien|bcv)",
        ),
        (
            TallyKind.OPINION_REPORT,
            r"(?:bao cao|bc)(?: ve)?(?: tinh hinh)? (?:du luan(?: xa hoi)?|dlxh)",
        ),
        (TallyKind.TRAINING_WORKSHOP, r"tap huan"),
        (TallyKind.TRAINING_CLASS, r"boi duong|lop(?: \w+){0,3} hoc vien|hoc vien"),
        (TallyKind.CONTEST, r"hoi thi|cuoc thi"),
        (TallyKind.DIALOGUE, r"doi thoai"),
        (
            TallyKind.BROADCAST,
            r"phat thanh|truyen thanh|phat loa|loa phat|luot loa|tren loa|luot phat",
        ),
        (TallyKind.CURRENT_AFFAIRS_BRIEFING, r"thoi su|tt thoi su|ttts"),
        (
            TallyKind.RESOLUTION_STUDY,
            rf"{_STUDY},? (?:va )?(?:{_STUDY},? )*(?:va )?(?:cac |noi dung )*{_RULING}|quan triet",
        ),
        (
            TallyKind.THEMATIC_TALK,
            r"noi chuyen|tuyen truyen chuyen de|tt chuyen de|(?:buoi|cuoc|hoi nghi|hn|b) chuyen de",
        ),
    )
)


def find_kind(key: str) -> tuple[TallyKind, Span] | None:
    """The kind that the words name, if any."""
    for kind, pattern in _KINDS:
        match = pattern.search(key)
        if match:
            return kind, match.span()
    return None


# --- names of units and places ------------------------------------------------

_PLACE = (
    r"(?:nha van hoa|nvh|hoi truong|truong|tru so|ubnd|dinh(?! chinh)|cho|tram|cong ty|nha may|thon|ban|xom|"
    r"khu|khoi|to dan pho|tdp|to(?! chuc)|phuong|xa|trung tam|san|nha|doanh nghiep|buon|lang|ap|kcn|ktx)"
)
_NAME_STOPS = phrase(
    r"to chuc|da|co|bao cao|b/c|lam|trien khai|thuc hien|mo|vua|xin|gui|phoi hop|tuyen truyen|duoc|"
    r"hom|sang|chieu|toi|ngay|hop|sinh hoat|quan triet|hoc tap|bc|ttm|tt|cho|voi|va|noi dung|ve|"
    r"chuyen de|chu de|thang|tuan|quy|xong|nay|khong|ko|la|noi chuyen|thong tin|nhe|a|roi|du|nghe|"
    r"dang|phat|hoan thanh|lan|ket qua|nd"
)
_SIGNS = re.compile(r"[\n;:,.()–—•|+]| - | / |$")
_UNIT_LINE = phrase(r"(?:ten )?don vi ?: ?")
_UNIT = phrase(
    r"(?:chi bo|cb(?= (?:to|thon|truong|ban|xom|xa|khu|quan su|cong an|tdp|ubnd|co quan|phong|[a-z]* ?\d))"
    r"|dang bo|dang uy|chi hoi|chi doan)(?= \w)"
)
_SUBJECT_BEFORE = re.compile(r"(?:^|[\n,;:.()–-] ?|\b(?:cua|tai|bc|bao cao) )$")
_OPENING = re.compile(
    r"^\W*(?:(?:bc|b/c|bao cao|kinh gui|em|xin|da|chao|ban|a|anh|chi|d/c|dong chi)\b[ :,.]*){0,6}"
    rf"(?P<name>(?:{_PLACE}|ban xay dung dang|mttq|hoi nong dan|hoi phu nu|hoi lhpn|hoi ccb|doan) \w+)"
)
_LOCATION = re.compile(
    rf"(?<!\w)(?:(?:tai|ngoai|o)(?: (?=ngay))? (?={_PLACE}\b)|tai (?!nan\b|bien\b|san\b|lieu\b))"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A text field and where it was written."""

    text: str
    span: Span


def find_unit(page: Page, blocked: list[Span], known: tuple[str, ...], first: int) -> Named | None:
    """The reporting unit: a form line, a party organisation, or the name that opens the text.

    `first` is where the figures begin: before them an organisation is the subject.
    """
    line = _UNIT_LINE.search(page.key)
    if line:
        end = min(
            _next(re.compile(r"[\n;,–]| - |$"), page.key, line.end()),
            _blocked_from(line.end(), blocked, page),
        )
        return _name(page, (line.end(), end))
    for match in islice(_UNIT.finditer(page.key), _MOST_TRIES):
        before = page.key[: match.start()]
        subject = match.start() < first or _SUBJECT_BEFORE.search(before)
        staff = match.group().startswith("cb") and re.search(r"\d ?$", before)
        if subject and not staff and not overlaps(match.span(), blocked):
            end = _name_end(page, match.end(), blocked)
            if page.key[match.end() : end].strip():
                return _name(page, (match.start(), end))
    opening = _OPENING.match(page.key)
    if opening and not overlaps(opening.span("name"), blocked):
        start = opening.start("name")
        end = _name_end(page, start + 1, blocked)
        return _name(page, (start, end)) if end > opening.end("name") - 1 else None
    return _known_name(page, known)


def find_location(page: Page, blocked: list[Span]) -> Named | None:
    """Where it was held: "tại trường THPT", "ngoài NVH"."""
    line = re.search(r"(?<!\w)dia diem ?: ?", page.key)
    if line:
        return _name(page, (line.end(), _name_end(page, line.end(), blocked)), line.start())
    for match in islice(_LOCATION.finditer(page.key), _MOST_TRIES):
        end = _name_end(page, match.end(), blocked)
        if end > match.end() and not overlaps(match.span(), blocked):
            return _name(page, (match.end(), end), match.start())
    return None


def _known_name(page: Page, known: tuple[str, ...]) -> Named | None:
    for name in known:
        match = re.search(rf"(?<!\w){re.escape(fold(normalise(name)))}(?!\w)", page.key)
        if match and name:
            return Named(name, match.span())
    return None


def _name_end(page: Page, start: int, blocked: list[Span]) -> int:
    stop = _NAME_STOPS.search(page.key, start)
    ends = [_next(_SIGNS, page.key, start), _blocked_from(start, blocked, page)]
    return min([*ends, stop.start()] if stop else ends)


def _blocked_from(start: int, blocked: list[Span], page: Page) -> int:
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


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words.split()) for words in text.split("|"))


# --- topic ----------------------------------------------------------------------

_MARKERS = (
    phrase(
        r"(?:voi )?(?:noi dung(?: (?:thanh|sang)(?! lap| pho| tich| vien))?|chu de|chuyen de|de tai|nd(?= ?:)|(?:(?<=[,;.] )|(?<=\n)|^)nd(?= (?!\d)))(?! so \d)"
    ),
    phrase(r"(?:tuyen truyen mieng|tuyen truyen|ttm|tt mieng|thoi su|noi chuyen|pho bien) ve"),
    phrase(r"(?<!bao )(?<!ve )ve(?! (?:sinh|quoc|tinh|dich|viec nay|du|nha|dich|den))"),
    phrase(
        r"(?:tuyen truyen|pho bien)(?! (?:mieng|vien|cho|tai|o|ngay|duoc|voi|chuyen de|luu dong))"
    ),
)
_STUDY_TOPIC = re.compile(rf"(?<!\w)(?:{_STUDY},? (?:va )?)+(?:cac |noi dung )*(?={_RULING}\b)")
_RULING_TOPIC = re.compile(
    rf"(?<!\w){_RULING}(?= (?:so )?(?:\d|tw|trung uong|dai hoi|cua|hoi nghi|dang))"
)
_TOPIC_STOPS = re.compile(r"[\n;()•|]|\.(?= |\n|$)| [-–—] | / |:? ?\d+ ?%|$")
_SIGNS_AROUND = frozenset(":,-–—.+/!()>*\"'•?")
_LEAD = _phrases(
    "ve | la | viec | tuyen truyen | tuyen truyen mieng | noi dung | chu de | chuyen de | gom"
)
_TAIL = _phrases(
    """cho | voi | co | gom | tai | o | luc | vao | ngay | den | va | duoc | do | trong do | trong | thu hut | nhe | nha
    | a | ah | ak | cam on | thoi | tham du | tham gia | du | nghe | tong | tong so | tong cong | voi su tham gia cua | so
    | cho tong so | hom | da | roi | xong | cac | cho toan the | ca nha | em | anh | chi | ban | xin | het | k | luot | nguoi
    | duoc to chuc | to chuc | lan | gan | tren | khoang | hon | su"""
)
_FILLERS = _phrases(
    """em | xin | bao cao vien | bcv | truc tuyen | bao cao | bc | b/c | lop boi duong | boi duong | tap huan | hoi thi | cuoc thi | kinh gui | kinh thua | gui | ban | a | ah | da | vang | anh | chi | d/c | dong chi | cac | nhe
    | nha | ca nha | nhom | sep | lanh dao | so lieu | ket qua | to chuc | trien khai | thuc hien | duoc | vua | moi | xong
    | roi | co | gom | va | voi | cho | tai | tong so | tong cong | tong | cong | tuyen truyen mieng | tuyen truyen
    | tt mieng | ttm | tt | thong tin thoi su | thoi su | noi chuyen chuyen de | noi chuyen | hoi nghi | buoi | cuoc | la | so
    | trong do | deu | toan | thoi | tham du | tham gia | du | nghe | luot | nguoi | hom | ngay | sang | chieu | toi | don vi
    | chi bo | cb | bo sung | them | nua | cam on | nhan duoc | chao | lop | tin | phan | nhu sau | cu the | cua | lam | mo
    | dang | tren | trang | xa | phuong | thon | kip thoi | day du | theo | ke hoach | da to chuc | cho biet | bo | minh
    | dang vien | dv | quan chung | qc | hoan thanh | ok | oke | okie | mieng | fw | fwd | chuyen tiep | tu | nd | het | k | ko
    | khong | nay | do | xa em | ben em | cap nhat | dot | khoang | so buoi | o | ngoai | trong | hien | duoi | rat | dong du
    | nghiem tuc | thanh cong | tot dep | phan khoi | ba con | nhan dan"""
)
_LONGEST_FILLER = 5


def find_topic(page: Page, region: Span, blocked: list[Span], after: int) -> Named | None:
    """The topic: behind a marker, else what is left of the message after its figures.

    `blocked` are spans that mean something else; `after` is where the figures begin.
    """
    for marker in _MARKERS:
        for match in islice(marker.finditer(page.key, *region), _MOST_TRIES):
            if overlaps(match.span(), blocked):
                continue
            named = _topic(page, (match.end(), _topic_end(page, match.end(), region, blocked)))
            if named:
                return named
    for pattern in (_STUDY_TOPIC, _RULING_TOPIC):
        ruling = pattern.search(page.key, *region)
        if ruling:
            start = ruling.end() if pattern is _STUDY_TOPIC else ruling.start()
            named = _topic(page, (start, _topic_end(page, start, region, blocked)))
            if named:
                return named
    return _left_over(page, region, blocked, after)


def _topic_end(page: Page, start: int, region: Span, blocked: list[Span]) -> int:
    stop = _TOPIC_STOPS.search(page.key, start, region[1])
    return min(stop.start() if stop else region[1], _blocked_from(start, blocked, page), region[1])


def _topic(page: Page, span: Span) -> Named | None:
    start, end = _strip(page, span, _LEAD, _TAIL)
    if not re.search(r"[^\W\d_]{2}", page.key[start:end]) or _is_label(page.key[start:end]):
        return None
    return Named(restore_topic(page.words((start, end))), (start, end))


def _is_label(key: str) -> bool:
    return tuple(key.split()) in PHRASES


_PIECE = re.compile(r"[bd]/c|\w+|[^\w\s]")


def _strip(page: Page, span: Span, lead: _Phrases, tail: _Phrases) -> Span:
    """Without signs and small words at both ends, but never cutting a usual topic."""
    pieces = list(_PIECE.finditer(page.key, *span))
    keys = [piece.group() for piece in pieces]
    first, last = 0, len(keys)
    while (
        first < last
        and not is_usual(keys[first:last])
        and (cut := _lead_length(keys[first:last], lead))
    ):
        first += cut
    while (
        first < last
        and not is_usual(keys[first:last])
        and (cut := _tail_length(keys[first:last], tail))
    ):
        last -= cut
    return (pieces[first].start(), pieces[last - 1].end()) if first < last else (span[1], span[1])


def _lead_length(keys: list[str], phrases: _Phrases) -> int:
    if keys[0] in _SIGNS_AROUND:
        return 1
    return next((n for n in range(_LONGEST_FILLER, 0, -1) if tuple(keys[:n]) in phrases), 0)


def _tail_length(keys: list[str], phrases: _Phrases) -> int:
    if keys[-1] in _SIGNS_AROUND:
        return 1
    return next((n for n in range(_LONGEST_FILLER, 0, -1) if tuple(keys[-n:]) in phrases), 0)


def _left_over(page: Page, region: Span, blocked: list[Span], after: int) -> Named | None:
    for start, end in _chunks(page.key, region, blocked):
        begin, stop = _strip_fillers(page, (start, end))
        words = _PIECE.findall(page.key, begin, stop)
        known = is_usual(words)
        long_enough = len(words) >= 2 or (page.words((begin, stop)).isupper() and stop - begin > 2)
        if known or (begin >= after and long_enough and len(words) <= 15):
            return _topic(page, (begin, stop))
    return None


def _strip_fillers(page: Page, span: Span) -> Span:
    return _strip(page, span, _FILLERS, _TAIL)


def _chunks(key: str, region: Span, blocked: list[Span]) -> list[Span]:
    """What lies between the signs and the understood parts."""
    cuts = [
        match.span()
        for match in re.finditer(
            r"[\n;()•|:!?]|\.(?= |\n|$)| [-–—/] |,(?= ?\d)|(?:(?:vao|luc|tu|den) )*\d\d?(?:h|:)\d{0,2}",
            key,
        )
    ]
    edges = sorted([*cuts, *blocked, (region[1], region[1])])
    chunks: list[Span] = []
    start = region[0]
    for left, right in edges:
        if start < left <= region[1]:
            chunks.append((start, left))
        start = max(start, right)
    return chunks


def residue(page: Page, blocked: list[Span]) -> int:
    """How many words of the message nothing explains."""
    return sum(
        len(page.key[slice(*_strip_fillers(page, chunk))].split())
        for chunk in _chunks(page.key, (0, len(page.key)), blocked)
    )
