"""Roles, and what each may do: denied unless it is written here, and only within one's subtree."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    MEMBER = "member"
    REPORTER = "reporter"
    UNIT_LEAD = "unit_lead"
    OFFICER = "officer"
    ADMIN = "admin"


class Action(StrEnum):
    ANSWER_BRIEFING = "answer_briefing"
    REPORT_TALLY = "report_tally"
    SEND_NOTE = "send_note"
    SEE_SUMMARY = "see_summary"
    READ_NOTE = "read_note"
    INVITE = "invite"
    ANNOUNCE_BRIEFING = "announce_briefing"
    REGISTER_GROUP = "register_group"
    DECIDE_CHANGE = "decide_change"
    LOCK_PERIOD = "lock_period"
    EXCUSE_UNIT = "excuse_unit"
    EXTEND_DEADLINE = "extend_deadline"
    REVIEW_ENTRIES = "review_entries"
    CALL_ROUND = "call_round"
    SEE_PEOPLE = "see_people"


_EVERYONE = frozenset(Role)
_REPORTING = frozenset({Role.REPORTER, Role.UNIT_LEAD, Role.OFFICER, Role.ADMIN})
_LEADING = frozenset({Role.UNIT_LEAD, Role.OFFICER, Role.ADMIN})
_DEPARTMENT = frozenset({Role.OFFICER, Role.ADMIN})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.ANSWER_BRIEFING: _EVERYONE,
    Action.REPORT_TALLY: _REPORTING,
    Action.SEND_NOTE: _REPORTING,
    Action.SEE_SUMMARY: _LEADING,
    # Note texts go to named officers only (docs/decisions.md, "Safety").
    Action.READ_NOTE: frozenset({Role.OFFICER}),
    Action.INVITE: _LEADING,
    Action.ANNOUNCE_BRIEFING: _DEPARTMENT,
    Action.REGISTER_GROUP: _DEPARTMENT,
    # After the lock everybody else asks; the department's own changes are their own decision.
    Action.DECIDE_CHANGE: _DEPARTMENT,
    Action.LOCK_PERIOD: _DEPARTMENT,
    Action.EXCUSE_UNIT: _DEPARTMENT,
    Action.EXTEND_DEADLINE: _DEPARTMENT,
    Action.REVIEW_ENTRIES: _DEPARTMENT,
    # A round of reminders to those below whose report is missing.
    Action.CALL_ROUND: _LEADING,
    Action.SEE_PEOPLE: _LEADING,
}

# Which roles each role may hand out, and end: nobody hands out more than they hold.
INVITABLE: dict[Role, tuple[Role, ...]] = {
    Role.UNIT_LEAD: (Role.REPORTER, Role.MEMBER),
    Role.OFFICER: (Role.REPORTER, Role.MEMBER, Role.UNIT_LEAD),
    Role.ADMIN: (Role.REPORTER, Role.MEMBER, Role.UNIT_LEAD, Role.OFFICER, Role.ADMIN),
}


class Approval(StrEnum):
    """Who lets in whoever comes with an invitation: nobody need, a unit lead, or an officer."""

    OFF = "off"
    LEAD = "lead"
    OFFICER = "officer"


def givers(role: Role, approval: Approval = Approval.OFF) -> frozenset[Role]:
    """Who may hand out a role, and let somebody in with it when that needs an approval."""
    those = frozenset(giver for giver, given in INVITABLE.items() if role in given)
    return those & _DEPARTMENT if approval is Approval.OFFICER else those


@dataclass(frozen=True, slots=True)
class Membership:
    """A role held in a unit. `unit_name` is for people to read."""

    unit_id: int
    unit_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, with the roles held today."""

    person_id: int
    display_name: str
    memberships: tuple[Membership, ...]

    def may(self, action: Action, unit_path: frozenset[int]) -> bool:
        """Whether a role of this person reaches the unit whose ancestors (itself included) these are."""
        return any(m.role in ALLOWED[action] and m.unit_id in unit_path for m in self.memberships)

    def first(self, action: Action) -> Membership | None:
        """The membership by which this person may do `action` somewhere, if any."""
        return next((m for m in self.memberships if m.role in ALLOWED[action]), None)

    def may_give(
        self, role: Role, unit_path: frozenset[int], approval: Approval = Approval.OFF
    ) -> bool:
        """Whether this person may hand out, let in with, or end this role in the unit of that path."""
        reaching = (m.role for m in self.memberships if m.unit_id in unit_path)
        return not givers(role, approval).isdisjoint(reaching)

    def invitable(self) -> tuple[Role, ...]:
        """The roles that this person may hand out somewhere, widest first list wins."""
        return max((INVITABLE.get(m.role, ()) for m in self.memberships), key=len, default=())
