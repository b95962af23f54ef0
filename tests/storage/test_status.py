"""Who has reported, from what is stored: silence, nothing to report and figures are three things."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from domain.period import Cutoff, Period
from domain.status import Status, StatusCounts
from domain.tally import Precision
from domain.unit import UnitType
from domain.unit_change import merged
from storage import exception, excuse, status, tally, totals, unit, unit_change
from storage.db import Database
from storage.schema import org_unit
from tests.storage import build
from tests.storage.build import RULES
from tests.storage.july import AUGUST, IN_TIME, JULY, TOO_LATE, counts, nil, report

# --- one unit -----------------------------------------------------------------------------------


async def test_each_unit_stands_in_one_way_in_the_official_order(db: Database) -> None:
    def story(conn: Connection) -> list[tuple[str, Status]]:
        top = build.province(conn)

        def commune(name: str, position: int) -> int:
            kind = UnitType.COMMUNE_COMMITTEE
            return unit.add(conn, name, name, kind, top, position=position)

        commune("missing", 4)
        nil(conn, commune("nil", 3), TOO_LATE)
        report(conn, commune("late", 2), TOO_LATE)
        report(conn, commune("on time", 1))
        found = status.of_units(conn, top, JULY, RULES)
        return [(unit.name, unit.status) for unit in found]

    assert await db.write(story) == [
        ("on time", Status.ON_TIME),
        ("late", Status.LATE),
        ("nil", Status.NIL),
        ("missing", Status.MISSING),
    ]


async def test_a_correction_after_the_due_date_keeps_a_report_on_time(db: Database) -> None:
    def story(conn: Connection) -> StatusCounts:
        unit_id = build.commune(conn, build.province(conn))
        corrected = build.figures(JULY.end, sessions=9)
        tally.correct(conn, report(conn, unit_id), build.reporter(conn), corrected, TOO_LATE)
        return counts(conn, unit_id)

    assert await db.write(story) == StatusCounts(on_time=1)


async def test_figures_that_correct_a_nil_return_are_on_time_when_that_was(db: Database) -> None:
    def story(conn: Connection) -> StatusCounts:
        top = build.province(conn)
        for said_at in (IN_TIME, TOO_LATE):
            unit_id = build.commune(conn, top)
            nil(conn, unit_id, said_at)
            report(conn, unit_id, TOO_LATE)
        return counts(conn, top)

    assert await db.write(story) == StatusCounts(on_time=1, late=1)


async def test_what_was_withdrawn_or_is_of_other_days_does_not_make_late_figures_on_time(
    db: Database,
) -> None:
    def story(conn: Connection) -> StatusCounts:
        top = build.province(conn)
        again, beyond = build.commune(conn, top), build.commune(conn, top)
        tally.withdraw(conn, report(conn, again), build.reporter(conn), IN_TIME)
        figures = replace(
            build.figures(JULY.start, sessions=1), date_to=AUGUST.start, precision=Precision.RANGE
        )
        tally.record(conn, beyond, None, figures, "beyond July", IN_TIME)
        for unit_id in (again, beyond):
            report(conn, unit_id, TOO_LATE)
        return counts(conn, top)

    assert await db.write(story) == StatusCounts(late=2)


async def test_a_report_that_is_moved_to_another_month_leaves_the_first_one_missing(
    db: Database,
) -> None:
    def story(conn: Connection) -> tuple[StatusCounts, StatusCounts]:
        unit_id = build.commune(conn, build.province(conn))
        moved = build.figures(AUGUST.start, sessions=1)
        tally.correct(conn, report(conn, unit_id), build.reporter(conn), moved, IN_TIME)
        return counts(conn, unit_id), counts(conn, unit_id, AUGUST)

    assert await db.write(story) == (StatusCounts(missing=1), StatusCounts(on_time=1))


async def test_two_reporters_of_one_unit_are_one_report(db: Database) -> None:
    def story(conn: Connection) -> StatusCounts:
        unit_id = build.commune(conn, build.province(conn))
        for at in (IN_TIME, TOO_LATE):
            report(conn, unit_id, at, reporter_id=build.reporter(conn, unit_id))
        return counts(conn, unit_id)

    assert await db.write(story) == StatusCounts(on_time=1)


async def test_a_withdrawn_report_leaves_the_unit_missing_again(db: Database) -> None:
    def story(conn: Connection) -> StatusCounts:
        unit_id = build.commune(conn, build.province(conn))
        tally.withdraw(conn, report(conn, unit_id), build.reporter(conn), IN_TIME)
        return counts(conn, unit_id)

    assert await db.write(story) == StatusCounts(missing=1)


async def test_a_nil_return_counts_for_its_own_month_alone(db: Database) -> None:
    def story(conn: Connection) -> tuple[StatusCounts, StatusCounts]:
        unit_id = build.commune(conn, build.province(conn))
        nil(conn, unit_id)
        return counts(conn, unit_id), counts(conn, unit_id, AUGUST)

    assert await db.write(story) == (StatusCounts(nil=1), StatusCounts(missing=1))


async def test_a_commune_has_reported_when_its_cell_has(db: Database) -> None:
    def story(conn: Connection) -> StatusCounts:
        top = build.province(conn)
        with_figures, with_nil = (
            unit.add(conn, code, "Chi bộ", UnitType.CELL, build.commune(conn, top))
            for code in ("cell 1", "cell 2")
        )
        report(conn, with_figures)
        nil(conn, with_nil)
        return counts(conn, top)

    assert await db.write(story) == StatusCounts(on_time=1, nil=1)


async def test_a_unit_that_is_founded_later_or_closed_before_owes_nothing(db: Database) -> None:
    def story(conn: Connection) -> list[str]:
        top, kind = build.province(conn), UnitType.COMMUNE_COMMITTEE
        for name, first, last in (
            ("founded in July", JULY.end, None),
            ("founded in August", AUGUST.start, None),
            ("closed in June", None, date(2026, 6, 30)),
            ("closed in July", None, JULY.start),
        ):
            unit.add(conn, name, name, kind, top, valid_from=first, valid_to=last)
        return [unit.name for unit in status.of_units(conn, top, JULY, RULES)]

    assert await db.write(story) == ["founded in July"]


async def test_an_excused_unit_is_not_missing_until_it_is_required_again(db: Database) -> None:
    def story(conn: Connection) -> list[StatusCounts]:
        top = build.province(conn)
        one, officer = build.commune(conn, top), build.reporter(conn, top)
        build.commune(conn, top)
        seen = []
        for unit_id, excused in ((one, True), (top, True), (one, False), (top, False)):
            excuse.say(conn, unit_id, JULY, officer, IN_TIME, excused=excused)
            seen.append(counts(conn, top))
        return seen

    assert await db.write(story) == [
        StatusCounts(excused=1, missing=1),
        StatusCounts(excused=2),
        StatusCounts(excused=1, missing=1),
        StatusCounts(missing=2),
    ]


async def test_a_unit_is_excused_for_that_month_alone_and_what_it_sends_counts(
    db: Database,
) -> None:
    def story(conn: Connection) -> tuple[StatusCounts, StatusCounts, StatusCounts]:
        unit_id = build.commune(conn, build.province(conn))
        excuse.say(conn, unit_id, JULY, build.reporter(conn), IN_TIME, excused=True)
        before = counts(conn, unit_id)
        report(conn, unit_id)
        return before, counts(conn, unit_id), counts(conn, unit_id, AUGUST)

    assert await db.write(story) == (
        StatusCounts(excused=1),
        StatusCounts(on_time=1),
        StatusCounts(missing=1),
    )


# --- after a merger -------------------------------------------------------------------------------


def merge(conn: Connection, old: int, new: int, since: date) -> None:
    codes = {row.id: row.code for row in conn.execute(select(org_unit.c.id, org_unit.c.code))}
    at = datetime.combine(since, time(), UTC)
    unit_change.undertake(conn, merged((codes[old],), codes[new]), since, at)


def standing(conn: Connection, unit_id: int, period: Period) -> dict[int, Status]:
    units = status.of_units(conn, unit_id, period, RULES)
    return {each.unit_id: each.status for each in units}


async def test_what_a_unit_reported_before_it_merged_stays_its_own_report(db: Database) -> None:
    def story(conn: Connection) -> bool:
        top = build.province(conn)
        old, new = build.commune(conn, top), build.commune(conn, top)
        report(conn, old)
        merge(conn, old, new, AUGUST.start)
        assert totals.read(conn, new, JULY), "the figures are summed under the successor"
        july = standing(conn, top, JULY)
        return july == {old: Status.ON_TIME, new: Status.MISSING}

    assert await db.write(story)


async def test_a_nil_return_from_before_the_merger_is_not_the_successors(db: Database) -> None:
    def story(conn: Connection) -> bool:
        top = build.province(conn)
        old, new = build.commune(conn, top), build.commune(conn, top)
        nil(conn, old)
        merge(conn, old, new, AUGUST.start)
        return standing(conn, top, JULY) == {old: Status.NIL, new: Status.MISSING}

    assert await db.write(story)


async def test_after_a_merger_amid_the_month_the_successor_answers_for_both(db: Database) -> None:
    def story(conn: Connection) -> bool:
        top = build.province(conn)
        old, new = build.commune(conn, top), build.commune(conn, top)
        report(conn, old)
        merge(conn, old, new, date(2026, 7, 16))
        return standing(conn, top, JULY) == {new: Status.ON_TIME}

    assert await db.write(story)


async def test_who_took_over_later_from_a_successor_does_not_answer_for_the_time_before(
    db: Database,
) -> None:
    def story(conn: Connection) -> bool:
        top = build.province(conn)
        first, second, third = (build.commune(conn, top) for _ in range(3))
        report(conn, first)
        merge(conn, first, second, date(2026, 7, 16))
        merge(conn, second, third, date(2026, 8, 16))
        july = standing(conn, top, JULY)
        return july == {second: Status.ON_TIME, third: Status.MISSING}

    assert await db.write(story)


# --- another due date -----------------------------------------------------------------------------


async def test_a_unit_with_more_time_is_on_time_until_its_own_due_date(db: Database) -> None:
    def story(conn: Connection) -> list[StatusCounts]:
        top = build.province(conn)
        one, other = build.commune(conn, top), build.commune(conn, top)
        officer, due = build.reporter(conn, top), date(2026, 8, 10)
        for unit_id in (one, other):
            report(conn, unit_id, TOO_LATE)
        seen = [counts(conn, top)]
        for unit_id, day in ((one, due), (top, due), (other, None)):
            exception.say(conn, unit_id, JULY, day, officer, TOO_LATE)
            seen.append(counts(conn, top))
        return seen

    assert await db.write(story) == [
        StatusCounts(late=2),
        StatusCounts(on_time=1, late=1),
        StatusCounts(on_time=2),
        StatusCounts(on_time=1, late=1),
    ]


async def test_the_own_due_date_ends_with_its_day_in_viet_nam(db: Database) -> None:
    def story(conn: Connection) -> tuple[StatusCounts, bool]:
        top = build.province(conn)
        in_time, late = build.commune(conn, top), build.commune(conn, top)
        exception.say(conn, top, JULY, date(2026, 8, 7), build.reporter(conn, top), TOO_LATE)
        report(conn, in_time, IN_TIME + timedelta(days=2))
        report(conn, late, TOO_LATE + timedelta(days=2))
        units = status.of_units(conn, top, JULY, RULES)
        own = all(unit.due == date(2026, 8, 7) and unit.extended for unit in units)
        return counts(conn, top), own

    assert await db.write(story) == (StatusCounts(on_time=1, late=1), True)


# --- the cut-off on day 15 ------------------------------------------------------------------------


async def test_with_the_cut_off_on_day_15_the_end_of_june_is_reported_for_july(
    db: Database,
) -> None:
    rules = replace(RULES, cutoff=Cutoff.DAY_15)

    def story(conn: Connection) -> list[list[Status]]:
        unit_id = build.commune(conn, build.province(conn))
        figures = build.figures(date(2026, 6, 15), sessions=1)
        at = datetime(2026, 7, 1, tzinfo=UTC)
        tally.record(conn, unit_id, None, figures, "june", at, cutoff=rules.cutoff)
        months = [Period.from_code(code) for code in ("2026-06", "2026-07", "2026-08")]
        found = [status.of_units(conn, unit_id, month, rules) for month in months]
        return [[unit.status for unit in units] for units in found]

    missing = [Status.MISSING]
    assert await db.write(story) == [missing, [Status.ON_TIME], missing]
