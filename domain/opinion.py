"""Opinion notes (dư luận xã hội): their fields, and what the bot may suggest for them.

A person decides; the suggestion is keyword rules over text without tone marks (reference §7).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from domain.text import fold, normalise

_T = TypeVar("_T")


class Category(StrEnum):
    ECONOMY = "economy"
    LAND_ENVIRONMENT = "land_environment"
    INFRASTRUCTURE = "infrastructure"
    EDUCATION = "education"
    HEALTH = "health"
    CULTURE_SOCIETY = "culture_society"
    ADMINISTRATION = "administration"
    PARTY_BUILDING = "party_building"
    SECURITY_ORDER = "security_order"
    ETHNIC_RELIGION = "ethnic_religion"
    DISASTER = "disaster"
    ONLINE_INFORMATION = "online_information"
    INTERNATIONAL = "international"
    OTHER = "other"


class Urgency(StrEnum):
    """Routes of a note, mildest first (reference §7)."""

    NORMAL = "normal"
    NOTABLE = "notable"
    SENSITIVE = "sensitive"
    URGENT = "urgent"


class Stance(StrEnum):
    SUPPORTIVE = "supportive"
    SUPPORTIVE_WITH_CONCERN = "supportive_with_concern"
    CONCERNED = "concerned"
    DISSATISFIED = "dissatisfied"
    DIVIDED = "divided"
    UNCLEAR = "unclear"
    PROPOSAL = "proposal"
    ALARMED = "alarmed"


class Breadth(StrEnum):
    MAJORITY = "majority"
    MANY = "many"
    SOME = "some"
    GROUP = "group"
    LOCAL = "local"
    DIVIDED = "divided"


class OpinionStatus(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CLOSED = "closed"


class OpinionProblem(StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the words of a note point to; `place_text` quotes the note, never more than a hamlet."""

    category: Category
    urgency: Urgency
    stance: Stance
    breadth: Breadth
    place_text: str | None
    is_proposal: bool


SHORTEST, LONGEST = 10, 2_000


def problems(text: str) -> tuple[OpinionProblem, ...]:
    """What keeps a text from being a note; empty when nothing does. Lengths in characters."""
    length = len(normalise(text).strip())
    if length < SHORTEST:
        return (OpinionProblem.TOO_SHORT,)
    return (OpinionProblem.TOO_LONG,) if length > LONGEST else ()


def at_least(chosen: Urgency, suggested: Urgency) -> Urgency:
    """The more pressing of the two: a suggestion may raise what a person chose, never lower it."""
    return max(chosen, suggested, key=tuple(Urgency).index)


def suggest(text: str) -> Suggestion:
    """The fields that the words of a note point to; reads text without tone marks too."""
    clean = normalise(text)
    words = _haystack(clean)
    category = _category(words)
    stance = _stance(words)
    return Suggestion(
        category=category,
        urgency=_urgency(words, category, stance),
        stance=stance,
        breadth=_first(_BREADTHS, words, Breadth.SOME),
        place_text=_place(clean),
        is_proposal=bool(_PROPOSAL.search(words)),
    )


def _haystack(text: str) -> str:
    """The text as typed and folded, one under the other: rules without tone marks match both
    ways of typing; a rule with tone marks matches where the folded word would be ambiguous."""
    words = re.sub(r"\s+", " ", text).lower()
    both = f"{words}\n{fold(words)}"
    return _SLOGANS.sub(" ", both)


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b")


# Fixed names of programmes: their words are no complaint.
_SLOGANS = _words(
    "phòng,? chống tham nhũng(?:, lãng phí)?(?:, tiêu cực)?",
    "phong,? chong tham nhung(?:, lang phi)?(?:, tieu cuc)?",
    r"(?:(?:tập huấn|tuyên truyền|diễn tập) )?phòng,? chống[^,.;\n]{0,40}",
    r"(?:phòng tránh|phòng ngừa|tuyên truyền|tập huấn|diễn tập)[^,.;\n]{0,40}",
    r"(?:(?:tap huan|tuyen truyen|dien tap) )?phong,? chong[^,.;\n]{0,40}",
    r"(?:phong tranh|phong ngua|tuyen truyen|tap huan|dien tap)[^,.;\n]{0,40}",
)

