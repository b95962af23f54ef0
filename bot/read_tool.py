"""How a message is read, and from which words: `python -m bot read`, for officers and bug reports."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from pydantic import BaseModel, Field, JsonValue, TypeAdapter

from domain.reading import Action, Choice, Entry, Question, QuestionCode, Reading, read, to_phrase
from wording.format import VIETNAM
from wording.say import label

# The dialogue asks these in steps of its own, and answers the last one with a read-back.
_ASKED_HERE = (
    QuestionCode.MISSING_SESSIONS,
    QuestionCode.MISSING_AUDIENCE,
    QuestionCode.SAME_AS_BEFORE,
)
_DATE_FIELDS = ("date_from", "date_to", "date_precision", "dates")
# What may become of a message of each class of the phrases file; any other class is asked about.
_ACTIONS = {"not_a_report": Action.NOT_A_REPORT, "duplicate": Action.CONFIRM} | {
    "closed_period": Action.CONFIRM
}


class _Phrase(BaseModel):
    id: str
    text: str
    received_at: datetime


class _Valid(_Phrase):
    """A phrase with its one right reading."""

    intent: str
    readings: list[dict[str, JsonValue]]
    expected_action: str
    defaults_applied: list[str]


class _Unclear(_Phrase):
    """A phrase that must not be stored as it is."""

    kind: str = Field(alias="class")


class _Phrases(BaseModel):
    valid: list[_Valid] = []
    ambiguous_or_invalid: list[_Unclear] = []

    @property
    def all(self) -> list[_Phrase]:
        return [*self.valid, *self.ambiguous_or_invalid]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of the phrases' schema, and the words it was read from (none when derived)."""

    name: str
    value: str
    words: str


def read_tool(
    text: str | None, *, at: str | None, now: datetime, file: Path | None, as_json: bool
) -> tuple[str, int]:
    """What the command prints, and its exit code: 2 for a call that cannot be answered.

    `at` is when the message came, in ISO 8601, in Viet Nam where it names no zone; else `now`.
    `file` has the shape of the phrases file, or is a list of its valid phrases.
    """
    try:
        received = now if at is None else _instant(at)
    except ValueError:
        return label("read.bad_time", at=at), 2
    if file is not None:
        return _read_file(file, as_json=as_json)
    if text is None:
        return label("read.no_text"), 2
    reading = read(text, received)
    return (_as_json(text, reading) if as_json else _as_text(text, reading)), 0


def _instant(written: str) -> datetime:
    """Raises ValueError for what is no ISO 8601 time."""
    instant = datetime.fromisoformat(written)
    return instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)


# --- one message ------------------------------------------------------------------


def _as_json(text: str, reading: Reading) -> str:
    found = {
        **to_phrase(reading),
        "question": reading.question and reading.question.code.value,
        "words": [_words(text, entry) for entry in reading.entries],
    }
    return json.dumps(found, ensure_ascii=False, indent=1)


def _as_text(text: str, reading: Reading) -> str:
    phrase = to_phrase(reading)
    entries = [
        [_field(name, value, words) for name, value in fields.items()]
        for fields, words in zip(
            _entries(phrase["readings"]), [_words(text, e) for e in reading.entries], strict=True
        )
    ]
    question = reading.question
    return label(
        "read.reading",
        phrase=phrase,
        entries=entries,
        question=question.code.value if question else "",
        asked=_asked(question) if question else "",
        choices=[_choice(question, choice) for choice in question.choices] if question else [],
    )


_ENTRIES = TypeAdapter(list[dict[str, JsonValue]])


def _entries(readings: object) -> list[dict[str, JsonValue]]:
    return _ENTRIES.validate_python(readings)


