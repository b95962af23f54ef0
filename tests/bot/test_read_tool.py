"""`python -m bot read` shows an officer how a message is read, and from which words."""

import json
from datetime import datetime
from pathlib import Path

from bot.read_tool import read_tool

NOW = datetime.fromisoformat("2026-07-14T20:10:00+07:00")
PHRASES = Path(__file__).parents[1] / "data" / "tally_phrases"


def shown(text: str, at: str | None = None) -> str:
    printed, code = read_tool(text, at=at, now=NOW, file=None, as_json=False)
    assert code == 0
    return printed


def from_file(path: Path, *, as_json: bool = False) -> tuple[str, int]:
    return read_tool(None, at=None, now=NOW, file=path, as_json=as_json)


def test_each_figure_stands_beside_the_words_it_came_from() -> None:
    lines = [line.strip() for line in shown("dạ hôm  qua: 2 buổi, 45 đv, về BHYT").splitlines()]
    assert "Số buổi (sessions): 2  ← “2 buổi”" in lines
    assert "Đảng viên (party_members): 45  ← “45 đv”" in lines
    assert "Từ ngày (date_from): 2026-07-13  ← “hôm qua”" in lines
    assert "Nội dung (topic): BHYT  ← “BHYT”" in lines
    assert "Quần chúng (public): null" in lines
    assert "Các ngày (dates): null" in lines


def test_what_nobody_wrote_is_named_as_a_default() -> None:
    assert "Tự điền (defaults_applied): date=received_date, sessions=1" in shown("45 dv 60 qc")


def test_the_people_of_a_class_stand_in_the_total_as_in_the_phrases() -> None:
    printed = shown("1 lớp bồi dưỡng 72 học viên 10/7")
    assert "Tổng lượt người (audience_total): 72  ← “72 học viên”" in printed


def test_an_unclear_message_shows_its_question_and_choices() -> None:
    printed = shown("T7 2 buổi 40 đv 60 qc")
    assert "Hỏi lại [t7]: “T7” là tháng hay thứ Bảy ạ?" in printed
    assert "• Tháng 7/2026\n  • Thứ Bảy 11/7/2026\n  • Ngày khác" in printed


def test_questions_that_the_dialogue_asks_as_steps_have_words_here() -> None:
    assert "Ghi giống" in shown("như hôm qua ạ")
    assert "Bao nhiêu đảng viên" in shown("hôm qua 3 buổi")
    assert "Mấy buổi" in shown("tháng 6: 30 đv 40 qc")


def test_ordinary_talk_is_shown_as_silence() -> None:
    assert "im lặng [not_a_report]" in shown("hôm nay trời mưa to quá")


def test_a_message_is_read_as_of_the_time_given() -> None:
    assert "2026-01-04" in shown("hôm qua 2b 30dv 40qc", at="2026-01-05T08:00")
    assert "2026-01-04" in shown("hôm qua 2b 30dv 40qc", at="2026-01-04T22:00+00:00")


def test_json_has_the_schema_of_the_phrases_and_the_words() -> None:
    text = "2b 45đv hqua"
    printed, code = read_tool(text, at=None, now=NOW, file=None, as_json=True)
    found = json.loads(printed)
    assert code == 0
    assert (found["intent"], found["expected_action"], found["question"]) == (
        "report",
        "confirm",
        None,
    )
    assert found["readings"][0]["party_members"] == 45
    assert found["words"][0]["party_members"] == "45đv"


def test_a_file_of_phrases_is_scored_by_field() -> None:
    printed, code = from_file(PHRASES / "shared.json")
    assert code == 0
    assert printed.startswith("28 câu có đáp án, đúng mọi trường 28.")
    assert "topic: 27/27" in printed
    assert "10 câu không rõ, xử lý đúng 10." in printed
    assert "Chưa đúng" not in printed


def test_a_wrong_field_is_named(tmp_path: Path) -> None:
    phrases = json.loads((PHRASES / "shared.json").read_text(encoding="utf-8"))
    phrases["valid"][0]["readings"][0]["public"] = 61
    phrases["ambiguous_or_invalid"][0]["class"] = "not_a_report"
    path = tmp_path / "phrases.json"
    path.write_text(json.dumps(phrases), encoding="utf-8")
    printed, code = from_file(path)
    assert code == 0
    assert "đúng mọi trường 27." in printed
    assert "public: 26/27" in printed
    assert "  T01: public\n  A01: expected_action" in printed


def test_a_plain_list_of_phrases_is_a_file_too() -> None:
    printed, _ = from_file(PHRASES / "own.json")
    assert "Chưa đúng" not in printed


def test_a_file_as_json_lists_what_becomes_of_each_phrase() -> None:
    printed, code = from_file(PHRASES / "shared.json", as_json=True)
    found = {one["id"]: one for one in json.loads(printed)}
    assert code == 0
    assert len(found) == 38
    assert set(found["T01"]) == {"id", "action", "readings", "question"}
    assert (found["T01"]["action"], found["T01"]["readings"][0]["public"]) == ("accept", 60)
    assert (found["A02"]["action"], found["A02"]["question"]) == ("ask", "t7")


def test_a_call_that_cannot_be_answered_says_why(tmp_path: Path) -> None:
    shapeless = tmp_path / "shapeless.json"
    shapeless.write_text('{"valid": [{"id": 1}]}', encoding="utf-8")
    for printed, code in (
        read_tool("3b", at="14/7", now=NOW, file=None, as_json=False),
        read_tool(None, at=None, now=NOW, file=None, as_json=False),
        from_file(tmp_path / "missing.json"),
        from_file(shapeless),
    ):
        assert code == 2
        assert printed
