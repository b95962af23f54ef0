"""The first privacy screen (reference §9.4), run before anything of a message is stored or shown.

What it stops is never stored, logged or echoed; the result of a stop therefore carries no text.
Numbers that lead to a person are masked. Secrecy marks, named persons, and the matters that have
an official channel of their own are stopped. Every pattern is bounded, so the screen is linear.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.text import fold, normalise


class Finding(StrEnum):
    """What a text was found to hold; never the value itself."""

    SECRECY_MARK = "secrecy_mark"
    NAMED_PERSON = "named_person"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    PLATE = "plate"
    EMAIL = "email"
    BANK_ACCOUNT = "bank_account"
    DISCIPLINE = "discipline"
    DEFENCE = "defence"
    SURVEILLANCE = "surveillance"


class Verdict(StrEnum):
    CLEAR = "clear"
    MASK = "mask"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Screening:
    """`text` is the original when clear, the masked text when masked, None when stopped."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    text: str | None


MASKS = {
    Finding.PHONE: "[SỐ ĐIỆN THOẠI]",
    Finding.ID_NUMBER: "[SỐ ĐỊNH DANH]",
    Finding.BANK_ACCOUNT: "[SỐ TÀI KHOẢN]",
    Finding.EMAIL: "[THƯ ĐIỆN TỬ]",
    Finding.PLATE: "[BIỂN SỐ XE]",
    Finding.ADDRESS: "[ĐỊA CHỈ]",
}


# Most messages are a line of figures. One of nothing but these words, with fewer digits than any
# number that leads to a person, holds nothing to find; saying so saves 30 searches.
_FIGURES_ONLY = re.compile(
    r"(?:(?:buoi|dv|dang vien|qc|quan chung|nguoi|luot|hom|nay|qua|kia|sang|chieu|tuyen truyen mieng"
    r"|ngay|thang|va|tong|du)\b|(?:[0-9]{1,4}\b)|[ ,/+\n])*"
)
_FEWEST_DIGITS = 9


def screen(text: str) -> Screening:
    """Screens a message or a note; never raises."""
    if _is_figures_only(text):
        return Screening(Verdict.CLEAR, (), text)
    read = _Text.of(text)
    stops = [finding for finding, found in _STOPS if found(read)]
    spans = _spans_to_mask(read)
    findings = tuple(dict.fromkeys([*stops, *(finding for _, _, finding in spans)]))
    if stops:
        return Screening(Verdict.STOP, findings, None)
    if spans:
        return Screening(Verdict.MASK, findings, _masked(read.text, spans))
    return Screening(Verdict.CLEAR, (), text)


def _is_figures_only(text: str) -> bool:
    return (
        _FIGURES_ONLY.fullmatch(fold(text)) is not None
        and sum(map(str.isdigit, text)) < _FEWEST_DIGITS
    )


def screen_file(name: str | None, caption: str | None) -> Screening:
    """Screens what comes with a file: its name, then its caption, one a line.

    A file name is often typed without tone marks and in lower case, so a secrecy mark in it
    counts in any case.
    """
    words = re.sub(r"[_.-]+", " ", normalise(name or ""))
    if _has_secrecy_mark(_Text.of(words.upper())):
        return Screening(Verdict.STOP, (Finding.SECRECY_MARK,), None)
    in_name = screen(words)
    if in_name.verdict is Verdict.STOP:
        return in_name
    return screen("\n".join(part for part in (name, caption) if part))


@dataclass(frozen=True, slots=True)
class _Text:
    """One text seen four ways, equally long: as typed, lower case, folded, folded with capitals."""

    text: str
    lower: str
    folded: str
    plain: str

    @classmethod
    def of(cls, raw: str) -> "_Text":
        text = normalise(raw)
        spaced = text.replace("_", " ")
        lower = spaced.lower()
        if len(lower) != len(spaced):
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in spaced)
        folded = fold(spaced)
        plain = "".join(f.upper() if t.isupper() else f for f, t in zip(folded, text, strict=True))
        return cls(text, lower, folded, plain)

    def has_tone_marks(self, at: int) -> bool:
        """Whether the words around a place, on its line, are typed with tone marks."""
        start = max(self.lower.rfind("\n", max(0, at - 40), at) + 1, at - 40)
        around = slice(start, at + len(self.lower[at : at + 40].split("\n")[0]))
        return self.lower[around] != self.folded[around]


