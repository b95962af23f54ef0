import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from csv import DictReader
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, select

from bot.demo_data import CHANNEL, DEMO_GROUP, DEMO_PEOPLE, SEED_FACTS, link, prepare
from domain.period import Period
from domain.role import Role
from domain.status import StatusCounts
from domain.tally import Approximation, Figures, TallyKind, problems
from domain.totals import Totals
from domain.unit import Unit, UnitType
from storage import group, person, schema, status, tally, target, totals, unit, zalo
from storage.db import Database
from storage.migrate import migrate
from storage.schema import metadata
from storage.target import Target
from tests.storage.build import RULES

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"

    async def fill() -> None:
        async with Database(url) as db:
            await migrate(db)
            await prepare(db, NOW)

    asyncio.run(fill())
    return url


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    async with Database(url) as db:
        yield db


async def root(db: Database) -> Unit:
    found = await db.read(unit.root)
    assert found is not None
    return found


async def totals_of(db: Database, period: Period) -> dict[TallyKind, Totals]:
    return await db.read(totals.read, (await root(db)).id, period)


def year(number: int) -> Period:
    return Period.year_of(date(number, 1, 1))


def stated(sums: Totals) -> dict[str, int]:
    """What a sum says, without its many zeroes."""
    return {name: value for name, value in asdict(sums).items() if value}


# --- past years ----------------------------------------------------------------------------------


async def test_2021_shows_the_figures_of_its_document(db: Database) -> None:
    sums = await totals_of(db, year(2021))
    oral = sums[TallyKind.ORAL_SESSION]
    assert (oral.sessions, oral.party_members, oral.public) == (6372, 60000, 96000)
    assert (oral.unsplit, oral.approximation) == (0, None)
    conference = sums[TallyKind.REPORTER_CONFERENCE]
    assert (conference.known("sessions"), conference.attendance) == (None, 1000)
    assert conference.approximation is Approximation.UNDER
    classes = sums[TallyKind.TRAINING_CLASS]
    assert (classes.sessions, classes.learners) == (5 + 4 + 1, 230 + 180)
    assert sums[TallyKind.CONTEST].sessions == 6 + 1
    assert sums[TallyKind.TRAINING_WORKSHOP].sessions == 1


async def test_2018_is_over_12000_and_not_split(db: Database) -> None:
    oral = (await totals_of(db, year(2018)))[TallyKind.ORAL_SESSION]
    assert stated(oral) == {
        "entries": 1,
        "sessions": 267,
        "sessions_known": 1,
        "unsplit": 12000,
        "unsplit_known": 1,
        "over": 1,
    }


async def test_the_term_2010_2015_is_not_split(db: Database) -> None:
    sums = await totals_of(db, Period.term(2010, 2015))
    assert stated(sums[TallyKind.ORAL_SESSION]) == {
        "entries": 1,
        "sessions": 723,
        "sessions_known": 1,
        "unsplit": 67279,
        "unsplit_known": 1,
    }
    classes = sums[TallyKind.TRAINING_CLASS]
    assert (classes.sessions, classes.learners) == (30 + 10 + 25, 1382 + 1060 + 700 + 5155)


async def test_2023_shows_its_events(db: Database) -> None:
    sums = await totals_of(db, year(2023))
    assert {kind: part.known("sessions") or part.known("items") for kind, part in sums.items()} == {
        TallyKind.RESOLUTION_STUDY: 3,
        TallyKind.CURRENT_AFFAIRS_BRIEFING: 4,
        TallyKind.REPORTER_CONFERENCE: 6,
        TallyKind.THEMATIC_TALK: 1 + 14 + 1,
        TallyKind.TRAINING_CLASS: 30,
        TallyKind.TRAINING_WORKSHOP: 4,
        TallyKind.CONTEST: 2,
        TallyKind.OPINION_REPORT: 12,
        TallyKind.MATERIAL: 25,
        TallyKind.ONLINE_POST: 3600,
    }
    assert sums[TallyKind.ONLINE_POST].approximation is Approximation.OVER


