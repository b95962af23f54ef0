"""What the sender wants: report, correct, take back, report nothing, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from domain.period import Period
from domain.reading.counts import Count
from domain.reading.days import label
from domain.reading.drafts import Draft, draft_of, nothing
from domain.reading.groups import Group, gather
from domain.reading.judge import date_question, judge
from domain.reading.model import (
    SILENT,
    Action,
    Choice,
    DateProblem,
    DateSpan,
    Intent,
    Question,
    QuestionCode,
    Reading,
)
from domain.reading.numbers import NUMERAL
from domain.reading.page import Page, Span, cue, overlaps
from domain.reading.sight import Sight
from domain.reading.tokens import Sort
from domain.reading.topic import residue
from domain.reading.words import ITEM_KINDS, Label
from domain.tally import TallyKind

_NOT = r"(?:khong|ko|k|kg|khg|hok|hong|0)"

_RETRACT = cue(
    "xoa huy go rut thu bo nham",
    r"(?:xoa|(?<!phat )huy|go|rut|thu hoi|(?<!chi )(?<!dang )(?<!can )(?<!noi )bo)(?: (?:bo|lai|giup|ho|di|dum|cho|em|cai|minh|toi|luon|het|gium|ho em|e))* "
    r"(?:bao cao|bc|tin|so lieu|ban ghi|cai|dong|ket qua|ban bc)"
    r"|gui nham (?:nhom|tin|cho|group)|(?:xoa|huy|rut lai|thu hoi)(?= (?:giup|ho|dum|gium)\b)",
)
_RETRACT_ONLY = re.compile(
    r"\W*(?:xoa|huy|rut lai|thu hoi|bo)(?: (?:giup|ho|di|nhe|em|a|nha|dum|bo))*\W*$"
)
_CORRECT = cue(
    "sua chinh cap lai phai sai nham lon",
    r"sua(?= (?:\d|(?:lai|giup|ho|so|bao cao|bc|ngay|qc|dv|quan chung|dang vien|thanh|dum|cho|em|tong|noi dung|buoi)\b))"
    rf"|dinh chinh|chua lai(?= (?:giup|cho|thanh|so|bao cao|bc|\d))|chinh lai|chinh sua|cap nhat lai|bao lai|bao cao lai|bc lai|gui lai(?: \w+){{0,2}} (?:so|bao cao|bc)|dieu chinh(?= (?:so|lai|\d))"
    rf"|chu {_NOT} phai|{_NOT} phai (?:la )?\d+|ghi sai|go sai|bao sai|nhap sai|danh sai|sai so|sai roi"
    r"|(?:ghi|bao|gui|go|danh|nhap|bam|dem|tinh|viet|em|bi) (?:nham|lon)|nham (?:roi|so|lan)|lon roi",
)
_CORRECT_START = re.compile(
    r"\W*(?:(?:em|da|a|xin loi|xin|oi|chet|anh|chi) ){0,3}(?:nham(?! (?:nang|muc|gop|tang|giup|day|dam|trang|cung))|lon(?= (?:roi|so|a)\b|,)|sua(?! (?:chua|doi|duong|nha))|chinh lai)\b"
)
_SAME = re.compile(
    r"\W*(?:(?:da|em|bao cao|bc|hom nay|van|cung) ){0,4}(?:nhu|giong|y|tuong tu)(?: (?:nhu|het))? "
    r"(?:hom qua|hom truoc|hom kia|lan truoc|tuan truoc|thang truoc|cu|tren|moi hom|bua truoc|bua qua|hqua|moi khi)\b"
)
_NIL = cue(
    "sinh nao chuc buoi cao",
    rf"(?:{_NOT}|chua)(?: he)? (?:co (?:gi )?)?phat sinh"
    r"(?! (?:van de|y kien|tinh huong|du luan|diem nong|vu viec|them|phuc tap|dich))"
    rf"|(?:{_NOT}|chua) (?:co|to chuc|mo)(?: duoc| co)?(?: mot)? (?:buoi|cuoc|hoi nghi|lop|tin bai|bai|tin)(?: \w+){{0,3}}? nao"
    rf"|(?:{_NOT}|chua) to chuc (?:duoc )?(?:buoi|cuoc|hoi nghi|tuyen truyen)"
    rf"|(?:{_NOT}|chua) to chuc(?: duoc)?(?: gi)?(?= a\W*$|\W*$)|(?:{_NOT}|chua) co buoi(?! (?:chieu|sang|toi))|{_NOT} co (?:gi|so lieu) (?:de )?(?:bao cao|phat sinh)",
)
_NOTICE = cue(
    "cac toan dong d moi ca han cham truoc giay thong lich nop nhieu may vi vd mau cu",
    r"(?:de nghi|yeu cau|nho|moi|kinh moi|thong bao(?: toi| den)?) (?:cac|toan the|dong chi|d/c|moi nguoi|ca nha)"
    r"|han (?:nop|cuoi|chot|gui)|(?:truoc|cham nhat) (?:la )?ngay|cham nhat|giay moi|kinh moi|^thong bao"
    r"|(?:^|\n)lich|lich (?:hop|cong tac|du kien)|da nop|chua nop|bao nhieu|may buoi|vi du|vd ?:|mau bao cao|cu phap",
)
_PLAN = cue(
    "du se sap chuan dang ke mai sau toi",
    r"du kien|du dinh|(?<!chia )se (?:to chuc|mo|trien khai|tuyen truyen|lam|hop|co|tien hanh|dien ra)|sap (?:to chuc|toi|mo)"
    r"|chuan bi (?:to chuc|mo|trien khai)|dang ky (?:to chuc|mo)|(?:^|\n)(?:xay dung )?ke hoach"
    r"|len ke hoach|co ke hoach|(?:ngay|sang|chieu|toi|trua) mai|(?:tuan|quy|nam) (?:sau|toi)(?! nay)|thang toi|^mai",
)
_TARGET = cue("chi phan", r"chi tieu|phan dau")
_QUESTION = re.compile(r"(?<!\w)(?:chua|khong|ko|ha|nhi|the nao|dau)(?: \w+)? ?\?")
_SHARED_ON = re.compile(r"chia se(?: lai)?(?: duoc)? $")
# Without tone marks it may be June, so it is asked there.
_NEXT_MONTH = cue("thang", r"thang sau")
_TALK = cue(
    "anh khoan xuc lang ngai nghi mac mong luan keu luat trung thu cao nai kien sach thuong nap hop nhat mung",
    r"phan anh|ban khoan|buc xuc|lo lang|lo ngai|kien nghi|thac mac|de nghi|mong|du luan|keu|ky luat"
    r"|tap trung truoc|don thu|to cao|khieu nai|y kien|danh sach|khen thuong|ket nap|hop|sinh nhat|chuc mung",
)
_MADE = cue(
    "dang phat treo viet gui lam tin bai tuyen bao bc in",
    r"dang|phat|treo|viet|gui|lam|tin bai|tin , bai|bai viet|tuyen truyen|bao cao|bc|in",
)
_WEAK_RESIDUE = 3
_MOST_RESIDUE = 60
# No text so short has more words.
_SHORT = 2 * _MOST_RESIDUE
_TOTAL_RESIDUE = 1
_TALK_RESIDUE = 12


# Other words that look like "bỏ" and "gỡ", or "nhầm", "lộn", "sửa" without their marks.
_NOT_RETRACTED = frozenset(["bộ", "gõ", "gỗ", "gò"])
_NOT_CORRECTED = frozenset(["nhằm", "lớn", "lợn", "sữa"])


def _meant(page: Page, matches: Iterable[re.Match[str] | None], lookalikes: frozenset[str]) -> bool:
    """Whether one of them has none of the lookalikes."""
    return any(
        match and lookalikes.isdisjoint(page.words(match.span()).lower().split())
        for match in matches
    )


def _is_retraction(page: Page) -> bool:
    found = [*_RETRACT.finditer(page), _RETRACT_ONLY.match(page.key)]
    return _meant(page, found, _NOT_RETRACTED)


def decide(sight: Sight) -> Reading:
    """The reading of the whole message."""
    key = sight.page.key
    if _is_retraction(sight.page):
        return Reading(Intent.RETRACT, Action.CONFIRM)
    if _is_correction(sight):
        return _correct(sight)
    if not sight.counts and _SAME.match(key):
        return _same_as_before(sight)
    if _is_nil(sight):
        return _nil(sight)
    if not _is_report(sight):
        return SILENT
    groups = gather(sight, _told(sight), sight.mentions) or [_bare_group(sight)]
    drafts = [draft_of(group, sight) for group in groups]
    return judge(Intent.REPORT, drafts, sight)


# --- reports ------------------------------------------------------------------------------


def _told(sight: Sight) -> list[Count]:
    """Counts without shared posts and without units ("3 đv 5b 45đv 60qc" has 45 members)."""
    key = sight.page.key
    counts = sight.counts
    if "se" in sight.page.vocabulary:
        counts = [c for c in counts if not _SHARED_ON.search(key[max(0, c.start - 20) : c.start])]
    members = [count for count in counts if count.label is Label.PARTY]
    if len(members) != 2 or members[0].noun != "dv":
        return counts
    sessions = [count for count in counts if count.label is Label.SESSIONS]
    if not sessions:
        return counts
    units = members[0] is counts[0] and members[0].end <= sessions[0].start
    return counts[1:] if units else counts


_STRONG = frozenset({Label.SESSIONS, Label.PARTY, Label.PUBLIC})
_UNSPLIT = frozenset({Label.TOTAL, Label.LEARNERS, Label.MIXED})


def _is_still_to_come(sight: Sight) -> bool:
    """A plan, or a target that the figures belong to."""
    target = _TARGET.search(sight.page)
    first = sight.counts[0].start if sight.counts else len(sight.page.key)
    return (
        _PLAN.search(sight.page) is not None
        or (target is not None and target.start() < first)
        or (sight.page.marked and _NEXT_MONTH.search(sight.page) is not None)
    )


def _is_report(sight: Sight) -> bool:
    asked = _NOTICE.search(sight.page) or _QUESTION.search(sight.page.key)
    if asked or _is_still_to_come(sight):
        return False
    labels = sight.labels
    strong = len(labels & _STRONG) + (not labels.isdisjoint(_UNSPLIT))
    strong += strong > 0 and not _TALK.search(sight.page) and sight.kind is not None
    if labels >= _STRONG or (strong >= 2 and len(sight.page.key) <= _SHORT):
        return True
    unexplained = residue(sight.page, sight.blocked)
    if strong >= 2:
        return unexplained <= _MOST_RESIDUE
    anchored = bool(sight.mentions) or sight.kind is not None
    if not labels.isdisjoint(ITEM_KINDS):
        return unexplained <= _TALK_RESIDUE and (anchored or bool(_MADE.search(sight.page)))
    if not strong and len(sight.left) > 1 and anchored and not unexplained:
        return True
    if not strong or _TALK.search(sight.page):
        return False
    if Label.SESSIONS in labels:
        return unexplained <= (_TALK_RESIDUE if anchored else 1)
    if not anchored and (len(sight.counts) > 1 or sight.left or unexplained):
        return False
    return unexplained <= (_TOTAL_RESIDUE if Label.TOTAL in labels else _WEAK_RESIDUE)


def _same_as_before(sight: Sight) -> Reading:
    meaning = next((m.meaning for m in sight.mentions if isinstance(m.meaning, DateSpan)), None)
    values = {"date": meaning.date_from if meaning else None, "today": sight.clock.today}
    choices = (
        Choice("same", {"date_from": sight.clock.today, "date_to": sight.clock.today}),
        Choice("retype"),
    )
    return Reading(
        Intent.REPORT, Action.ASK, question=Question(QuestionCode.SAME_AS_BEFORE, values, choices)
    )


# --- nil returns ----------------------------------------------------------------------------


_POST_WORDS = frozenset(["tin", "bai"])


def _is_nil(sight: Sight) -> bool:
    counts = [count for count in sight.counts if count.label is not Label.IGNORED]
    if any(count.value for count in counts) or _NOTICE.search(sight.page):
        return False
    zero_sessions = any(count.label is Label.SESSIONS for count in counts)
    return zero_sessions or bool(_NIL.search(sight.page))


def _nil(sight: Sight) -> Reading:
    meaning = sight.mentions[0].meaning if sight.mentions else None
    if isinstance(meaning, DateProblem):
        return Reading(
            Intent.NIL_REPORT, Action.ASK, question=date_question(meaning, sight.clock.today)
        )
    days = meaning or label(Period.month_of(sight.clock.today))
    found = sight.kind
    posts = found is None and not _POST_WORDS.isdisjoint(sight.page.vocabulary)
    kind = found[0] if found else TallyKind.ONLINE_POST if posts else TallyKind.ORAL_SESSION
    draft = nothing(kind, days)
    if meaning is None:
        draft.defaults.append("date=received_month")
    else:
        draft.spans["date"] = sight.mentions[0].span
    return judge(Intent.NIL_REPORT, [draft], sight)


# --- corrections ------------------------------------------------------------------------------


_NEGATED = re.compile(rf"(?<!\w)(?:chu )?{_NOT} phai(?: la)? (?P<old>{NUMERAL})")
_CHANGED = re.compile(
    rf"(?<![\w/])(?P<old>{NUMERAL})(?: ?[a-z]+){{0,3}}? ?(?:(?:sua |doi |chuyen )?(?:lai )?(?:thanh|sang)|->|=>|→)"
)


def _is_correction(sight: Sight) -> bool:
    key = sight.page.key
    found = [*_CORRECT.finditer(sight.page), _CORRECT_START.match(key)]
    if not _meant(sight.page, found, _NOT_CORRECTED):
        return False
    stated = sight.counts or sight.left or sight.mentions or "noi dung" in key
    return bool(stated) and not _NOTICE.search(sight.page)


def _correct(sight: Sight) -> Reading:
    key = sight.page.key
    changed = [match.span() for match in _CHANGED.finditer(key)]
    olds = [m.span("old") for pattern in (_NEGATED, _CHANGED) for m in pattern.finditer(key)]
    sight, old_value = _without_old(sight, olds, changed)
    sight = _with_only_label(sight)
    if old_value is not None and _relabelled(sight, changed):
        heir = sight.counts[0]
        bare = _patch(_bare_group(sight), sight)
        return _which_field(judge(Intent.CORRECT, [bare], sight), heir.value, old_value)
    moved = _moved(sight)
    mentions = sight.mentions[-1:] if moved else sight.mentions
    groups = gather(sight, sight.counts, mentions) or [_bare_group(sight)]
    draft = _patch(groups[0], sight)
    if moved and not draft.problem:
        reading = judge(Intent.CORRECT, [draft], sight)
        return replace(reading, entries=(replace(reading.entries[0], moved_from=moved),))
    if not sight.counts and sight.left:
        return _which_field(judge(Intent.CORRECT, [draft], sight), sight.left[-1].value, old_value)
    return judge(Intent.CORRECT, [draft], sight)


def _patch(group: Group, sight: Sight) -> Draft:
    """Only what was written; nothing is derived and nothing else changes."""
    draft = draft_of(group, sight)
    draft.defaults = [text for text in draft.defaults if text == "date=received_date"]
    for name in ("sessions", "party_members", "public"):
        if name not in draft.spans:
            setattr(draft, name, None)
    return draft


def _bare_group(sight: Sight) -> Group:
    mention = sight.mentions[-1] if sight.mentions else None
    return Group(mention=mention, region=(0, len(sight.page.key)))


def _moved(sight: Sight) -> DateSpan | None:
    """ "sửa ngày 12/7 thành 13/7": the first date is how it was reported."""
    meanings = [m.meaning for m in sight.mentions]
    if len(meanings) != 2 or sight.counts or not isinstance(meanings[0], DateSpan):
        return None
    return meanings[0]


def _without_old(sight: Sight, olds: list[Span], changed: list[Span]) -> tuple[Sight, int | None]:
    """Drop the numbers that were wrong; a new number without a label takes the old one's."""
    old_counts = [c for c in sight.counts if overlaps(c.span, olds)]
    old_left = [t for t in sight.left if overlaps(t.span, olds)]
    counts = [c for c in sight.counts if c not in old_counts]
    left = [t for t in sight.left if t not in old_left]
    for old in old_counts:
        heir = next((t for t in left if t.start >= old.end), None)
        if heir and any(start <= old.end and end <= heir.start + 1 for start, end in changed):
            left.remove(heir)
            counts.append(old._replace(value=heir.value, start=heir.start, end=heir.end))
    value = old_counts[0].value if old_counts else old_left[0].value if old_left else None
    return sight.with_counts(counts, left), value


