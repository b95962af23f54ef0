"""Usual topics and names in their official spelling; everything else keeps the writer's words."""

from __future__ import annotations

import re

from domain.text import fold

_USUAL = """
BHYT toàn dân|BHYT|bảo hiểm y tế toàn dân|bảo hiểm y tế|BHXH tự nguyện|bảo hiểm xã hội tự nguyện|an toàn giao thông
chuyển đổi số|an ninh mạng|biển, đảo|biển, đảo Việt Nam|chủ quyền biển, đảo|phòng, chống lừa đảo trên mạng
phòng, chống lừa đảo qua mạng|phòng, chống lừa đảo trên không gian mạng|phòng, chống ma túy|phòng, chống ma túy học đường
phòng, chống thiên tai|phòng, chống cháy rừng|phòng, chống dịch bệnh|phòng, chống bạo lực gia đình|phòng, chống tham nhũng
phòng cháy, chữa cháy|phòng cháy, chữa cháy rừng|phòng, chống cháy nổ|phòng, chống đuối nước|phòng, chống tội phạm
phòng, chống tảo hôn|phòng, chống mua bán người|phòng, chống sốt xuất huyết|học tập và làm theo Bác
học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh|kết quả kỳ họp Quốc hội|bầu cử|bầu cử đại biểu Quốc hội
xây dựng nông thôn mới|nông thôn mới|vệ sinh môi trường|bảo vệ môi trường|bảo vệ rừng|cải cách hành chính
chính quyền địa phương 2 cấp|chính quyền địa phương hai cấp|an toàn thực phẩm|vệ sinh an toàn thực phẩm
an ninh trật tự|dân số|bình đẳng giới|giảm nghèo|giảm nghèo bền vững|xóa nhà tạm|tín dụng chính sách|nghĩa vụ quân sự
Luật Đất đai|Luật Giao thông|định danh điện tử|dịch vụ công trực tuyến|Đề án 06|sáp nhập xã
nghị quyết Trung ương|Nghị quyết đại hội đảng bộ tỉnh|kết quả đại hội đảng bộ tỉnh
đại đoàn kết toàn dân tộc|xây dựng Đảng|xuất khẩu lao động|văn hóa giao thông|kỹ năng số|bình dân học vụ số
"""
_TABLE = {
    re.sub(r"\W+", " ", fold(topic)): topic
    for topic in reversed([t.strip() for t in re.split(r"[|\n]", _USUAL) if t.strip()])
}
_SHORT_FORMS = {
    "nq tw": "nghị quyết Trung ương",
    "atgt": "an toàn giao thông",
    "cds": "chuyển đổi số",
    "antt": "an ninh trật tự",
    "pcct": "phòng cháy, chữa cháy",
    "pccc": "phòng cháy, chữa cháy",
    "pctt": "phòng, chống thiên tai",
    "ntm": "nông thôn mới",
    "xay dung ntm": "xây dựng nông thôn mới",
    "cchc": "cải cách hành chính",
    "bvmt": "bảo vệ môi trường",
    "pccr": "phòng, chống cháy rừng",
    "attp": "an toàn thực phẩm",
    "hoc va lam theo bac": "học tập và làm theo Bác",
    "lam theo bac": "làm theo Bác",
    "bhyt": "BHYT",
    "bhxh": "BHXH",
}
_TABLE.update(_SHORT_FORMS)
_HEADS = {"nq": "Nghị quyết", "ct": "Chỉ thị", "kl": "Kết luận"}
_HEAD = re.compile(r"(?:NQ|Nq|nq|CT|KL)(?=[ \d])")
_PAIRS = (
    (re.compile(r"\b([Pp])hòng chống\b"), r"\1hòng, chống"),
    (re.compile(r"\b([Bb])iển đảo\b"), r"\1iển, đảo"),
)
_NAMES = {
    "chi bo": "chi bộ", "cb": "chi bộ", "dang bo": "đảng bộ", "dang uy": "đảng ủy", "nvh": "nhà văn hóa",
    "nha van hoa": "nhà văn hóa", "tdp": "tổ dân phố", "to dan pho": "tổ dân phố", "to": "tổ", "thon": "thôn",
    "xa": "xã", "phuong": "phường", "truong": "trường", "khu pho": "khu phố", "xom": "xóm", "ban": "bản",
    "hoi truong": "hội trường", "quan su": "quân sự", "cong an": "công an", "khu": "khu", "khoi": "khối",
    "tru so": "trụ sở", "so": "số", "thpt": "THPT", "thcs": "THCS",
}  # fmt: skip
_ABBREVIATIONS = {"cb", "nvh", "tdp", "thcs", "thpt"}
_NAME = re.compile(
    r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)) + r")(?!\w)"
)


_LONGEST = max(len(key.split()) for key in _TABLE)


def is_usual(pieces: list[str]) -> bool:
    """Whether these folded words and signs are a usual topic."""
    if len(pieces) > 2 * _LONGEST:
        return False
    return " ".join(piece for piece in pieces if piece.isalnum()) in _TABLE


def usual_topic(text: str) -> str | None:
    return _TABLE.get(" ".join(re.sub(r"\W+", " ", fold(text)).split()))


def _capitals(text: str) -> int:
    return sum(map(str.isupper, text))


def restore_topic(text: str) -> str:
    """The usual spelling of a usual topic; otherwise only NQ, CT, KL and two commas.

    A writer who types tone marks and commas may use more capitals than usual.
    """
    text = " ".join(text.split())
    usual = usual_topic(text)
    if usual:
        same = text.lower() == usual.lower() and not text.isupper()
        return text if same and _capitals(text) > _capitals(usual) else usual
    head = _HEAD.match(text)
    if head:
        text = f"{_HEADS[head.group().lower()]} {text[head.end() :].lstrip()}"
    for pattern, written in _PAIRS:
        text = pattern.sub(written, text)
    return text


def restore_name(text: str) -> str:
    """Units and places: abbreviations in full, the generic words with their tone marks."""
    text = " ".join(text.split())
    key = fold(text)
    marked = text.lower() != key
    pieces: list[str] = []
    end = 0
    for match in _NAME.finditer(key):
        pieces += [text[end : match.start()], _spelt(text[slice(*match.span())], marked=marked)]
        end = match.end()
    return "".join([*pieces, text[end:]])


def _spelt(piece: str, *, marked: bool) -> str:
    """Words of a text with tone marks stay as typed, but for abbreviations."""
    key = fold(piece)
    shouted = piece.isupper() and fold(_NAMES[key]) == key
    if key not in _ABBREVIATIONS and not shouted and (marked or piece.lower() != key):
        return piece
    named = _NAMES[key]
    typed_as_name = key not in _ABBREVIATIONS and piece[0].isupper() and not piece.isupper()
    return named[0].upper() + named[1:] if typed_as_name else named
