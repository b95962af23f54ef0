"""The ladder of reminders to report: whom it reaches on a day, by what is stored.

Time is data: one row of `reminder` without a briefing says when the ladder's next day begins. It is
expanded into nudges, of which each person gets one message a day (storage.nudge composes it when it
is sent). Days are days in Asia/Ho_Chi_Minh.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.briefing import VIETNAM
from domain.deadline import due_date
from domain.ladder import (
    Circle,
    LadderRules,
    Nudge,
    Owing,
    Quiet,
    closing,
    may_climb,
    next_push,
    opening,
    plan,
    rung_days,
    rung_on,
)
from domain.period import Period, following, previous
from domain.role import Role
from domain.status import Status
from storage import exception, leave, lock, reminder, rest, status, unit
from storage.person import valid_on
from storage.reminder import LADDER, DeliveryState
from storage.schema import (
    deadline_exception,
    delivery,
    membership,
    nudge,
    unit_path,
    unit_successor,
)
from storage.schema import reminder as due_rows

_ONE_DAY = timedelta(days=1)
_OWN = (Role.REPORTER, Role.UNIT_LEAD)
_ABOVE = (Role.UNIT_LEAD, Role.OFFICER)
_WAITING = "waiting"
_NAME = "ladder"


# --- when ----------------------------------------------------------------------------------------


def schedule(conn: Connection, now: datetime, rules: LadderRules) -> None:
    """Keep the one due row at the ladder's next day; without rungs there is none."""
    day = next_day(conn, first_free(conn, now, rules), rules)
    waiting = due_rows.c.briefing_id.is_(None) & (due_rows.c.state == _WAITING)
    if day is None:
        conn.execute(due_rows.delete().where(waiting))
        return
    times = {"due_at": opening(day, rules), "expires_at": closing(day, rules)}
    if conn.execute(update(due_rows).where(waiting).values(times)).rowcount == 0:
        conn.execute(insert(due_rows).values(rung=_NAME, state=_WAITING, **times))


def first_free(conn: Connection, now: datetime, rules: LadderRules) -> date:
    """Today until its reminders are planned or stale, then tomorrow."""
    today = now.astimezone(VIETNAM).date()
    planned = select(due_rows.c.id).where(
        due_rows.c.briefing_id.is_(None),
        due_rows.c.state == "expanded",
        due_rows.c.due_at == opening(today, rules),
    )
    is_over = now >= closing(today, rules) or conn.execute(planned).first() is not None
    return today + _ONE_DAY if is_over else today


def next_day(conn: Connection, day: date, rules: LadderRules) -> date | None:
    """The first day from this one on that has a rung of some unit's ladder; None without rungs."""
    last = Period.month_of(day + timedelta(days=31))
    days = (
        rung_day
        for period in _months_before(last)
        for due in _dues(conn, period, rules)
        for rung_day in rung_days(due, rules)
    )
    return min((found for found in days if found >= day), default=None)


def _months_before(last: Period) -> Iterator[Period]:
    """The months whose ladders may have a rung until the end of this one, which may be due within
    itself.
    """
    for _ in range(5):
        yield last
        last = previous(last)


def _dues(conn: Connection, period: Period, rules: LadderRules) -> set[date]:
    """The due dates that units have for the period: the rule's, and those of exceptions."""
    said = select(deadline_exception.c.late_from).where(
        deadline_exception.c.period == period.code, deadline_exception.c.late_from.is_not(None)
    )
    others = conn.execute(said).scalars()
    return {due_date(period, rules.deadlines), *map(exception.last_day, others)}


def expand_due(conn: Connection, now: datetime, rules: LadderRules) -> None:
    """When the ladder's day has come, queue its messages, or let it expire when the day is over."""
    due = due_rows.c
    row = conn.execute(
        select(due.id, due.expires_at).where(
            due.briefing_id.is_(None), due.state == _WAITING, due.due_at <= now
        )
    ).one_or_none()
    if row is None:
        return
    is_stale = row.expires_at <= now
    state = "expired" if is_stale else "expanded"
    conn.execute(update(due_rows).where(due.id == row.id).values(state=state))
    if not is_stale:
        day = now.astimezone(VIETNAM).date()
        queue(conn, planned(conn, day, rules), now, rules)
    schedule(conn, now, rules)


def queue(conn: Connection, nudges: Iterable[Nudge], now: datetime, rules: LadderRules) -> None:
    """Queue one message for each person of these nudges, for now or the next hours of reminders; one
    that is queued for that day already says more.
    """
    at = next_push(now, rules)
    day = at.date()
    rows = [
        {
            "person_id": each.person_id,
            "day": day,
            "unit_id": each.unit_id,
            "period": each.period.code,
            "due": each.due,
            "rung": each.rung,
            "told": each.told,
        }
        for each in nudges
    ]
    if not rows:
        return
    conn.execute(_INSERT[conn.dialect.name], rows)
    people = select(nudge.c.person_id).where(nudge.c.day == day).distinct()
    reminder.queue(
        conn,
        conn.execute(people.order_by(nudge.c.person_id)).scalars().all(),
        key=f"{LADDER}:{day}",
        message=LADDER,
        at=now,
        expires_at=closing(day, rules),
        nudged_on=day,
        not_before=at if at > now else None,
    )


_INSERT = {
    "sqlite": sqlite.insert(nudge).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(nudge).on_conflict_do_nothing(),
}


# --- whom ----------------------------------------------------------------------------------------