def _with_only_label(sight: Sight) -> Sight:
    """ "sửa số qc hôm qua thành 54": one number and one label, whatever stands between."""
    named = [t for t in sight.tokens if t.sort is Sort.LABEL and t.label in _STRONG]
    if sight.counts or len(sight.left) != 1 or len(named) != 1:
        return sight
    label, number = named[0], sight.left[0]
    count = Count(label.label, number.value, number.start, number.end, label.key)
    return sight.with_counts([count], [])


def _relabelled(sight: Sight, changed: list[Span]) -> bool:
    """ "quần chúng 71 thành 77 buổi 11/7": does the new number count something else?"""
    if len(sight.counts) != 1 or len(changed) != 1:
        return False
    start, end = changed[0]
    named = {t.label for t in sight.tokens if t.sort is Sort.LABEL and start - 14 <= t.start < end}
    heir = sight.counts[0]
    return heir.start >= end and bool(named) and heir.label not in named


def _which_field(reading: Reading, new: int, old: int | None) -> Reading:
    if reading.question:
        return reading
    names = ("sessions", "party_members", "public")
    choices = tuple(Choice(name, {name: new}) for name in names)
    question = Question(QuestionCode.WHICH_FIELD, {"old": old, "new": new}, choices)
    return replace(reading, action=Action.ASK, question=question)
