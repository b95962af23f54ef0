"""Requests for changes after the lock: decided once, carried out only on what they were asked of."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from domain.oddity import OddFlag, OddityCode, OddReason
from domain.period import Period
from domain.tally import Figures, TallyKind
from storage import change_request, oddity, tally, totals
from storage.change_request import ChangeRequest, RequestState
from storage.db import Database
from storage.tally import StoredTally
from tests.storage import build
from tests.storage.build import NOW, TODAY

THREE = build.figures(sessions=3, party_members=45, public=60)
FOUR = replace(THREE, sessions=4, topic="chuyển đổi số")
LATER = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """A commune with a stored report, its reporter, its province and the officer there."""

    province: int
    entry: StoredTally
    reporter: int
    officer: int


def place(conn: Connection, origin: str = "telegram:1") -> Place:
    province = build.province(conn)
    unit_id = build.commune(conn, province)
    reporter, officer = build.reporter(conn, unit_id), build.reporter(conn, province)
    entry = tally.record(conn, unit_id, reporter, THREE, origin, NOW)
    return Place(province, entry, reporter, officer)


def ask(
    conn: Connection, where: Place, figures: Figures | None = FOUR, origin: str = "telegram:2"
) -> ChangeRequest:
    unit_id = where.entry.unit_id
    return change_request.ask(conn, unit_id, where.reporter, where.entry, figures, origin, NOW)


def ask_to_add(conn: Connection, where: Place) -> ChangeRequest:
    unit_id = where.entry.unit_id
    return change_request.ask(conn, unit_id, where.reporter, None, FOUR, "telegram:3", NOW)


def decide(conn: Connection, where: Place, request: ChangeRequest, accept: bool) -> RequestState:
    decided = change_request.decide(conn, request.id, where.officer, LATER, accept=accept)
    assert decided is not None
    return decided.state


def sessions(conn: Connection, where: Place) -> int | None:
    july = totals.read(conn, where.entry.unit_id, Period.month_of(TODAY))
    counted = july.get(TallyKind.ORAL_SESSION)
    return None if counted is None else counted.sessions


async def test_a_request_changes_nothing_until_it_is_decided(db: Database) -> None:
    def asked(conn: Connection) -> tuple[Place, ChangeRequest, StoredTally]:
        where = place(conn)
        request = ask(conn, where)
        return where, request, tally.get(conn, where.entry.id)

    where, request, now = await db.write(asked)
    assert now == where.entry
    assert (request.state, request.figures, request.asked_by) == (
        RequestState.OPEN,
        FOUR,
        where.reporter,
    )
    assert (request.tally_id, request.tally_version) == (where.entry.id, 1)
    assert await db.read(change_request.open_about, where.entry.id) == request


async def test_an_accepted_correction_is_a_new_version_of_its_sender(db: Database) -> None:
    def accepted(conn: Connection) -> tuple[RequestState, list[tally.TallyVersion], int | None]:
        where = place(conn)
        state = decide(conn, where, ask(conn, where), True)
        return state, tally.history(conn, where.entry.id), sessions(conn, where)

    state, versions, counted = await db.write(accepted)
    assert state is RequestState.ACCEPTED
    assert [version.figures for version in versions] == [THREE, FOUR]
    assert versions[1].author_id == versions[0].author_id
    assert counted == 4


async def test_odd_figures_keep_their_flag_from_the_request_to_the_report(db: Database) -> None:
    odd = OddFlag((OddityCode.CROWDED,), OddReason.LARGE_EVENT)

    def accepted(conn: Connection) -> list[OddFlag | None]:
        where = place(conn)
        unit_id, person_id = where.entry.unit_id, where.reporter
        change, new = (
            change_request.ask(conn, unit_id, person_id, about, FOUR, origin, NOW, odd)
            for about, origin in ((where.entry, "telegram:2"), (None, "telegram:3"))
        )
        decide(conn, where, change, True)
        decide(conn, where, new, True)
        (added,) = tally.of_message(conn, "telegram:3")
        kept = [oddity.flag_of(conn, entry) for entry in (where.entry.id, added.id)]
        return [change.odd, new.odd, *kept]

    assert await db.write(accepted) == [odd] * 4


async def test_an_accepted_withdrawal_takes_the_figures_out(db: Database) -> None:
    def accepted(conn: Connection) -> tuple[RequestState, int | None]:
        where = place(conn)
        return decide(conn, where, ask(conn, where, None), True), sessions(conn, where)

    assert await db.write(accepted) == (RequestState.ACCEPTED, None)


async def test_an_accepted_addition_is_a_report_of_its_sender(db: Database) -> None:
    def accepted(conn: Connection) -> tuple[int | None, list[StoredTally], Place]:
        where = place(conn)
        decide(conn, where, ask_to_add(conn, where), True)
        return sessions(conn, where), tally.of_message(conn, "telegram:3"), where

    counted, added, where = await db.write(accepted)
    assert counted == 7
    assert [(entry.reporter_id, entry.figures) for entry in added] == [(where.reporter, FOUR)]


@pytest.mark.parametrize("figures", [FOUR, None])
async def test_a_declined_request_leaves_everything_as_it_was(
    db: Database, figures: Figures | None
) -> None:
    def declined(conn: Connection) -> tuple[RequestState, bool, int | None]:
        where = place(conn)
        state = decide(conn, where, ask(conn, where, figures), False)
        untouched = tally.get(conn, where.entry.id) == where.entry
        return state, untouched, sessions(conn, where)

    assert await db.write(declined) == (RequestState.DECLINED, True, 3)


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_a_request_about_what_has_changed_since_is_not_carried_out(
    db: Database, withdrawn: bool
) -> None:
    def overtaken(conn: Connection) -> tuple[RequestState, int]:
        where = place(conn)
        request = ask(conn, where)
        if withdrawn:
            tally.withdraw(conn, where.entry.id, where.officer, NOW)
        else:
            two = replace(THREE, sessions=2)
            tally.correct(conn, where.entry.id, where.officer, two, NOW)
        return decide(conn, where, request, True), tally.get(conn, where.entry.id).version

    assert await db.write(overtaken) == (RequestState.OVERTAKEN, 2)


async def test_a_newer_request_about_the_same_report_takes_the_place_of_the_older(
    db: Database,
) -> None:
    def twice(conn: Connection) -> tuple[RequestState, ChangeRequest | None, ChangeRequest]:
        where = place(conn)
        first = ask(conn, where)
        second = ask(conn, where, None, "telegram:4")
        first = change_request.get(conn, first.id)
        return first.state, change_request.open_about(conn, where.entry.id), second

    state, open_, second = await db.write(twice)
    assert state is RequestState.OVERTAKEN
    assert open_ == second


async def test_the_same_message_asks_once(db: Database) -> None:
    def twice(conn: Connection) -> tuple[ChangeRequest, ChangeRequest]:
        where = place(conn)
        return ask(conn, where), ask(conn, where, None)

    first, second = await db.write(twice)
    assert first == second


async def test_two_officers_who_tap_at_once_decide_it_once(db: Database) -> None:
    where = await db.write(place)
    request = await db.write(ask, where)
    answers = await asyncio.gather(
        *(
            db.write(change_request.decide, request.id, where.officer, LATER, accept=accept)
            for accept in (True, False, True)
        )
    )
    assert sum(answer is not None for answer in answers) == 1


async def test_open_requests_are_listed_for_a_subtree_oldest_first(db: Database) -> None:
    def asked(conn: Connection) -> tuple[list[ChangeRequest], list[ChangeRequest], list[int]]:
        where, elsewhere = place(conn, "telegram:1"), place(conn, "telegram:9")
        first, second = ask(conn, where), ask_to_add(conn, where)
        decide(conn, where, second, False)
        third = ask(conn, elsewhere, None, "telegram:4")
        mine = change_request.open_below(conn, [where.province], 10)
        units = [elsewhere.province, where.province, where.entry.unit_id]
        both = change_request.open_below(conn, units, 10)
        return mine, both, [first.id, third.id]

    mine, both, expected = await db.write(asked)
    assert [request.id for request in mine] == expected[:1]
    assert [request.id for request in both] == expected


async def test_what_waits_is_counted_by_the_period_of_its_old_and_its_new_days(
    db: Database,
) -> None:
    def asked(conn: Connection) -> dict[str, list[int]]:
        where, elsewhere = place(conn), place(conn, "telegram:3")
        june = replace(FOUR, date_from=date(2026, 6, 30), date_to=date(2026, 6, 30))
        ask(conn, where, june)
        decide(conn, where, ask_to_add(conn, where), False)
        ask(conn, elsewhere, None, "telegram:4")
        periods = [Period.month_of(date(2026, month, 1)) for month in (5, 6, 7)]
        periods.append(Period.year_of(TODAY))
        return {
            name: [change_request.open_in(conn, of.province, period) for period in periods]
            for name, of in (("moved to June", where), ("withdrawn in July", elsewhere))
        }

    assert await db.write(asked) == {
        "moved to June": [0, 1, 1, 1],
        "withdrawn in July": [0, 0, 1, 1],
    }


async def test_an_unknown_request_is_not_found(db: Database) -> None:
    assert await db.read(change_request.find, 999_999) is None


async def test_who_asked_and_who_accepted_is_in_the_audit_log(db: Database) -> None:
    def accepted(conn: Connection) -> tuple[Place, ChangeRequest]:
        where = place(conn)
        request = ask(conn, where)
        decide(conn, where, request, True)
        return where, request

    where, request = await db.write(accepted)
    assert await db.read(build.audit_lines) == [
        ("report", "tally", where.entry.id, where.reporter),
        ("ask", "change_request", request.id, where.reporter),
        ("correct", "tally", where.entry.id, where.reporter),
        ("accepted", "change_request", request.id, where.officer),
    ]