# --- Secrecy marks ---------------------------------------------------------------------------
# "MẬT" is a mark, "bí mật", "mật độ", "MẬT ONG" are words. Without tone marks MAT may be mặt,
# mắt or mất, so it counts only beside what carries a mark.
_DOCUMENT = r"(?:dau|do|tai lieu|van ban|cong van|cv|ho so|tl|vb|to trinh|ke hoach|kh|bao cao|bc)"
_MARK_WORDS = re.compile(r"\b(?:tuyệt|tối)\s{1,3}mật\b")
_MARK_WORDS_PLAIN = re.compile(
    r"\b(?:TUYET|Tuyet|tuyet|TOI)\s{1,3}(?:MAT|Mat|mat)\b"
    r"|\b(?i:tai lieu|van ban|cong van|ho so)\s{1,3}(?i:toi)\s{1,3}(?i:mat)\b"
)
_INTERNAL = re.compile(r"\bluu\s{1,3}hanh\s{1,3}noi\s{1,3}bo\b")
_SPACED_MARK = re.compile(r"(?<!\w)M[^\w\n]{1,3}A[^\w\n]{1,3}T(?!\w)")
_MARK_ALONE = re.compile(
    r"(?<!bí )(?<!bảo )(?<!thân )(?<!trí )(?<!cơ )(?<!dịch )(?<!tuần trăng )\bmật\b"
    r"(?! (?:độ|ong|khẩu|thiết|mã|ngữ|danh|hoa|mía|gấu|vụ|báo|thám|phục|tông|nghị)\b)"
)
_CARRIES_MARK = re.compile(
    r"(?:\bđóng dấu|\bdấu|\bđộ|\btài liệu|\bvăn bản|\bcông văn|\bhồ sơ|\bkế hoạch|\bbáo cáo"
    r"|\bloại|[(\[]) ?$"
)
_MARK_PLAIN = re.compile(
    rf"\b(?:{_DOCUMENT.upper()}\s|[(\[])\s?MAT\b(?! (?:TRAN|DUONG|BANG|DO|DAT|NUOC))"
    r"|\A\s{0,3}MAT\s{0,3}\Z"
)
_MARK_PLAIN_LOWER = re.compile(
    r"\b(?:tai lieu|van ban|cong van|ho so) mat(?= *(?:\Z|[^\w ]|nay\b|cua\b|so\b|gui\b))"
)
_TEACHES_SECRECY = re.compile(
    r"\b(?:khong|bao ve|lo lot|lo, lot|quan ly|quy dinh ve)\b[^.;\n]{0,30}\Z"
)


def _has_secrecy_mark(read: _Text) -> bool:
    whole_words = (
        _MARK_WORDS.search(read.lower)
        or _MARK_WORDS_PLAIN.search(read.plain)
        or _INTERNAL.search(read.folded)
        or _SPACED_MARK.search(read.plain)
        or _MARK_PLAIN.search(read.plain)
    )
    return bool(whole_words) or _has_mark_alone(read)


def _has_mark_alone(read: _Text) -> bool:
    in_capitals = (found for found in _MARK_ALONE.finditer(read.lower) if _is_upper(read, found))
    beside_a_document = [
        found.start()
        for found in _MARK_ALONE.finditer(read.lower)
        if _CARRIES_MARK.search(read.lower, max(0, found.start() - 12), found.start())
    ]
    without_tone_marks = [found.start() for found in _MARK_PLAIN_LOWER.finditer(read.lower)]
    return any(in_capitals) or not all(
        _teaches_secrecy(read, at) for at in [*beside_a_document, *without_tone_marks]
    )


def _is_upper(read: _Text, found: re.Match[str]) -> bool:
    return read.text[found.start() : found.end()].isupper()