def _field(name: str, value: JsonValue, words: Mapping[str, str]) -> _Field:
    """As in the phrases file, where null means "not stated"."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _Field(name, shown, "" if value is None else words.get(name, ""))


def _words(text: str, entry: Entry) -> dict[str, str]:
    """By field of the schema; the learners of a class stand in the total there."""
    found: dict[str, str] = {}
    for name, (start, end) in entry.spans.items():
        fields = _DATE_FIELDS if name == "date" else (name,)
        fields = ("audience_total",) if name == "learners" else fields
        found |= dict.fromkeys(fields, " ".join(text[start:end].split()))
    return found


def _asked(question: Question) -> str:
    if question.code in _ASKED_HERE:
        return label(f"read.ask_{question.code}")
    return label(f"question.{question.code}", q=question.values)


def _choice(question: Question, choice: Choice) -> str:
    if choice.code == "same":
        return label("read.choice_same")
    return label(f"question.choice_{choice.code}", q=question.values, c=choice)


# --- a file of phrases --------------------------------------------------------------


def _read_file(path: Path, *, as_json: bool) -> tuple[str, int]:
    try:
        phrases = _load(path)
    except (OSError, ValueError) as error:
        return label("read.bad_file", path=path, why=str(error).partition("\n")[0]), 2
    return (_readings(phrases) if as_json else _score(phrases)), 0


def _load(path: Path) -> _Phrases:
    """Raises OSError or ValueError when the file cannot be read or has another shape."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return _Phrases.model_validate({"valid": found} if isinstance(found, list) else found)


def _readings(phrases: _Phrases) -> str:
    """All phrases of the file in order, as a JSON list of {id, action, readings, question}."""
    found = []
    for phrase in phrases.all:
        reading = read(phrase.text, phrase.received_at)
        found.append(
            {
                "id": phrase.id,
                "action": reading.action.value,
                "readings": to_phrase(reading)["readings"],
                "question": reading.question and reading.question.code.value,
            }
        )
    return json.dumps(found, ensure_ascii=False, indent=1)


def _score(phrases: _Phrases) -> str:
    compared = {phrase.id: _compare(phrase) for phrase in phrases.valid}
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for fields in compared.values():
        every.update(fields.keys())
        right.update(name for name, same in fields.items() if same)
    unclear = {phrase.id: _handled(phrase) for phrase in phrases.ambiguous_or_invalid}
    wrong = _wrong(compared) + [
        {"id": name, "fields": ["expected_action"]} for name, same in unclear.items() if not same
    ]
    return label(
        "read.score",
        phrases=len(compared),
        exact=sum(all(fields.values()) for fields in compared.values()),
        fields=[{"name": name, "right": right[name], "all": every[name]} for name in every],
        unclear=len(unclear),
        unclear_right=sum(unclear.values()),
        wrong=wrong,
    )


def _wrong(compared: Mapping[str, Mapping[str, bool]]) -> list[dict[str, object]]:
    return [
        {"id": name, "fields": [field for field, same in fields.items() if not same]}
        for name, fields in compared.items()
        if not all(fields.values())
    ]


def _compare(phrase: _Valid) -> dict[str, bool]:
    """Whether each field agrees in all readings of the phrase."""
    found = to_phrase(read(phrase.text, phrase.received_at))
    entries = _entries(found["readings"])
    same = {
        "intent": found["intent"] == phrase.intent,
        "expected_action": found["expected_action"] == phrase.expected_action,
        "defaults_applied": found["defaults_applied"] == phrase.defaults_applied,
        "readings": len(entries) == len(phrase.readings),
    }
    return same | _compare_entries(entries, phrase.readings)


def _compare_entries(
    found: Sequence[Mapping[str, JsonValue]], right: Sequence[Mapping[str, JsonValue]]
) -> dict[str, bool]:
    nothing: Mapping[str, JsonValue] = {}
    pairs = list(zip_longest(found, right, fillvalue=nothing))
    names = dict.fromkeys(name for pair in pairs for entry in pair for name in entry)
    return {
        name: all(_stated(one, name) == _stated(two, name) for one, two in pairs) for name in names
    }


def _stated(entry: Mapping[str, JsonValue], name: str) -> JsonValue:
    """A file may leave out what is null, and "approximate" where it is false."""
    return entry.get(name) or (0 if entry.get(name) == 0 and name != "approximate" else None)


def _handled(phrase: _Unclear) -> bool:
    """Duplicates and closed periods are for the caller to notice: here only not stored at once."""
    return read(phrase.text, phrase.received_at).action is _ACTIONS.get(phrase.kind, Action.ASK)
