"""What Prometheus reads: right figures, nothing personal, and every measure explained."""

import re
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bot.metrics import Metrics
from domain.quota import Quota, Usage
from storage.health import State
from storage.reminder import DeliveryState
from tests.storage.build import NOW

WATCHING = (Path(__file__).parents[2] / "docs/watching.md").read_text("utf-8")

BOT = "telegram 123"
STATE = State(
    waiting=3,
    parked=1,
    oldest=NOW - timedelta(seconds=40),
    deliveries=dict.fromkeys(DeliveryState, 0) | {DeliveryState.SENT: 9, DeliveryState.QUEUED: 2},
    due=5,
    late=4,
    accounts=80,
    unreachable=7,
    size=4096,
    zalo={"77": Usage(replies=6, unasked=2, received=9), "88": Usage()},
)


class Watchmaker:
    """A clock that stands until it is moved on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def samples(page: bytes) -> list[Sample]:
    families = text_string_to_metric_families(page.decode())
    return [sample for family in families for sample in family.samples]


def values(metrics: Metrics, state: State = STATE) -> dict[str, float]:
    """The measures without labels, and the deliveries by state."""
    page = metrics.page(state, NOW, NOW - timedelta(hours=3))
    return {s.labels.get("state", s.name): s.value for s in samples(page) if "le" not in s.labels}


def test_the_page_shows_what_the_database_says() -> None:
    shown = values(Metrics([BOT]))
    assert shown["baocao_inbox_waiting"] == 3
    assert shown["baocao_inbox_parked"] == 1
    assert shown["baocao_inbox_oldest_seconds"] == 40
    assert shown["baocao_reminders_due"] == 5
    assert shown["baocao_reminders_late"] == 4
    assert shown["baocao_accounts"] == 80
    assert shown["baocao_accounts_unreachable"] == 7
    assert shown["baocao_database_bytes"] == 4096
    assert shown["baocao_last_backup_timestamp_seconds"] == NOW.timestamp() - 3 * 3600
    assert {name: shown[name] for name in DeliveryState} == STATE.deliveries


def test_what_is_not_there_is_zero_and_what_does_not_apply_is_no_number() -> None:
    state = State(0, 0, None, dict.fromkeys(DeliveryState, 0), 0, 0, 0, 0, 4096, {})
    page = Metrics().page(state, NOW, None)
    shown = {s.name: s.value for s in samples(page)}
    assert shown["baocao_inbox_oldest_seconds"] == 0
    assert shown["baocao_last_backup_timestamp_seconds"] == 0
    assert "baocao_last_poll_seconds" not in shown


def test_the_time_from_a_message_to_its_answer_is_counted_in_buckets() -> None:
    metrics = Metrics([BOT])
    for seconds in (0.03, 0.04, 0.7, 1000):
        metrics.answered(seconds)
    found = samples(metrics.page(STATE, NOW, None))
    buckets = {s.labels["le"]: s.value for s in found if s.name == "baocao_answer_seconds_bucket"}
    assert (buckets["0.05"], buckets["0.5"], buckets["1.0"], buckets["300.0"]) == (2, 2, 3, 3)
    assert buckets["+Inf"] == 4


def test_the_pulse_is_counted_from_the_start_and_then_from_the_last_beat() -> None:
    clock = Watchmaker()
    metrics = Metrics([BOT], seconds=clock)
    clock.seconds += 8
    assert (metrics.since_poll, metrics.since_tick) == ({BOT: 8}, 8)
    metrics.polled(BOT)
    clock.seconds += 2
    metrics.ticked()
    clock.seconds += 1
    assert (metrics.since_poll, metrics.since_tick) == ({BOT: 3}, 1)
    shown = values(metrics)
    assert (shown["baocao_last_poll_seconds"], shown["baocao_last_tick_seconds"]) == (3, 1)


def test_one_bot_s_silence_is_not_covered_by_the_other() -> None:
    clock = Watchmaker()
    metrics = Metrics([BOT, "zalo 77"], seconds=clock)
    clock.seconds += 100
    metrics.polled(BOT)
    metrics.polled("a bot with a webhook")
    assert metrics.since_poll == {BOT: 0, "zalo 77": 100}
    found = samples(metrics.page(STATE, NOW, None))
    shown = {s.labels["bot"]: s.value for s in found if s.name == "baocao_last_poll_seconds"}
    assert shown == {BOT: 0, "zalo 77": 100}


def test_the_process_s_memory_and_cpu_time_are_shown() -> None:
    shown = values(Metrics([BOT]))
    assert shown["process_resident_memory_bytes"] > 1_000_000
    assert shown["process_cpu_seconds_total"] > 0


def test_two_bots_in_one_process_do_not_share_their_measures() -> None:
    one, other = Metrics([BOT]), Metrics([BOT])
    one.answered(1)
    assert values(one)["baocao_answer_seconds_count"] == 1
    assert values(other)["baocao_answer_seconds_count"] == 0


def test_the_month_of_each_zalo_bot_is_shown_as_its_share() -> None:
    metrics = Metrics([BOT], quota=Quota(10, counts_received=False))
    found = samples(metrics.page(STATE, NOW, None))
    shares = {s.labels["bot"]: s.value for s in found if s.name == "baocao_zalo_quota_share"}
    assert shares == {"77": 0.8, "88": 0}


def test_no_label_can_name_a_person_or_a_chat() -> None:
    metrics = Metrics([BOT], quota=Quota(10, counts_received=False))
    found = samples(metrics.page(STATE, NOW, None))
    labels = {(name, value) for sample in found for name, value in sample.labels.items()}
    assert {name for name, _ in labels} == {"state", "le", "bot"}
    assert {value for name, value in labels if name == "bot"} == {"77", "88", BOT}
    assert {value for name, value in labels if name == "state"} == set(DeliveryState)


def test_every_measure_is_explained_and_no_explained_one_is_gone() -> None:
    page = Metrics([BOT]).page(STATE, NOW, None).decode()
    measured = set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))
    # The library adds when a histogram was made; nobody watches that.
    measured = {name for name in measured if not name.endswith("_created")}
    assert measured == set(re.findall(r"^\| `((?:baocao|process)_\w+)", WATCHING, re.MULTILINE))
