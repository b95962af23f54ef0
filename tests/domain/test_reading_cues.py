"""The quick look at a message's words never hides a phrase from the rules."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reading.page import Cue, open_page

PHRASES = Path(__file__).parents[1] / "data" / "tally_phrases"
MODULES = ("drafts", "intents", "kinds", "names", "topic")


def cues_of(value: object) -> list[Cue]:
    if isinstance(value, Cue):
        return [value]
    return [cue for one in value for cue in cues_of(one)] if isinstance(value, tuple) else []


CUES = [
    pytest.param(cue, id=f"{name}-{cue.pattern.pattern[9:40]}")
    for name in MODULES
    for value in vars(import_module(f"domain.reading.{name}")).values()
    for cue in cues_of(value)
]
TEXTS = [
    *json.loads((PHRASES / "talk.json").read_text(encoding="utf-8")),
    *(
        phrase["text"]
        for name in ("own", "fresh")
        for phrase in json.loads((PHRASES / f"{name}.json").read_text(encoding="utf-8"))
    ),
]
PAGES = [open_page(text) for text in TEXTS]
WORDS = sorted({word for text in TEXTS for word in text.split()})


@pytest.mark.parametrize("cue", CUES)
def test_a_rule_that_is_passed_over_would_not_have_matched(cue: Cue) -> None:
    hidden = [p.text for p in PAGES if not cue.may_be_on(p) and cue.pattern.search(p.key)]
    assert not hidden


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_no_order_of_words_is_passed_over(text: str) -> None:
    page = open_page(text)
    for parameters in CUES:
        (cue,) = parameters.values
        assert isinstance(cue, Cue)
        assert cue.may_be_on(page) or not cue.pattern.search(page.key)
