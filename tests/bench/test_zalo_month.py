"""The month on Zalo: it fits, and the program says when it does not."""

import pytest

from bench import zalo_month
from bench.zalo_month import ALLOWED, MONTH, Kind, count, table


def test_the_month_of_a_unit_fits_with_20_percent_to_spare_either_way() -> None:
    assert count(MONTH).problems == []


def test_each_word_costs_one_answer_and_what_is_unasked_costs_itself() -> None:
    whole = count([Kind("asked", 3, ("a", "b")), Kind("unasked", 5, unasked=2)])
    assert (whole.sent, whole.received) == (16, 6)


def test_a_month_that_does_not_fit_is_named_both_ways(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(zalo_month, "MONTH", (Kind("too many", ALLOWED + 1, ("a",)),))
    with pytest.raises(SystemExit) as ended:
        zalo_month.main()
    assert str(ended.value) == (
        "what the bot sends: 2,401 messages, more than 2,400\n"
        "what it sends and receives: 4,802 messages, more than 2,400"
    )
    assert "too many" in capsys.readouterr().out


def test_the_most_expensive_comes_first() -> None:
    lines = table(MONTH).splitlines()[1:-2]
    sent = [int(line.split()[-2].replace(",", "")) for line in lines]
    assert sent == sorted(sent, reverse=True)
