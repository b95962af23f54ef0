"""Newcomers who wait: no role before somebody lets them in, and decided once."""

from datetime import timedelta

from sqlalchemy import Connection

from domain.role import Role
from storage import enrolment, invitation, person
from storage.db import Database
from storage.enrolment import Enrolment, EnrolmentState
from storage.invitation import Invitation
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY


def waiting(conn: Connection) -> tuple[Enrolment, int]:
    """Somebody who waits to be a reporter of a commune, and the officer who decides."""
    top = build.province(conn)
    officer = build.reporter(conn, top, Role.OFFICER)
    place = build.commune(conn, top)
    token = invitation.create(
        conn, place, Role.REPORTER, officer, NOW, NOW + timedelta(days=7), uses=2
    )
    found = invitation.find(conn, invitation.hash_of(token), NOW)
    assert isinstance(found, Invitation)
    return enrolment.ask(conn, build.reporter(conn), found, NOW), officer


def roles(conn: Connection, person_id: int) -> int:
    actor = person.actor(conn, CHANNEL, f"chat {person_id}", TODAY)
    assert actor is not None
    return len(actor.memberships)


async def test_who_waits_has_no_role_and_waits_once(db: Database) -> None:
    asked, _ = await db.write(waiting)
    assert await db.read(roles, asked.person_id) == 0
    assert await db.read(enrolment.is_waiting, asked.person_id, asked.unit_id, asked.role)
    assert not await db.read(enrolment.is_waiting, asked.person_id, asked.unit_id, Role.MEMBER)
    assert not await db.read(enrolment.is_waiting, asked.person_id, asked.unit_id + 1, asked.role)


async def test_who_is_let_in_holds_the_role_from_that_day(db: Database) -> None:
    asked, officer = await db.write(waiting)
    decided = await db.write(enrolment.decide, asked.id, officer, NOW, TODAY, accept=True)
    assert decided is not None
    assert decided.state is EnrolmentState.ACCEPTED
    assert await db.read(roles, asked.person_id) == 1
    assert await db.read(enrolment.waiting_below, [asked.unit_id]) == []


async def test_who_is_declined_gets_nothing_and_may_ask_again(db: Database) -> None:
    asked, officer = await db.write(waiting)
    await db.write(enrolment.decide, asked.id, officer, NOW, TODAY, accept=False)
    assert await db.read(roles, asked.person_id) == 0
    assert not await db.read(enrolment.is_waiting, asked.person_id, asked.unit_id, asked.role)


async def test_it_is_decided_once(db: Database) -> None:
    asked, officer = await db.write(waiting)
    await db.write(enrolment.decide, asked.id, officer, NOW, TODAY, accept=False)
    again = await db.write(enrolment.decide, asked.id, officer, NOW, TODAY, accept=True)
    assert again is None
    assert (await db.read(enrolment.get, asked.id)).state is EnrolmentState.DECLINED
    assert await db.read(roles, asked.person_id) == 0


async def test_who_has_waited_longest_is_listed_first(db: Database) -> None:
    def story(conn: Connection) -> list[int]:
        first, officer = waiting(conn)
        token = invitation.create(
            conn, first.unit_id, Role.MEMBER, officer, NOW, NOW + timedelta(days=7)
        )
        found = invitation.find(conn, invitation.hash_of(token), NOW)
        assert isinstance(found, Invitation)
        second = enrolment.ask(conn, build.reporter(conn), found, NOW)
        listed = enrolment.waiting_below(conn, [first.unit_id])
        return [each.id - first.id for each in listed] + [second.id - first.id]

    assert await db.write(story) == [0, 1, 1]


async def test_those_who_wait_are_listed_below_each_unit_above_them(db: Database) -> None:
    asked, _ = await db.write(waiting)
    listed = await db.read(enrolment.waiting_below, [asked.unit_id])
    assert [each.id for each in listed] == [asked.id]
    assert await db.read(enrolment.waiting_below, []) == []
    assert await db.read(enrolment.find, 999) is None


async def test_asking_and_deciding_leave_audit_lines(db: Database) -> None:
    asked, officer = await db.write(waiting)
    await db.write(enrolment.decide, asked.id, officer, NOW, TODAY, accept=True)
    assert (await db.read(build.audit_lines))[-2:] == [
        ("ask_to_enrol", "enrolment", asked.id, asked.person_id),
        ("enrolment_accepted", "enrolment", asked.id, officer),
    ]
