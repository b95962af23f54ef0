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
    REVIEW_ENTRIES = "review_entries"


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
    Action.REVIEW_ENTRIES: _DEPARTMENT,
}

# Whom each role may invite: nobody hands out more than they hold.
INVITABLE: dict[Role, tuple[Role, ...]] = {
    Role.UNIT_LEAD: (Role.REPORTER, Role.MEMBER),
    Role.OFFICER: (Role.REPORTER, Role.MEMBER, Role.UNIT_LEAD),
    Role.ADMIN: (Role.REPORTER, Role.MEMBER, Role.UNIT_LEAD, Role.OFFICER, Role.ADMIN),
}


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

    def invitable(self) -> tuple[Role, ...]:
        """The roles that this person may hand out, widest first list wins."""
        return max((INVITABLE.get(m.role, ()) for m in self.memberships), key=len, default=())
