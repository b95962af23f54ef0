"""Reminders and the ledger of deliveries: to everybody concerned, and to nobody twice."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select, update

from domain.briefing import Answer, Briefing, DueReminder, Rung
from domain.role import Role
from storage import briefing, link, person, reminder, schema
from storage.db import Database
from storage.reminder import Delivery, DeliveryState
from storage.schema import briefing_answer, delivery, membership
from tests.storage import build
from tests.storage.build import CHANNEL, NOW

STARTS = NOW + timedelta(days=10)
HOUR = timedelta(hours=1)


def announce(conn: Connection, unit_id: int, *rungs: Rung) -> int:
    """A briefing whose rungs fall due one an hour from now on, each stale two hours later."""
    officer = build.reporter(conn)
    ladder = [
        DueReminder(rung, NOW + n * HOUR, NOW + (n + 2) * HOUR) for n, rung in enumerate(rungs)
    ]
    details = Briefing("Hội nghị tháng 7", STARTS)
    return briefing.announce(conn, unit_id, officer, details, ladder, f"b{unit_id}", NOW).id


def meeting(conn: Connection, *rungs: Rung) -> tuple[int, dict[str, int]]:
    """A briefing of a province, and people in it by what they are."""
    top = build.province(conn)
    below, elsewhere = build.commune(conn, top), build.province(conn)
    people = {
        "officer": build.reporter(conn, top, Role.OFFICER),
        "lead": build.reporter(conn, below, Role.UNIT_LEAD),
        "reporter": build.reporter(conn, below),
        "stranger": build.reporter(conn, elsewhere),
    }
    return announce(conn, top, *rungs), people


def ledger(conn: Connection) -> Counter[tuple[int, str]]:
    """How many deliveries each person has in each state."""
    return Counter(
        (row.person_id, row.state)
        for row in conn.execute(select(delivery.c.person_id, delivery.c.state))
    )


def states(conn: Connection) -> Counter[str]:
    return Counter(conn.execute(select(delivery.c.state)).scalars())


async def test_a_due_rung_goes_once_to_each_person_below_the_unit(db: Database) -> None:
    _, people = await db.write(meeting, Rung.INVITATION)
    assert await db.write(reminder.expand_due, NOW) == 1
    assert await db.write(reminder.expand_due, NOW) == 0
    invited = [people[name] for name in ("officer", "lead", "reporter")]
    assert await db.read(ledger) == {(who, "queued"): 1 for who in invited}


async def test_who_holds_two_roles_gets_one_message(db: Database) -> None:
    def story(conn: Connection) -> int:
        _, people = meeting(conn, Rung.INVITATION)
        (unit_id,) = conn.execute(
            select(membership.c.unit_id).where(membership.c.person_id == people["lead"])
        ).scalars()
        person.add_membership(conn, people["lead"], unit_id, Role.REPORTER, date(2026, 1, 1))
        reminder.expand_due(conn, NOW)
        return people["lead"]

    lead = await db.write(story)
    assert (await db.read(ledger))[lead, "queued"] == 1


async def test_ticks_at_once_expand_once(db: Database) -> None:
    await db.write(meeting, Rung.INVITATION)
    due = await asyncio.gather(*(db.write(reminder.expand_due, NOW) for _ in range(4)))
    assert sum(due) >= 1
    assert await db.read(states) == {"queued": 3}


async def test_nothing_is_expanded_before_it_is_due(db: Database) -> None:
    await db.write(meeting, Rung.INVITATION, Rung.CONFIRM)
    assert await db.read(reminder.next_due) == NOW
    assert await db.write(reminder.expand_due, NOW - timedelta(seconds=1)) == 0
    assert await db.write(reminder.expand_due, NOW) == 1
    assert await db.read(reminder.next_due) == NOW + HOUR
    await db.write(reminder.expand_due, NOW + HOUR)
    assert await db.read(reminder.next_due) is None


async def test_a_rung_that_is_stale_when_the_bot_wakes_goes_to_nobody(db: Database) -> None:
    await db.write(meeting, Rung.INVITATION)
    assert await db.write(reminder.expand_due, NOW + 2 * HOUR) == 1
    assert await db.read(states) == {}
    assert await db.read(reminder.next_due) is None


async def test_after_a_long_sleep_only_what_still_matters_is_sent(db: Database) -> None:
    await db.write(meeting, Rung.INVITATION, Rung.CONFIRM)
    assert await db.write(reminder.expand_due, NOW + 2 * HOUR) == 2
    sent = await db.write(reminder.take, [CHANNEL], NOW + 2 * HOUR, 10)
    assert {d.message for d in sent} == {"briefing.confirm"}


async def test_the_count_of_attendance_is_asked_of_leads_alone(db: Database) -> None:
    _, people = await db.write(meeting, Rung.ATTENDANCE)
    await db.write(reminder.expand_due, NOW)
    assert await db.read(ledger) == {(people["lead"], "queued"): 1}


async def asked_after(db: Database, rung: Rung, answers: dict[str, Answer]) -> set[str]:
    """Who of the three gets this rung when these have answered."""
    briefing_id, people = await db.write(meeting, rung)
    for name, answer in answers.items():
        await db.write(briefing.answer, briefing_id, people[name], answer, NOW)
    await db.write(reminder.expand_due, NOW)
    reached = {person_id for person_id, _ in await db.read(ledger)}
    return {name for name, person_id in people.items() if person_id in reached}


async def test_who_has_answered_is_not_asked_to_confirm(db: Database) -> None:
    answers = {"officer": Answer.ATTENDING, "lead": Answer.SUBSTITUTE}
    assert await asked_after(db, Rung.CONFIRM, answers) == {"reporter"}


async def test_who_cannot_come_is_not_reminded_on_the_day(db: Database) -> None:
    answers = {"officer": Answer.ATTENDING, "lead": Answer.SUBSTITUTE, "reporter": Answer.ABSENT}
    assert await asked_after(db, Rung.TODAY, answers) == {"officer", "lead"}


async def test_the_follow_up_goes_to_everybody_whatever_they_answered(db: Database) -> None:
    answers = {"officer": Answer.ATTENDING, "lead": Answer.ABSENT}
    everybody = {"officer", "lead", "reporter"}
    assert await asked_after(db, Rung.FOLLOW_UP, answers) == everybody


async def test_an_answer_to_another_briefing_does_not_count(db: Database) -> None:
    def story(conn: Connection) -> None:
        _, people = meeting(conn, Rung.CONFIRM)
        other = announce(conn, build.province(conn))
        briefing.answer(conn, other, people["lead"], Answer.ABSENT, NOW)

    await db.write(story)
    await db.write(reminder.expand_due, NOW)
    assert await db.read(states) == {"queued": 3}


async def test_a_role_counts_by_the_calendar_of_viet_nam(db: Database) -> None:
    """At 06:00 in Ha Noi it is still yesterday in UTC; the role begins today."""
    six_in_hanoi = datetime(2026, 7, 15, 23, 0, tzinfo=UTC)

    def story(conn: Connection) -> None:
        top = build.province(conn)
        newcomer = build.reporter(conn)
        person.add_membership(conn, newcomer, top, Role.MEMBER, date(2026, 7, 16))
        officer = build.reporter(conn)
        rung = DueReminder(Rung.INVITATION, six_in_hanoi, STARTS)
        briefing.announce(conn, top, officer, Briefing("x", STARTS), [rung], "b", six_in_hanoi)

    await db.write(story)
    await db.write(reminder.expand_due, six_in_hanoi)
    assert await db.read(states) == {"queued": 1}


async def test_who_has_left_is_not_reminded(db: Database) -> None:
    _, people = await db.write(meeting, Rung.INVITATION)
    await db.write(
        lambda conn: conn.execute(
            update(membership)
            .where(membership.c.person_id == people["lead"])
            .values(valid_to=date(2026, 7, 15))
        ).close()
    )
    await db.write(reminder.expand_due, NOW)
    assert people["lead"] not in {person_id for person_id, _ in await db.read(ledger)}


def queue(conn: Connection, people: list[int], key: str = "k") -> None:
    """Queue for the one briefing there is."""
    briefing_id = conn.execute(select(schema.briefing.c.id)).scalar_one()
    reminder.queue(
        conn,
        people,
        key=key,
        message="m",
        at=NOW,
        expires_at=NOW + HOUR,
        briefing_id=briefing_id,
    )


def crowd(conn: Connection, size: int) -> list[int]:
    announce(conn, build.province(conn))
    people = [build.reporter(conn) for _ in range(size)]
    queue(conn, people)
    return people


async def test_queueing_again_adds_only_who_is_new(db: Database) -> None:
    people = await db.write(crowd, 3)
    latecomer = await db.write(build.reporter)
    await db.write(queue, [*people, latecomer])
    await db.write(queue, [])
    assert await db.read(ledger) == {(who, "queued"): 1 for who in [*people, latecomer]}


async def test_a_key_that_begins_another_key_is_not_the_same(db: Database) -> None:
    (who,) = await db.write(crowd, 1)
    await db.write(queue, [who], "k:2")
    assert (await db.read(ledger))[who, "queued"] == 2


async def test_deliveries_are_claimed_in_order_and_each_once(db: Database) -> None:
    people = await db.write(crowd, 5)
    first = await db.write(reminder.take, [CHANNEL], NOW, 3)
    rest = await db.write(reminder.take, [CHANNEL], NOW, 3)
    assert [d.person_id for d in first + rest] == people
    assert [d.addresses[0][1] for d in first] == [f"chat {who}" for who in people[:3]]
    assert await db.write(reminder.take, [CHANNEL], NOW, 3) == []
    assert await db.read(states) == {"sending": 5}


async def test_an_alert_does_not_wait_behind_a_message_to_everybody(db: Database) -> None:
    people = await db.write(crowd, 5)

    def alert(conn: Connection) -> None:
        later = NOW + HOUR
        reminder.queue(conn, people[-1:], key="a", message="alert", at=NOW, expires_at=later)

    await db.write(alert)
    first, second = await db.write(reminder.take, [CHANNEL], NOW, 2)
    assert (first.person_id, first.message) == (people[-1], "alert")
    assert second.person_id == people[0]


async def test_claimers_at_once_never_get_the_same_delivery(db: Database) -> None:
    people = await db.write(crowd, 40)
    batches = await asyncio.gather(*(db.write(reminder.take, [CHANNEL], NOW, 10) for _ in range(6)))
    taken = [d.person_id for batch in batches for d in batch]
    assert len(taken) == len(set(taken))
    leftover = await db.write(reminder.take, [CHANNEL], NOW, 100)
    assert sorted(taken + [d.person_id for d in leftover]) == people


async def test_what_is_stale_is_closed_and_not_sent(db: Database) -> None:
    await db.write(crowd, 3)
    assert await db.write(reminder.take, [CHANNEL], NOW + HOUR, 10) == []
    assert await db.read(states) == {"expired": 3}


async def test_who_cannot_be_reached_is_passed_over_for_the_next(db: Database) -> None:
    people = await db.write(crowd, 4)
    for blocked in people[:2]:
        await db.write(person.set_reachable, CHANNEL, f"chat {blocked}", NOW)
    claimed = await db.write(reminder.take, [CHANNEL], NOW, 1)
    assert [d.person_id for d in claimed] == [people[2]]
    assert await db.read(states) == {"unreachable": 2, "sending": 1, "queued": 1}


async def test_the_ledger_says_what_became_of_each(db: Database) -> None:
    await db.write(crowd, 2)
    sent, failed = await db.write(reminder.take, [CHANNEL], NOW, 2)
    await db.write(reminder.settle, sent.id, DeliveryState.SENT, NOW + HOUR)
    await db.write(reminder.settle, failed.id, DeliveryState.FAILED, NOW + HOUR, "400")

    def outcome(conn: Connection, claimed: Delivery) -> tuple[object, ...]:
        columns = delivery.c.state, delivery.c.reason, delivery.c.sent_at
        return tuple(conn.execute(select(*columns).where(delivery.c.id == claimed.id)).one())

    assert await db.read(outcome, sent) == ("sent", None, NOW + HOUR)
    assert await db.read(outcome, failed) == ("failed", "400", None)


async def test_what_was_being_sent_when_the_process_died_is_not_sent_again(db: Database) -> None:
    await db.write(crowd, 3)
    sent, _ = await db.write(reminder.take, [CHANNEL], NOW, 2)
    await db.write(reminder.settle, sent.id, DeliveryState.SENT, NOW)
    assert await db.write(reminder.abandon_claimed) == 1
    assert await db.write(reminder.abandon_claimed) == 0
    assert await db.read(states) == {"sent": 1, "unknown": 1, "queued": 1}
    assert len(await db.write(reminder.take, [CHANNEL], NOW, 10)) == 1


async def test_a_whole_provinces_reminder_is_claimed_to_the_last(db: Database) -> None:
    def story(conn: Connection) -> None:
        top = build.province(conn)
        for _ in range(300):
            build.reporter(conn, top)
        announce(conn, top, Rung.INVITATION)
        reminder.expand_due(conn, NOW)

    await db.write(story)
    claimed = 0
    while batch := await db.write(reminder.take, [CHANNEL], NOW, 25):
        claimed += len(batch)
    assert claimed == 300


async def test_an_answer_can_be_changed_and_only_the_last_one_counts(db: Database) -> None:
    briefing_id, people = await db.write(meeting)
    for answer in (Answer.ATTENDING, Answer.ABSENT):
        await db.write(briefing.answer, briefing_id, people["lead"], answer, NOW)

    def kept(conn: Connection) -> list[str]:
        return list(conn.execute(select(briefing_answer.c.answer)).scalars())

    assert await db.read(kept) == ["absent"]
    assert await db.read(briefing.answer_of, briefing_id, people["lead"]) is Answer.ABSENT


# --- a messenger that has asked us to wait -----------------------------------------------------------


def two_messengers(conn: Connection) -> dict[str, int]:
    """People by the messenger that each is reached by first, with a word queued for all."""
    people = {}
    for name in ("telegram", "zalo", "either", "rather zalo", "zalo alone", "nobody"):
        people[name] = person.add(conn, name, NOW)
    for name in ("telegram", "either", "rather zalo", "zalo"):
        person.add_account(conn, people[name], "telegram", f"t {name}")
    for name in ("zalo", "either", "rather zalo", "zalo alone"):
        person.add_account(conn, people[name], "zalo", f"z {name}")
    person.set_reachable(conn, "telegram", "t zalo", NOW)
    link.prefer(conn, people["rather zalo"], "zalo")
    later = NOW + HOUR
    reminder.queue(conn, people.values(), key="k", message="m", at=NOW, expires_at=later)
    return people


async def test_a_messenger_that_must_wait_holds_up_nobody_of_the_other(db: Database) -> None:
    people = await db.write(two_messengers)

    async def taken(*paused: str) -> list[tuple[str, str]]:
        found = await db.write(reminder.take, ["telegram", "zalo"], NOW, 10, paused)
        names = {number: name for name, number in people.items()}
        return [(names[each.person_id], each.addresses[0][0]) for each in found]

    assert await taken("telegram", "zalo") == []
    assert await taken("zalo") == [("telegram", "telegram"), ("either", "telegram")]
    assert (await db.read(states))[DeliveryState.QUEUED] == 4
    assert await taken() == [("zalo", "zalo"), ("rather zalo", "zalo"), ("zalo alone", "zalo")]
    assert (await db.read(ledger))[people["nobody"], DeliveryState.UNREACHABLE] == 1
