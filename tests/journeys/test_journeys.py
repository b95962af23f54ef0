"""Every conversation in `scenarios/`, through the real bot over real HTTP."""

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.journeys.rig import Rig
from tests.journeys.scenario import perform
from tests.journeys.stage import Stage

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.chat"))
# The longest first, so that no worker ends with it alone.
SCENARIOS.sort(key=lambda file: "bot: started" not in file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_the_bot_answers_and_stores_what_the_scenario_says(
    file: Path, rig: Rig, request: pytest.FixtureRequest
) -> None:
    stage = Stage(rig)
    written = file.read_text(encoding="utf-8")
    played = perform(written, stage)
    if request.config.getoption("--refresh-scenarios", default=False):
        file.write_text(played, encoding="utf-8")
        written = played
    if played != written:
        pytest.fail(_difference(written, played), pytrace=False)
    assert stage.totals_agree()
    assert stage.leaks() == []


def _difference(written: str, played: str) -> str:
    lines = unified_diff(
        written.splitlines(), played.splitlines(), "the scenario", "the bot", lineterm=""
    )
    return "\n" + "\n".join(lines)
