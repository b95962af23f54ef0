"""The words of the field, folded (no tone marks), as reporters type and abbreviate them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from string import ascii_lowercase

from domain.tally import TallyKind


class Label(StrEnum):
    """What a number counts."""

    SESSIONS = "sessions"
    PARTY = "party_members"
    PUBLIC = "public"
    TOTAL = "audience_total"
    LEARNERS = "learners"
    MIXED = "mixed"
    POSTS = "posts"
    BROADCASTS = "broadcasts"
    DISPLAYS = "displays"
    OPINIONS = "opinions"
    MATERIALS = "materials"
    IGNORED = "ignored"

    # Looked up for every number; Enum's own hash would be a call of Python code.
    __hash__ = str.__hash__


PEOPLE = frozenset({Label.PARTY, Label.PUBLIC, Label.TOTAL, Label.MIXED, Label.LEARNERS})
ITEM_KINDS = {
    Label.POSTS: TallyKind.ONLINE_POST,
    Label.BROADCASTS: TallyKind.BROADCAST,
    Label.DISPLAYS: TallyKind.VISUAL_DISPLAY,
    Label.OPINIONS: TallyKind.OPINION_REPORT,
    Label.MATERIALS: TallyKind.MATERIAL,
}

# Commas stand as tokens of their own: "can bo , dang vien". Longest phrase wins.
_PHRASES = {
    Label.SESSIONS: """
        buoi | cuoc | hoi nghi | b | c | hn | buoi / cuoc | cuoc / buoi | so buoi | so cuoc
        | so hoi nghi | lop | so lop | buoi tt | buoi ttm | bui | buoj | buoii | buooi | buoir | buoi hop | cuoc hop
        | hoi thi | cuoc thi | so buoi / cuoc | buoi tuyen truyen | buoi tuyen truyen mieng
        | cuoc tuyen truyen | cuoc tuyen truyen mieng | tong so buoi | tong so cuoc | cuoc noi chuyen
        | buoi noi chuyen | buoi sinh hoat | buoi doi thoai | cuoc doi thoai""",
    Label.PARTY: """
        dang vien | dv | dvien | dangvien | dang v | dg vien | d . v | d / v | so dang vien | so dv
        | tong so dang vien | dang vien chinh thuc | dang vien du bi | dag vien | dang vieen | ddang vien | ddang vieen | dang viec | dang vien cua chi bo""",
    Label.PUBLIC: """
        quan chung | qc | qchung | quan chungs | quaan chung | quanchung | q chung | quan chung nhan dan | so quan chung | so qc
        | nhan dan | nd | nguoi dan | dan | ba con | ba con nhan dan | ba con dan toc | dong bao dan toc | ba con thon | ba con trong thon | ba con nong dan | dong bao
        | hoi vien | doan vien | dvtn | doan vien thanh nien | thanh nien | hoc sinh | hs | sinh vien
        | sv | hssv | giao vien | gv | cnvc | cnvcld | nld | nguoi lao dong | cong nhan | vien chuc
        | phu huynh | nong dan | phu nu | ngoai dang | nguoi ngoai dang | ccb | cuu chien binh
        | hoi vien phu nu | hoi vien nong dan | hoi vien ccb | hoi vien cuu chien binh
        | nguoi cao tuoi | nhan vien | cong dan | bo doi | hoi vien nguoi cao tuoi | dan quan | quan nhan | chien si | q . c | q / c | quan trung | tieu thuong | xa vien | dtn
        | doan vien , thanh nien | can bo giao vien | quan chung uu tu""",
    Label.TOTAL: """
        luot | luot nguoi | luot nghe | luot nguoi nghe | nguoi | nguoi nghe | nguoi du | ng
        | nguoi tham du | nguoi tham gia | nguoi den du | dai bieu | luot nguoi tham du | tong so
        | tong cong | tong | so nguoi | so luot | so luot nguoi | so nguoi nghe | so luot nghe
        | so luot nguoi nghe | tong so nguoi | tong so luot | tong luot | dong chi | d/c | thi sinh
        | tong so luot nguoi nghe | tong luot nguoi nghe | luot du | luot nguoi du | luot tham du
        | nguoi tham du hoc tap | bcv | bao cao vien | luot dai bieu | ca thay | khan gia
        | so nguoi du | so nguoi tham du | so nguoi tham gia | luot nguoi tham gia | nguoi nghe du | hoi dap vien | tuyen truyen vien
        | ttv | ng nghe | luot ng | luot ng nghe | ng du | ng tham du | thanh phan""",
    Label.LEARNERS: "hv | hoc vien | so hoc vien | luot hoc vien | tong so hoc vien",
    Label.MIXED: """
        can bo | cb | cbcc | cbccvc | can bo cong chuc | cong chuc | can bo , cong chuc | can bo chien si
        | can bo , cong chuc , vien chuc | cbcs | cbnv | cbgv | cbdv | cb dv | cb , dv | cb - dv | can bo dang vien | can bo , dang vien | can bo - dang vien
        | can bo va dang vien | dang vien , quan chung | dang vien va quan chung
        | can bo , dang vien , quan chung | can bo dang vien va nhan dan | cb dang vien
        | can bo , dang vien va nhan dan | can bo , dang vien va quan chung | dang vien , nhan dan
        | can bo , dang vien , nhan dan | can bo , cong chuc , dang vien | dang vien va nhan dan
        | dv , qc | dv va qc | dv + qc | ca dv va qc | ca dv lan qc | ca dang vien va quan chung
        | ca dang vien lan quan chung | can bo , cong chuc , vien chuc , dang vien""",
    Label.POSTS: """
        tin bai | tin , bai | tin | bai | bai viet | bai dang | tin va bai | post | clip | video
        | video clip | phong su | infographic | so tin bai | so tin , bai | tin / bai | luot tin bai
        | tin , bai , anh | tin bai anh | so bai | so tin | bai tuyen truyen""",
    Label.BROADCASTS: """
        luot phat | luot phat thanh | luot phat loa | luot loa | luot truyen thanh | luot tin loa
        | buoi phat thanh | chuong trinh phat thanh | luot phat song | lan phat thanh | lan phat
        | luot phat thanh tren loa | luot loa truyen thanh | so luot phat | gio phat thanh""",
    Label.DISPLAYS: """
        pano | pa no | khau hieu | bang ron | bang zon | ap phich | banner | bang zon khau hieu
        | khau hieu bang ron | tam pano | tam ap phich | luot pano | cai pano | cum pano | bo pano | tam bang ron | tam bang ron | bang ron khau hieu
        | bang ron , khau hieu | pano , ap phich | pano , khau hieu | cau khau hieu | bien pano
        | cai bang ron | cai khau hieu""",
    Label.OPINIONS: """
        bao cao du luan | bao cao du luan xa hoi | bao cao dlxh | bc dlxh | bc du luan
        | bc du luan xa hoi | bao cao ve du luan xa hoi""",
    Label.MATERIALS: """
        bo tai lieu | tai lieu | de cuong | ban tin | so ban tin | cuon | cuon tai lieu | to roi
        | to gap | cuon ban tin | bo de cuong | so thong bao noi bo | ban tin noi bo | cuon so tay
        | cuon sach | so ban tin noi bo | ban tai lieu | to roi to gap""",
    Label.IGNORED: """
        luot chia se | chia se | luot tuong tac | tuong tac | luot thich | like | likes | luot like
        | binh luan | luot binh luan | luot xem | view | views | luot view | luot tiep can | comment
        | luot truy cap | share | luot share | luot theo doi | luot doc | bai du thi | diem cau | diem
        | giai | ho | ho dan | luot y kien | y kien | tiet muc | cau hoi | don vi | chi bo
        | luot comment | luot nguoi xem | luot nguoi tiep can | nguoi tiep can | nguoi theo doi
        | nguoi xem""",
}
PHRASES = {
    " ".join(phrase.split()): label
    for label, text in _PHRASES.items()
    for phrase in text.split("|")
}


def _misspelt(phrase: str) -> set[str]:
    """All that one slip makes of a phrase: a letter too many, too few, wrong, or out of place."""
    cuts = [(phrase[:i], phrase[i:]) for i in range(len(phrase) + 1)]
    fewer = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    wrong = {head + letter + tail[1:] for head, tail in cuts for letter in ascii_lowercase}
    more = {head + letter + tail for head, tail in cuts for letter in ascii_lowercase}
    return {" ".join(slip.split()) for slip in fewer | swapped | wrong | more}


# Only long phrases, and only beside a number: a slip in a short word makes another word.
_SLIPS = {
    slip: label
    for phrase, label in (("dang vien", Label.PARTY), ("quan chung", Label.PUBLIC))
    for slip in _misspelt(phrase) - PHRASES.keys()
}
PHRASES.update(_SLIPS)


def _lengths(phrases: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for words in map(str.split, phrases):
        found.setdefault(words[0], set()).add(len(words))
    return {first: sorted(lengths, reverse=True) for first, lengths in found.items()}


# How many words the phrases have that begin with a word, the longest first.
PHRASE_LENGTHS = _lengths(PHRASES)

# These mean something only right beside a number: b is a bản, tin is trust, dan is also "dẫn".
ONLY_AFTER_NUMBER = frozenset(
    [
        *_SLIPS,
        "b",
        "c",
        "hn",
        "ng",
        "dan",
        "tin",
        "bai",
        "nd",
        "post",
        "clip",
        "video",
        "cb",
        "can bo",
        "hs",
        "gv",
        "sv",
        "lop",
        "cuon",
        "diem",
        "giai",
        "ho",
        "like",
        "share",
        "view",
        "tai lieu",
        "de cuong",
        "ban tin",
        "don vi",
        "chi bo",
        "y kien",
        "chia se",
        "tuong tac",
        "nguoi",
        "dan quan",
    ]
)
# Nouns that stand before the noun which decides: "lượt đảng viên", "người là quần chúng".
UNION_NOUNS = {
    "doan vien": "đoàn viên",
    "dvtn": "đoàn viên",
    "doan vien thanh nien": "đoàn viên",
    "doan vien , thanh nien": "đoàn viên",
    "hoi vien": "hội viên",
}
GAP_WORDS = frozenset(
    [
        "la",
        "co",
        "gom",
        "du",
        "tham",
        "gia",
        "dong",
        "chi",
        "d/c",
        "so",
        "luot",
        "nguoi",
        "duoc",
        "voi",
        "cho",
        "da",
        "den",
        "gan",
        "hon",
        "tren",
        "khoang",
        "chung",
        "tam",
        "co",
        "uoc",
        "nghe",
        "luong",
        "thu",
        "hut",
        "ve",
        "tong",
        "cong",
        "o",
        "toi",
        "den",
        "khoang",
        "tu",
        "di",
        "len",
        "tat",
        "ca",
    ]
)
APPROXIMATE = {
    "khoang": "about",
    "chung": "about",
    "tam": "about",
    "xap xi": "about",
    "uoc": "about",
    "~": "about",
    "tren duoi": "about",
    "hon": "over",
    "tren": "over",
    "gan": "under",
}
# A number after one of these belongs to a name; the score says how surely.
NAMING = {
    **dict.fromkeys(
        [
            "to",
            "thon",
            "ban",
            "xom",
            "khu",
            "khoi",
            "doi",
            "cum",
            "ap",
            "buon",
            "lang",
            "phuong",
            "quan",
            "xa",
            "tdp",
            "pho",
            "kp",
            "tk",
            "tram",
            "bo",
            "cb",
            "chi-bo",
            "phong",
            "duong",
            "dot",
            "ky",
            "hang",
            "muc",
            "diem",
            "nvh",
            "ttdp",
        ],
        4.0,
    ),
    **dict.fromkeys(
        [
            "nq",
            "quyet",
            "ct",
            "thi",
            "kl",
            "luan",
            "qd",
            "dinh",
            "hoach",
            "kh",
            "vb",
            "cv",
            "hd",
            "dieu",
            "luat",
            "an",
            "trinh",
            "lan",
            "thu",
            "khoa",
            "nghi",
            "so",
            "giai-doan",
            "doan",
            "chuong",
            "nhiem",
        ],
        9.5,
    ),
}
