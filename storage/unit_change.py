"""Units that merge, split, close, move or are renamed, with effect from a day.

A change of today or of a day that is past is carried out at once; one of a day to come waits for
it. Paths and totals follow in the same transaction (`storage.unit_tree`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from domain.briefing import VIETNAM
from domain.unit import UnitType
from domain.unit_change import Change, ChangeRefused, Ending, Founding, Moving, Obstacle, Renaming
from storage import audit, unit, unit_tree
from storage.schema import org_unit, unit_change, unit_successor
from storage.unit_heir import Heir, hand_over
from storage.unit_tree import SOLE_SUCCESSOR

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)
_ONE_DAY = timedelta(days=1)


class State(StrEnum):
    """Of a change of a day to come; `refused`: by then it could not be any more."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


# The units for which another one goes on alone, and where a unit stands: below that, or its parent.
_GONE_INTO = select(SOLE_SUCCESSOR.c.unit_id).where(
    SOLE_SUCCESSOR.c.successor_id == bindparam("of_id")
)
_PLACE = (
    select(func.coalesce(SOLE_SUCCESSOR.c.successor_id, org_unit.c.parent_id))
    .select_from(org_unit.outerjoin(SOLE_SUCCESSOR, SOLE_SUCCESSOR.c.unit_id == org_unit.c.id))
    .where(org_unit.c.id == bindparam("of_id"))
)

_OPEN = (State.WAITING, State.REFUSED)
_PLANNED = select(unit_change).order_by(unit_change.c.since, unit_change.c.id)