@pytest.mark.parametrize(
    ("period", "name", "percent", "hedge"),
    [
        (year(2023), "Lớp đào tạo, bồi dưỡng cán bộ", "107", None),
        (year(2018), "Phát triển đảng viên mới", "102.6", None),
        (year(2018), "Học tập, quán triệt nghị quyết, chỉ thị: đảng viên", "100", None),
        (
            Period.term(2010, 2015),
            "Học tập, quán triệt nghị quyết, chỉ thị: quần chúng",
            "90",
            Approximation.OVER,
        ),
    ],
)
async def test_declared_targets_stand_beside_the_figures(
    db: Database, period: Period, name: str, percent: str, hedge: Approximation | None
) -> None:
    targets = await db.read(target.within, (await root(db)).id, period)
    found: list[Target] = [each for each in targets if each.name == name]
    assert [(each.percent, each.approximation) for each in found] == [(Decimal(percent), hedge)]


def test_every_number_of_the_seed_file_stands_in_its_quoted_sentence() -> None:
    measures = ("sessions", "audience_total", "party_members", "public", "learners", "items")
    # "Hội thi cấp Đảng bộ Khối" and "đã tổ chức thành công Hội thi" are one each without a numeral,
    # "1 lớp và … 1 lớp" are two; "trên 12 nghìn" is 12.000, "vượt chỉ tiêu" is over 100 %.
    spelled_out = {
        ("contest", "1"),
        ("training_class", "2"),
        ("oral_session", "12000"),
        ("", "100"),
    }
    with SEED_FACTS.open(encoding="utf-8", newline="") as file:
        lines = list(DictReader(file))
    for line in lines:
        said = {
            number.replace(".", "").lstrip("0")
            for number in re.findall(r"[\d.,]*\d", line["quote"])
        }
        given = {line[name] for name in (*measures, "planned", "done", "declared_percent")} - {""}
        missing = {number for number in given - said if (line["kind"], number) not in spelled_out}
        assert missing == set(), line["quote"]
    assert len(lines) == 45


async def test_nobody_owes_a_report_for_years_before_the_units_of_today(db: Database) -> None:
    top = await root(db)
    assert await db.read(status.of_units, top.id, year(2021), RULES) == []


# --- the year up to yesterday ----------------------------------------------------------------------


def entries(conn: Connection) -> list[tally.StoredTally]:
    ours = schema.tally.c.reporter_id.is_not(None)
    ids = conn.execute(select(schema.tally.c.id).where(ours).order_by(schema.tally.c.id)).scalars()
    return [tally.get(conn, tally_id) for tally_id in list(ids)[::25]]


def count(conn: Connection, table: Table) -> int:
    return conn.execute(select(func.count()).select_from(table)).scalar_one()


async def test_the_totals_agree_with_the_entries(db: Database) -> None:
    assert await db.read(totals.verify) == []


async def test_a_year_of_entries_is_there_and_each_could_have_been_reported(db: Database) -> None:
    assert 8_000 <= await db.read(count, schema.tally) <= 12_000
    for entry in await db.read(entries):
        assert problems(entry.figures, TODAY) == []
        assert date(2025, 11, 21) <= entry.figures.date_from
        assert entry.figures.date_to < TODAY
        assert entry.created_at < NOW


async def test_some_entries_are_unsplit_and_some_approximate(db: Database) -> None:
    figures: list[Figures] = [entry.figures for entry in await db.read(entries)]
    oral = [each for each in figures if each.kind is TallyKind.ORAL_SESSION]
    assert 0.1 < sum(each.unsplit > 0 for each in oral) / len(oral) < 0.3
    assert any(each.approximation for each in oral)
    per_session = [(each.attendance or 0) / (each.sessions or 1) for each in oral]
    assert 15 <= min(per_session) <= max(per_session) <= 75


async def test_this_month_has_missing_units_and_one_nil_return(db: Database) -> None:
    month = Period.month_of(TODAY)
    counts = await db.read(status.counts, (await root(db)).id, month, RULES)
    assert counts == StatusCounts(on_time=113, nil=1, missing=14)


async def test_a_stored_entry_is_what_recording_it_would_have_left(
    db: Database, tmp_path: Path
) -> None:
    """Record some of the demo's entries again on a second database and compare all rows."""
    for entry in (await db.read(entries))[::90]:
        origin = (await db.read(rows_of, entry.id))["tally"]["origin"]
        again = await recorded(tmp_path, entry, origin)
        assert again == without_numbers(await db.read(rows_of, entry.id))