# Words that point to a category, with their weight. The heaviest sum wins; on a tie, the first.
_CATEGORIES: tuple[tuple[Category, int, re.Pattern[str]], ...] = (
    (
        Category.ETHNIC_RELIGION,
        9,
        _words(
            "ton giao|tin nguong|tho tu|nha tho|giao xu|giao ho|giao dan|giao phan|linh muc|muc su",
            "nha nguyen|truyen dao|ta dao|dao la|hoi thanh|chức sắc|chuc sac|chùa|sư trụ trì",
            "(?:chia re|ky thi|mau thuan|xung dot|hiem khich) (?:giua cac )?dan toc|ly khai",
            "theo dao|bo dao|sinh hoat dao|dat cua (?:chua|nha tho)",
        ),
    ),
    (
        Category.ETHNIC_RELIGION,
        3,
        _words("dan toc thieu so|dong bao dan toc|vung dong bao|dtts|nguoi dan toc|gia lang"),
    ),
    (
        Category.DISASTER,
        5,
        _words(
            r"sat lo|lu quet|mua lu|lũ|lu ong|nuoc lu|ngap lut|ngap sau|nuoc (?:\w+ )?len nhanh|nuoc dang",
            "bão|bao so|sau bao|con bao|loc xoay|giông lốc|dong loc|mua da|ret dam|ret hai|han han",
            "thien tai|chay rung|chay (?:lon|nha|xuong|kho|cho)|cháy|hoa hoan|vo dap|vo de|tran dap",
            "dich benh|dich ta|o dich|(?<!giao )dịch(?! vụ| chuyển| thuật)|dich (?:sot|cum|dai|lo)|sot xuat huyet|benh dai",
            "tay chan mieng|cum gia cam|cho dai|lo mom long mong|(?:lon|ga|trau bo|gia suc) chet",
            "mac ket|duoi nuoc|mat tich|nut dat|vet nut|bi co lap|sap (?:cau|cong|mai|ham|nha)",
            "ro ri (?:khi|gas|hoa chat)|no (?:lon|binh gas)|hạn hán|hỏa hoạn",
        ),
    ),
    (Category.DISASTER, 2, _words("mua lon|mua to|su co|ngap|nang nong|kho han")),
    (
        Category.ONLINE_INFORMATION,
        5,
        _words(
            "tren mang|tren khong gian mang|mang xa hoi|tin gia|tin don|don thoi|lan truyen|xuyen tac",
            "sai su that|facebook|tiktok|youtube|fanpage|trang gia mao|bai dang|clip|livestream",
            "tai khoan (?:la|gia|ao)|thong tin sai|thong tin xau doc|chua kiem chung|tung tin",
        ),
    ),
    (Category.ONLINE_INFORMATION, 2, _words("zalo|gia mao|chia se|binh luan|video|qua mang")),
    (
        Category.SECURITY_ORDER,
        6,
        _words(
            "trom cap|mat trom|trom (?:cho|xe|vat|ga)|ma tuy|lua dao|co bac|danh bac|da ga|lô đề|số đề|ghi de",
            "ca do|tin dung den|nang lai|dua xe|lang lach|gay roi|danh nhau|mat trat tu|an ninh",
            "trat tu|vuot bien|trai phep|buon lau|phao no|dot phao|vu khi|xam hai|cuop|xo xat",
            "tai nan giao thong|an toan giao thong|nong do con|doi no|nghiện|con nghien|con do|hanh hung",
            "mua ban nguoi|bao luc gia dinh|ném đá|nem da",
        ),
    ),
    (Category.SECURITY_ORDER, 3, _words("karaoke|loa keo|tu tap|say ruou|nhau nhet|cong an")),
    (
        Category.LAND_ENVIRONMENT,
        5,
        _words(
            "den bu|boi thuong|giai phong mat bang|gpmb|thu hoi dat|tai dinh cu|cap so do|sổ đỏ",
            "quyen su dung dat|dat dai|tach thua|chuyen muc dich su dung|lan chiem dat|tranh chap dat",
            "dat (?:rung|ruong|nong nghiep|o|san xuat)|giao dat|cap dat|do dac|bia do",
        ),
    ),
    (
        Category.LAND_ENVIRONMENT,
        4,
        _words(
            "mui hoi|hoi thoi|o nhiem|rac thai|bai (?:rac|thai)|rác|xe rac|do rac|dot rac|nuoc thai|xa thai",
            "khoi bui|bụi|bui (?:mu|ban)|trai (?:chan nuoi|lon|heo|ga)|moi truong|tieng on|mo da",
            "khai thac (?:cat|da|khoang san|go)|pha rung|chat pha|lo dot|khói",
        ),
    ),
    (Category.LAND_ENVIRONMENT, 1, _words("đất|thu gom")),
    (
        Category.ADMINISTRATION,
        4,
        _words(
            "sap nhap|tru so|thu tuc|giay to|mot cua|dich vu cong|(?:hai|2) cap|hanh chinh",
            "tiep dan|tiep cong dan|can cuoc|vneid|dinh danh|ho tich|khai sinh|chung thuc|cong chuc",
            "ten (?:xa|phuong|thon) moi|doi ten|dia gioi|hen tra|tra ket qua|trung tam phuc vu",
            "can bo (?:xa|phuong|tiep nhan)|nop ho so|phan mem|chinh quyen",
        ),
    ),
    (
        Category.HEALTH,
        4,
        _words(
            "tram y te|benh vien|kham (?:chua )?benh|kham suc khoe|bhyt|bao hiem y te|thieu thuoc",
            "bac si|y bac si|an toan thuc pham|thuc pham|ngo doc|tiem (?:chung|phong|vac xin)|vac xin",
            "vaccine|suc khoe|benh nhan|cap cuu|mui la|nau an|thuoc tru sau|kham thai|nhan vien y te",
            r"tram xa|y te|chat cam|nuoc (?:\w+ ){0,2}(?:mui|vang|duc|doi mau)|dau bung",
        ),
    ),
    (Category.HEALTH, 1, _words("nuoc sinh hoat|nguon nuoc|thuoc")),
    (
        Category.EDUCATION,
        4,
        _words(
            "hoc sinh|giao vien|nha truong|truong hoc|nam hoc|khoan thu|hoc phi|phu huynh|sinh vien",
            "sach giao khoa|day them|hoc them|ban tru|tuyen sinh|ky thi|tot nghiep|mam non|tieu hoc",
            "thcs|thpt|lop hoc|diem truong|hoc duong|thay co|hoc bong|dao tao nghe|hoc nghe|den truong",
            "giao duc|lop (?:mot|1|6|10)|con em",
        ),
    ),
    (
        Category.CULTURE_SOCIETY,
        4,
        _words(
            "ho ngheo|can ngheo|binh xet|nha tam|nha dot nat|dai doan ket|an sinh|tro cap|bao tro",
            "nguoi co cong|le hoi|nha van hoa|van hoa|tang le|ma chay|dam cuoi|cuoi hoi|viec cuoi|viec tang|nep song",
            "hu tuc|nguoi cao tuoi|luong huu|bao hiem xa hoi|van nghe|the thao|di tich|nong thon moi",
            "thoat ngheo|khuyet tat|tre em|tao hon|hien mau|qua tet|nghi tet|don tet|mo coi",
            "chinh sach xa hoi|giam ngheo|san choi",
        ),
    ),
    (
        Category.INTERNATIONAL,
        6,
        _words(
            "bien dong|bien dao|bien, dao|chu quyen|truong sa|hoang sa|doi ngoai|trung dong|ukraine",
            "chien su|xung dot (?:vu trang|quan su|o)|thue doi ung|quan he viet|asean|vung bien",
            "tinh hinh the gioi|tren the gioi|the gioi|quoc te|nuoc ngoai",
        ),
    ),
    (Category.INTERNATIONAL, 3, _words("bien gioi|nuoc ban|cot moc")),
    (
        Category.INFRASTRUCTURE,
        4,
        _words(
            "xuong cap|o ga|duong (?:lien|vao|lang|thon|be tong|dat|tranh|xa|tinh)|cau (?:tran|treo|tam)",
            "cau qua|cau dan sinh|(?<!nhu )(?<!yêu )(?<!cơ )(?<!toàn )cầu(?! thủ| lông| nguyện)|den duong|chieu sang|mat dien|cup dien|dien yeu|luoi dien|cot dien|day dien",
            "tram bien ap|mat nuoc|thieu nuoc|nuoc sach|nuoc yeu|kenh muong|thuy loi|thoat nuoc|cong ranh",
            "song dien thoai|lom song|song yeu|internet|wifi|lay loi|mat duong|lam duong|mo rong duong",
            "via he|xe (?:qua tai|tai)|qua tai|do dang|thi cong|giao thong|ha tang|mat song|dien luoi",
            "sua duong|doan duong|tuyen duong|con duong|vien thong|cham tien do",
        ),
    ),
    (Category.INFRASTRUCTURE, 1, _words("di lai|công trình|cong trinh|đường|điện|nuoc sinh hoat")),
    (
        Category.ECONOMY,
        4,
        _words(
            "gia (?:xang|ca|vang|gas|thit|lua|gao|na|hoi|nong san|phan|vat lieu|lon|ca phe|thuoc la)",
            "xang dau|nong san|dau ra|duoc mua|rot gia|mat gia|viec lam|mat viec|giam gio lam|don hang",
            "that nghiep|tien luong|no luong|cham luong|tang luong|luong toi thieu|thu nhap|vay von",
            "lai suat|kinh doanh|tieu thuong|buon ban|hoa don|thuế|thue (?:khoan|ho kinh doanh)",
            "doanh nghiep|cua khau|thong quan|xuat khau|phan bon|thuc an chan nuoi|hang gia|kem chat luong",
            r"vat gia|tang gia|thuong lai|tieu thu|ế|gia \w+(?: \w+)? (?:tang|giam|cao|thap)",
            "tien dien|von vay|san xuat|khu cong nghiep|cong nhan|chợ|du lich",
        ),
    ),
    (Category.ECONOMY, 1, _words("kinh te|nong dan|kho khan|lao dong")),
    (
        Category.PARTY_BUILDING,
        4,
        _words(
            "nghi quyet|dai hoi (?:dang|chi bo|dai bieu)|dai hoi|quoc hoi|hoi dong nhan dan|hdnd",
            "bau cu|ung cu|dai bieu|tinh gon|bo may|tham nhung|tham o|tieu cuc|lang phi|hoi lo|nhan su",
            "bo nhiem|luan chuyen|ky luat|cap uy|dang uy|dang bo|noi bo|mat doan ket|tong bi thu",
            "trung uong|quyet sach|vai tro neu guong|neu guong|sinh hoat chi bo|ket nap dang|bi thu",
            "chu truong cua dang|duong loi|niem tin|van kien|dang ta",
        ),
    ),
    (Category.PARTY_BUILDING, 1, _words("dang vien|chi bo|can bo|cu tri|doan the|mat tran")),
)


