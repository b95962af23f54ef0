"""The month's quota: replies come before what nobody asked for."""

import pytest

from domain.quota import Level, Quota, Usage

QUOTA = Quota(3000, counts_received=False)


@pytest.mark.parametrize(
    ("sent", "level"),
    [
        (2099, Level.PLENTY),
        (2100, Level.WARNING),
        (2699, Level.WARNING),
        (2700, Level.SCARCE),
        (2999, Level.SCARCE),
        (3000, Level.SPENT),
    ],
)
def test_a_warning_comes_at_70_and_at_90_percent(sent: int, level: Level) -> None:
    assert QUOTA.level(Usage(replies=sent - 100, unasked=100)) is level


def test_from_90_percent_on_only_replies_go_out() -> None:
    assert QUOTA.allows(Usage(replies=2699), unasked=True)
    assert not QUOTA.allows(Usage(replies=2700), unasked=True)
    assert QUOTA.allows(Usage(replies=4000), unasked=False)


def test_what_people_write_counts_only_where_it_is_set_so() -> None:
    usage = Usage(replies=10, unasked=5, received=100)
    assert QUOTA.used(usage) == 15
    assert Quota(3000, counts_received=True).used(usage) == 115
    assert QUOTA.share(usage) == pytest.approx(0.005)


def test_a_refusal_early_in_the_month_is_a_matter_of_pace() -> None:
    assert not QUOTA.explains_refusal(Usage(replies=100))
    assert QUOTA.explains_refusal(Usage(replies=2700))
