"""The same report in any surface form is read alike; nothing is ever invented."""

import itertools
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vietnam_number import n2w

from domain.reading import Action, Reading, read, to_phrase
from domain.text import fold

AT = datetime.fromisoformat("2026-07-14T20:10:00+07:00")
TODAY = date(2026, 7, 14)
PHRASES = Path(__file__).parents[1] / "data" / "tally_phrases"
SHARED = json.loads((PHRASES / "shared.json").read_text(encoding="utf-8"))["valid"]
OWN = [
    phrase
    for name in ("own", "fresh")
    for phrase in json.loads((PHRASES / f"{name}.json").read_text(encoding="utf-8"))
]
WORDS = {"topic", "unit_text", "location_text"}


# --- metamorphic ------------------------------------------------------------------


def strip_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return plain.replace("đ", "d").replace("Đ", "D")


CHANGES: dict[str, Callable[[str], str]] = {
    "without tone marks": strip_marks,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "plain capitals": lambda text: strip_marks(text).upper(),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "widely spaced": lambda text: "  " + text.replace(" ", "   ") + "  ",
    "with fixed spaces": lambda text: text.replace(" ", "\u00a0"),
    "with invisible marks": lambda text: text.replace(" ", " \u200b"),
    "in the other tone style": lambda text: text.replace("óa", "oá").replace("ủy", "uỷ"),
}


def figures(reading: Reading) -> object:
    phrase = to_phrase(reading)
    entries = [
        {name: value for name, value in entry.items() if name not in WORDS}
        for entry in phrase["readings"]
        if isinstance(entry, dict)
    ]
    return phrase["intent"], entries, sorted(map(str, phrase["defaults_applied"]))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_spelling_does_not_change_what_was_counted(change: Callable[[str], str]) -> None:
    for phrase in [*SHARED, *OWN]:
        at = datetime.fromisoformat(phrase["received_at"])
        changed = read(change(phrase["text"]), at)
        same = figures(changed) == figures(read(phrase["text"], at))
        assert same or changed.action is Action.ASK, phrase["text"]


def orders(phrase: dict[str, Any]) -> list[str]:
    """The parts between commas in other orders, where no heading governs what follows it."""
    parts = re.split(r", (?=\S)", phrase["text"])
    one = phrase["intent"] == "report" and len(phrase["readings"]) == 1
    governed = ":" in phrase["text"] or any("dates" in r and r["dates"] for r in phrase["readings"])
    if not one or governed or not 3 <= len(parts) <= 4:
        return []
    return [", ".join(order) for order in itertools.permutations(parts)]


def test_word_order_does_not_change_what_was_counted() -> None:
    shuffled = [(phrase, text) for phrase in [*SHARED, *OWN] for text in orders(phrase)]
    assert len(shuffled) > 500
    for phrase, text in shuffled:
        at = datetime.fromisoformat(phrase["received_at"])
        changed = read(text, at)
        same = figures(changed) == figures(read(phrase["text"], at))
        assert same or changed.action is Action.ASK, text


# --- rendered tallies ---------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    day: date
    sessions: int
    party_members: int
    public: int


known = st.builds(
    Known,
    st.integers(0, 40).map(lambda back: TODAY - timedelta(days=back)),
    st.integers(1, 12),
    st.integers(0, 400),
    st.integers(0, 4000),
)


def number(value: int, form: str) -> str:
    if form == "dotted":
        return f"{value:,}".replace(",", ".")
    if form == "spoken":
        # That package writes "lẽ" for "lẻ".
        return str(n2w(str(value))).replace("lẽ", "lẻ")
    return f"{value:02}" if form == "padded" else str(value)


def days(day: date) -> list[str]:
    named = {0: ["hôm nay", "hnay"], 1: ["hôm qua", "hqua"], 2: ["hôm kia"]}
    d, m = day.day, day.month
    return [
        *named.get((TODAY - day).days, []),
        f"{d}/{m}",
        f"ngày {d}/{m}",
        f"{d:02}/{m:02}/2026",
        f"{d}.{m}.2026",
        f"ngày {d} tháng {m}",
        f"{d}-{m}-2026",
        f"{d}/{m}/26",
    ]


LABELS_AFTER = [("b", "đv", "qc"), ("buổi", "đảng viên", "quần chúng"), ("cuộc", "ĐV", "bà con"),
                ("buổi", "lượt đảng viên", "lượt quần chúng"), ("hội nghị", "dv", "nd")]  # fmt: skip
LABELS_BEFORE = [
    ("số buổi", "đảng viên", "quần chúng"),
    ("Buổi", "ĐV", "QC"),
    ("số cuộc", "đv", "nd"),
]


@st.composite
def rendered(draw: st.DrawFn) -> tuple[Known, str]:
    tally = draw(known)
    values = (tally.sessions, tally.party_members, tally.public)
    form = draw(st.sampled_from(["plain", "dotted", "padded", "spoken"]))
    # A number in words stands before what it counts.
    if form == "spoken" or draw(st.booleans()):
        labels = draw(st.sampled_from(LABELS_AFTER))
        glue = "" if labels[0] == "b" and form != "spoken" and draw(st.booleans()) else " "
        parts = [f"{number(v, form)}{glue}{label}" for v, label in zip(values, labels, strict=True)]
    else:
        labels = draw(st.sampled_from(LABELS_BEFORE))
        colon = draw(st.sampled_from([": ", ":", " "]))
        parts = [
            f"{label}{colon}{number(v, form)}" for v, label in zip(values, labels, strict=True)
        ]
    separator = draw(st.sampled_from([", ", "; ", "\n", " - ", " / "]))
    parts = list(draw(st.permutations(parts)))
    day = draw(st.sampled_from(days(tally.day)))
    parts.insert(draw(st.sampled_from([0, len(parts)])), day)
    text = separator.join(parts)
    start = draw(st.sampled_from(["", "BC: ", "em báo cáo ", "Dạ, "]))
    change = draw(st.sampled_from([str.lower, str.upper, strip_marks]))
    return tally, change(start + text)


