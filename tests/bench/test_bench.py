"""Each benchmark runs, in a tiny size. No time is asserted: the machine may be busy."""

import json
import subprocess
import sys
from pathlib import Path

from bench import mass, start

PROJECT = Path(__file__).parents[2]


def test_our_bot_and_an_echo_are_measured_side_by_side_and_the_bars_are_judged(
    tmp_path: Path,
) -> None:
    document = tmp_path / "benchmarks.md"
    tiny = "--runs 1 --seconds 0.3 --people 4 --warm-up 8 --only default --only ours"
    without = "--invitations 0 --crowd 0 --rounds 1 --json --write"
    done = subprocess.run(
        [sys.executable, "-m", "bench", *tiny.split(), *without.split(), str(document)],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found = json.loads(done.stdout)
    for latency in ("60", "0"):
        assert found["side_by_side"][latency]["ours"]["tallies_per_second"] > 0
        assert found["side_by_side"][latency]["default"]["tallies_per_second"] == 0
    assert any(bar["text"].startswith("at 60 ms, ours: tallies") for bar in found["bars"])
    assert found["read"]["phrases"] > 300
    assert found["machine"] in document.read_text(encoding="utf-8")


async def test_a_mass_send_reaches_everybody_while_replies_go_on() -> None:
    drained = await mass.measure(60)
    assert drained.messages == 60
    assert drained.replies > 0


async def test_a_refused_message_of_a_mass_send_is_counted() -> None:
    limits = mass.Limits()
    waits = [limits(chat, {"reply_markup": "rsvp:1:attending"}) for chat in range(40)]
    assert waits[:30] == [0] * 30
    assert limits.refused == sum(waits) > 0


async def test_the_start_and_the_memory_of_a_crowd_are_measured() -> None:
    assert await start.seconds_to_first_answer(2) > 0
    assert await start.peak_mib(20) > 0
