"""Each benchmark runs, in a tiny size. No time is asserted: the machine may be busy."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import readings

PROJECT = Path(__file__).parents[2]


def bench(*arguments: str) -> Any:
    """What `python -m bench … --json` prints."""
    command = [sys.executable, "-m", "bench", "--json", "--runs", "1", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return json.loads(done.stdout)


def test_our_bot_and_an_echo_are_measured_side_by_side_and_the_bars_are_judged(
    tmp_path: Path,
) -> None:
    document = tmp_path / "benchmarks.md"
    found = bench(
        *("--seconds", "0.5", "--people", "4", "--warm-up", "8", "--write", str(document)),
        *("--only", "default", "--only", "ours", "--invitations", "0", "--crowd", "0"),
        *("--rounds", "0"),
    )
    for latency in ("60", "0"):
        assert found["side_by_side"][latency]["ours"]["tallies_per_second"] > 0
        assert found["side_by_side"][latency]["default"]["tallies_per_second"] == 0
    assert any(bar["text"].startswith("at 60 ms: tallies") for bar in found["bars"])
    assert found["machine"] in document.read_text(encoding="utf-8")


def test_a_mass_send_reaches_everybody_while_replies_go_on() -> None:
    found = bench("--only", "none", "--invitations", "60", "--crowd", "0", "--rounds", "0")
    assert found["mass"]["messages"] == 60
    assert found["mass"]["replies"] > 0


def test_a_start_and_a_crowd_are_measured() -> None:
    found = bench("--only", "none", "--invitations", "0", "--crowd", "20", "--rounds", "0")
    assert found["start"]["first_answer_seconds"] > 0
    assert found["start"]["peak_mib"] > 0


def test_the_phrases_of_the_tests_are_read() -> None:
    assert readings.measure(1).phrases > 300