@settings(max_examples=400, deadline=None)
@given(rendered())
def test_a_rendered_tally_is_read_back(case: tuple[Known, str]) -> None:
    tally, text = case
    reading = read(text, AT)
    assert reading.action in (Action.ACCEPT, Action.CONFIRM), text
    (entry,) = reading.entries
    stated = entry.figures
    assert (stated.date_from, stated.date_to) == (tally.day, tally.day)
    assert (stated.sessions, stated.party_members, stated.public) == (
        tally.sessions,
        tally.party_members,
        tally.public,
    )
    assert entry.defaults == ()


# --- nothing raises, nothing is invented -----------------------------------------------


PIECES = [
    "45", "60", "3", "1.250", "1k2", "đv", "qc", "b", "buổi", "đảng viên", "quần chúng", "lượt", "người",
    "hôm qua", "12/7", "T7", "từ", "đến", "(", ")", ",", ";", ":", "\n", "/", "-", "+", "sửa", "thành",
    "không phải", "trong đó", "toàn", "tổng", "thôn", "NQ", "khoảng", "19/19", "15/40", "(đv/qc)", "tin bài",
    "0", "cbđv", "mỗi buổi", "xóa báo cáo", "không phát sinh", "học viên", "lớp", "nội dung", "tại", "100%",
]  # fmt: skip
messages = st.lists(st.sampled_from(PIECES), max_size=16).map(" ".join)


def written_numbers(text: str) -> set[int]:
    key = fold(text)
    numbers = {int(piece.replace(".", "")) for piece in re.findall(r"\d[\d.]*\d|\d", key)}
    return (
        numbers
        | {int(piece) for piece in re.findall(r"\d+", key)}
        | ({1200} if "1k2" in key else set())
    )


def explained(value: int, numbers: list[int]) -> bool:
    """A number of the text, a stated default, or the sum or difference of such numbers."""
    reachable = {0}
    for one in numbers:
        reachable |= {value for value in (r + one for r in reachable) if value < 100_000}
    rest = (
        {abs(a - b) for a, b in itertools.product(reachable, repeat=2)}
        if len(reachable) < 300
        else set()
    )
    return value in reachable or value in rest or value in (0, 1)


@settings(max_examples=400, deadline=None)
@given(messages)
def test_no_number_is_invented(text: str) -> None:
    pieces = [n for piece in re.findall(r"[\d./k]+", text) for n in written_numbers(piece)]
    for entry in read(text, AT).entries:
        stated = entry.figures
        for value in (stated.sessions, stated.party_members, stated.public, stated.audience_total,
                      stated.learners, stated.items):  # fmt: skip
            if value is not None and len(pieces) <= 8:
                assert explained(value, pieces), (text, value)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), messages))
def test_any_text_can_be_read_at_any_time(text: str) -> None:
    for at in (AT, datetime.fromisoformat("2028-02-29T23:59:59-11:00")):
        reading = read(text, at)
        assert (reading.question is not None) == (reading.action is Action.ASK)
        for entry in reading.entries:
            assert entry.figures.date_from <= entry.figures.date_to
            for start, end in entry.spans.values():
                assert 0 <= start < end <= len(text)


LONG = [
    "1b 45dv 60qc, ",
    "a",
    "1/",
    " ",
    "ngày 1/7 ",
    "tại thôn ",
    "nội dung ",
    "(",
    "năm mươi ",
    "\u0301",
    "về ",
    "1 ",
    "1",
    "1.",
    "buổi ",
    "tháng 7 ",
    "T7 ",
    "từ 1/7 đến ",
    "mỗi buổi ",
    "(đv/qc) 1/2 ",
    "chi bộ ",
    "sửa 45 thành 54 ",
    "quán triệt nghị quyết, ",
    "không có ",
    "\n",
]


def test_a_message_too_long_to_be_read_is_never_read_by_half() -> None:
    line = "thôn Nà Pán: 1 buổi, 12 đảng viên, 30 quần chúng\n"
    whole, too_long = read(line * 20, AT), read(line * 60, AT)
    assert whole.entries[0].figures.public == 600
    assert (too_long.action, too_long.entries) == (Action.NOT_A_REPORT, ())


def test_a_report_with_a_long_story_behind_it_is_read() -> None:
    story = "bà con phấn khởi và ủng hộ chủ trương của Đảng. " * 60
    (entry,) = read(f"hôm qua 1 buổi 12 đảng viên 30 quần chúng\n{story}", AT).entries
    assert (entry.figures.party_members, entry.figures.public) == (12, 30)


@pytest.mark.parametrize("piece", LONG)
def test_a_long_message_takes_no_longer_than_a_page(piece: str) -> None:
    """The bound is loose because machines differ; a quadratic rule would take seconds."""
    text = piece * (10_000 // len(piece))
    read(text, AT)
    began = process_time()
    read(text, AT)
    assert process_time() - began < 0.1


def phrase_texts() -> list[Any]:
    return [phrase["text"] for phrase in [*SHARED, *OWN]]


def test_a_usual_message_is_read_within_five_milliseconds() -> None:
    texts = phrase_texts()
    began = process_time()
    for text in texts:
        read(text, AT)
    assert (process_time() - began) / len(texts) < 0.005
