"""Where a unit stands in today's tree: below its parent, or below whoever goes on for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.unit import Ancestor, CircleError, ancestors

PARENTS = {1: None, 2: 1, 3: 1, 4: 2, 5: 3}


def test_a_unit_stands_below_its_parents() -> None:
    assert list(ancestors(4, PARENTS, {})) == [
        Ancestor(4, 0, False),
        Ancestor(2, 1, False),
        Ancestor(1, 2, False),
    ]


def test_one_that_has_gone_stands_below_its_successor_and_what_was_below_it_with_it() -> None:
    assert list(ancestors(4, PARENTS, {2: 5})) == [
        Ancestor(4, 0, False),
        Ancestor(2, 1, False),
        Ancestor(5, 2, True),
        Ancestor(3, 3, True),
        Ancestor(1, 4, False),
    ]


def test_successors_follow_each_other() -> None:
    line = [each.id for each in ancestors(4, PARENTS, {4: 5, 5: 2})]
    assert line == [4, 5, 2, 1]


@pytest.mark.parametrize(
    ("parents", "goes_on"), [({1: 2, 2: 1}, {}), (PARENTS, {2: 4}), (PARENTS, {4: 5, 5: 4})]
)
def test_nobody_stands_below_themselves(
    parents: dict[int, int | None], goes_on: dict[int, int]
) -> None:
    with pytest.raises(CircleError):
        list(ancestors(4 if 4 in parents else 1, parents, goes_on))


@given(
    st.lists(st.integers(0, 30), max_size=12), st.dictionaries(st.integers(1, 12), st.integers())
)
def test_every_unit_below_the_root_ends_at_the_root(
    above: list[int], after: dict[int, int]
) -> None:
    """Successors with lower numbers only: then no circle is possible."""
    parents: dict[int, int | None] = {0: None}
    parents |= {unit: number % unit for unit, number in enumerate(above, 1)}
    goes_on = {unit: number % unit for unit, number in after.items() if unit in parents}
    for unit in parents:
        line = list(ancestors(unit, parents, goes_on))
        assert (line[0].id, line[-1].id) == (unit, 0)
        assert [each.depth for each in line] == list(range(len(line)))
        assert len({each.id for each in line}) == len(line)
