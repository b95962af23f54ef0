"""Every conversation in `scenarios/` on Zalo too: to its end, or to the step that docs/zalo.md names."""

from pathlib import Path

import pytest

from tests.docs.tables import table
from tests.journeys.same import first_difference
from tests.journeys.scenario import script
from tests.journeys.test_journeys import SCENARIOS
from tests.journeys.zalo_rig import ZaloRig
from tests.journeys.zalo_stage import ZaloStage

ENDS = {name: row[0].strip("`") for name, row in table("zalo.md", "Scenarios").items()}


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_the_bot_says_and_stores_on_zalo_what_it_does_on_telegram(
    file: Path, zalo_rig: ZaloRig
) -> None:
    stage = ZaloStage(zalo_rig)
    written = file.read_text(encoding="utf-8")
    if difference := first_difference(written, stage, ENDS.get(file.stem)):
        pytest.fail(difference, pytrace=False)
    assert stage.totals_agree()
    assert stage.leaks() == []


def test_what_is_listed_as_not_played_is_a_step_of_a_scenario() -> None:
    scripts = {file.stem: [*script(file.read_text(encoding="utf-8"))] for file in SCENARIOS}
    assert [name for name, end in ENDS.items() if end not in scripts.get(name, ())] == []
