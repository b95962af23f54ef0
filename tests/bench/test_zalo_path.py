"""The two paths are measured side by side, in a tiny size. No time is asserted: the machine may be busy."""

from bench.side_by_side import Load
from bench.zalo_path import SIDES, measure, table


async def test_a_line_over_each_messenger_is_measured_and_set_side_by_side() -> None:
    found = {name: await measure(name, Load(people=2, warm_up=4, seconds=0.2)) for name in SIDES}
    assert all(figures.tallies_per_second > 0 for figures in found.values())
    shown = table(found)
    assert [line.split()[0] for line in shown.splitlines()[1:]] == ["Telegram", "Zalo", "Zalo"]
    assert "Zalo / Telegram: CPU" in shown