def _category(words: str) -> Category:
    """The category whose words weigh most; each different word counts once."""
    weights: dict[Category, int] = {}
    for category, weight, pattern in _CATEGORIES:
        found = {fold(match[0]) for match in pattern.finditer(words)}
        weights[category] = weights.get(category, 0) + weight * len(found)
    heaviest = max(weights, key=lambda category: weights[category])
    return heaviest if weights[heaviest] else Category.OTHER


# Urgency (reference §7): danger or a gathering under way is urgent; matters of religion, of
# allegations and of the inner life of the Party are sensitive.
_DANGER = _words(
    r"sat lo|lu quet|lũ|nuoc (?:\w+ ){0,2}(?:len nhanh|dang cao)|ngap sau|bi cuon|bi co lap|co lap",
    "chay (?:lon|nha|rung|xuong|kho|cho)|cháy|vo (?:dap|de)|tran dap|vet nut|nut (?:dat|tuong)|ro ri",
    r"nuoc (?:\w+ ){0,6}(?:mui la|co mui|doi mau|vang duc)|khong dam (?:dung|o|ngu|di|qua|uong)",
    "(?:sap|nghieng|do) (?:cau|cot dien|cong|mai|nha|tuong)|cot dien (?:nghieng|gay)|day dien (?:dut|roi)",
    "sap (?:sap|do)|khi doc|chet hang loat|tu vong|chet nguoi|ngo doc|duoi nuoc|danh nhau|xo xat|dau bung|non oi|tai nan nghiem trong",
    "bung phat|dot bien|nguy hiem tinh mang|de doa tinh mang",
)
_NOW = _words(
    "gấp|khẩn|khan cap|(?:kiem tra|xu ly|ho tro|giai quyet|xuong|di doi|ung cuu) (?:gap|ngay)",
    "ngay lap tuc|đang|dang (?:bi|len|chay|lan|sat|ngap|dang|nghieng|ro)|dem qua|(?:sang|trua|chieu|toi) (?:nay|qua)",
    "(?:may|hai|vai|ba) hom nay|may ngay nay|hom nay|vua (?:xay|moi|bi|qua)|hien tai|luc nay",
    "nguy co|khong dam|da phai|tu sang|tu dem|bat dau|xuat hien|trong dem",
)
_DANGER_ITSELF = _words(
    "mac ket|mat tich|(?:phai )?nhap vien|(?:bi|nghi|vu) ngo doc|hoa hoan|bi cuon troi|bat tinh",
    r"cap cuu (?:\d+|nhieu|mot so)|di cap cuu|bi thuong|lu quet ve|keu cuu",
)
_GATHERING = _words(
    r"(?:tap trung|tu tap|keo (?:len|den|ra|nhau))[^.\n]{0,40}"
    "(?:truoc|cong|tru so|uy ban|ubnd|cong truong|cong trinh|hien truong|phan doi|doi (?:gap|tien))",
    "chan (?:duong|xe|cong)|bao vay|can tro thi cong|tuan hanh|dinh cong|ngung viec tap the",
)
_GATHERING_ENDED = _words("da (?:giai tan|on dinh|ra ve)|thang truoc|nam ngoai|tuan truoc")
_ALLEGATION = _words(
    "tham nhung|tham o|hoi lo|nhan tien cua dan|đòi tiền|voi vinh|bao che|loi ich nhom|(?<!anh huong )(?<!tac dong )tieu cuc",
    "sach nhieu|hach sach|an chan|bot xen|truc loi|uu ai (?:nguoi nha|nguoi than|ho hang|cho)",
    "nguoi nha (?:cua )?can bo|lam quyen|chay chot|chay (?:chuc|viec)|khuat tat|bien thu|to cao",
    "loi dung chuc vu|lot tay|tien boi duong|dau hieu vi pham|khong trong sach",
)
_PARTY_INTERNAL = _words(
    r"mat doan ket|be phai|noi bo (?:\w+ ){0,6}(?:mau thuan|chua thong nhat|bat dong|mat)|nhan su",
    "quy hoach can bo|bo nhiem|luan chuyen|ky luat|ke khai tai san|phieu tin nhiem|du kien nhan su",
    r"sinh hoat dang (?:\w+ ){0,3}(?:hinh thuc|khong)|suy thoai",
)
_NOTABLE = _words(
    "boi thuong|den bu|giai phong mat bang|gpmb|thu hoi dat|tai dinh cu|don gia|khoan (?:thu|phi)",
    "lam thu|phu thu|thu them|thu tu nguyen|binh xet|cong khai|minh bach|thac mac|cong bang|bo sot",
    "sai doi tuong|dung doi tuong|so bi|lan truyen|tin don|nghe noi|tin gia|xuyen tac|sai su that",
    "gia mao|mao danh|nhieu lan|(?:hai|ba|bon|[2-9]) lan|keo dai|chua chuyen bien|van chua|mai chua",
    "chua (?:duoc |co |thay )?(?:giai quyet|tra loi|ket qua|xu ly|hoi am|khac phuc|nhan)|nhieu nam|tai dien",
    "cham (?:tra|giai|chi|khac phuc|tien do|cap|duoc)|qua han|buc xuc|bat binh|phan doi|gay gat",
    "(?:khong|chua) (?:dong tinh|dong thuan|hai long)|khieu nai|don thu|tap the|hoang mang|trai chieu",
    "sap nhap|(?:hai|2) cap|tinh gon|doi ten|ten (?:xa|phuong|thon) moi|mat (?:dat|phan dat)|thue khoan|un u|qua khuya|nghi viec|doi du",
    "giam gio lam|mat viec|that nghiep|no luong|cham luong|giam don hang|cat giam|thieu viec",
    "lua dao|ma tuy|trom|tin dung den|co bac|danh bac|dua xe|lang lach|bao luc|xam hai|tai nan|nghiện|con nghien|duoi nuoc",
    "dich (?:benh|ta|sot|cum|dai)|(?<!giao )dịch(?! vụ| chuyển| thuật)|sot xuat huyet|benh dai|tay chan mieng|(?:lon|ga|gia suc) chet",
    "o nhiem|mui hoi|hoi thoi|xa thai|nuoc thai|khoi bui|(?:thieu|het|khong du) thuoc|hang gia|thuc pham ban|pha rung",
    "sat lo|ngap lut|chay rung|thiet hai|mat trang|thieu giao vien|thieu (?:bac si|can bo|nuoc)",
    "xe qua tai|bo hoc|tao hon|pháo|thai do|phien ha|nhung nhieu|mat niem tin|han han|xuat hien",
)


