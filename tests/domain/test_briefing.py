"""The monthly briefing: what may be announced, when its reminders go out, how a start is read."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.briefing import (
    VIETNAM,
    Briefing,
    BriefingDraft,
    BriefingProblem,
    DueReminder,
    Rung,
    next_push,
    plan,
    problems,
    read_start,
)
from domain.workday import Calendar

CALENDAR = Calendar.vietnam()
BEFORE_START = {Rung.INVITATION, Rung.CONFIRM, Rung.TODAY}


def at(text: str) -> datetime:
    """ "2026-11-27 08:30" in Viet Nam."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


NOW = at("2026-11-21 09:00")
MOMENTS = st.integers(0, 3 * 366 * 24 * 60).map(
    lambda minutes: at("2026-01-01 00:00") + timedelta(minutes=minutes)
)


def in_push_hours(moment: datetime) -> bool:
    clock = moment.time()
    open_now = time(8) <= clock < time(11) or time(14) <= clock < time(16, 30)
    return open_now and CALENDAR.is_working_day(moment.date())


def test_a_complete_briefing_has_no_problem() -> None:
    briefing = Briefing(
        title="Hội nghị báo cáo viên tháng 11",
        starts_at=at("2026-11-27 08:00"),
        topic="Kết quả kỳ họp Quốc hội",
        place="Điểm cầu tỉnh",
        link="https://hop.example.vn/thang-11",
    )
    assert problems(briefing, NOW) == ()


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (BriefingDraft(starts_at=at("2026-11-27 08:00")), BriefingProblem.NO_TITLE),
        (BriefingDraft("  ", starts_at=at("2026-11-27 08:00")), BriefingProblem.NO_TITLE),
        (BriefingDraft("Hội nghị"), BriefingProblem.NO_START),
        (BriefingDraft("Hội nghị", starts_at=NOW), BriefingProblem.PAST),
        (BriefingDraft("Hội nghị", starts_at=at("2027-11-23 08:00")), BriefingProblem.TOO_FAR),
        (BriefingDraft("x" * 201, starts_at=at("2026-11-27 08:00")), BriefingProblem.TOO_LONG),
        (
            BriefingDraft("Hội nghị", starts_at=at("2026-11-27 08:00"), note="x" * 1001),
            BriefingProblem.TOO_LONG,
        ),
    ],
)
def test_an_officer_is_told_what_is_missing(draft: BriefingDraft, problem: BriefingProblem) -> None:
    assert problems(draft, NOW) == (problem,)


@pytest.mark.parametrize(
    "link", ["phòng họp 2", "http://", "javascript:alert(1)", "https://a b.vn", "https://[x"]
)
def test_only_a_web_address_is_a_link(link: str) -> None:
    draft = BriefingDraft("Hội nghị", starts_at=at("2026-11-27 08:00"), link=link)
    assert problems(draft, NOW) == (BriefingProblem.NOT_A_LINK,)


def _times(reminders: tuple[DueReminder, ...]) -> list[tuple[str, str]]:
    return [(r.rung.value, f"{r.due_at:%Y-%m-%d %H:%M}") for r in reminders]


def test_the_ladder_steps_over_weekend_and_holiday() -> None:
    reminders = plan(at("2026-11-27 08:00"), at("2026-11-10 15:00"), CALENDAR)
    assert _times(reminders) == [
        ("invitation", "2026-11-23 08:30"),
        ("confirm", "2026-11-26 14:00"),
        ("today", "2026-11-27 07:00"),
        ("attendance", "2026-11-30 09:00"),
        ("follow_up", "2026-12-04 09:00"),
    ]
    assert [r.expires_at for r in reminders] == [
        at("2026-11-26 14:00"),
        at("2026-11-27 07:00"),
        at("2026-11-27 08:00"),
        at("2026-12-04 09:00"),
        at("2026-12-11 09:00"),
    ]


@pytest.mark.parametrize(
    ("announced", "first"),
    [
        ("2026-11-25 09:15", ("invitation", "2026-11-25 09:15")),  # in push hours: at once
        ("2026-11-25 12:00", ("invitation", "2026-11-25 14:00")),  # noon rest
        ("2026-11-25 22:00", ("invitation", "2026-11-26 08:00")),  # night
        ("2026-11-26 17:00", ("invitation", "2026-11-26 17:00")),  # no push hours left
        ("2026-11-27 07:30", ("invitation", "2026-11-27 07:30")),  # half an hour before
        ("2026-11-27 10:00", ("attendance", "2026-11-30 09:00")),  # it is over
    ],
)
def test_a_late_announcement_invites_as_soon_as_it_may(
    announced: str, first: tuple[str, str]
) -> None:
    assert _times(plan(at("2026-11-27 08:00"), at(announced), CALENDAR))[0] == first