def planned(conn: Connection, day: date, rules: LadderRules) -> list[Nudge]:
    """Whom the ladder reminds on this day of what, if nobody reports any more until then."""
    seen = look(conn, day, rules)
    return plan(day, seen.units, seen.around, seen.quiet, rules)


@dataclass(frozen=True, slots=True)
class Look:
    """What a day of the ladder goes by: the units with a rung on it, the people around them, and who
    of these is to be left alone.
    """

    units: tuple[Owing, ...]
    around: Mapping[int, Circle]
    quiet: Quiet


def look(conn: Connection, day: date, rules: LadderRules) -> Look:
    units = [found for found in _on_a_rung(conn, day, rules) if _is_open(conn, found, day, rules)]
    around = circles(conn, {found.unit_id for found in units}, day)
    return Look(tuple(units), around, quiet(conn, around, day))


def _on_a_rung(conn: Connection, day: date, rules: LadderRules) -> Iterator[Owing]:
    top = unit.root(conn)
    if top is None:
        return
    for period in _months_before(following(Period.month_of(day))):
        climbing = [due for due in _dues(conn, period, rules) if may_climb(due, day, rules)]
        on_a_rung = {due for due in climbing if rung_on(due, day, rules) is not None}
        if on_a_rung:
            units = owing(conn, top.id, period, rules)
            yield from (found for found in units if found.due in on_a_rung)


def _is_open(conn: Connection, found: Owing, day: date, rules: LadderRules) -> bool:
    """Neither locked, so that a report could still be given freely, nor held back by an officer."""
    held = rest.is_held(conn, found.unit_id, found.period, day)
    return not held and not lock.locks(conn, found.unit_id, found.period, rules.deadlines, day)


def owing(conn: Connection, top_id: int, period: Period, rules: LadderRules) -> list[Owing]:
    """The units at or below `top_id` that miss their report for the period, in the official order."""
    return [
        Owing(each.unit_id, period, each.due)
        for each in status.of_units(conn, top_id, period, rules.deadlines)
        if each.status is Status.MISSING
    ]


def circles(conn: Connection, units: Collection[int], day: date) -> dict[int, Circle]:
    """The people around each unit on that day: its leads and reporters and those of the units below
    it, the nearest and the leads first; and the leads and officers of it and of the units above. For
    a unit that is no more its one successor's people are asked as well.
    """
    heirs = _heirs(conn, units)
    own = _own(conn, {*units, *heirs.values()}, day)
    above = _above(conn, units, day)
    return {
        each: Circle(
            tuple(dict.fromkeys((*own.get(each, ()), *own.get(heirs.get(each, each), ())))),
            above.get(each, ()),
        )
        for each in units
    }


def _heirs(conn: Connection, units: Collection[int]) -> dict[int, int]:
    """The one successor of each of these units that has gone; after a split there are several."""
    rows = conn.execute(
        select(unit_successor.c.unit_id, func.min(unit_successor.c.successor_id).label("heir"))
        .where(unit_successor.c.unit_id.in_(units))
        .group_by(unit_successor.c.unit_id)
        .having(func.count() == 1)
    )
    return {row.unit_id: row.heir for row in rows}


def _own(conn: Connection, units: Collection[int], day: date) -> dict[int, tuple[int, ...]]:
    rows = conn.execute(
        select(unit_path.c.ancestor_id, membership.c.person_id)
        .join(unit_path, unit_path.c.unit_id == membership.c.unit_id)
        .where(unit_path.c.ancestor_id.in_(units), membership.c.role.in_(_OWN), valid_on(day))
        .order_by(unit_path.c.depth, membership.c.role != Role.UNIT_LEAD, membership.c.id)
    )
    return _by_unit((unit_id, person_id) for unit_id, person_id in rows)


def _above(conn: Connection, units: Collection[int], day: date) -> dict[int, tuple[int, ...]]:
    rows = conn.execute(
        select(unit_path.c.unit_id, membership.c.person_id)
        .join(unit_path, unit_path.c.ancestor_id == membership.c.unit_id)
        .where(unit_path.c.unit_id.in_(units), membership.c.role.in_(_ABOVE), valid_on(day))
        .order_by(unit_path.c.depth, membership.c.id)
    )
    return _by_unit((unit_id, person_id) for unit_id, person_id in rows)


def _by_unit(rows: Iterable[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    found: dict[int, dict[int, None]] = {}
    for unit_id, person_id in rows:
        found.setdefault(unit_id, {})[person_id] = None
    return {unit_id: tuple(people) for unit_id, people in found.items()}


def quiet(conn: Connection, around: Mapping[int, Circle], day: date) -> Quiet:
    """Whom of these people to leave alone on that day."""
    people = {person for circle in around.values() for person in (*circle.own, *circle.above)}
    resting, given_up = rest.of_day(conn, day)
    return Quiet(leave.away(conn, people, day), resting, given_up, reminded_on(conn, day))


def nudged_on(conn: Connection, day: date) -> set[int]:
    """Who has a message of that day, sent or still to be sent."""
    return set(conn.execute(select(nudge.c.person_id).where(nudge.c.day == day)).scalars())


def reminded_on(conn: Connection, day: date) -> frozenset[int]:
    """Who has had their message of the day, or was tried; one that still waits can say more."""
    rows = select(delivery.c.person_id).where(
        delivery.c.nudged_on == day,
        delivery.c.message == LADDER,
        delivery.c.state != DeliveryState.QUEUED,
    )
    return frozenset(conn.execute(rows).scalars())