def _urgency(words: str, category: Category, stance: Stance) -> Urgency:
    if _is_danger(words) or _is_gathering(words):
        return Urgency.URGENT
    religious = category is Category.ETHNIC_RELIGION and stance is not Stance.SUPPORTIVE
    if religious or _ALLEGATION.search(words) or _PARTY_INTERNAL.search(words):
        return Urgency.SENSITIVE
    if stance is not Stance.SUPPORTIVE and _NOTABLE.search(words):
        return Urgency.NOTABLE
    return Urgency.NORMAL


def _is_danger(words: str) -> bool:
    return bool(_DANGER_ITSELF.search(words) or (_DANGER.search(words) and _NOW.search(words)))


def _is_gathering(words: str) -> bool:
    return bool(_GATHERING.search(words)) and not _GATHERING_ENDED.search(words)


_SUPPORT = re.compile(
    r"(?<!chua )(?<!khong )(?<!it )(?<!kem )(?<!chưa )(?<!không )"
    r"\b(?:phan khoi|vui mung|dong tinh|dong thuan|ung ho|tin tuong|hoan nghenh|danh gia cao|hai long"
    r"|nhat tri|tu hao|biet on|cam on|yen tam|tan thanh|phan chan|vui vi|rat vui|huong ung|ghi nhan)\b"
)
_DIVIDED = _words(
    "trai chieu|y kien khac nhau|hai luong|nhieu luong|luong y kien|chua thong nhat|nguoi thi"
    r"|co nguoi [^\n]{3,60} co nguoi|ben [^\n]{3,40} ben|khong thong nhat"
)
_CONCERN = _words(
    "lo|lo lang|lo ngai|ban khoan|tran tro|thac mac|phan anh|keu|hỏi|mong|kho khan|chua quen|xa hon",
    "e ngai|boi roi|lung tung|bat tien|phien ha|thieu|cham|chua duoc|xuong cap|sợ|hoang mang|canh giac",
    "quan ngai|anh huong|khó|yếu|mat an toan|tang cao|qua tai|dan hoi|nhieu nguoi hoi",
)
_BUT_CONCERN = _words(
    "nhưng|tuy nhiên|tuy nhien|song (?:van|con|cung)|nhung (?:con|van|lo|chua|cung|mong|ban khoan)",
    "ban khoan|con lo|van lo|lo (?:lang|ngai)|tran tro|e ngai",
)
_DISSATISFIED = _words(
    "buc xuc|bat binh|phan doi|(?:khong|chua) (?:dong tinh|dong thuan|hai long|chap nhan)|gay gat",
    "chua chuyen bien|nhieu lan|chua (?:duoc )?(?:giai quyet|xu ly|khac phuc)|to cao|khieu nai",
    "mat niem tin|phan no|thai do|nhung nhieu|hach sach|sach nhieu|voi vinh|buc boi|kho chiu|buon long",
)
_UNCLEAR = _words(
    "chua ro (?:thong tin|thai do|thuc hu|dung sai|nguon)|thuc hu|chua (?:duoc )?(?:kiem chung|xac minh)",
    "khong biet (?:that|dung|co dung)|tin lan truyen|lan truyen|tin don|nghe noi|nghe don|tung tin",
)
_PROPOSAL = re.compile(r"(?<!da )\b(?:de nghi|kien nghi|de xuat|mong muon)\b")


