"""How fast what people type is read: `domain.reading.read` over the phrases of the tests."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from bench.folders import PROJECT
from domain.reading import read

PHRASES = PROJECT / "tests" / "data" / "tally_phrases" / "own.json"


@dataclass(frozen=True, slots=True)
class Read:
    """How many phrases there were, readings a second, and the 99th percentile of one reading."""

    phrases: int
    per_second: float
    p99_ms: float


def measure(rounds: int) -> Read:
    """Read all phrases so many times, after one round to warm up."""
    phrases = json.loads(PHRASES.read_text(encoding="utf-8"))
    said = [(p["text"], datetime.fromisoformat(p["received_at"])) for p in phrases]
    took = [_seconds(*one) for _ in range(rounds + 1) for one in said][len(said) :]
    hundredths = quantiles(took, n=100, method="inclusive")
    return Read(len(said), len(took) / sum(took), hundredths[98] * 1000)


def _seconds(text: str, received_at: datetime) -> float:
    began = time.perf_counter()
    read(text, received_at)
    return time.perf_counter() - began
