"""Files behind links: for the one they were made for, for a while, and a few times."""

from datetime import date, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, func, select, update

from domain.role import Role
from storage import file_link, group, person, zalo
from storage.db import Database
from storage.file_link import File, Terms
from storage.invitation import hash_of
from storage.schema import audit_event, membership, zalo_file
from tests.storage import build
from wording.format import VIETNAM

NOW = build.NOW.astimezone(VIETNAM)
TERMS = Terms(timedelta(hours=24), times=2)
TABLE = File("Báo cáo tháng 7.xlsx", "application/x", bytes(range(256)))


def _reader(conn: Connection) -> tuple[int, int]:
    """Somebody on Zalo with a role: who it is, and the chat."""
    who = build.reporter(conn, build.province(conn), Role.OFFICER)
    chat = zalo.number_of(conn, "77", "6ede", is_group=False)
    person.add_account(conn, who, "zalo", str(chat))
    return who, chat


def _kept(conn: Connection) -> tuple[str, int, int]:
    """A file put away for such a person: its key, who it is, and the chat."""
    who, chat = _reader(conn)
    return file_link.keep(conn, chat, TABLE, TERMS, NOW), who, chat


async def test_a_file_is_fetched_by_its_key_and_each_fetch_is_audited(db: Database) -> None:
    key, who, _ = await db.write(_kept)
    assert await db.write(file_link.fetch, key, NOW) == TABLE
    action, subject, _, actor = (await db.read(build.audit_lines))[-1]
    assert (action, subject, actor) == ("download", "file", who)
    assert key.endswith(".xlsx")


async def test_the_key_itself_is_kept_nowhere(db: Database) -> None:
    key, *_ = await db.write(_kept)
    await db.write(file_link.fetch, key, NOW)
    row = await db.read(lambda conn: conn.execute(select(zalo_file)).one())
    details = await db.read(lambda conn: conn.execute(select(audit_event.c.details)).all())
    assert key[:10] not in repr((row, details))
    assert TABLE.content[:20] not in row.content


async def test_what_is_kept_of_the_key_opens_no_file(db: Database) -> None:
    await db.write(_kept)
    row = await db.read(lambda conn: conn.execute(select(zalo_file)).one())
    with pytest.raises(InvalidTag):
        AESGCM(bytes.fromhex(row.key_hash)).decrypt(bytes(12), row.content, None)


async def test_looking_is_neither_counted_nor_audited(db: Database) -> None:
    key, *_ = await db.write(_kept)
    before = await db.read(build.audit_lines)
    for _ in range(5):
        assert await db.read(file_link.look, key, NOW) == TABLE
    assert await db.read(build.audit_lines) == before
    assert await db.write(file_link.fetch, key, NOW) == TABLE


async def test_a_link_is_spent_when_it_was_used_as_often_as_allowed(db: Database) -> None:
    key, *_ = await db.write(_kept)
    fetched = [await db.write(file_link.fetch, key, NOW) for _ in range(4)]
    assert fetched == [TABLE, TABLE, None, None]
    assert await db.read(file_link.look, key, NOW) is None


async def test_a_link_ends_with_its_time(db: Database) -> None:
    key, *_ = await db.write(_kept)
    end = NOW + TERMS.lifetime
    assert await db.read(file_link.look, key, end - timedelta(seconds=1)) == TABLE
    assert await db.write(file_link.fetch, key, end) is None


async def test_a_key_that_was_never_given_opens_nothing(db: Database) -> None:
    key, *_ = await db.write(_kept)
    for wrong in (key[:-1], key.swapcase(), key.replace(".xlsx", ".html"), "", hash_of(key)):
        assert await db.write(file_link.fetch, wrong, NOW) is None


async def test_who_holds_no_role_any_more_gets_nothing(db: Database) -> None:
    key, who, _ = await db.write(_kept)
    ended = update(membership).where(membership.c.person_id == who)
    await db.write(lambda conn: conn.execute(ended.values(valid_to=date(2026, 7, 15))).close())
    assert await db.write(file_link.fetch, key, NOW) is None


async def test_whom_the_bot_does_not_know_gets_nothing(db: Database) -> None:
    key = await db.write(file_link.keep, zalo.FIRST_NUMBER + 5, TABLE, TERMS, NOW)
    assert await db.write(file_link.fetch, key, NOW) is None


async def test_a_group_fetches_what_was_made_for_it_while_it_is_registered(db: Database) -> None:
    chat = await db.write(zalo.number_of, "77", "0ede", is_group=True)
    key = await db.write(file_link.keep, chat, TABLE, TERMS, NOW)
    assert await db.write(file_link.fetch, key, NOW) is None

    def register(conn: Connection) -> None:
        root = build.province(conn)
        officer = build.reporter(conn, root, Role.OFFICER)
        group.register(conn, "zalo", str(chat), root, officer, NOW)

    await db.write(register)
    assert await db.write(file_link.fetch, key, NOW) == TABLE
    action, *_, actor = (await db.read(build.audit_lines))[-1]
    assert (action, actor) == ("download", None)


async def test_what_nobody_can_fetch_is_removed_and_the_rest_stays(db: Database) -> None:
    def several(conn: Connection) -> str:
        _, chat = _reader(conn)
        spent = file_link.keep(conn, chat, TABLE, Terms(timedelta(days=9), 1), NOW)
        file_link.fetch(conn, spent, NOW)
        file_link.keep(conn, chat, TABLE, Terms(timedelta(hours=1), 5), NOW)
        return file_link.keep(conn, chat, TABLE, Terms(timedelta(days=7), 5), NOW)

    key = await db.write(several)
    await db.write(file_link.forget_expired, NOW + timedelta(hours=1))
    left = await db.read(lambda conn: conn.execute(select(func.count(zalo_file.c.id))).scalar_one())
    assert left == 1
    assert await db.write(file_link.fetch, key, NOW) == TABLE
