"""Reading what reporters type: one message in, one reading out (the field reference §8)."""

from domain.reading.model import (
    Action,
    Choice,
    DateProblem,
    DateSpan,
    Entry,
    Intent,
    Question,
    QuestionCode,
    Reader,
    Reading,
)
from domain.reading.numbers import read_count
from domain.reading.phrases import to_phrase
from domain.reading.reader import read, read_day

__all__ = [
    "Action",
    "Choice",
    "DateProblem",
    "DateSpan",
    "Entry",
    "Intent",
    "Question",
    "QuestionCode",
    "Reader",
    "Reading",
    "read",
    "read_count",
    "read_day",
    "to_phrase",
]