def _teaches_secrecy(read: _Text, at: int) -> bool:
    return bool(_TEACHES_SECRECY.search(read.folded[max(0, at - 45) : at]))


# --- Named persons ---------------------------------------------------------------------------
_TITLES = re.compile("ông|bà|anh|chị|cô|chú|bác|cụ|thầy|em|cháu|dì|cậu|mợ|thím|đồng chí|đ/c|đ.c")
_TITLES_PLAIN = re.compile("ong|ba|anh|chi|dong chi|d/c")  # only where nothing has tone marks
_TITLES_OF_RESPECT = re.compile("đồng chí|dong chi|đ/c|d/c|bác")
_TITLE = (
    r"(?<![\w/])(?P<title>"
    r"(?i:ong|ba|anh|chi|co|chu|bac|cu|thay|em|chau|di|cau|mo|thim|dong chi|d/c|d\.c))"
)
_SURNAME = (
    r"(?i:nguyen|tran|le|pham|hoang|huynh|phan|vu|vo|dang|bui|do|ho|ngo|duong|ly|nong|hua|luc|lo"
    r"|quang|giang|vang|sung|thao|lam|trieu|chu|vi|ha|mai|dinh|trinh|doan|dao|luong|to|cao|ta|ma"
    r"|luu|phung|be|dam|hau|tang|cam|thach|kim|truong|than|la|ban|dau|chau|quach|kieu|khuat)"
)
_MIDDLE = r"(?i:van|thi|duc|huu|ngoc|quang|xuan|dinh|cong|viet|manh|tien|thu|bich|hong|thuy)"
_TITLED = re.compile(
    rf"{_TITLE}[ \t]{{1,3}}(?:(?i:giao|si)[ \t])?"
    r"(?:[\[(<\"“] ?(?i:ho ten|ten)|(?P<name>[A-Z]\w{0,15}))"
)
_TITLED_ANY_CASE = re.compile(
    rf"{_TITLE}[ \t]{{1,3}}(?P<name>{_SURNAME}[ \t]{{1,3}}{_MIDDLE}[ \t]{{1,3}}\w{{1,15}})"
)
_FULL_NAME = re.compile(rf"\b{_SURNAME}[ \t]{{1,3}}(?:Van|Thi|VAN|THI)[ \t]{{1,3}}[A-Z]\w{{0,15}}")
_HO_TEN = re.compile(r"\bho (?:va |, ?)?ten ?: ?\w")

