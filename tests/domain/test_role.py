"""Who may do what, and where: what is not written down is denied."""

import pytest

from domain.role import ALLOWED, INVITABLE, Action, Actor, Approval, Membership, Role, givers

PROVINCE, COMMUNE, NEIGHBOUR = 1, 2, 3
PATH_OF_COMMUNE = frozenset({COMMUNE, PROVINCE})
PATH_OF_PROVINCE = frozenset({PROVINCE})

# Written out a second time on purpose: a right is given or taken in two places, or not at all.
RIGHTS = {
    Role.MEMBER: {Action.ANSWER_BRIEFING},
    Role.REPORTER: {Action.ANSWER_BRIEFING, Action.REPORT_TALLY, Action.SEND_NOTE},
    Role.UNIT_LEAD: {
        Action.ANSWER_BRIEFING,
        Action.REPORT_TALLY,
        Action.SEND_NOTE,
        Action.SEE_SUMMARY,
        Action.INVITE,
        Action.SEE_PEOPLE,
        Action.CALL_ROUND,
    },
    Role.OFFICER: set(Action),
    Role.ADMIN: set(Action) - {Action.READ_NOTE},
}


def actor(*held: tuple[int, Role]) -> Actor:
    memberships = tuple(Membership(unit_id, f"Đơn vị {unit_id}", role) for unit_id, role in held)
    return Actor(9, "Lan", memberships)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_is_written_and_nothing_else(role: Role, action: Action) -> None:
    assert actor((COMMUNE, role)).may(action, PATH_OF_COMMUNE) == (action in RIGHTS[role])


def test_every_action_is_decided() -> None:
    assert set(ALLOWED) == set(Action)


def test_a_role_reaches_its_unit_and_everything_below_it_only() -> None:
    above, below, beside = (
        actor((unit_id, Role.UNIT_LEAD)) for unit_id in (PROVINCE, COMMUNE, NEIGHBOUR)
    )
    assert above.may(Action.SEE_SUMMARY, PATH_OF_COMMUNE)
    assert below.may(Action.SEE_SUMMARY, PATH_OF_COMMUNE)
    assert not below.may(Action.SEE_SUMMARY, PATH_OF_PROVINCE)
    assert not beside.may(Action.SEE_SUMMARY, PATH_OF_COMMUNE)


def test_a_strong_role_in_one_unit_gives_nothing_in_another() -> None:
    both = actor((NEIGHBOUR, Role.OFFICER), (COMMUNE, Role.REPORTER))
    assert both.may(Action.REPORT_TALLY, PATH_OF_COMMUNE)
    assert not both.may(Action.READ_NOTE, PATH_OF_COMMUNE)
    assert not both.may(Action.ANNOUNCE_BRIEFING, PATH_OF_COMMUNE)


def test_without_a_role_nothing_is_allowed() -> None:
    nobody = actor()
    assert not any(nobody.may(action, PATH_OF_COMMUNE) for action in Action)
    assert not any(nobody.first(action) for action in Action)
    assert nobody.invitable() == ()


def test_an_action_is_done_by_the_first_membership_that_allows_it() -> None:
    both = actor((NEIGHBOUR, Role.MEMBER), (COMMUNE, Role.REPORTER), (PROVINCE, Role.OFFICER))
    by = {action: both.first(action) for action in Action}
    assert by[Action.ANSWER_BRIEFING] == Membership(NEIGHBOUR, "Đơn vị 3", Role.MEMBER)
    assert by[Action.REPORT_TALLY] == Membership(COMMUNE, "Đơn vị 2", Role.REPORTER)
    assert by[Action.INVITE] == Membership(PROVINCE, "Đơn vị 1", Role.OFFICER)


def test_nobody_hands_out_more_than_they_hold() -> None:
    for giver, given in INVITABLE.items():
        for role in given:
            assert RIGHTS[role] - {Action.READ_NOTE} <= RIGHTS[giver]


def test_who_may_invite_has_roles_to_hand_out_and_the_others_have_none() -> None:
    assert set(INVITABLE) == set(ALLOWED[Action.INVITE])
    assert actor((COMMUNE, Role.REPORTER)).invitable() == ()
    assert actor((COMMUNE, Role.UNIT_LEAD)).invitable() == (Role.REPORTER, Role.MEMBER)


def test_only_an_admin_makes_officers() -> None:
    for role in Role:
        assert (Role.OFFICER in actor((PROVINCE, role)).invitable()) == (role is Role.ADMIN)


def test_with_several_roles_the_widest_one_decides_whom_to_invite() -> None:
    both = actor((COMMUNE, Role.UNIT_LEAD), (PROVINCE, Role.OFFICER), (COMMUNE, Role.MEMBER))
    assert both.invitable() == (Role.REPORTER, Role.MEMBER, Role.UNIT_LEAD)


def test_a_role_is_handed_out_and_ended_within_ones_own_units_only() -> None:
    lead = actor((COMMUNE, Role.UNIT_LEAD))
    assert lead.may_give(Role.REPORTER, PATH_OF_COMMUNE)
    assert not lead.may_give(Role.UNIT_LEAD, PATH_OF_COMMUNE)
    assert not lead.may_give(Role.REPORTER, PATH_OF_PROVINCE)


def test_an_officer_beside_is_no_more_than_the_lead_they_are_here() -> None:
    both = actor((NEIGHBOUR, Role.OFFICER), (COMMUNE, Role.UNIT_LEAD))
    assert both.may_give(Role.REPORTER, PATH_OF_COMMUNE)
    assert not both.may_give(Role.UNIT_LEAD, PATH_OF_COMMUNE)


def test_where_officers_let_in_a_lead_may_not() -> None:
    lead, officer = actor((COMMUNE, Role.UNIT_LEAD)), actor((PROVINCE, Role.OFFICER))
    assert lead.may_give(Role.REPORTER, PATH_OF_COMMUNE, Approval.LEAD)
    assert not lead.may_give(Role.REPORTER, PATH_OF_COMMUNE, Approval.OFFICER)
    assert officer.may_give(Role.REPORTER, PATH_OF_COMMUNE, Approval.OFFICER)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("approval", Approval)
def test_somebody_can_let_in_everybody(role: Role, approval: Approval) -> None:
    assert givers(role, approval)
