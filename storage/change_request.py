"""Changes asked for after the lock: an officer accepts or declines, and the sender hears of it.

A request is about one version of a tally; when that has changed meanwhile, or a newer request
takes its place, the request is overtaken and changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, insert, select, update

from domain.deadline import bucket
from domain.oddity import OddFlag
from domain.period import Cutoff, Period
from domain.tally import Figures
from storage import audit, oddity, tally
from storage.schema import change_request, org_unit, unit_path
from storage.schema import tally as tally_table
from storage.tally import StoredTally

_FIGURES = TypeAdapter(Figures)


class RequestState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """`figures` are what is asked for, None for a withdrawal; `tally_id` is None for a new entry."""

    id: int
    unit_id: int
    unit_name: str
    tally_id: int | None
    tally_version: int | None
    figures: Figures | None
    odd: OddFlag | None
    state: RequestState
    asked_by: int
    asked_at: datetime
    origin: str


def ask(
    conn: Connection,
    unit_id: int,
    person_id: int,
    about: StoredTally | None,
    figures: Figures | None,
    origin: str,
    at: datetime,
    odd: OddFlag | None = None,
) -> ChangeRequest:
    """Ask to change or withdraw `about`, or to add figures; the same `origin` again asks nothing.

    An open request of this person about the same tally is overtaken by it.
    """
    known = conn.execute(_select().where(change_request.c.origin == origin)).one_or_none()
    if known is not None:
        return _stored(known)
    if about is not None:
        _overtake(conn, about.id, person_id)
    request_id: int = conn.execute(
        insert(change_request)
        .values(
            unit_id=unit_id,
            tally_id=None if about is None else about.id,
            tally_version=None if about is None else about.version,
            figures=None if figures is None else _plain(figures),
            **oddity.columns_of(odd),
            state=RequestState.OPEN,
            asked_by=person_id,
            asked_at=at,
            origin=origin,
        )
        .returning(change_request.c.id)
    ).scalar_one()
    audit.record(conn, at, person_id, "ask", "change_request", request_id)
    return get(conn, request_id)


def decide(
    conn: Connection,
    request_id: int,
    officer_id: int,
    at: datetime,
    *,
    accept: bool,
    cutoff: Cutoff = Cutoff.CALENDAR_MONTH,
) -> ChangeRequest | None:
    """Accept, which carries the change out, or decline; None when somebody has decided already.

    The new version of the tally is its sender's; that the officer accepted is in the audit log.
    """
    request = _hold(conn, request_id)
    if request.state is not RequestState.OPEN:
        return None
    state = RequestState.DECLINED
    if accept:
        done = _carry_out(conn, request, at, cutoff)
        state = RequestState.ACCEPTED if done else RequestState.OVERTAKEN
    conn.execute(
        update(change_request)
        .where(change_request.c.id == request_id)
        .values(state=state, decided_by=officer_id, decided_at=at)
    )
    audit.record(conn, at, officer_id, state, "change_request", request_id)
    return get(conn, request_id)


def get(conn: Connection, request_id: int) -> ChangeRequest:
    return _stored(conn.execute(_select().where(change_request.c.id == request_id)).one())


def find(conn: Connection, request_id: int) -> ChangeRequest | None:
    row = conn.execute(_select().where(change_request.c.id == request_id)).one_or_none()
    return None if row is None else _stored(row)


def open_about(conn: Connection, tally_id: int) -> ChangeRequest | None:
    """The newest request about this tally that nobody has decided."""
    row = conn.execute(
        _select()
        .where(change_request.c.tally_id == tally_id, change_request.c.state == RequestState.OPEN)
        .order_by(change_request.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _stored(row)


def open_below(conn: Connection, unit_ids: Iterable[int], limit: int) -> list[ChangeRequest]:
    """What nobody has decided for these units and all below them, oldest first."""
    below = select(unit_path.c.unit_id).where(unit_path.c.ancestor_id.in_(list(unit_ids)))
    rows = conn.execute(
        _select()
        .where(change_request.c.state == RequestState.OPEN, change_request.c.unit_id.in_(below))
        .order_by(change_request.c.id)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


def open_in(
    conn: Connection, unit_id: int, period: Period, cutoff: Cutoff = Cutoff.CALENDAR_MONTH
) -> int:
    """How many wait for an officer, of this unit and all below it, about days of the period."""
    below = select(unit_path.c.unit_id).where(unit_path.c.ancestor_id == unit_id)
    rows = conn.execute(
        select(change_request.c.figures, tally_table.c.bucket)
        .outerjoin(tally_table, tally_table.c.id == change_request.c.tally_id)
        .where(change_request.c.state == RequestState.OPEN, change_request.c.unit_id.in_(below))
    )
    return sum(
        any(period.contains(touched) for touched in _touched(row.figures, row.bucket, cutoff))
        for row in rows
    )


def _touched(
    figures: Mapping[str, Any] | None, counted_in: str | None, cutoff: Cutoff
) -> Iterator[Period]:
    """The periods that a request is about: the one of its entry, and the one asked for."""
    if counted_in is not None:
        yield Period.from_code(counted_in)
    if figures is not None:
        yield bucket(_FIGURES.validate_python(figures), cutoff)


def _carry_out(conn: Connection, request: ChangeRequest, at: datetime, cutoff: Cutoff) -> bool:
    """Do what was asked for, unless the tally is no longer the version that it was asked of."""
    author, figures, odd = request.asked_by, request.figures, request.odd
    if request.tally_id is None:
        if figures is not None:
            tally.record(
                conn,
                request.unit_id,
                author,
                figures,
                request.origin,
                at,
                odd=odd,
                cutoff=cutoff,
            )
        return True
    now = tally.get(conn, request.tally_id)
    if now.version != request.tally_version or now.withdrawn:
        return False
    if figures is None:
        tally.withdraw(conn, now.id, author, at)
    else:
        tally.correct(conn, now.id, author, figures, at, odd, cutoff)
    return True


def _overtake(conn: Connection, tally_id: int, person_id: int) -> None:
    conn.execute(
        update(change_request)
        .where(
            change_request.c.tally_id == tally_id,
            change_request.c.asked_by == person_id,
            change_request.c.state == RequestState.OPEN,
        )
        .values(state=RequestState.OVERTAKEN)
    )


def _hold(conn: Connection, request_id: int) -> ChangeRequest:
    """The request, kept from other writers: two officers who tap at once decide it once."""
    held = _select().where(change_request.c.id == request_id).with_for_update(of=change_request)
    return _stored(conn.execute(held).one())


def _plain(figures: Figures) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = _FIGURES.dump_python(figures, mode="json")
    return plain


def _select() -> Select[Any]:
    return select(change_request, org_unit.c.name.label("unit_name")).join(
        org_unit, org_unit.c.id == change_request.c.unit_id
    )


def _stored(row: Row[Any]) -> ChangeRequest:
    return ChangeRequest(
        id=row.id,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        tally_id=row.tally_id,
        tally_version=row.tally_version,
        figures=None if row.figures is None else _FIGURES.validate_python(row.figures),
        odd=oddity.flag(row.oddities, row.odd_reason),
        state=RequestState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        origin=row.origin,
    )