# What may follow a title with a capital letter without being a name: roles and groups. They are
# compared with their tone marks, because "phường" is no name and "Phương" is one.
_ROLES = (
    r"(?:con|em|ông|bí thư|phó|trưởng|chủ (?:tịch|nhiệm|trì|hộ)|tổng|ủy viên|thường (?:trực|vụ)"
    r"|cán bộ|đảng (?:viên|ủy|bộ)|báo cáo viên|tuyên (?:truyền|giáo)|cộng tác viên|cấp ủy|lãnh đạo"
    r"|hiệu (?:trưởng|phó)|đội (?:trưởng|phó|viên)|giám đốc|công (?:an|nhân|chức)|viên chức|thư ký"
    r"|hội (?:trưởng|viên|nông|phụ|cựu)|tổ (?:trưởng|phó|dân|quốc)|thủ (?:trưởng|tướng)|giáo viên"
    r"|phụ (?:nữ|huynh)|học (?:sinh|viên|tập)|người|thanh (?:niên|viên)|thiếu nhi|cựu chiến|nông dân"
    r"|bộ (?:đội|trưởng)|đại (?:biểu|diện)|nguyên (?:là|bí thư|chủ tịch|phó)|chiến sĩ|gia đình|và|là"
    r"|hồ chí minh|cả nước|dân quân|ban (?:chi|thường|dân|công|xây|chấp)|chi (?:bộ|ủy|hội|đoàn)|các"
    r"|mặt trận|đoàn (?:viên|thanh)|(?:xã|phường|thôn) đội|tiểu học|mầm non|ngày|nội dung|tại|về)\b"
)
_NOT_A_NAME = re.compile(_ROLES)
_NOT_A_NAME_PLAIN = re.compile(fold(_ROLES))
_FIXED_NAMES = re.compile(
    "bác (?:hồ|tôn)|bà (?:rịa|nà|điểm|đen|triệu|trưng)|cô tô|bác ái|anh sơn|anh son|chi (?:lang|linh)"
    "|ba (?:be|vi|dinh|ria|na|che|trieu|trung|sao|ngoi)"
)
_NAMED_AFTER = (
    "đường|phố|trường|thpt|thcs|tiểu học|mầm non|công viên|bệnh viện|cầu|quỹ|giải thưởng"
    "|học bổng|anh hùng|liệt sĩ|tượng đài|nhà lưu niệm|khu di tích"
)
_AREAS = "xã|phường|thôn|xóm|làng|khu|huyện|tỉnh|thị trấn|tiếng|nước|hai"
_AFTER_NAMED_AFTER = re.compile(rf"\b(?:{_NAMED_AFTER}|{fold(_NAMED_AFTER)}) {{1,2}}\Z")
_AFTER_AREA = re.compile(rf"\b(?:{_NAMED_AFTER}|{_AREAS}|{fold(_AREAS)}) {{1,2}}\Z")
_PUBLIC_FIGURES = re.compile(
    r"\b(?:hoang van thu|nguyen van cu|nguyen thi minh khai|nguyen van troi|nguyen van linh"
    r"|pham van dong|luong van tri|le thi hong gam|nguyen thi dinh|phan van khai|hoang van thai"
    r"|nguyen van huyen|be van dan|nguyen van be|phung chi kien|vo thi sau|nguyen van to|tran phu"
    r"|nguyen thi thap|nguyen van tao|le hong phong|ha huy tap|truong chinh|vo nguyen giap|le duan"
    r"|ton duc thang|nguyen phu trong|to lam|ly tu trong|kim dong)\b"
)


def _names_a_person(read: _Text) -> bool:
    return (
        any(_is_titled_name(read, found) for found in _TITLED.finditer(read.plain))
        or any(_is_titled_in_full(read, found) for found in _TITLED_ANY_CASE.finditer(read.folded))
        or any(_is_private(read, found.start()) for found in _FULL_NAME.finditer(read.plain))
        or bool(_HO_TEN.search(read.folded))
    )


def _is_titled_name(read: _Text, found: re.Match[str]) -> bool:
    if not _is_title(read, found):
        return False
    if found["name"] is None:  # a placeholder such as "Ông [HỌ TÊN]"
        return True
    return not (
        _is_role(read, found)
        or _is_abbreviation(read, found)
        or _is_honoured(read, found)
        or _FIXED_NAMES.fullmatch(read.lower, found.start(), found.end())
        or _AFTER_AREA.search(read.lower, max(0, found.start() - 20), found.start())
    )


def _is_titled_in_full(read: _Text, found: re.Match[str]) -> bool:
    return _is_title(read, found) and not _is_honoured(read, found)


def _is_title(read: _Text, found: re.Match[str]) -> bool:
    span = found.span("title")
    plain = not read.has_tone_marks(span[0]) and _TITLES_PLAIN.fullmatch(read.lower, *span)
    return bool(plain or _TITLES.fullmatch(read.lower, *span))


def _is_role(read: _Text, found: re.Match[str]) -> bool:
    start = found.start("name")
    plain = not read.has_tone_marks(start) and _NOT_A_NAME_PLAIN.match(read.folded, start)
    return bool(plain or _NOT_A_NAME.match(read.lower, start))


def _is_abbreviation(read: _Text, found: re.Match[str]) -> bool:
    """Capitals without a tone mark (BCV, HPN), or a heading all in capitals; "ông HÙNG" is not."""
    name = read.text[slice(*found.span("name"))]
    if len(name) == 1 or not name.isupper():
        return False
    has_tone = fold(name) != name.lower().replace("đ", "d")
    return found["title"].isupper() or not has_tone


