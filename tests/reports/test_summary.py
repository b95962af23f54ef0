"""/tongket, line by line, from what is stored; on both engines."""

import html
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from domain.opinion import Breadth, Category, Stance, Suggestion, Urgency
from domain.period import Period, PeriodKind
from domain.tally import HEADLINE_KINDS, Approximation, Figures, Precision, TallyKind
from reports.summary import Summary, summarise
from storage import lock, opinion, tally, target, unit_report
from storage.db import Database
from storage.target import Target
from tests.storage import build
from tests.storage.build import NOW, RULES
from wording.format import VIETNAM
from wording.say import say

ORAL, STUDY, TALK = (
    TallyKind.ORAL_SESSION,
    TallyKind.RESOLUTION_STUDY,
    TallyKind.THEMATIC_TALK,
)
AT = datetime(2026, 11, 21, 8, 30, tzinfo=VIETNAM)
YEAR_2021 = Period.year_of(date(2021, 1, 1))
YEAR_2022 = Period.year_of(date(2022, 1, 1))
JULY = Period.month_of(date(2026, 7, 1))
REPORT_2021 = "“Kết quả công tác tuyên giáo năm 2021”, Tuyên Quang, 2021"

Story = Callable[[Connection, int], object]


def stated(
    kind: TallyKind = ORAL,
    period: Period = JULY,
    *,
    sessions: int | None = None,
    party_members: int | None = None,
    public: int | None = None,
    audience_total: int | None = None,
    learners: int | None = None,
    items: int | None = None,
    approximation: Approximation | None = None,
) -> Figures:
    return Figures(
        kind,
        period.start,
        period.end,
        Precision(period.kind.value),
        sessions=sessions,
        party_members=party_members,
        public=public,
        audience_total=audience_total,
        learners=learners,
        items=items,
        approximation=approximation,
    )


def record(conn: Connection, unit_id: int, *entries: Figures, source: str | None = None) -> None:
    for n, figures in enumerate(entries):
        origin = f"{unit_id}:{n}:{source}:{figures.kind}:{figures.date_from}"
        tally.record(conn, unit_id, None, figures, origin, NOW, source)


async def told(
    db: Database,
    story: Story,
    period: Period = JULY,
    *,
    at: datetime = AT,
    headline: tuple[TallyKind, ...] = HEADLINE_KINDS,
) -> Summary:
    """The summary of a province in which the story has happened."""

    def happen(conn: Connection) -> int:
        top = build.province(conn)
        story(conn, top)
        return top

    top = await db.write(happen)
    return await db.read(summarise, top, period, headline, at, RULES)


def lines(summary: Summary, key: str = "summary.text") -> list[str]:
    """The message as a person reads it, without its empty lines."""
    text = html.unescape(re.sub(r"</?[a-z]+>", "", say(key, s=summary)))
    return [line for line in text.splitlines() if line.strip()]


def body(summary: Summary) -> list[str]:
    """What stands between the heading and the closing line."""
    return lines(summary)[2:-1]


# --- the whole message ---------------------------------------------------------------------------