@dataclass(frozen=True, slots=True)
class Planned:
    """A change that waits for its day, or could not be carried out on it; then `reason` says why."""

    id: int
    since: date
    change: Change
    state: State
    reason: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change has led to: so many people are without a unit now."""

    without_unit: int = 0


def undertake(conn: Connection, change: Change, since: date, at: datetime) -> Outcome | None:
    """Carry a change out, or keep it until its day (None). Raises ChangeRefused."""
    outcome = start(conn, change, since, at)
    unit_tree.refresh(conn)
    return outcome


def start(conn: Connection, change: Change, since: date, at: datetime) -> Outcome | None:
    """The same for one of many changes: `unit_tree.refresh` must follow the last."""
    if since > at.astimezone(VIETNAM).date():
        _plan(conn, change, since, at)
        return None
    return _perform(conn, change, since, at)


def _perform(conn: Connection, change: Change, since: date, at: datetime) -> Outcome:
    match change:
        case Ending():
            left = _end(conn, change, since, at)
            return Outcome(len(left))
        case Renaming():
            of = _standing(conn, change.unit, since)
            unit.rename(conn, of.id, change.name)
            audit.record(conn, at, None, "rename", "org_unit", of.id, since=since)
        case Moving():
            _move(conn, change, since, at)
    return Outcome()


# --- days to come --------------------------------------------------------------------------------


def _plan(conn: Connection, change: Change, since: date, at: datetime) -> None:
    values = {
        "since": since,
        "change": _CHANGE.dump_python(change, mode="json"),
        "state": State.WAITING,
        "planned_at": at,
    }
    key = conn.execute(insert(unit_change).values(values).returning(unit_change.c.id)).scalar_one()
    audit.record(conn, at, None, "plan", "unit_change", key, since=since)


def planned(conn: Connection) -> list[Planned]:
    """What waits for its day, and what could not be carried out on it, the earliest first."""
    rows = conn.execute(_PLANNED.where(unit_change.c.state.in_(_OPEN)))
    return [_planned(row) for row in rows]


def cancel(conn: Connection, planned_id: int, at: datetime) -> bool:
    """Give up a change that waits or was refused; False when there is none of this number."""
    given_up = conn.execute(
        update(unit_change)
        .where(unit_change.c.id == planned_id, unit_change.c.state.in_(_OPEN))
        .values(state=State.CANCELLED)
    )
    if given_up.rowcount:
        audit.record(conn, at, None, "cancel", "unit_change", planned_id)
    return bool(given_up.rowcount)


def carry_out_due(conn: Connection, now: datetime) -> None:
    """Carry out every change whose day has come, each once, in the order of their days."""
    today = now.astimezone(VIETNAM).date()
    waiting = unit_change.c.state == State.WAITING, unit_change.c.since <= today
    # Held: whoever else looks at this moment finds them done.
    due = conn.execute(_PLANNED.where(*waiting).with_for_update()).all()
    for row in due:
        _settle(conn, _planned(row), now)
    if due:
        unit_tree.refresh(conn)


def _settle(conn: Connection, due: Planned, now: datetime) -> None:
    state, reason = State.DONE, None
    try:
        _perform(conn, due.change, due.since, now)
    except ChangeRefused as refused:
        state, reason = State.REFUSED, str(refused)
        audit.record(conn, now, None, "refuse", "unit_change", due.id, reason=refused.obstacle)
    one = unit_change.c.id == due.id
    conn.execute(update(unit_change).where(one).values(state=state, reason=reason))


def _planned(row: Row[tuple[object, ...]]) -> Planned:
    change = _CHANGE.validate_python(row.change)
    return Planned(row.id, row.since, change, State(row.state), row.reason)


# --- ending --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """A unit with what decides about its change."""

    id: int
    code: str
    name: str
    type: UnitType
    parent_id: int | None
    position: int
    valid_from: date | None


def _end(conn: Connection, change: Ending, since: date, at: datetime) -> set[int]:
    """Returns the people who are left without a unit. Everything is checked before it is written."""
    ending = [_ending(conn, code, since) for code in dict.fromkeys(change.units)]
    _check_successors(conn, change, ending, since)
    for founding in change.founded:
        _found(conn, founding, ending[0], since)
    successors = {code: _standing(conn, code, since).id for code in change.successors}
    heir = None if change.heir is None else unit.get(conn, successors[change.heir])
    left: set[int] = set()
    for each in ending:
        _close(conn, each, list(successors.values()), since, at)
        if heir is not None and len(successors) > 1:
            _take_in(conn, each.id, heir.id)
        left |= hand_over(conn, unit.get(conn, each.id), Heir(heir, since), at)
    return left


def _ending(conn: Connection, code: str, since: date) -> _Place:
    """A unit that may end: in force, begun before, and not the root."""
    place = _standing(conn, code, since)
    if place.parent_id is None:
        raise ChangeRefused(Obstacle.IS_ROOT, code)
    if place.valid_from is not None and place.valid_from >= since:
        raise ChangeRefused(Obstacle.BEGINS_LATER, code)
    return place


def _check_successors(
    conn: Connection, change: Ending, ending: Sequence[_Place], since: date
) -> None:
    founded = [founding.code for founding in change.founded]
    ids = {place.id for place in ending}
    for code in founded:
        if founded.count(code) > 1 or unit.by_code(conn, code) is not None:
            raise ChangeRefused(Obstacle.CODE_TAKEN, code)
        if ids & set(_line(conn, ending[0].id)[1:]):
            raise ChangeRefused(Obstacle.BELOW_ITSELF, code)
    for code in change.successors:
        if code in change.units:
            raise ChangeRefused(Obstacle.GOES_ON_ITSELF, code)
        if code not in founded and ids & set(_line(conn, _standing(conn, code, since).id)):
            raise ChangeRefused(Obstacle.BELOW_ITSELF, code)
    if change.heir is not None and change.heir not in change.successors:
        raise ChangeRefused(Obstacle.NO_SUCCESSOR, change.heir)
    if change.heir is None:
        for place in ending:
            if not set(_below(conn, place.id)) <= ids:
                raise ChangeRefused(Obstacle.UNITS_BELOW, place.code)


def _found(conn: Connection, founding: Founding, like: _Place, since: date) -> None:
    unit.add(
        conn,
        founding.code,
        founding.name,
        like.type,
        like.parent_id,
        position=like.position,
        valid_from=since,
    )


def _close(
    conn: Connection, place: _Place, successors: Sequence[int], since: date, at: datetime
) -> None:
    one = org_unit.c.id == place.id
    conn.execute(update(org_unit).where(one).values(valid_to=since - _ONE_DAY))
    if successors:
        links = [{"unit_id": place.id, "successor_id": i, "since": since} for i in successors]
        conn.execute(insert(unit_successor), links)
    audit.record(conn, at, None, "end", "org_unit", place.id, since=since, successors=successors)


def _take_in(conn: Connection, old_id: int, new_id: int) -> None:
    """What stands below the old unit stands below the new one."""
    below = org_unit.c.id.in_(_below(conn, old_id))
    conn.execute(update(org_unit).where(below).values(parent_id=new_id))


def _below(conn: Connection, unit_id: int) -> list[int]:
    """The units in force right below, those of units for which this one goes on among them."""
    children = select(org_unit.c.id).where(
        org_unit.c.parent_id == unit_id, org_unit.c.valid_to.is_(None)
    )
    found = list(conn.execute(children).scalars())
    for each in conn.execute(_GONE_INTO, {"of_id": unit_id}).scalars():
        found += _below(conn, each)
    return found


# --- moving --------------------------------------------------------------------------------------


def _move(conn: Connection, change: Moving, since: date, at: datetime) -> None:
    place, parent = _standing(conn, change.unit, since), _standing(conn, change.parent, since)
    if place.parent_id is None:
        raise ChangeRefused(Obstacle.IS_ROOT, change.unit)
    if place.id in _line(conn, parent.id):
        raise ChangeRefused(Obstacle.BELOW_ITSELF, change.parent)
    conn.execute(update(org_unit).where(org_unit.c.id == place.id).values(parent_id=parent.id))
    audit.record(conn, at, None, "move", "org_unit", place.id, since=since, to=parent.id)


def _line(conn: Connection, unit_id: int) -> list[int]:
    """The unit and all above it in the tree as it stands now: paths may be behind."""
    found: list[int] = []
    at: int | None = unit_id
    while at is not None:
        found.append(at)
        at = conn.execute(_PLACE, {"of_id": at}).scalar_one()
    return found


def _standing(conn: Connection, code: str, day: date) -> _Place:
    """The unit of this code, which has begun by the day and not ended since."""
    row = conn.execute(select(org_unit).where(org_unit.c.code == code)).one_or_none()
    if row is None:
        raise ChangeRefused(Obstacle.UNKNOWN, code)
    if row.valid_from is not None and row.valid_from > day:
        raise ChangeRefused(Obstacle.BEGINS_LATER, code)
    if row.valid_to is not None:
        raise ChangeRefused(Obstacle.NOT_IN_FORCE, code)
    return _Place(
        row.id,
        row.code,
        row.name,
        UnitType(row.type),
        row.parent_id,
        row.position,
        row.valid_from,
    )