def _is_honoured(read: _Text, found: re.Match[str]) -> bool:
    """A public figure under a title of respect; "ông" with the same name may be a neighbour."""
    title = _TITLES_OF_RESPECT.fullmatch(read.lower, *found.span("title"))
    return bool(title and _PUBLIC_FIGURES.match(read.folded, found.start("name")))


def _is_private(read: _Text, at: int) -> bool:
    """Whether a full name is neither a public figure's nor that of a street or a school."""
    return not (
        _PUBLIC_FIGURES.match(read.folded, at)
        or _AFTER_NAMED_AFTER.search(read.lower, max(0, at - 20), at)
    )


# --- Matters with an official channel of their own -------------------------------------------
_DISCIPLINED = r"(?:ky luat|khai tru|khien trach|canh cao|cach chuc|dinh chi sinh hoat)"
_DISCIPLINE = re.compile(
    rf"\bdanh sach\b[^.;\n]{{0,60}}\b{_DISCIPLINED}\b"
    rf"|\b[0-9]{{1,4}} (?:dong chi|d/c|dc|dang vien|dv|can bo|cbdv|nguoi)\b[^.;\n]{{0,30}}"
    rf"\bbi (?:xu ly |thi hanh )?{_DISCIPLINED}\b"
    r"|\b(?:hinh thuc|ly do|ho so) (?:xu ly |bi )?ky luat (?:cua|doi voi|dang vien|dong chi)\b"
)
_DEFENCE = re.compile(
    r"\b(?:vi tri|dia diem|noi|toa do)(?: dong)? ?(?:dong quan|tru quan|bo tri luc luong|don vi"
    r" quan doi|tran dia|kho vu khi|kho dan|kho sung)\b"
    r"|\blich truc\b[^.;\n]{0,40}\b(?:luc luong|quan su|chien dau|bo doi|bien phong|dong quan)\b"
    r"|\b(?:phuong an|ke hoach) (?:tac chien|bo tri luc luong|san sang chien dau|phong thu)\b"
    r"|\b(?:lich|ca|ke hoach) (?:truc|tuan tra)(?: san sang)? (?:chien dau|bien gioi)\b"
    r"|\bquan so (?:cua|bien che|thuong truc|don vi|dong quan|chien dau)\b"
    r"|\bphien hieu (?:va|don vi|cua)\b|\bdieu dong (?:luc luong|quan)\b[^.;\n]{0,30}\b(?:toi|den)\b"
)
_A_PERSON = (
    r"(?:nguoi nay|nguoi do|ong|ba|anh|chi|ho nay|ho do|gia dinh (?:nay|do|ong|ba|anh|chi)"
    r"|doi tuong|ca nhan|tai khoan|facebook|zalo|dien thoai|nha (?:nay|ong|ba))"
)
_SURVEILLANCE = re.compile(
    rf"\b(?:theo doi|giam sat|nghe len|ghi am|dieu tra|xac minh nhan than)(?: xem)? {_A_PERSON}\b"
    r"|\b(?:noi xau|chong doi|chong pha)\b[^\n]{0,60}\b(?:de nghi|nho|can) (?:\w{1,8} ){0,3}"
    r"(?:theo doi|giam sat|nghe len)\b"
    r"|\b(?:lap|lam) danh sach (?:nhung )?(?:nguoi|ho|doi tuong) (?:noi xau|chong|phan doi|khieu)"
)

_STOPS: tuple[tuple[Finding, Callable[[_Text], bool]], ...] = (
    (Finding.SECRECY_MARK, _has_secrecy_mark),
    (Finding.NAMED_PERSON, _names_a_person),
    (Finding.DISCIPLINE, lambda read: bool(_DISCIPLINE.search(read.folded))),
    (Finding.DEFENCE, lambda read: bool(_DEFENCE.search(read.folded))),
    (Finding.SURVEILLANCE, lambda read: bool(_SURVEILLANCE.search(read.folded))),
)


# --- Numbers that lead to a person -----------------------------------------------------------
_Span = tuple[int, int, Finding]

