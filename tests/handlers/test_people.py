"""Who may look at whom and change what: within one's own units, and never beyond; looks are audited."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection, select

from domain.role import Approval, Role
from handlers import approval, people, roles
from handlers.desk import Say, Sender
from storage import draft as drafts
from storage import enrolment, invitation, person
from storage import leave as leaves
from storage import people as held_roles
from storage.db import Database
from storage.invitation import Invitation
from storage.schema import delivery
from tests.storage import build
from tests.storage.build import CHANNEL, NOW, TODAY
from wording.format import VIETNAM


def speaks(person_id: int) -> Sender:
    return Sender(CHANNEL, f"chat {person_id}", NOW.astimezone(VIETNAM), f"x:{person_id}")


class Province:
    """An admin and an officer above two communes, each with a lead and a reporter."""

    def __init__(self, conn: Connection) -> None:
        self.top = build.province(conn)
        self.here, self.there = build.commune(conn, self.top), build.commune(conn, self.top)
        self.admin = build.reporter(conn, self.top, Role.ADMIN)
        self.officer = build.reporter(conn, self.top, Role.OFFICER)
        self.lead = build.reporter(conn, self.here, Role.UNIT_LEAD)
        self.reporter = build.reporter(conn, self.here)
        self.other_lead = build.reporter(conn, self.there, Role.UNIT_LEAD)

    def role_of(self, conn: Connection, person_id: int) -> int:
        [held] = held_roles.of_person(conn, person_id, TODAY)
        return held.id


def key(answer: Say | None) -> str | None:
    return answer.key if answer else None


def labels(answer: Say) -> list[str]:
    return [button.text for row in answer.keyboard for button in row]


async def test_a_lead_sees_the_own_unit_and_no_other(db: Database) -> None:
    def story(conn: Connection) -> list[str]:
        all_of = Province(conn)
        asked = [(all_of.lead, all_of.here), (all_of.other_lead, all_of.here)]
        asked += [(all_of.lead, all_of.top), (all_of.officer, all_of.here)]
        asked += [(all_of.reporter, all_of.here)]
        return [
            people.overview(conn, speaks(who), unit_id, 0, Approval.OFF).key
            for who, unit_id in asked
        ]

    assert await db.write(story) == [
        "people.list",
        "people.not_yours",
        "people.not_yours",
        "people.list",
        "people.not_yours",
    ]


async def test_who_leads_one_unit_and_reports_for_another_is_shown_the_one(db: Database) -> None:
    def story(conn: Connection) -> str:
        all_of = Province(conn)
        person.add_membership(conn, all_of.lead, all_of.there, Role.REPORTER, TODAY)
        return people._asked(conn, speaks(all_of.lead), "", Approval.OFF).key

    assert await db.write(story) == "people.list"


async def test_each_look_at_names_is_in_the_audit_log_and_a_refused_one_is_none(
    db: Database,
) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        people.overview(conn, speaks(all_of.lead), all_of.here, 0, Approval.OFF)
        people.card(conn, speaks(all_of.lead), all_of.reporter, all_of.here)
        people.card(conn, speaks(all_of.other_lead), all_of.reporter, all_of.here)
        assert build.audit_lines(conn) == [
            ("see_people", "org_unit", all_of.here, all_of.lead),
            ("see_person", "person", all_of.reporter, all_of.lead),
        ]

    await db.write(story)


async def test_a_card_shows_the_roles_within_reach_only(db: Database) -> None:
    def story(conn: Connection) -> tuple[int, int]:
        all_of = Province(conn)
        person.add_membership(conn, all_of.reporter, all_of.there, Role.MEMBER, TODAY)
        of_lead = people.card(conn, speaks(all_of.lead), all_of.reporter, all_of.here)
        of_officer = people.card(conn, speaks(all_of.officer), all_of.reporter, all_of.here)
        return len(of_lead.values["held"]), len(of_officer.values["held"])

    assert await db.write(story) == (1, 2)


async def test_a_lead_changes_nothing_about_another_lead(db: Database) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        second = build.reporter(conn, all_of.here, Role.UNIT_LEAD)
        card = people.card(conn, speaks(all_of.lead), second, all_of.here)
        assert labels(card) == ["↩ Danh sách"]
        ended = roles.end_role(
            conn, speaks(all_of.lead), all_of.role_of(conn, second), all_of.here, sure=True
        )
        assert key(ended) == "people.not_yours"
        assert all_of.role_of(conn, second)
        actor = person.actor(conn, CHANNEL, f"chat {all_of.lead}", TODAY)
        assert actor is not None
        assert not people.manages(conn, actor, second, TODAY)
        assert people.manages(conn, actor, all_of.reporter, TODAY)

    await db.write(story)


async def test_a_role_ends_only_after_the_second_tap(db: Database) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        role = all_of.role_of(conn, all_of.reporter)
        asked = speaks(all_of.lead), role, all_of.here
        assert key(roles.end_role(conn, *asked, sure=False)) == "roles.ask_end"
        assert all_of.role_of(conn, all_of.reporter) == role
        assert key(roles.end_role(conn, *asked, sure=True)) == "roles.done_end"
        assert held_roles.of_person(conn, all_of.reporter, TODAY) == []
        assert roles.end_role(conn, *asked, sure=True) is None

    await db.write(story)


async def test_the_last_person_of_the_department_stays(db: Database) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        by_admin = speaks(all_of.admin)
        first = roles.end_role(
            conn, by_admin, all_of.role_of(conn, all_of.officer), all_of.top, sure=True
        )
        assert key(first) == "roles.done_end"
        last = roles.end_role(
            conn, by_admin, all_of.role_of(conn, all_of.admin), all_of.top, sure=True
        )
        assert key(last) == "roles.last_officer"
        assert all_of.role_of(conn, all_of.admin)

    await db.write(story)


async def test_nobody_lets_in_themselves(db: Database) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        token = invitation.create(
            conn, all_of.here, Role.REPORTER, all_of.officer, NOW, NOW.replace(year=2027)
        )
        found = invitation.find(conn, invitation.hash_of(token), NOW)
        assert isinstance(found, Invitation)
        asked = enrolment.ask(conn, all_of.lead, found, NOW)
        lead = person.actor(conn, CHANNEL, f"chat {all_of.lead}", TODAY)
        officer = person.actor(conn, CHANNEL, f"chat {all_of.officer}", TODAY)
        assert lead is not None
        assert officer is not None
        assert approval.waiting_for(conn, lead, Approval.LEAD) == []
        assert approval.waiting_for(conn, officer, Approval.LEAD) == [asked]
        assert approval.waiting_for(conn, officer, Approval.OFFICER) == [asked]

    await db.write(story)


async def test_a_long_list_comes_in_pages_and_every_name_once(db: Database) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        for _ in range(2 * people.SHOWN):
            build.reporter(conn, all_of.here)
        pages = [
            people.overview(conn, speaks(all_of.lead), all_of.here, page, Approval.OFF)
            for page in range(3)
        ]
        numbers = [
            number
            for page in pages
            for _, of_unit in page.values["groups"]
            for number, _ in of_unit
        ]
        assert numbers == list(range(1, 2 * people.SHOWN + 3))
        assert [offers("Trang sau ›", page) for page in pages] == [True, True, False]
        assert all(len(page.text()) < 4096 for page in pages)

    await db.write(story)


async def test_a_list_that_just_fills_a_page_offers_no_other(db: Database) -> None:
    def story(conn: Connection) -> Say:
        all_of = Province(conn)
        for _ in range(people.SHOWN - 2):
            build.reporter(conn, all_of.here)
        return people.overview(conn, speaks(all_of.lead), all_of.here, 0, Approval.OFF)

    assert not offers("Trang sau ›", await db.write(story))


async def test_a_card_of_a_stand_in_offers_nothing_about_that_role(db: Database) -> None:
    def story(conn: Connection) -> tuple[list[str], list[str]]:
        all_of = Province(conn)
        member = build.reporter(conn, all_of.here, Role.MEMBER)
        before = labels(people.card(conn, speaks(all_of.lead), member, all_of.here))
        leaves.take(conn, all_of.reporter, TODAY, TODAY, member, all_of.reporter, NOW)
        return before, labels(people.card(conn, speaks(all_of.lead), member, all_of.here))

    before, after = await db.write(story)
    assert before == after


async def test_nobody_gives_a_role_beyond_their_reach(db: Database) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        asked = speaks(all_of.lead)
        for who, unit_id in ((all_of.reporter, all_of.there), (all_of.other_lead, all_of.here)):
            state = roles.RoleDraft(who, "Lan", (Role.REPORTER,), Role.REPORTER)
            roles.DIALOGUE.open(conn, asked, roles.ASK_UNIT, state)
            draft = drafts.get(conn, CHANNEL, asked.address)
            assert draft is not None
            answer = roles.hear_tap(conn, asked, draft, ["unit", str(unit_id)])
            assert answer.key == "people.not_yours"
            assert all_of.role_of(conn, who)

    await db.write(story)


async def test_a_move_ends_no_role_that_is_out_of_reach_by_then(db: Database) -> None:
    def story(conn: Connection) -> str:
        all_of = Province(conn)
        person.add_membership(conn, all_of.reporter, all_of.there, Role.REPORTER, TODAY)
        held = held_roles.of_person(conn, all_of.reporter, TODAY)
        [theirs] = [each.id for each in held if each.unit_id == all_of.there]
        asked = speaks(all_of.lead)
        state = roles.RoleDraft(all_of.reporter, "Lan", role=Role.MEMBER, moves=theirs)
        roles.DIALOGUE.open(conn, asked, roles.ASK_UNIT, state)
        draft = drafts.get(conn, CHANNEL, asked.address)
        assert draft is not None
        answer = roles.hear_tap(conn, asked, draft, ["unit", str(all_of.here)])
        assert held_roles.of_person(conn, all_of.reporter, TODAY) == held
        return answer.key

    assert await db.write(story) == "people.not_yours"


async def test_no_role_is_given_that_was_not_offered(db: Database) -> None:
    def story(conn: Connection) -> str:
        all_of = Province(conn)
        asked = speaks(all_of.lead)
        state = roles.RoleDraft(all_of.reporter, "Lan", (Role.REPORTER, Role.MEMBER))
        roles.DIALOGUE.open(conn, asked, roles.ASK_ROLE, state)
        draft = drafts.get(conn, CHANNEL, asked.address)
        assert draft is not None
        return roles.hear_tap(conn, asked, draft, ["role", Role.ADMIN]).key

    assert await db.write(story) == "roles.ask_role"


async def test_whose_role_ends_twice_on_a_day_hears_of_it_twice(db: Database) -> None:
    def story(conn: Connection) -> list[str]:
        all_of = Province(conn)
        for tap in ("first", "second"):
            asked = replace(speaks(all_of.lead), origin=tap)
            role = all_of.role_of(conn, all_of.reporter)
            roles.end_role(conn, asked, role, all_of.here, sure=True)
            person.add_membership(conn, all_of.reporter, all_of.here, Role.REPORTER, TODAY)
        return list(conn.execute(select(delivery.c.message)).scalars())

    assert await db.write(story) == ["roles.ended", "roles.ended"]


async def test_who_is_invited_at_the_command_line_is_let_in_at_once(db: Database) -> None:
    def story(conn: Connection) -> list[bool]:
        all_of = Province(conn)
        tokens = [
            invitation.create(conn, all_of.here, Role.REPORTER, by, NOW, NOW + timedelta(days=7))
            for by in (None, all_of.lead)
        ]
        found = [invitation.find(conn, invitation.hash_of(token), NOW) for token in tokens]
        return [
            approval.is_needed(each, Approval.OFFICER)
            for each in found
            if isinstance(each, Invitation)
        ]

    assert await db.write(story) == [False, True]


async def test_a_stand_ins_role_is_not_ended_by_hand(db: Database) -> None:
    def story(conn: Connection) -> None:
        all_of = Province(conn)
        member = build.reporter(conn, all_of.here, Role.MEMBER)
        leaves.take(conn, all_of.reporter, TODAY, TODAY, member, all_of.reporter, NOW)
        held = held_roles.of_person(conn, member, TODAY)
        [derived] = [each.id for each in held if each.stands_in]
        ended = roles.end_role(conn, speaks(all_of.lead), derived, all_of.here, sure=True)
        assert key(ended) == "people.not_yours"
        assert held_roles.of_person(conn, member, TODAY) == held

    await db.write(story)


async def test_a_page_that_is_gone_is_the_first_one(db: Database) -> None:
    def story(conn: Connection) -> object:
        all_of = Province(conn)
        asked = speaks(all_of.lead), all_of.here
        gone = people.overview(conn, *asked, 7, Approval.OFF)
        return gone.values == people.overview(conn, *asked, 0, Approval.OFF).values

    assert await db.write(story)


def offers(text: str, answer: Say) -> bool:
    return text in labels(answer)


async def test_a_lead_of_yesterday_sees_nobody(db: Database) -> None:
    def story(conn: Connection) -> str:
        all_of = Province(conn)
        [held] = held_roles.of_person(conn, all_of.lead, date(2026, 7, 1))
        held_roles.end(conn, held, all_of.officer, NOW, TODAY)
        return people.overview(conn, speaks(all_of.lead), all_of.here, 0, Approval.OFF).key

    assert await db.write(story) == "people.not_yours"
