"""What figures mean, and which can never be stored."""

from dataclasses import replace
from datetime import date

import pytest

from domain.tally import (
    HEADLINE_KINDS,
    MEASURES,
    Figures,
    Precision,
    Problem,
    TallyKind,
    problems,
)

TODAY = date(2026, 7, 14)
FIGURES = Figures(
    kind=TallyKind.ORAL_SESSION,
    date_from=TODAY,
    date_to=TODAY,
    precision=Precision.DAY,
    sessions=2,
    party_members=45,
    public=60,
)


def test_attendance_is_the_stated_total_or_both_parts() -> None:
    assert FIGURES.attendance == 105
    assert replace(FIGURES, party_members=None, public=None, audience_total=100).attendance == 100


def test_one_part_alone_is_not_the_attendance() -> None:
    assert replace(FIGURES, public=None).attendance is None


def test_a_total_without_split_stays_unsplit() -> None:
    total = replace(FIGURES, party_members=None, public=None, audience_total=100)
    assert total.unsplit == 100
    assert replace(total, party_members=30).unsplit == 70
    assert FIGURES.unsplit == 0


def test_plausible_figures_have_no_problem() -> None:
    assert problems(FIGURES, TODAY) == []


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        (replace(FIGURES, date_to=date(2026, 7, 15)), Problem.FUTURE_DATE),
        (replace(FIGURES, public=-1), Problem.NEGATIVE),
        (replace(FIGURES, audience_total=100), Problem.TOTAL_MISMATCH),
        (replace(FIGURES, audience_total=40, public=None), Problem.TOTAL_MISMATCH),
        (replace(FIGURES, sessions=None, party_members=None, public=None), Problem.NOTHING_COUNTED),
        (replace(FIGURES, public=1_000_001), Problem.TOO_LARGE),
        (replace(FIGURES, topic="x" * 301), Problem.TOO_LONG),
    ],
)
def test_what_can_never_be_stored_is_named(figures: Figures, problem: Problem) -> None:
    assert problems(figures, TODAY) == [problem]


def test_the_running_month_may_be_reported_before_it_ends() -> None:
    month = replace(
        FIGURES,
        date_from=date(2026, 7, 1),
        date_to=date(2026, 7, 31),
        precision=Precision.MONTH,
    )
    assert problems(month, TODAY) == []
    assert problems(month, date(2026, 6, 30)) == [Problem.FUTURE_DATE]


def test_every_kind_has_measures_that_figures_can_hold() -> None:
    assert set(MEASURES) == set(TallyKind)
    for measures in MEASURES.values():
        assert all(hasattr(FIGURES, measure) for measure in measures)
    assert set(HEADLINE_KINDS) < set(TallyKind)