# A run of digits that people break up with blanks and punctuation. Commas, colons, slashes and
# line breaks end it: they separate figures, hours and dates.
_BREAK = r"[^\w\n,;:/%]{0,4}"
_CHAIN = re.compile(rf"[0-9](?:{_BREAK}[0-9])+")
_LONGEST_NUMBER = 70  # characters: 14 digits, each with a break
_CITIZEN_ID = re.compile(rf"0(?:{_BREAK}[0-9]){{2}}{_BREAK}[0-3](?:{_BREAK}[0-9]){{8}}(?![0-9])")
_DATE = re.compile(
    r"(?<![0-9.])(?:0?[1-9]|[12][0-9]|3[01])(?P<sep>[.-])(?:0?[1-9]|1[0-2])(?P=sep)"
    r"(?:19|20)[0-9]{2}(?![0-9])(?![.-][0-9])"
)
_THOUSANDS = re.compile(r"(?<![0-9.])[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}(?![0-9])(?![. -][0-9])")
_MONEY = re.compile(r"\s?(?:dong|d|vnd|trieu|ty|nghin)\b")
_MOBILE = re.compile(r"0[35789][0-9]{8}|02[0-9]{9}")
_ABROAD = re.compile(r"(?:00)?84(?:[35789][0-9]{8}|2[0-9]{9})")
_ID_WORD = re.compile(
    r"\b(?:cccd|cmnd|cmt|can cuoc|dinh danh|chung minh)\b[^0-9\n]{0,25}\Z", re.ASCII
)
_BANK_WORD = re.compile(r"\b(?:stk|so tk|tai khoan|so the|ngan hang)\b[^0-9\n]{0,30}\Z", re.ASCII)
_CARD = re.compile(r"[0-9]{4}(?:[ .-][0-9]{4}){2,3}(?![0-9])")
_SLASHED_PHONE = re.compile(r"(?<![0-9/])(?:\+?84|0)[0-9]{2,3}(?:/[0-9]{2,4}){2,3}(?![0-9/])")
_LONG_NUMBER = 9

_EMAIL = re.compile(r"[\w.+-]{1,64} ?(?:@|\(at\)|\[at\]) ?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PLATE = re.compile(
    r"(?<![\w.])[1-9][0-9][ -]?(?!DV|QC|CB|HV|HS|ND|TV|BC)"
    r"(?:[A-HK-NPR-VX-Z][0-9]?|LD|NG|NN|QT|KT|A[A-K])"
    r"(?:[ -]{0,3}[0-9]{3}\.[0-9]{2}|-[ ]?[0-9]{4,5}|[0-9]{4,5})(?![\w.]?[0-9])"
    r"(?! ?(?:luot|nguoi|DV|QC|dv|qc))"
)
_PLATE_NAMED = re.compile(
    r"\b(?:bien so|bien kiem soat|bks|bsx)(?: xe)? ?:? ?(?P<value>[0-9]{2}[ -]?[a-z]{1,2}[0-9]?"
    r"[ .-]{0,3}[0-9]{3}\.?[0-9]{1,2})"
)
_HOUSE = re.compile(
    r"\b(?:so nha|nha so) ?:? ?[0-9]{1,4}[a-z]?(?:/[0-9]{1,4})*\b"
    r"|(?<!nghi quyet )(?<!chi thi )(?<!quyet dinh )(?<!ket luan )(?<!ke hoach )"
    r"\bso [0-9]{1,4}[a-z]?(?:/[0-9]{1,4})*,? (?:to(?: dan pho)?|khu(?: pho)?|thon|xom|ap|ngo"
    r"|ngach|hem|kiet|duong|pho) (?=[0-9A-Z])(?:[0-9]{1,4}|[A-Z]\w{0,15}(?: [A-Z]\w{0,15}){0,3})"
    r"|\b(?:ngo|ngach|hem|kiet) [0-9]{1,4}(?:/[0-9]{1,4})*\b"
    r"|(?<![\w/])[0-9]{1,4}[a-zA-Z]?(?:/[0-9]{1,4}){1,2} (?:duong|pho) [A-Z]\w{0,15}(?: [A-Z]\w{0,15}){0,3}"
)


