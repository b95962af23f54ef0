"""What the bot keeps, one line a fact, for the `stored:` lines of a scenario."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Row, Select, Table, select

from storage import exception, totals
from storage.schema import (
    account,
    briefing,
    briefing_answer,
    change_request,
    deadline_exception,
    delivery,
    draft,
    enrolment,
    evidence,
    evidence_consent,
    group_chat,
    invitation,
    leave,
    membership,
    opinion_note,
    org_unit,
    period_lock,
    person,
    reminder_hold,
    reminder_rest,
    report_excuse,
    tally,
    unit_report,
)
from wording.format import moment

Names = Mapping[str, str]
Line = Row[tuple[object, ...]]


def facts(conn: Connection, names: Names) -> list[str]:
    """Everything stored, in a fixed order; `names` are the people and groups by address."""
    people = {row.person_id: names[row.address] for row in conn.execute(select(account))}
    units = {row.id: row.name for row in conn.execute(select(org_unit))}
    return [
        *_people(conn, people, units),
        *_addresses(conn, names, units),
        *_said(conn, people, units),
    ]


def _people(conn: Connection, people: Mapping[int, str], units: Mapping[int, str]) -> Iterator[str]:
    for row in conn.execute(_all(person)):
        consent = f"agreed to notice {row.consent_version}" if row.consent_version else "no consent"
        yield f"{people[row.id]} is “{row.display_name}”, {consent}"
    for row in conn.execute(_all(membership)):
        ended = f", until {row.valid_to}" if row.valid_to else ""
        yield f"{people[row.person_id]} is {row.role} in {units[row.unit_id]}{ended}"
    for row in conn.execute(_all(leave)):
        days = f"{row.first_day}…{row.last_day}"
        stand_in = people.get(row.stand_in_id, "nobody")
        yield f"{people[row.person_id]} is away {days}, {stand_in} stands in"
    for row in conn.execute(_all(account)):
        if row.unreachable_since is not None:
            yield f"{people[row.person_id]} cannot be reached"
    for row in conn.execute(_all(invitation)):
        left = f"{row.uses_left} left" if row.revoked_at is None else "taken back"
        expiry = moment(row.expires_at)
        yield f"invitation as {row.role} in {units[row.unit_id]}: {left}, until {expiry}"
    for row in conn.execute(_all(enrolment)):
        asked = f"{row.role} in {units[row.unit_id]}"
        yield f"{people[row.person_id]} asks to be {asked}: {row.state}"


def _addresses(conn: Connection, names: Names, units: Mapping[int, str]) -> Iterator[str]:
    for row in conn.execute(_all(group_chat)):
        yield f"group {names[row.address]} sees {units[row.unit_id]}"
    for row in conn.execute(_all(draft)):
        yield f"draft of {names[row.address]}: {row.dialogue} at {row.step}"


def _said(conn: Connection, people: Mapping[int, str], units: Mapping[int, str]) -> Iterator[str]:
    for row in conn.execute(_all(tally)):
        yield f"tally {row.id} of {people[row.reporter_id]}, {units[row.unit_id]}: {_tally(row)}"
    for row in conn.execute(_all(evidence)):
        yield f"photo {row.id} with tally {row.tally_id}: {row.width} × {row.height}"
    for row in conn.execute(select(evidence_consent)):
        yield f"{people[row.person_id]} agreed to photos by notice {row.version}"
    for row in conn.execute(_all(change_request)):
        about = "a new entry" if row.tally_id is None else f"tally {row.tally_id}"
        asked = "out" if row.figures is None else f"sessions={row.figures['sessions']}"
        yield f"request {row.id} of {people[row.asked_by]}: {about} {asked}, {row.state}"
    for row in conn.execute(_all(period_lock)):
        word = "locked" if row.locked else "reopened"
        yield f"{units[row.unit_id]} {row.period}: {word}, by {people[row.said_by]}"
    for row in conn.execute(_all(report_excuse)):
        word = "excused" if row.excused else "required"
        yield f"{units[row.unit_id]} {row.period}: {word}, by {people[row.said_by]}"
    for row in conn.execute(_all(deadline_exception)):
        due = "by the rule" if row.late_from is None else exception.last_day(row.late_from)
        yield f"{units[row.unit_id]} {row.period}: due {due}, by {people[row.said_by]}"
    for row in conn.execute(select(unit_report)):
        yield f"{units[row.unit_id]} {row.period}: {row.status}, by {people[row.reported_by]}"
    for row in conn.execute(_all(opinion_note)):
        fields = f"{row.category}, {row.urgency}"
        yield f"note {row.id} of {people[row.sender_id]}, {units[row.unit_id]}: {fields}: “{row.text}”"
    for row in conn.execute(_all(reminder_rest)):
        about, until = units.get(row.unit_id, "all units"), row.until or "further notice"
        yield f"{people[row.person_id]} wants no reminders of {about} until {until}"
    for row in conn.execute(select(reminder_hold)):
        day = f"{row.day}, by {people[row.said_by]}"
        yield f"{units[row.unit_id]} {row.period}: no reminders on {day}"
    for row in conn.execute(_all(briefing)):
        stated = (moment(row.starts_at), row.place, row.link, row.topic)
        yield f"briefing {row.id} “{row.title}”: {' / '.join(filter(None, stated))}"
    for row in conn.execute(select(briefing_answer).order_by(briefing_answer.c.person_id)):
        yield f"{people[row.person_id]} answered briefing {row.briefing_id}: {row.answer}"
    for row in conn.execute(_all(delivery)):
        if row.state != "sent":
            yield f"{row.message} to {people[row.person_id]}: {row.state}, {row.reason}"


_MEASURES = ("sessions", "party_members", "public", "audience_total", "learners", "items")


def _tally(row: Line) -> str:
    days = f"{row.date_from}" if row.date_from == row.date_to else f"{row.date_from}…{row.date_to}"
    numbers = " ".join(
        f"{measure}={getattr(row, measure)}"
        for measure in _MEASURES
        if getattr(row, measure) is not None
    )
    extra = [f"approximately {row.approximation}"] if row.approximation else []
    extra += [f"topic “{row.topic}”"] if row.topic else []
    extra += [f"odd: {', '.join(row.oddities)} ({row.odd_reason})"] if row.oddities else []
    extra += [f"version {row.version}"] if row.version > 1 else []
    extra += [row.state] if row.state != "active" else []
    return ", ".join([f"{row.kind} {days} {numbers}", *extra])


def _all(table: Table) -> Select[tuple[object, ...]]:
    return select(table).order_by(table.c.id)


def totals_agree(conn: Connection) -> bool:
    """Whether the live totals are what a recount says."""
    return not totals.verify(conn)
