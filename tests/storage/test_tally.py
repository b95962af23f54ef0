"""Tallies: kept once, changed by versions, each with a line in the audit log."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from domain.period import Period
from domain.tally import Approximation, Figures, Precision, TallyKind
from domain.totals import Totals
from storage import schema, tally, totals
from storage.db import Database
from storage.tally import StoredTally, TallyVersion
from tests.storage import build
from tests.storage.build import NOW, TODAY

THREE = build.figures(sessions=3, party_members=45, public=60)
LATER = NOW + timedelta(hours=1)


def people(conn: Connection) -> tuple[int, int]:
    """A commune and its reporter."""
    unit_id = build.commune(conn, build.province(conn))
    return unit_id, build.reporter(conn, unit_id)


def stored(conn: Connection, figures: Figures = THREE) -> StoredTally:
    unit_id, person_id = people(conn)
    return tally.record(conn, unit_id, person_id, figures, "telegram:1", NOW)


def july(conn: Connection, unit_id: int) -> Totals | None:
    return totals.read(conn, unit_id, Period.month_of(TODAY)).get(TallyKind.ORAL_SESSION)


async def test_a_report_is_read_back_as_it_was_stated(db: Database) -> None:
    figures = Figures(
        kind=TallyKind.REPORTER_CONFERENCE,
        date_from=date(2026, 7, 1),
        date_to=date(2026, 7, 9),
        precision=Precision.LIST,
        dates=(date(2026, 7, 1), date(2026, 7, 9)),
        sessions=2,
        party_members=0,
        audience_total=1250,
        approximation=Approximation.OVER,
        topic="Nghị quyết Đại hội",
        location_text="Nhà văn hoá thôn Khởn",
    )
    kept = await db.write(stored, figures)
    again = await db.read(tally.get, kept.id)
    assert again == kept
    assert again.figures == figures
    assert (again.version, again.withdrawn, again.created_at) == (1, False, NOW)


async def test_what_was_not_stated_stays_unknown_and_is_no_zero(db: Database) -> None:
    kept = await db.write(stored, build.figures(sessions=2, party_members=0))
    assert (await db.read(tally.get, kept.id)).figures.public is None
    total = await db.read(july, kept.unit_id)
    assert total is not None
    assert total.known("party_members") == 0
    assert total.known("public") is None


async def test_the_same_message_twice_is_one_tally(db: Database) -> None:
    def twice(conn: Connection) -> tuple[StoredTally, StoredTally]:
        first = stored(conn)
        other = replace(THREE, sessions=99)
        return first, tally.record(
            conn, first.unit_id, first.reporter_id, other, "telegram:1", LATER
        )

    first, second = await db.write(twice)
    assert second == first
    total = await db.read(july, first.unit_id)
    assert total is not None
    assert total.sessions == 3


async def test_the_same_message_many_times_at_once_is_one_tally(db: Database) -> None:
    unit_id, person_id = await db.write(people)
    answers = await asyncio.gather(
        *(db.write(tally.record, unit_id, person_id, THREE, "telegram:1", NOW) for _ in range(12))
    )
    assert {answer.id for answer in answers} == {answers[0].id}
    total = await db.read(july, unit_id)
    assert total is not None
    assert (total.entries, total.sessions) == (1, 3)


async def test_different_messages_at_once_all_count(db: Database) -> None:
    unit_id, person_id = await db.write(people)
    await asyncio.gather(
        *(
            db.write(tally.record, unit_id, person_id, THREE, f"telegram:{n}", NOW)
            for n in range(30)
        )
    )
    total = await db.read(july, unit_id)
    assert total is not None
    assert (total.entries, total.sessions, total.public) == (30, 90, 1800)
    assert await db.read(totals.verify) == []


async def test_a_correction_keeps_who_when_and_both_figures(db: Database) -> None:
    first = await db.write(stored)
    author = await db.write(build.reporter)
    four = replace(THREE, sessions=4)
    corrected = await db.write(tally.correct, first.id, author, four, LATER)
    assert (corrected.version, corrected.figures) == (2, four)
    assert corrected.created_at == NOW
    assert await db.read(tally.history, first.id) == [
        TallyVersion(1, NOW, first.reporter_id, THREE, withdrawn=False),
        TallyVersion(2, LATER, author, four, withdrawn=False),
    ]


async def test_withdrawing_takes_the_figures_out_and_keeps_every_version(db: Database) -> None:
    first = await db.write(stored)
    author = first.reporter_id or 0
    gone = await db.write(tally.withdraw, first.id, author, LATER)
    assert gone.withdrawn
    assert await db.read(july, first.unit_id) is None
    assert await db.read(tally.history, first.id) == [
        TallyVersion(1, NOW, author, THREE, withdrawn=False),
        TallyVersion(2, LATER, author, THREE, withdrawn=True),
    ]


async def test_withdrawing_twice_is_one_version(db: Database) -> None:
    first = await db.write(stored)
    author = first.reporter_id or 0
    answers = await asyncio.gather(
        *(db.write(tally.withdraw, first.id, author, LATER) for _ in range(6))
    )
    assert {answer.version for answer in answers} == {2}
    assert len(await db.read(tally.history, first.id)) == 2
    assert await db.read(july, first.unit_id) is None


async def test_a_correction_lets_a_withdrawn_tally_stand_again(db: Database) -> None:
    first = await db.write(stored)
    author = first.reporter_id or 0
    await db.write(tally.withdraw, first.id, author, LATER)
    back = await db.write(tally.correct, first.id, author, THREE, LATER)
    assert (back.version, back.withdrawn) == (3, False)
    total = await db.read(july, first.unit_id)
    assert total is not None
    assert total.sessions == 3


async def test_corrections_at_once_are_all_kept_and_the_totals_follow_the_last(
    db: Database,
) -> None:
    first = await db.write(stored)
    author = first.reporter_id or 0
    await asyncio.gather(
        *(
            db.write(tally.correct, first.id, author, replace(THREE, sessions=n), LATER)
            for n in range(4, 8)
        )
    )
    versions = await db.read(tally.history, first.id)
    assert [version.number for version in versions] == [1, 2, 3, 4, 5]
    total = await db.read(july, first.unit_id)
    assert total is not None
    assert total.sessions == versions[-1].figures.sessions
    assert await db.read(totals.verify) == []


async def test_every_write_has_its_audit_line_and_a_repetition_has_none(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int | None]:
        kept = stored(conn)
        author = kept.reporter_id or 0
        tally.record(conn, kept.unit_id, author, THREE, "telegram:1", LATER)
        tally.correct(conn, kept.id, author, replace(THREE, sessions=4), LATER)
        tally.withdraw(conn, kept.id, author, LATER)
        tally.withdraw(conn, kept.id, author, LATER)
        return kept.id, kept.reporter_id

    tally_id, author = await db.write(story)
    assert await db.read(build.audit_lines) == [
        ("report", "tally", tally_id, author),
        ("correct", "tally", tally_id, author),
        ("withdraw", "tally", tally_id, author),
    ]


async def test_a_report_of_nobodys_unit_is_refused_and_leaves_nothing(db: Database) -> None:
    with pytest.raises(IntegrityError):
        await db.write(tally.record, 999_999, None, THREE, "telegram:1", NOW)

    def entries(conn: Connection) -> int:
        return conn.execute(select(func.count()).select_from(schema.tally)).scalar_one()

    assert await db.read(entries) == 0


async def test_an_unknown_tally_is_not_found(db: Database) -> None:
    assert await db.read(tally.find, 999_999) is None


async def test_my_reports_are_mine_stand_and_come_newest_first(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, list[int]]:
        unit_id, me = people(conn)
        other = build.reporter(conn, unit_id)

        def report(who: int, day: int) -> int:
            figures = build.figures(date(2026, 7, day), sessions=1)
            return tally.record(conn, unit_id, who, figures, f"{who}:{day}", NOW).id

        old, third, withdrawn, fifth = (report(me, day) for day in (1, 3, 4, 5))
        report(other, 6)
        tally.withdraw(conn, withdrawn, me, LATER)
        return me, [fifth, third, old]

    me, expected = await db.write(story)
    mine = await db.read(tally.of_reporter, me, date(2026, 7, 1), 10)
    assert [t.id for t in mine] == expected
    since_third = await db.read(tally.of_reporter, me, date(2026, 7, 2), 10)
    assert [t.id for t in since_third] == expected[:2]
    assert [t.id for t in await db.read(tally.of_reporter, me, date(2026, 7, 1), 1)] == expected[:1]


async def test_a_summary_names_the_documents_of_its_units_and_dates(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int]:
        top = build.province(conn)
        below = build.commune(conn, top)
        for number, (unit_id, day, source) in enumerate(
            [
                (top, date(2026, 7, 1), "Báo cáo 2"),
                (below, date(2026, 7, 2), "Báo cáo 1"),
                (below, date(2026, 7, 3), "Báo cáo 1"),
                (below, date(2026, 7, 3), None),
                (below, date(2026, 8, 1), "Báo cáo 3"),
            ]
        ):
            tally.record(
                conn, unit_id, None, build.figures(day, sessions=1), f"import:{number}", NOW, source
            )
        return top, below

    top, below = await db.write(story)
    july = Period.month_of(TODAY)
    assert await db.read(tally.sources, top, july) == ["Báo cáo 1", "Báo cáo 2"]
    assert await db.read(tally.sources, below, july) == ["Báo cáo 1"]


async def test_what_one_message_brought_is_found_by_the_message(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        unit_id, me = people(conn)

        def report(origin: str) -> int:
            figures = build.figures(sessions=1)
            return tally.record(conn, unit_id, me, figures, origin, NOW).id

        first, second = (report(f"telegram:1:7{place}") for place in ("", ":1"))
        report("telegram:1:71")
        report("telegram:1:72:1")
        tally.withdraw(conn, second, me, LATER)
        return [first, second]

    expected = await db.write(story)
    found = await db.read(tally.of_message, "telegram:1:7")
    assert [t.id for t in found] == expected
    assert [t.withdrawn for t in found] == [False, True]


async def test_my_periods_are_listed_newest_first_each_with_its_entries(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, list[int]]:
        unit_id, me = people(conn)

        def report(figures: Figures) -> int:
            origin = f"telegram:{figures.date_from}:{figures.date_to}"
            return tally.record(conn, unit_id, me, figures, origin, NOW).id

        may, first, ninth = (
            report(build.figures(day, sessions=1))
            for day in (date(2026, 5, 30), date(2026, 6, 1), date(2026, 6, 9))
        )
        report(replace(THREE, date_from=date(2026, 4, 1), date_to=date(2026, 6, 30)))
        tally.withdraw(conn, may, me, LATER)
        return me, [ninth, first]

    me, expected = await db.write(story)
    june, quarter = Period.month_of(date(2026, 6, 1)), Period.quarter_of(date(2026, 6, 1))
    assert await db.read(tally.periods_of, me) == [june, quarter]
    assert [t.id for t in await db.read(tally.in_period, me, june, 10)] == expected
    assert [t.id for t in await db.read(tally.in_period, me, june, 1, 1)] == expected[1:]