def _spans_to_mask(read: _Text) -> list[_Span]:
    """In order and without overlap."""
    spans: list[_Span] = []
    for span in sorted(_found_values(read), key=lambda span: (span[0], -span[1])):
        if not spans or span[0] >= spans[-1][1]:
            spans.append(span)
        elif span[1] > spans[-1][1]:
            start, _, finding = spans[-1]
            spans[-1] = (start, span[1], finding)
    return spans


def _found_values(read: _Text) -> Iterator[_Span]:
    yield from ((*found.span(), Finding.EMAIL) for found in _EMAIL.finditer(read.text))
    yield from ((*found.span(), Finding.PLATE) for found in _PLATE.finditer(read.plain))
    yield from (
        (*found.span("value"), Finding.PLATE) for found in _PLATE_NAMED.finditer(read.folded)
    )
    yield from ((*found.span(), Finding.ADDRESS) for found in _HOUSE.finditer(_lower_words(read)))
    yield from ((*found.span(), Finding.PHONE) for found in _SLASHED_PHONE.finditer(read.folded))
    yield from _numbers(read)


def _numbers(read: _Text) -> Iterator[_Span]:
    figures = _blanked(_blanked(read.folded, _DATE), _THOUSANDS)
    for chain in _CHAIN.finditer(figures):
        yield from _in_chain(figures, chain)


def _blanked(text: str, pattern: re.Pattern[str]) -> str:
    """Ordinary figures replaced by letters, so that they break a run of digits."""
    return pattern.sub(lambda found: "x" * len(found[0]), text)


def _in_chain(figures: str, chain: re.Match[str]) -> Iterator[_Span]:
    """The parts of a run of digits that are no ordinary figures. A number that is written in one
    piece ends where its piece does ("0912345678 3 buổi"), any other with the run.
    """
    before = figures[max(0, chain.start() - 60) : chain.start()]
    digits = re.sub("[^0-9]", "", chain[0])
    if _ID_WORD.search(before) and len(digits) >= _LONG_NUMBER - 1:
        yield (*chain.span(), Finding.ID_NUMBER)
        return
    if _BANK_WORD.search(before) and len(digits) >= 6:
        yield (*chain.span(), Finding.BANK_ACCOUNT)
        return
    covered = chain.start()
    for group in re.finditer("[0-9]+", chain[0]):
        start = chain.start() + group.start()
        if start < covered:
            continue
        sign = before if start == chain.start() else ""
        rest = figures[start : min(chain.end(), start + _LONGEST_NUMBER)]
        finding = _kind(rest, group[0], sign)
        if finding and not _MONEY.match(figures, chain.end()):
            whole = _kind(group[0], group[0], sign) is not None
            covered = start + len(group[0]) if whole else chain.end()
            yield (start, covered, finding)


def _kind(rest: str, group: str, before: str) -> Finding | None:
    digits = re.sub("[^0-9]", "", rest)
    if _CITIZEN_ID.match(rest) or (len(digits) == 12 and digits[0] == "0"):
        return Finding.ID_NUMBER
    abroad = before.rstrip(" (").endswith("+") or len(group) >= _LONG_NUMBER or digits[:2] == "00"
    if _MOBILE.match(digits) or (abroad and _ABROAD.match(digits)):
        return Finding.PHONE
    if len(group) >= _LONG_NUMBER:
        return Finding.ID_NUMBER if len(group) in (9, 12) else Finding.BANK_ACCOUNT
    return Finding.BANK_ACCOUNT if _CARD.match(rest) else None


def _lower_words(read: _Text) -> str:
    """Folded, but with the capitals that begin the name of a street."""
    return re.sub(
        r"\b(?:So|Nha|Ngo|Ngach|Hem|Kiet|To|Khu|Thon|Xom|Ap|Duong|Pho)\b", _lowered, read.plain
    )


def _lowered(found: re.Match[str]) -> str:
    return found[0].lower()


def _masked(text: str, spans: list[_Span]) -> str:
    pieces: list[str] = []
    end = 0
    for start, stop, finding in spans:
        pieces += [text[end:start], MASKS[finding]]
        end = stop
    return "".join([*pieces, text[end:]])