def _stance(words: str) -> Stance:
    if _is_gathering(words):
        return Stance.DISSATISFIED
    if _is_danger(words):
        return Stance.ALARMED
    if _DIVIDED.search(words):
        return Stance.DIVIDED
    if _SUPPORT.search(words):
        worried = _BUT_CONCERN.search(words)
        return Stance.SUPPORTIVE_WITH_CONCERN if worried else Stance.SUPPORTIVE
    return _first(_OTHER_STANCES, words, Stance.UNCLEAR)


_OTHER_STANCES: tuple[tuple[Stance, re.Pattern[str]], ...] = (
    (Stance.UNCLEAR, _UNCLEAR),
    (Stance.DISSATISFIED, _DISSATISFIED),
    (Stance.CONCERNED, _CONCERN),
    (Stance.PROPOSAL, _PROPOSAL),
)

_BREADTHS: tuple[tuple[Breadth, re.Pattern[str]], ...] = (
    (Breadth.DIVIDED, _words("trai chieu|nhieu luong|luong y kien|y kien khac nhau|hai luong")),
    (Breadth.MAJORITY, _words("da so|hau het|phan lon|tuyet dai|toan the|dai bo phan")),
    (Breadth.GROUP, _words(r"mot bo phan|\d+ (?:nguoi|cong nhan|tieu thuong)")),
    (Breadth.SOME, _words("mot so|mot vai|vai (?:y kien|nguoi|ho|noi)|co y kien|co nguoi|so it")),
    (
        Breadth.MANY,
        _words(
            "nhieu (?:y kien|ho|nha|nguoi|nguoi dan|noi|ba con|gia dinh|dang vien|phu huynh|cu tri)"
        ),
    ),
    (
        Breadth.LOCAL,
        _words(
            r"gan khu dan cu|khu thap|\d+ ho",
            "o (?:dau|cuoi|chan) (?:thon|xom|ban|lang|cho|doi|doc)|ngã ba|nga ba",
        ),
    ),
    (
        Breadth.GROUP,
        re.compile(
            r"^(?:\W|sau \w+|cac|co|mot so)*(?:nong dan|cong nhan|tieu thuong|phu huynh|giao vien"
            r"|hoc sinh|thanh nien|cuu chien binh|nguoi cao tuoi|ho kinh doanh|cong chuc|doanh nghiep)\b",
            re.MULTILINE,
        ),
    ),
    (
        Breadth.MANY,
        _words("ba con|nguoi dan|nhan dan|cu tri|du luan|dân|can bo, dang vien|dan hoi"),
    ),
)


def _first(rules: tuple[tuple[_T, re.Pattern[str]], ...], words: str, otherwise: _T) -> _T:
    return next((value for value, pattern in rules if pattern.search(words)), otherwise)


# A place as the note names it: a hamlet, a road, a gate; never a house.
_PLACE = re.compile(
    r"\b(?:đường (?:liên (?:thôn|xã)|vào thôn|làng)|duong (?:lien (?:thon|xa)|vao thon|lang)"
    r"|khu thấp|khu thap|cổng (?:công trình|trụ sở|chợ|trường)|cong (?:cong trinh|tru so|cho|truong)"
    r"|(?:thôn|xóm|ấp|buôn|tổ dân phố|khu phố|thon|xom|to dan pho|khu pho)"
    r"(?: (?:[0-9]{1,2}|(?-i:[A-ZĐÀ-Ý]\w{0,12}(?: [A-ZĐÀ-Ý]\w{0,12}){0,2})))?)\b",
    re.IGNORECASE,
)


def _place(text: str) -> str | None:
    found = _PLACE.search(text)
    return found[0] if found else None