async def test_a_year_from_documents_is_told_line_by_line(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        entries = (
            stated(ORAL, YEAR_2021, sessions=6372, party_members=60_000, public=96_000),
            stated(
                TallyKind.REPORTER_CONFERENCE,
                YEAR_2021,
                audience_total=1000,
                approximation=Approximation.UNDER,
            ),
            stated(TallyKind.CONTEST, YEAR_2021, sessions=6),
            stated(TallyKind.TRAINING_CLASS, YEAR_2021, sessions=5, learners=230),
        )
        record(conn, top, *entries, source=REPORT_2021)
        record(conn, top, stated(TallyKind.TRAINING_CLASS, YEAR_2021, sessions=1), source="Khác")
        goal = Target("Phát triển đảng viên mới", None, None, Decimal("102.6"), None, REPORT_2021)
        target.record(conn, top, YEAR_2021, goal)

    assert lines(await told(db, story, YEAR_2021)) == [
        "📊 TỔNG KẾT NĂM 2021 (1/1–31/12/2021)",
        "Tỉnh uỷ",
        "Tổng số tuyên truyền miệng: 6.372 buổi – 156.000 lượt (ĐV 60.000; QC 96.000)",
        "• Hội nghị báo cáo viên: gần 1.000 lượt (chưa tách)",
        "• Lớp bồi dưỡng: 6 lớp – 230 học viên (có lớp chưa báo số)",
        "• Hội thi, cuộc thi: 6 cuộc",
        "• Phát triển đảng viên mới: 102,6 %",
        "Nguồn: Khác",
        f"Nguồn: {REPORT_2021}",
        "Số liệu tự tổng hợp lúc 08:30 Thứ Bảy 21/11/2026, đã chốt.",
    ]


async def test_without_anything_it_says_that_nothing_is_known_not_zero(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        build.commune(conn, top)

    summary = await told(db, story)
    assert summary.is_empty
    assert lines(summary, "summary.empty") == [
        "📊 TỔNG KẾT THÁNG 7/2026 (1/7–31/7/2026)",
        "Tỉnh uỷ",
        "Chưa có số liệu nào của kỳ này (chưa có, không phải bằng 0).",
        "Nộp báo cáo: đúng hạn 0, chậm 0, không phát sinh 0, chưa có 1 trên tổng 1 đơn vị",
    ]


async def test_it_says_whether_the_figures_can_still_change_freely(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, build.commune(conn, top), stated(sessions=1))

    def reopened(conn: Connection, top: int) -> None:
        story(conn, top)
        lock.say(conn, top, JULY, build.reporter(conn), NOW, locked=False)

    assert lines(await told(db, story))[-1].endswith(", đã chốt.")
    assert lines(await told(db, reopened))[-1].endswith(", chưa chốt.")


# --- the headline and the kinds ------------------------------------------------------------------


async def test_the_headline_adds_up_its_kinds_and_each_is_told_too(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        below = build.commune(conn, top)
        record(conn, below, stated(ORAL, sessions=3, party_members=45, public=60))
        record(conn, top, stated(STUDY, sessions=1, party_members=100, public=0))
        record(conn, top, stated(TallyKind.ONLINE_POST, items=25))

    assert body(await told(db, story))[:4] == [
        "Tổng số tuyên truyền miệng: 4 buổi – 205 lượt (ĐV 145; QC 60)",
        "• Tuyên truyền miệng: 3 buổi – 105 lượt (ĐV 45; QC 60)",
        "• Quán triệt nghị quyết: 1 hội nghị – 100 lượt (ĐV 100; QC 0)",
        "• Tin, bài trên mạng: 25 tin, bài",
    ]


@pytest.mark.parametrize("kind", [ORAL, STUDY, TALK])
async def test_a_sole_headline_kind_is_not_told_twice(db: Database, kind: TallyKind) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, top, stated(kind, sessions=3), stated(TallyKind.CONTEST, sessions=1))

    assert body(await told(db, story)) == [
        "Tổng số tuyên truyền miệng: 3 buổi",
        "• Hội thi, cuộc thi: 1 cuộc",
    ]


async def test_the_department_decides_which_kinds_count(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, top, stated(ORAL, sessions=3), stated(STUDY, sessions=4))

    assert body(await told(db, story, headline=(ORAL,))) == [
        "Tổng số tuyên truyền miệng: 3 buổi",
        "• Quán triệt nghị quyết: 4 hội nghị",
    ]


async def test_one_approximate_report_makes_the_attendance_approximate(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        over = stated(sessions=2, audience_total=12_000, approximation=Approximation.OVER)
        record(conn, top, over, stated(sessions=1, party_members=10, public=20))

    assert body(await told(db, story)) == [
        "Tổng số tuyên truyền miệng: 3 buổi – trên 12.030 lượt (ĐV 10; QC 20; chưa tách 12.000)"
    ]


async def test_what_nobody_split_is_told_as_that(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, top, stated(sessions=1, audience_total=90))

    assert body(await told(db, story)) == [
        "Tổng số tuyên truyền miệng: 1 buổi – 90 lượt (chưa tách)"
    ]


async def test_other_units_and_other_periods_are_not_counted(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        elsewhere = build.province(conn)
        record(conn, elsewhere, stated(sessions=50))
        record(conn, top, stated(sessions=1), stated(period=YEAR_2021, sessions=70))

    assert body(await told(db, story)) == ["Tổng số tuyên truyền miệng: 1 buổi"]


async def test_what_a_person_typed_cannot_make_markup(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, top, stated(sessions=1), source="<b>Báo cáo</b> & phụ lục")

    text = say("summary.text", s=await told(db, story))
    assert "&lt;b&gt;Báo cáo&lt;/b&gt; &amp; phụ lục" in text


# --- targets and sources -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goal", "line"),
    [
        (
            Target("Lớp bồi dưỡng", 28, 30, Decimal(107), None, "x"),
            "• Lớp bồi dưỡng: 30/28 = 107 %",
        ),
        (Target("Lớp bồi dưỡng", 40, 30, None, None, "x"), "• Lớp bồi dưỡng: 30/40 = 75 %"),
        (
            Target("Quần chúng học tập", None, None, Decimal(90), Approximation.OVER, "x"),
            "• Quần chúng học tập: trên 90 %",
        ),
        (Target("Kết nạp", None, None, Decimal("102.6"), None, "x"), "• Kết nạp: 102,6 %"),
    ],
)
async def test_a_target_is_told_as_it_was_declared(db: Database, goal: Target, line: str) -> None:
    def story(conn: Connection, top: int) -> None:
        target.record(conn, top, YEAR_2021, goal)

    summary = await told(db, story, YEAR_2021)
    assert not summary.is_empty
    assert line in body(summary)


async def test_the_document_of_a_target_is_named_as_a_source(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        goal = Target("Kết nạp", None, None, Decimal("102.6"), None, REPORT_2021)
        target.record(conn, top, YEAR_2021, goal)

    assert f"Nguồn: {REPORT_2021}" in body(await told(db, story, YEAR_2021))


async def test_each_document_is_named_once(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        entries = stated(ORAL, YEAR_2021, sessions=1), stated(STUDY, YEAR_2021, sessions=2)
        record(conn, top, *entries, source=REPORT_2021)
        record(conn, top, stated(TALK, YEAR_2021, sessions=1))

    summary = await told(db, story, YEAR_2021)
    assert summary.sources == (REPORT_2021,)


async def test_a_withdrawn_figure_takes_its_document_along(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        officer = build.reporter(conn, top)
        figures = stated(ORAL, YEAR_2021, sessions=1)
        stored = tally.record(conn, top, None, figures, "import:1", NOW, REPORT_2021)
        tally.withdraw(conn, stored.id, officer, NOW)

    summary = await told(db, story, YEAR_2021)
    assert summary.is_empty
    assert summary.sources == ()


# --- the change ----------------------------------------------------------------------------------


def two_years(conn: Connection, top: int) -> None:
    record(conn, top, stated(ORAL, YEAR_2021, sessions=200, party_members=400, public=600))
    record(conn, top, stated(ORAL, YEAR_2022, sessions=150, party_members=500, public=582))


async def test_a_period_that_is_over_is_compared_with_the_one_before(db: Database) -> None:
    assert "So với năm 2021: −25 % số buổi; +8,2 % lượt" in body(
        await told(db, two_years, YEAR_2022)
    )


@pytest.mark.parametrize(
    ("at", "compared"),
    [
        (datetime(2022, 12, 31, 23, 59, tzinfo=VIETNAM), False),
        (datetime(2023, 1, 1, 0, 0, tzinfo=VIETNAM), True),
    ],
)
async def test_a_period_is_compared_once_its_last_day_in_viet_nam_is_over(
    db: Database, at: datetime, compared: bool
) -> None:
    summary = await told(db, two_years, YEAR_2022, at=at)
    assert (summary.change is not None) == compared
    assert any(line.startswith("So với") for line in body(summary)) == compared


async def test_with_nothing_or_zero_before_there_is_no_change(db: Database) -> None:
    def zero(conn: Connection, top: int) -> None:
        record(conn, top, stated(ORAL, YEAR_2021, sessions=0))
        record(conn, top, stated(ORAL, YEAR_2022, sessions=5))

    assert (await told(db, two_years, YEAR_2021)).change is None
    assert (await told(db, zero, YEAR_2022)).change is None


async def test_only_what_both_years_know_is_compared(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, top, stated(ORAL, YEAR_2021, sessions=100))
        record(conn, top, stated(ORAL, YEAR_2022, sessions=100, audience_total=900))

    assert "So với năm 2021: 0 % số buổi" in body(await told(db, story, YEAR_2022))


async def test_terms_are_not_compared(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, top, stated(ORAL, Period.term(2010, 2015), sessions=723))
        record(conn, top, stated(ORAL, Period.term(2015, 2020), sessions=900))

    summary = await told(db, story, Period.term(2015, 2020))
    assert summary.period.kind is PeriodKind.TERM
    assert body(summary) == ["Tổng số tuyên truyền miệng: 900 buổi"]


# --- opinions and the state of reporting ---------------------------------------------------------


def note(conn: Connection, unit_id: int, category: Category, at: datetime) -> None:
    fields = Suggestion(category, Urgency.NORMAL, Stance.UNCLEAR, Breadth.SOME, None, False)
    sender = build.reporter(conn)
    opinion.record(conn, unit_id, sender, "Một ý kiến dài", fields, f"note {sender}", at)


async def test_opinions_are_counted_by_field_within_the_vietnamese_days(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        below = build.commune(conn, top)
        note(conn, below, Category.HEALTH, datetime(2026, 7, 1, 0, 0, tzinfo=VIETNAM))
        note(conn, top, Category.HEALTH, datetime(2026, 7, 31, 23, 59, tzinfo=VIETNAM))
        note(conn, top, Category.DISASTER, NOW)
        note(conn, top, Category.OTHER, datetime(2026, 6, 30, 23, 59, tzinfo=VIETNAM))
        note(conn, top, Category.OTHER, datetime(2026, 8, 1, 0, 0, tzinfo=VIETNAM))

    summary = await told(db, story)
    assert summary.opinions == {Category.HEALTH: 2, Category.DISASTER: 1}
    assert "Dư luận xã hội: 3 ý kiến (y tế, an toàn thực phẩm 2; thiên tai, dịch bệnh 1)" in body(
        summary
    )


async def test_units_with_figures_with_a_nil_return_and_missing_add_up(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        units = [build.commune(conn, top, f"Đảng uỷ xã {n}") for n in range(4)]
        record(conn, units[0], stated(sessions=1))
        reporter = build.reporter(conn, units[1])
        unit_report.record_nil(conn, units[1], JULY, reporter, NOW)

    summary = await told(db, story)
    assert summary.status is not None
    assert summary.status.missing == 2
    said = "đúng hạn 1, chậm 0, không phát sinh 1, chưa có 2 trên tổng 4 đơn vị"
    assert f"Nộp báo cáo: {said}" in body(summary)


async def test_only_months_are_owed(db: Database) -> None:
    def story(conn: Connection, top: int) -> None:
        record(conn, build.commune(conn, top), stated(sessions=1))

    summary = await told(db, story, Period.quarter_of(date(2026, 7, 1)))
    assert summary.status is None
    assert body(summary) == ["Tổng số tuyên truyền miệng: 1 buổi"]
