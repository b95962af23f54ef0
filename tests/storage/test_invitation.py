"""Invitations: the token is known to whom it was given, and opens as often as was said."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from domain.role import Role
from storage import invitation, people, person
from storage.db import Database
from storage.invitation import Invitation, Refusal, UsedUp
from tests.storage import build
from tests.storage.build import NOW, TODAY

EXPIRES = NOW + timedelta(days=7)


def invite(conn: Connection, uses: int = 1) -> str:
    unit_id = build.commune(conn, build.province(conn))
    return invitation.create(conn, unit_id, Role.REPORTER, None, NOW, EXPIRES, uses)


def enrol(conn: Connection, token: str, name: str) -> str:
    """What a newcomer's consent does, in one unit of work."""
    found = invitation.find(conn, invitation.hash_of(token), NOW)
    if isinstance(found, Refusal):
        return found
    person.add(conn, name, NOW)
    invitation.use(conn, found.id)
    return "enrolled"


async def test_a_token_opens_the_unit_and_role_it_was_made_for(db: Database) -> None:
    token = await db.write(invite)
    found = await db.read(invitation.find, invitation.hash_of(token), NOW)
    assert isinstance(found, Invitation)
    assert (found.unit_name, found.role) == ("Đảng uỷ xã Hàm Yên", Role.REPORTER)


async def test_a_token_fits_into_a_deep_link(db: Database) -> None:
    token = await db.write(invite)
    assert 20 <= len(token) <= 64
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


async def test_two_invitations_have_different_tokens(db: Database) -> None:
    assert await db.write(invite) != await db.write(invite)


async def test_an_invented_token_is_unknown(db: Database) -> None:
    await db.write(invite)
    assert await db.read(invitation.find, "invented", NOW) is Refusal.UNKNOWN


async def test_a_token_expires_at_its_moment(db: Database) -> None:
    token = await db.write(invite)
    just_before = EXPIRES - timedelta(seconds=1)
    assert isinstance(
        await db.read(invitation.find, invitation.hash_of(token), just_before), Invitation
    )
    assert await db.read(invitation.find, invitation.hash_of(token), EXPIRES) is Refusal.EXPIRED


async def test_a_token_opens_as_often_as_was_said(db: Database) -> None:
    token = await db.write(invite, 2)
    answers = [await db.write(enrol, token, name) for name in ("a", "b", "c")]
    assert answers == ["enrolled", "enrolled", Refusal.USED_UP]


@pytest.mark.parametrize("rivals", [2, 9])
async def test_of_those_who_race_for_the_last_use_one_wins(db: Database, rivals: int) -> None:
    token = await db.write(invite)
    answers = await asyncio.gather(
        *(db.write(enrol, token, f"newcomer {n}") for n in range(rivals)), return_exceptions=True
    )
    assert answers.count("enrolled") == 1
    losers = [answer for answer in answers if answer != "enrolled"]
    assert all(isinstance(a, UsedUp) or a is Refusal.USED_UP for a in losers)
    assert await db.read(everybody) == 1


def everybody(conn: Connection) -> int:
    return len(conn.exec_driver_sql("SELECT id FROM person").all())


async def test_a_use_that_is_too_late_is_told_and_leaves_nothing(db: Database) -> None:
    """The check was made before; the last use went to somebody else in between."""
    token = await db.write(invite)
    found = await db.read(invitation.find, invitation.hash_of(token), NOW)
    assert isinstance(found, Invitation)
    await db.write(invitation.use, found.id)

    def enrol_late(conn: Connection) -> None:
        person.add(conn, "late", NOW)
        invitation.use(conn, found.id)

    with pytest.raises(UsedUp):
        await db.write(enrol_late)
    assert await db.read(everybody) == 0


async def test_inviting_leaves_an_audit_line_without_the_token(db: Database) -> None:
    token = await db.write(invite)
    ((action, subject, _, _),) = await db.read(build.audit_lines)
    assert (action, subject) == ("invite", "invitation")

    def details(conn: Connection) -> str:
        return str(conn.exec_driver_sql("SELECT * FROM audit_event").one())

    assert token not in await db.read(details)


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("bot.db*"))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_token_itself_is_nowhere_on_the_disk(db: Database, tmp_path: Path) -> None:
    token = await db.write(invite)
    await db.write(enrol, token, "visible name")
    on_disk = bytes_of(tmp_path)
    assert b"visible name" in on_disk
    assert token.encode() not in on_disk


def led(conn: Connection) -> tuple[int, str]:
    """A lead, and the token of an invitation for three that they made."""
    unit_id = build.commune(conn, build.province(conn))
    lead = build.reporter(conn, unit_id, Role.UNIT_LEAD)
    return lead, invitation.create(conn, unit_id, Role.REPORTER, lead, NOW, EXPIRES, 3)


async def test_an_invitation_that_was_taken_back_opens_no_more(db: Database) -> None:
    lead, token = await db.write(led)
    [mine] = await db.read(invitation.open_of, lead, NOW)
    assert (mine.uses_left, mine.role) == (3, Role.REPORTER)
    assert await db.write(invitation.revoke, mine.id, lead, NOW) is True
    assert await db.read(invitation.find, invitation.hash_of(token), NOW) is Refusal.REVOKED
    assert await db.read(invitation.open_of, lead, NOW) == []
    assert (await db.read(build.audit_lines))[-1] == ("revoke", "invitation", mine.id, lead)


async def test_nobody_takes_back_what_another_made_or_takes_back_twice(db: Database) -> None:
    lead, token = await db.write(led)
    [mine] = await db.read(invitation.open_of, lead, NOW)
    other = await db.write(build.reporter)
    assert await db.write(invitation.revoke, mine.id, other, NOW) is False
    found = await db.read(invitation.find, invitation.hash_of(token), NOW)
    assert isinstance(found, Invitation)
    assert await db.write(invitation.revoke, mine.id, lead, NOW) is True
    assert await db.write(invitation.revoke, mine.id, lead, NOW) is False


async def test_what_is_used_up_or_expired_is_not_open(db: Database) -> None:
    lead, _ = await db.write(led)
    assert await db.read(invitation.open_of, lead, EXPIRES) == []
    [mine] = await db.read(invitation.open_of, lead, NOW)
    for _ in range(3):
        await db.write(invitation.use, mine.id)
    assert await db.read(invitation.open_of, lead, NOW) == []


async def test_an_invitation_ends_with_the_right_of_its_maker(db: Database) -> None:
    def step_down(conn: Connection) -> str:
        lead, token = led(conn)
        [held] = people.of_person(conn, lead, TODAY)
        people.end(conn, held, lead, NOW, TODAY)
        return token

    token = await db.write(step_down)
    assert await db.read(invitation.find, invitation.hash_of(token), NOW) is Refusal.REVOKED