def rows_of(conn: Connection, tally_id: int) -> dict[str, dict[str, Any]]:
    owners = {
        schema.tally: schema.tally.c.id,
        schema.tally_version: schema.tally_version.c.tally_id,
        schema.audit_event: schema.audit_event.c.subject_id,
    }
    is_ours = schema.audit_event.c.subject == "tally"
    return {
        table.name: dict(
            conn.execute(
                select(table).where(owner == tally_id, is_ours)
                if table is schema.audit_event
                else select(table).where(owner == tally_id)
            )
            .mappings()
            .one()
        )
        for table, owner in owners.items()
    }


NUMBERS = {"id", "tally_id", "subject_id", "unit_id", "reporter_id", "author_id", "actor_id"}


def without_numbers(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows as they are on any database: row numbers left out, but whether there is one."""
    return {
        table: {k: v is not None if k in NUMBERS else v for k, v in row.items()}
        for table, row in rows.items()
    }


async def recorded(
    folder: Path, entry: tally.StoredTally, origin: str
) -> dict[str, dict[str, Any]]:
    async with Database(f"sqlite:///{folder / 'again.db'}") as db:
        await migrate(db)

        def record(conn: Connection) -> dict[str, dict[str, Any]]:
            code = f"unit-{origin}"
            unit_id = unit.add(conn, code, entry.unit_name, UnitType.COMMUNE_COMMITTEE)
            reporter = person.add(conn, "Báo cáo viên", NOW)
            stored = tally.record(conn, unit_id, reporter, entry.figures, origin, entry.created_at)
            return without_numbers(rows_of(conn, stored.id))

        return await db.write(record)


# --- people --------------------------------------------------------------------------------------


async def test_the_demo_people_hold_their_roles_and_have_agreed_to_the_notice(db: Database) -> None:
    for each in DEMO_PEOPLE:
        actor = await db.read(person.actor, CHANNEL, str(each.id), TODAY)
        if each.role is None:
            assert actor is None
            continue
        assert actor is not None
        assert [m.role for m in actor.memberships] == [each.role]
        assert await db.read(person.consent, actor.person_id) is not None


async def test_the_officer_reaches_everything_and_the_lead_only_the_commune(db: Database) -> None:
    everything = await root(db)
    held = {}
    for each in DEMO_PEOPLE:
        if actor := await db.read(person.actor, CHANNEL, str(each.id), TODAY):
            held[each.id] = actor.memberships[0]
    assert (held[1005].role, held[1005].unit_id) == (Role.OFFICER, everything.id)
    assert held[1003].unit_name == held[1002].unit_name == "Đảng ủy xã Lâm Bình"
    cell = await db.read(unit.get, held[1001].unit_id)
    assert held[1003].unit_id in cell.path


async def test_the_committee_group_sees_the_whole_province(db: Database) -> None:
    unit_id = await db.read(group.unit_of, CHANNEL, str(DEMO_GROUP.id))
    assert unit_id == (await root(db)).id


async def test_preparing_again_changes_nothing(db: Database) -> None:
    def everything(conn: Connection) -> dict[str, int]:
        return {table.name: count(conn, table) for table in metadata.sorted_tables}

    before = await db.read(everything)
    await prepare(db, datetime(2026, 12, 1, tzinfo=UTC))
    assert await db.read(everything) == before


async def test_each_of_them_has_a_second_phone_on_which_they_are_the_same_person(
    url: str, tmp_path: Path
) -> None:
    copy = shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "linked.db")
    zalo_ids = {each.id: f"zalo of {each.id}" for each in DEMO_PEOPLE}
    async with Database(f"sqlite:///{copy}") as db:
        for _ in range(2):
            await db.write(link, "2", zalo_ids, NOW)
        for each in DEMO_PEOPLE:
            number = await db.write(zalo.number_of, "2", zalo_ids[each.id], is_group=False)
            there = await db.read(person.actor, "zalo", str(number), TODAY)
            assert there == await db.read(person.actor, CHANNEL, str(each.id), TODAY)
            assert (there is None) == (each.role is None)
