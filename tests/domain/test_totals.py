"""Adding up: exact in any order, and what nobody stated never becomes a zero."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tally import Approximation, Figures, Precision, TallyKind
from domain.totals import Totals, of_figures, total

DAY = date(2026, 7, 16)
MEASURES = ("sessions", "party_members", "public", "learners", "items")

NUMBER = st.none() | st.integers(0, 1000)
FIGURES = st.builds(
    Figures,
    kind=st.sampled_from(TallyKind),
    date_from=st.just(DAY),
    date_to=st.just(DAY),
    precision=st.just(Precision.DAY),
    sessions=NUMBER,
    party_members=NUMBER,
    public=NUMBER,
    audience_total=NUMBER,
    learners=NUMBER,
    items=NUMBER,
    approximation=st.none() | st.sampled_from(Approximation),
)
ENTRIES = st.lists(FIGURES, max_size=8)


def figures(
    *,
    sessions: int | None = None,
    party_members: int | None = None,
    public: int | None = None,
    audience_total: int | None = None,
    approximation: Approximation | None = None,
) -> Figures:
    return Figures(
        TallyKind.ORAL_SESSION,
        DAY,
        DAY,
        Precision.DAY,
        sessions=sessions,
        party_members=party_members,
        public=public,
        audience_total=audience_total,
        approximation=approximation,
    )


@given(ENTRIES, st.integers(0, 8))
def test_the_order_and_the_grouping_of_entries_do_not_matter(
    entries: list[Figures], at: int
) -> None:
    parts = [of_figures(entry) for entry in entries]
    assert total(parts[:at]) + total(parts[at:]) == total(parts)
    assert total(parts[::-1]) == total(parts)


@given(ENTRIES, FIGURES)
def test_an_entry_taken_out_leaves_the_totals_as_if_it_had_never_come(
    entries: list[Figures], extra: Figures
) -> None:
    others = total([of_figures(entry) for entry in entries])
    assert others + of_figures(extra) + -of_figures(extra) == others


@given(ENTRIES)
def test_every_sum_is_that_of_the_stated_numbers(entries: list[Figures]) -> None:
    summed = total([of_figures(entry) for entry in entries])
    assert summed.entries == len(entries)
    for measure in MEASURES:
        stated = [n for entry in entries if (n := getattr(entry, measure)) is not None]
        assert summed.known(measure) == (sum(stated) if stated else None)


@given(ENTRIES)
def test_attendance_is_split_or_unsplit_and_nobody_counts_twice(entries: list[Figures]) -> None:
    summed = total([of_figures(entry) for entry in entries])
    consistent = [
        entry
        for entry in entries
        if entry.audience_total is None
        or (entry.party_members or 0) + (entry.public or 0) <= entry.audience_total
    ]
    if len(consistent) == len(entries) and all(entry.attendance is not None for entry in entries):
        everybody = sum(entry.attendance or 0 for entry in entries)
        assert (summed.attendance or 0) == everybody


def test_nothing_stated_is_unknown_and_a_stated_zero_is_zero() -> None:
    unknown, zero = of_figures(figures(sessions=1)), of_figures(figures(party_members=0, public=0))
    assert (unknown.attendance, unknown.known("public")) == (None, None)
    assert (zero.attendance, zero.known("public")) == (0, 0)
    assert (Totals().attendance, Totals().known("sessions")) == (None, None)


def test_a_stated_total_of_zero_is_zero_too() -> None:
    assert of_figures(figures(sessions=1, audience_total=0)).attendance == 0


def test_what_is_known_of_some_entries_is_not_said_of_all() -> None:
    summed = total([of_figures(figures(sessions=2)), of_figures(figures(party_members=5))])
    assert (summed.entries, summed.sessions_known, summed.party_members_known) == (2, 1, 1)


def test_a_total_beyond_its_parts_is_the_part_that_nobody_split() -> None:
    summed = of_figures(figures(party_members=10, audience_total=90))
    assert (summed.party_members, summed.unsplit, summed.attendance) == (10, 80, 90)
    assert of_figures(figures(party_members=10, public=80, audience_total=90)).unsplit == 0


@pytest.mark.parametrize(
    ("hedges", "together"),
    [
        ((), None),
        ((None, None), None),
        ((None, Approximation.OVER), Approximation.OVER),
        ((Approximation.UNDER, Approximation.UNDER), Approximation.UNDER),
        ((Approximation.OVER, Approximation.UNDER), Approximation.ABOUT),
        ((Approximation.ABOUT, Approximation.OVER), Approximation.ABOUT),
    ],
)
def test_one_approximate_entry_makes_the_sum_approximate(
    hedges: tuple[Approximation | None, ...], together: Approximation | None
) -> None:
    summed = total([of_figures(figures(sessions=1, approximation=hedge)) for hedge in hedges])
    assert summed.approximation is together
