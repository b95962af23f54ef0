"""After an ordeal: what the bot keeps, held against what each person did and saw."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

from sqlalchemy import Connection, Table, func, select

from storage import totals
from storage.inbox import InboxState
from storage.reminder import DeliveryState
from storage.schema import (
    account,
    briefing_answer,
    delivery,
    draft,
    inbox,
    membership,
    opinion_note,
    tally,
)
from tests.torture.newcomers import Newcomer
from tests.torture.people import SECRET_NAME, SECRET_PHONE, Person
from tests.torture.stage import HOOK_SECRET, TOKEN, ZALO_TOKEN, Json, Stage

# What must be found, or the search for what must not be found is blind.
KNOWN_WORDS = "giải thích rõ"
# Zalo's menus have other letters each time.
_MENU = re.compile(r"\n[a-z]{1,2}\. ")


def judge(
    conn: Connection, updates: int, people: Sequence[Person], calls: Sequence[Json]
) -> list[str]:
    """All that is wrong with what is kept; `updates` are those that Telegram must have delivered."""
    by_chat = {row.address: row.person_id for row in conn.execute(select(account))}
    wrong = [*_inbox(conn, updates), *_totals(conn), *_drafts(conn), *_reminders(conn, calls)]
    for person in people:
        number = by_chat.get(person.chat.address)
        if number is None:
            wrong.append(f"{person.chat.person} is not enrolled")
        else:
            wrong += [f"{person.chat.person}: {it}" for it in _of_person(conn, number, person)]
    return wrong


def _inbox(conn: Connection, updates: int) -> Iterable[str]:
    """Every update is done, and every one that Telegram ever delivered is there once. Zalo may lose
    some, and number them as they come.
    """
    columns = inbox.c
    for row in conn.execute(select(inbox).where(columns.state != InboxState.DONE)):
        yield f"update {row.update_id} is {row.state} after {row.attempts} failures: {row.error}"
    kept = conn.execute(select(func.count()).where(columns.payload.is_not(None))).scalar_one()
    if kept:
        yield f"{kept} payloads are kept of updates that are done"
    known, first, last = conn.execute(
        select(func.count(), func.min(columns.update_id), func.max(columns.update_id)).where(
            columns.bot == TOKEN.partition(":")[0]
        )
    ).one()
    if known != updates or last - first + 1 != known:
        yield f"{updates} updates were made, {known} known: {first}…{last}"


def _totals(conn: Connection) -> Iterable[str]:
    return [f"totals: {difference}" for difference in totals.verify(conn)]


def _drafts(conn: Connection) -> Iterable[str]:
    """Everybody has finished, so no dialogue is open."""
    return [f"a draft is left: {row.dialogue} at {row.step}" for row in conn.execute(select(draft))]


def _reminders(conn: Connection, calls: Sequence[Json]) -> Iterable[str]:
    """None is left, and none reached a person twice; `calls` are the messages sent."""
    open_states = (DeliveryState.QUEUED, DeliveryState.SENDING)
    for row in conn.execute(select(delivery).where(delivery.c.state.in_(open_states))):
        yield f"the reminder {row.key} is left {row.state}"
    sent = Counter(
        (call["params"]["chat_id"], _MENU.split(call["params"]["text"])[0])
        for call in calls
        if call["ok"] and "Hội nghị thử lửa" in call["params"]["text"]
    )
    for (chat, text), times in sent.items():
        if times > 1:
            yield f"{chat} was reminded {times} times: {text[:60]!r}"
    counted = _count(conn, delivery, DeliveryState.SENT)
    if not counted <= len(sent) or not sent:
        yield f"{counted} reminders are noted as sent, {len(sent)} arrived"


def _count(conn: Connection, table: Table, state: str) -> int:
    return conn.execute(
        select(func.count()).select_from(table).where(table.c.state == state)
    ).scalar_one()


def _of_person(conn: Connection, number: int, person: Person) -> Iterable[str]:
    yield from _reports(conn, number, person)
    notes = conn.execute(select(opinion_note.c.text).where(opinion_note.c.sender_id == number))
    kept = Counter(text.partition(" Liên hệ")[0] for text in notes.scalars())
    if kept != Counter(person.notes):
        yield f"the notes are {kept}, but were {person.notes}"
    rows = conn.execute(select(briefing_answer).where(briefing_answer.c.person_id == number))
    answers = {row.briefing_id: row.answer for row in rows}
    if answers != person.answers:
        yield f"the answers are {answers}, but were {person.answers}"
    if isinstance(person, Newcomer):
        held = conn.execute(
            select(func.count()).where(membership.c.person_id == number)
        ).scalar_one()
        if held != 1:
            yield f"enrolled {held} times"


def _reports(conn: Connection, number: int, person: Person) -> Iterable[str]:
    rows = conn.execute(select(tally).where(tally.c.reporter_id == number)).all()
    kept = Counter((r.sessions, r.party_members, r.public, r.state) for r in rows)
    meant = Counter(
        (r.sessions, r.party_members, r.public, "withdrawn" if r.state == "withdrawn" else "active")
        for r in person.reports
        if r.state != "unconfirmed"
    )
    yield from (f"{times} × {fact} too many" for fact, times in (kept - meant).items())
    yield from (f"{times} × {fact} lost" for fact, times in (meant - kept).items())


def traces(stage: Stage) -> Iterable[str]:
    """Where in the files that the bot wrote a secret can be found."""
    files = dict(_contents(stage))
    if not any(form in content for form in _forms(KNOWN_WORDS) for content in files.values()):
        yield "the search for secrets finds nothing at all"
    hidden = [token.partition(":")[2] for token in (TOKEN, ZALO_TOKEN)]
    for secret in (SECRET_NAME, SECRET_PHONE, HOOK_SECRET, *hidden, *stage.tokens):
        for name, content in files.items():
            if any(form in content for form in _forms(secret)):
                yield f"{secret!r} stands in {name}"


def _contents(stage: Stage) -> Iterable[tuple[str, bytes]]:
    """A database server may take a file away meanwhile."""
    for path in stage.files():
        with suppress(FileNotFoundError):
            yield str(path), path.read_bytes()


def _forms(text: str) -> tuple[bytes, bytes]:
    """As it is, and as JSON escapes it."""
    return text.encode(), text.encode("ascii", "backslashreplace")
