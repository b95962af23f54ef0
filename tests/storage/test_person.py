"""People, their accounts, and roles that are held from a day to a day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from domain.role import Action, Membership, Role
from storage import person, unit
from storage.db import Database
from storage.schema import membership
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY

DAY = timedelta(days=1)


def newcomer(conn: Connection, role: Role = Role.REPORTER) -> tuple[int, int]:
    """A person whose address is "chat", with a role in a commune from today on."""
    unit_id = build.commune(conn, build.province(conn), "Đảng uỷ xã Hàm Yên")
    person_id = person.add(conn, "Báo cáo viên", NOW)
    person.add_account(conn, person_id, CHANNEL, "chat")
    person.add_membership(conn, person_id, unit_id, role, TODAY)
    return person_id, unit_id


async def test_an_unknown_address_is_nobody(db: Database) -> None:
    await db.write(newcomer)
    assert await db.read(person.actor, CHANNEL, "another chat", TODAY) is None
    assert await db.read(person.actor, "zalo", "chat", TODAY) is None


async def test_a_role_begins_on_its_first_day(db: Database) -> None:
    person_id, unit_id = await db.write(newcomer)
    today = await db.read(person.actor, CHANNEL, "chat", TODAY)
    assert today is not None
    assert (today.person_id, today.display_name) == (person_id, "Báo cáo viên")
    assert today.memberships == (Membership(unit_id, "Đảng uỷ xã Hàm Yên", Role.REPORTER),)
    yesterday = await db.read(person.actor, CHANNEL, "chat", TODAY - DAY)
    assert yesterday is not None
    assert yesterday.memberships == ()


async def test_a_role_is_held_through_its_last_day(db: Database) -> None:
    await db.write(newcomer)
    await db.write(
        lambda conn: conn.execute(update(membership).values(valid_to=TODAY + DAY)).close()
    )
    last = await db.read(person.actor, CHANNEL, "chat", TODAY + DAY)
    after = await db.read(person.actor, CHANNEL, "chat", TODAY + 2 * DAY)
    assert last is not None
    assert after is not None
    assert (len(last.memberships), len(after.memberships)) == (1, 0)


async def test_a_role_that_is_held_is_not_given_twice(db: Database) -> None:
    person_id, unit_id = await db.write(newcomer)
    again = person_id, unit_id, Role.REPORTER, TODAY + DAY
    assert await db.write(person.add_membership, *again) is False
    other = person_id, unit_id, Role.UNIT_LEAD, TODAY
    assert await db.write(person.add_membership, *other) is True


async def test_a_role_that_has_ended_can_be_given_again(db: Database) -> None:
    person_id, unit_id = await db.write(newcomer)
    await db.write(lambda conn: conn.execute(update(membership).values(valid_to=TODAY)).close())
    later = date(2027, 1, 1)
    assert await db.write(person.add_membership, person_id, unit_id, Role.REPORTER, later) is True


async def test_a_role_reaches_the_units_below_and_no_others(db: Database) -> None:
    def story(conn: Connection) -> tuple[frozenset[int], ...]:
        top = build.province(conn)
        mine = build.commune(conn, top)
        below, beside = build.commune(conn, mine), build.commune(conn, top)
        person_id = person.add(conn, "x", NOW)
        person.add_account(conn, person_id, CHANNEL, "chat")
        person.add_membership(conn, person_id, mine, Role.UNIT_LEAD, TODAY)
        return tuple(unit.path(conn, unit_id) for unit_id in (mine, below, beside, top))

    paths = await db.write(story)
    actor = await db.read(person.actor, CHANNEL, "chat", TODAY)
    assert actor is not None
    assert [actor.may(Action.SEE_SUMMARY, path) for path in paths] == [True, True, False, False]


async def test_one_address_belongs_to_one_person(db: Database) -> None:
    await db.write(newcomer)
    other = await db.write(person.add, "other", NOW)
    with pytest.raises(IntegrityError):
        await db.write(person.add_account, other, CHANNEL, "chat")


async def test_consent_keeps_its_version_and_moment(db: Database) -> None:
    agreed = await db.write(lambda conn: person.add(conn, "x", NOW, consent_version="2026-11"))
    silent = await db.write(person.add, "y", NOW)
    assert await db.read(person.consent, agreed) == ("2026-11", NOW)
    assert await db.read(person.consent, silent) is None


async def test_who_has_blocked_the_bot_has_no_address_until_they_return(db: Database) -> None:
    person_id, _ = await db.write(newcomer)
    assert await db.read(person.address_of, person_id, CHANNEL) == "chat"
    await db.write(person.set_reachable, CHANNEL, "chat", NOW)
    assert await db.read(person.address_of, person_id, CHANNEL) is None
    await db.write(person.set_reachable, CHANNEL, "chat", None)
    assert await db.read(person.address_of, person_id, CHANNEL) == "chat"
    assert await db.read(person.address_of, person_id, "zalo") is None


async def test_who_writes_is_within_reach_again_on_that_messenger_only(db: Database) -> None:
    def lose(conn: Connection) -> int:
        lan = build.reporter(conn)
        person.add_account(conn, lan, "zalo", "4503599627370497")
        for channel, address in ((CHANNEL, f"chat {lan}"), ("zalo", "4503599627370497")):
            person.set_reachable(conn, channel, address, NOW)
        return lan

    lan = await db.write(lose)
    await db.write(person.came_back, "zalo", "4503599627370497")
    found = await db.read(person.addresses_of, [lan], [CHANNEL, "zalo"])
    assert found == {lan: [("zalo", "4503599627370497")]}


async def test_in_charge_of_a_unit_is_who_holds_a_role_for_it_today_in_it_or_above(
    db: Database,
) -> None:
    def staffed(conn: Connection) -> tuple[list[int], list[int]]:
        province = build.province(conn)
        commune, beside = build.commune(conn, province), build.commune(conn, province)
        expected = [
            build.reporter(conn, province, Role.OFFICER),
            build.reporter(conn, commune, Role.ADMIN),
        ]
        build.reporter(conn, commune, Role.UNIT_LEAD)
        build.reporter(conn, beside, Role.OFFICER)
        tomorrow = build.reporter(conn)
        person.add_membership(conn, tomorrow, commune, Role.OFFICER, TODAY + DAY)
        person.add_membership(conn, expected[0], commune, Role.OFFICER, TODAY)
        return person.in_charge(conn, commune, Action.DECIDE_CHANGE, TODAY), expected

    found, expected = await db.write(staffed)
    assert found == expected


async def test_a_role_is_held_in_the_very_unit_and_not_above_it(db: Database) -> None:
    person_id, unit_id = await db.write(newcomer)
    assert await db.read(person.holds, person_id, unit_id, Role.REPORTER, TODAY)
    assert not await db.read(person.holds, person_id, unit_id, Role.MEMBER, TODAY)
    assert not await db.read(person.holds, person_id, unit_id, Role.REPORTER, TODAY - DAY)


async def test_holders_are_those_in_the_unit_and_above_it(db: Database) -> None:
    def story(conn: Connection) -> tuple[list[int], list[int]]:
        top = build.province(conn)
        place = build.commune(conn, top)
        officer = build.reporter(conn, top, Role.OFFICER)
        lead = build.reporter(conn, place, Role.UNIT_LEAD)
        build.reporter(conn, build.commune(conn, top), Role.UNIT_LEAD)
        wanted = {Role.UNIT_LEAD, Role.OFFICER}
        return person.holders(conn, place, wanted, TODAY), [officer, lead]

    found, expected = await db.write(story)
    assert found == expected


async def test_a_newer_notice_is_agreed_to_with_its_own_time(db: Database) -> None:
    def story(conn: Connection) -> list[object]:
        person_id = person.add(conn, "Lan", NOW, consent_version="2026-11")
        found: list[object] = []
        for days, version in enumerate(("2026-11", "2027-01", "2027-01")):
            person.agree(conn, person_id, version, NOW + days * DAY)
            found.append(person.consent(conn, person_id))
        nobody = person.add(conn, "Mai", NOW)
        person.agree(conn, nobody, "2027-01", NOW)
        return [*found, person.consent(conn, nobody)]

    assert await db.write(story) == [
        ("2026-11", NOW),
        ("2027-01", NOW + DAY),
        ("2027-01", NOW + DAY),
        ("2027-01", NOW),
    ]
