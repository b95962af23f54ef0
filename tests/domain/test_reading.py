"""Reporters' messages are read as they were meant, or asked about."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.reading import Action, Intent, QuestionCode, Reader, Reading, read, to_phrase

DATA = Path(__file__).parents[1] / "data"
SHARED = json.loads((DATA / "tally_phrases" / "shared.json").read_text(encoding="utf-8"))
OWN = [
    phrase
    for name in ("own", "fresh")
    for phrase in json.loads((DATA / "tally_phrases" / f"{name}.json").read_text(encoding="utf-8"))
]
EVENING = "2026-07-14T20:10:00+07:00"
Phrase = dict[str, Any]


def reading(text: str, at: str = EVENING) -> Reading:
    return read(text, datetime.fromisoformat(at))


def by_id(phrase: Phrase) -> str:
    return str(phrase["id"])


@pytest.mark.parametrize("phrase", SHARED["valid"], ids=by_id)
def test_a_shared_phrase_reads_exactly(phrase: Phrase) -> None:
    read_back = to_phrase(reading(phrase["text"], phrase["received_at"]))
    assert read_back == {
        name: phrase[name] for name in ("intent", "readings", "expected_action", "defaults_applied")
    }


@pytest.mark.parametrize("phrase", SHARED["ambiguous_or_invalid"], ids=by_id)
def test_an_unclear_phrase_leads_to_its_question(phrase: Phrase) -> None:
    found = reading(phrase["text"], phrase["received_at"])
    question = found.question.code if found.question else None
    assert {"intent": found.intent, "action": found.action, "question": question} == phrase[
        "expected"
    ]


@pytest.mark.parametrize("phrase", OWN, ids=by_id)
def test_a_phrase_of_our_own_reads_exactly(phrase: Phrase) -> None:
    found = reading(phrase["text"], phrase["received_at"])
    read_back = to_phrase(found)
    stated = [
        {name: value for name, value in entry.items() if value is not None and value is not False}
        for entry in read_back["readings"]
        if isinstance(entry, dict)
    ]
    assert stated == phrase["readings"]
    assert read_back["intent"] == phrase["intent"]
    assert read_back["expected_action"] == phrase["expected_action"]
    assert read_back["defaults_applied"] == phrase["defaults_applied"]
    assert (found.question.code if found.question else None) == phrase["question"]


OPINIONS = json.loads((DATA / "tally_phrases" / "talk.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", OPINIONS)
def test_ordinary_talk_is_not_a_report(text: str) -> None:
    found = reading(text)
    assert (found.intent, found.action, found.entries) == (Intent.OTHER, Action.NOT_A_REPORT, ())


def test_the_answer_to_t7_fills_the_same_draft() -> None:
    question = reading("T7 2 buổi 40 đv 60 qc").question
    assert question is not None
    month, weekday, other = question.choices
    assert (month.code, str(month.change["date_to"])) == ("month", "2026-07-31")
    assert (weekday.code, str(weekday.change["date_from"])) == ("weekday", "2026-07-11")
    assert (other.code, other.change) == ("other_date", {})


def test_a_question_quotes_the_writer() -> None:
    question = reading("Bữa trước 1 buổi 30 đv 40 qc").question
    assert question is not None
    assert question.values["written"] == "Bữa trước"


def test_a_total_that_does_not_add_up_offers_each_number_that_may_be_wrong() -> None:
    question = reading("3 buổi 150 lượt (ĐV 60, QC 80), hôm nay").question
    assert question is not None
    assert [dict(choice.change) for choice in question.choices[:3]] == [
        {"audience_total": 140},
        {"party_members": 70},
        {"public": 90},
    ]


def test_a_future_day_may_be_a_plan_a_slip_or_today() -> None:
    question = reading("20/7 1 buổi 30 đv 50 qc").question
    assert question is not None
    days = [str(choice.change.get("date_from", "")) for choice in question.choices]
    assert [choice.code for choice in question.choices] == ["plan", "date", "today"]
    assert days == ["", "2026-07-10", "2026-07-14"]


def test_a_correction_without_a_label_asks_which_number_is_meant() -> None:
    question = reading("sửa 45 thành 54").question
    assert question is not None
    assert question.code is QuestionCode.WHICH_FIELD
    assert dict(question.values) == {"old": 45, "new": 54}
    assert [dict(choice.change) for choice in question.choices] == [
        {"sessions": 54},
        {"party_members": 54},
        {"public": 54},
    ]


def test_a_moved_date_remembers_the_old_one() -> None:
    (entry,) = reading("sửa ngày 12/7 thành 13/7").entries
    assert entry.moved_from is not None
    assert (str(entry.moved_from.date_from), str(entry.figures.date_from)) == (
        "2026-07-12",
        "2026-07-13",
    )


def test_each_figure_points_at_its_words() -> None:
    text = "dạ  hôm qua: 2 buổi, 45 đv"
    (entry,) = reading(text).entries
    words = {name: text[start:end] for name, (start, end) in entry.spans.items()}
    assert words == {"date": "hôm qua", "sessions": "2 buổi", "party_members": "45 đv"}


def test_the_name_of_the_sender_s_unit_is_recognised() -> None:
    person = Reader(unit_names=("Nà Pán",))
    found = read("na pan 1b 20dv 30qc hom qua", datetime.fromisoformat(EVENING), person=person)
    assert found.entries[0].figures.unit_text == "Nà Pán"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        reading("3b 45dv 60qc", at="2026-07-14T20:10:00")
