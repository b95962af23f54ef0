"""What the runner itself must notice; a runner that sees nothing would let everything pass."""

import pytest

from tests.journeys.rig import TOKEN, Rig
from tests.journeys.scenario import perform, script
from tests.journeys.stage import Stage

WRITTEN = """\
# A title

reporter: /huy
  bot:
    Một

    Hai
    [Ba]
stored:
  nothing new

# The end
"""


@pytest.fixture
def stage(rig: Rig) -> Stage:
    return Stage(rig)


def test_the_script_is_what_stands_at_the_margin_blank_lines_within_answers_left_out() -> None:
    assert list(script(WRITTEN)) == [
        "# A title",
        "",
        "reporter: /huy",
        "stored:",
        "",
        "# The end",
    ]


def test_what_the_bot_answers_takes_the_place_of_what_is_written(stage: Stage) -> None:
    played = perform("lead: /huy\n  bot:\n    Một câu khác\n", stage)

    assert "Một câu khác" not in played
    assert "    Không có gì đang nhập dở để hủy." in played


def test_a_message_that_nobody_expects_is_seen_in_whichever_chat_it_comes(stage: Stage) -> None:
    stage.rig.post(f"/bot{TOKEN}/sendMessage", chat_id=stage.people["member"], text="Nhầm chỗ")

    assert "  bot to member:\n    Nhầm chỗ\n" in perform("reporter: /huy\n", stage)


def test_a_call_that_the_messenger_refuses_is_seen(stage: Stage) -> None:
    stage.rig.http.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": 5, "text": "Ai đấy?"})

    assert "  refused: sendMessage: Bad Request: chat not found" in perform("lead: /huy\n", stage)


def test_an_error_in_the_log_is_seen(stage: Stage) -> None:
    with stage.rig.log.open("a") as log:
        log.write('{"level": "ERROR", "logger": "bot", "message": "hỏng"}\n')

    assert "  log: ERROR hỏng" in perform("lead: /huy\n", stage)


@pytest.mark.parametrize("secret", [TOKEN, "3 buổi ở Nà Tông", "Báo cáo viên Nà Tông"])
def test_a_token_a_name_or_typed_words_in_the_log_are_a_leak(stage: Stage, secret: str) -> None:
    stage.say("reporter", "3 buổi ở Nà Tông")
    stage.outcome("reporter")
    assert stage.leaks() == []

    with stage.rig.log.open("a") as log:
        log.write(f"{secret}\n")

    assert secret in stage.leaks()


def test_what_was_ever_written_to_the_database_leaves_a_trace(stage: Stage) -> None:
    assert stage.trace_of("Chi bộ thôn Nà Tông") == ["it is in the database"]
    assert stage.trace_of("Chi bộ không có") == ["no trace of it"]