def test_what_is_past_at_the_announcement_is_left_out() -> None:
    reminders = plan(at("2026-11-27 08:00"), at("2026-11-26 15:00"), CALENDAR)
    assert [r.rung for r in reminders] == [
        Rung.INVITATION,
        Rung.TODAY,
        Rung.ATTENDANCE,
        Rung.FOLLOW_UP,
    ]
    assert plan(at("2026-11-27 08:00"), at("2027-01-01 08:00"), CALENDAR) == ()


def test_a_briefing_before_tet_is_followed_up_after_the_holidays() -> None:
    reminders = plan(at("2026-02-13 08:00"), at("2026-02-02 09:00"), CALENDAR)
    assert _times(reminders)[-2:] == [
        ("attendance", "2026-02-23 09:00"),
        ("follow_up", "2026-02-24 09:00"),
    ]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        plan(NOW.replace(tzinfo=None), NOW, CALENDAR)


@given(MOMENTS, st.timedeltas(timedelta(days=-10), timedelta(days=40)))
def test_every_plan_keeps_order_push_hours_and_the_start(start: datetime, lead: timedelta) -> None:
    announced = start - lead
    reminders = plan(start, announced, CALENDAR)
    dues = [r.due_at for r in reminders]
    assert dues == sorted(set(dues))
    for reminder in reminders:
        assert announced <= reminder.due_at < reminder.expires_at
        if reminder.rung in BEFORE_START:
            assert reminder.due_at < start
            assert reminder.expires_at <= start
        if reminder.rung is Rung.TODAY:
            assert (reminder.due_at.date(), reminder.due_at.time()) == (start.date(), time(7))
        elif reminder.rung is Rung.INVITATION and reminder.due_at == announced:
            day_reminder = datetime.combine(start.date(), time(7), VIETNAM)
            latest = day_reminder if announced < day_reminder < start else start
            assert in_push_hours(announced) or next_push(announced, CALENDAR) >= latest
        else:
            assert in_push_hours(reminder.due_at)


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=40)))
def test_everybody_is_invited_to_a_briefing_that_has_not_begun(
    start: datetime, lead: timedelta
) -> None:
    assert plan(start, start - lead, CALENDAR)[0].rung is Rung.INVITATION


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        ("8h30 thứ 6 27/11", "2026-11-27 08:30"),
        ("27/11/2026 08:00", "2026-11-27 08:00"),
        ("27/11/26 8:00", "2026-11-27 08:00"),
        ("14h 27/11", "2026-11-27 14:00"),
        ("14h00 ngày 27-11", "2026-11-27 14:00"),
        ("8 giờ ngày 27/11", "2026-11-27 08:00"),
        ("8 giờ 30 ngày 27 tháng 11 năm 2026", "2026-11-27 08:30"),
        ("8h rưỡi ngày 27/11", "2026-11-27 08:30"),
        ("2h chiều 27/11", "2026-11-27 14:00"),
        ("7h tối mai", "2026-11-22 19:00"),
        ("mai 8h", "2026-11-22 08:00"),
        ("8h sáng ngày mai", "2026-11-22 08:00"),
        ("chiều nay 14h", "2026-11-21 14:00"),
        ("ngày kia 8h", "2026-11-23 08:00"),
        ("thứ sáu 8h", "2026-11-27 08:00"),
        ("8h thứ 2 tuần sau", "2026-11-23 08:00"),
        ("8h thứ 6 tuần tới", "2026-11-27 08:00"),
        ("8h thu 6 27/11", "2026-11-27 08:00"),
        ("CN 7h30", "2026-11-22 07:30"),
        ("từ 8h đến 11h ngày 27/11", "2026-11-27 08:00"),
        ("8h 5/1", "2027-01-05 08:00"),
        ("8h 20/11/2026", "2026-11-20 08:00"),
        ("8h thứ 5 27/11", None),
        ("25h 27/11", None),
        ("8h 31/11", None),
        ("27/11", None),
        ("8h30", None),
        ("", None),
        ("sắp tới", None),
    ],
)
def test_a_typed_start_is_read_as_people_mean_it(typed: str, start: str | None) -> None:
    assert read_start(typed, NOW) == (at(start) if start else None)


@given(st.dates(date(2026, 11, 22), date(2027, 11, 20)), st.times())
def test_a_written_date_and_hour_give_back_the_start(day: date, clock: time) -> None:
    start = datetime.combine(day, clock.replace(second=0, microsecond=0, fold=0), VIETNAM)
    assert read_start(f"{start:%H:%M} ngày {start:%d/%m/%Y}", NOW) == start
    assert read_start(f"{day.day}/{day.month} {start:%H}h{start:%M}", NOW) == start


@given(st.text(max_size=40) | st.text("0123456789 hg:/-.thứsaumi", max_size=25))
def test_no_text_makes_the_reading_fail(typed: str) -> None:
    start = read_start(typed, NOW)
    assert start is None or start.tzinfo is VIETNAM
