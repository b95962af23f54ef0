"""Who has reported: exactly one status for each unit, and counts that always add up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadline import DeadlineRules, due_date
from domain.period import Period
from domain.status import HandedIn, Status, StatusCounts, collected_month, status_of
from domain.workday import Calendar

RULES = DeadlineRules(Calendar.vietnam())
handed_in = st.builds(HandedIn, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@pytest.mark.parametrize(
    ("handed", "status"),
    [
        (HandedIn(), Status.MISSING),
        (HandedIn(excused=True), Status.EXCUSED),
        (HandedIn(figures=True, in_time=True), Status.ON_TIME),
        (HandedIn(figures=True), Status.LATE),
        (HandedIn(figures=True, excused=True), Status.LATE),
        (HandedIn(nil=True, in_time=True), Status.NIL),
        (HandedIn(nil=True, excused=True), Status.NIL),
        (HandedIn(figures=True, nil=True, in_time=True), Status.ON_TIME),
        (HandedIn(figures=True, nil=True), Status.LATE),
    ],
)
def test_a_unit_stands_in_one_way(handed: HandedIn, status: Status) -> None:
    assert status_of(handed) is status


@given(handed_in)
def test_a_report_is_never_missing_and_silence_is_never_a_report(handed: HandedIn) -> None:
    silent = not handed.figures and not handed.nil
    assert (status_of(handed) in (Status.MISSING, Status.EXCUSED)) is silent


@given(st.lists(handed_in))
def test_the_counts_are_all_units_that_owe_a_report(units: list[HandedIn]) -> None:
    statuses = [status_of(unit) for unit in units]
    counts = StatusCounts.of(statuses)
    assert counts.required == len(units)
    for status in Status:
        assert getattr(counts, status) == statuses.count(status)


@pytest.mark.parametrize(
    ("today", "month"),
    [
        # October is due on Thursday 5/11 and locked after Monday 16/11.
        (date(2026, 11, 1), "2026-10"),
        (date(2026, 11, 16), "2026-10"),
        (date(2026, 11, 17), "2026-11"),
        (date(2026, 11, 30), "2026-11"),
        (date(2027, 1, 3), "2026-12"),
    ],
)
def test_the_last_month_is_collected_until_it_is_locked(today: date, month: str) -> None:
    assert collected_month(today, RULES).code == month


def test_without_a_lock_the_last_month_is_collected_until_it_is_due() -> None:
    rules = replace(RULES, grace_days=None)
    due = due_date(Period.from_code("2026-10"), rules)
    assert collected_month(due, rules).code == "2026-10"
    assert collected_month(due + timedelta(days=1), rules).code == "2026-11"
