"""A second account by a one-time code: whoever types it in time is the same person from then on."""

from datetime import timedelta

from sqlalchemy import Connection

from domain.role import Role
from storage import link, person
from storage.db import Database
from storage.invitation import hash_of
from storage.link import LIFETIME, SIGNS, Linked
from storage.schema import link_code
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY

ZALO, ON_ZALO = "zalo", "4503599627370497"
BOTH = [CHANNEL, ZALO]


def a_reporter(conn: Connection) -> int:
    return build.reporter(conn, build.province(conn))


async def use(db: Database, code: str, address: str = ON_ZALO, *, after: timedelta) -> Linked:
    return await db.write(link.use, hash_of(code), ZALO, address, NOW + after)


async def test_who_types_the_code_in_time_is_the_same_person_there(db: Database) -> None:
    lan = await db.write(a_reporter)
    code = await db.write(link.create, lan, NOW)
    assert await use(db, code, after=LIFETIME - timedelta(seconds=1)) is Linked.DONE
    found = await db.read(person.actor, ZALO, ON_ZALO, TODAY)
    assert found is not None
    assert (found.person_id, [m.role for m in found.memberships]) == (lan, [Role.REPORTER])
    assert await db.read(build.audit_lines) == [("link", "account", None, lan)]


async def test_a_code_is_easy_to_read_aloud_and_kept_as_its_hash_only(db: Database) -> None:
    code = await db.write(link.create, await db.write(a_reporter), NOW)
    assert len(code) == 8 and set(code) <= set(SIGNS)
    assert not {"0", "O", "1", "I", "L"} & set(SIGNS)
    kept = await db.read(lambda conn: conn.execute(link_code.select()).one())
    assert kept.code_hash == hash_of(code)


async def test_a_code_is_good_for_one_account(db: Database) -> None:
    code = await db.write(link.create, await db.write(a_reporter), NOW)
    assert await use(db, code, after=timedelta(minutes=1)) is Linked.DONE
    assert await use(db, code, "4503599627370498", after=timedelta(minutes=2)) is Linked.WRONG_CODE
    assert await db.read(person.actor, ZALO, "4503599627370498", TODAY) is None


async def test_a_code_ends_after_a_quarter_of_an_hour(db: Database) -> None:
    code = await db.write(link.create, await db.write(a_reporter), NOW)
    assert await use(db, code, after=LIFETIME) is Linked.WRONG_CODE
    assert await db.read(person.actor, ZALO, ON_ZALO, TODAY) is None


async def test_a_new_code_ends_the_one_before_and_nobody_else_s(db: Database) -> None:
    lan, minh = await db.write(a_reporter), await db.write(a_reporter)
    old, minhs = await db.write(link.create, lan, NOW), await db.write(link.create, minh, NOW)
    new = await db.write(link.create, lan, NOW)
    soon = timedelta(minutes=1)
    assert await use(db, old, after=soon) is Linked.WRONG_CODE
    assert await use(db, new, after=soon) is Linked.DONE
    assert await use(db, minhs, "4503599627370498", after=soon) is Linked.DONE


async def test_somebody_else_s_account_stays_theirs(db: Database) -> None:
    lan, minh = await db.write(a_reporter), await db.write(a_reporter)
    await db.write(person.add_account, minh, ZALO, ON_ZALO)
    code = await db.write(link.create, lan, NOW)
    assert await use(db, code, after=timedelta(minutes=1)) is Linked.TAKEN
    found = await db.read(person.actor, ZALO, ON_ZALO, TODAY)
    assert found is not None and found.person_id == minh


async def test_an_account_that_is_linked_already_may_be_linked_again(db: Database) -> None:
    lan = await db.write(a_reporter)
    for _ in range(2):
        code = await db.write(link.create, lan, NOW)
        assert await use(db, code, after=timedelta(minutes=1)) is Linked.DONE
    assert await db.read(build.audit_lines) == [("link", "account", None, lan)]


async def test_reminders_go_where_the_person_wants_them_first(db: Database) -> None:
    lan = await db.write(a_reporter)
    await db.write(person.add_account, lan, ZALO, ON_ZALO)
    telegram = (CHANNEL, f"chat {lan}")
    assert (await db.read(person.addresses_of, [lan], BOTH))[lan] == [telegram, (ZALO, ON_ZALO)]
    await db.write(link.prefer, lan, ZALO)
    assert (await db.read(person.addresses_of, [lan], BOTH))[lan] == [(ZALO, ON_ZALO), telegram]
    assert (await db.read(person.addresses_of, [lan], [CHANNEL]))[lan] == [telegram]
