"""Changes after the lock: the sender asks, an officer in charge decides, the sender hears of it."""

from datetime import timedelta

from sqlalchemy import Connection
from telegram.ext import CallbackQueryHandler, CommandHandler

from domain.deadline import DeadlineRules, bucket
from domain.oddity import OddFlag
from domain.role import ALLOWED, Action, Actor
from domain.tally import Figures
from handlers.desk import Button, Desk, Keyboard, Say, Sender, Turn
from handlers.dialogue import PRIVATE, Handler, actor_of
from handlers.tally_draft import entry_buttons
from storage import change_request, lock, person, reminder, tally, unit
from storage.change_request import ChangeRequest, RequestState
from storage.tally import StoredTally
from wording.say import label

# For so long a message about a request is worth sending to somebody who cannot be reached.
WORTH_SENDING = timedelta(days=7)
# So many requests come at once.
SHOWN = 10
_TO_OFFICER = "requests.to_officer"
_OUTCOME = "requests.outcome"


# --- asking --------------------------------------------------------------------------------------


def record_or_ask(
    conn: Connection,
    sender: Sender,
    actor: Actor,
    unit_id: int,
    figures: Figures,
    origin: str,
    rules: DeadlineRules,
    odd: OddFlag | None = None,
) -> StoredTally | ChangeRequest:
    """Store figures for an open period; for a locked one ask to have them added."""
    if is_free(conn, sender, actor, unit_id, rules, figures):
        return tally.record(
            conn,
            unit_id,
            actor.person_id,
            figures,
            origin,
            sender.now,
            odd=odd,
            cutoff=rules.cutoff,
        )
    return _ask(conn, sender, actor, unit_id, None, figures, origin, odd)


def correct_or_ask(
    conn: Connection,
    sender: Sender,
    actor: Actor,
    entry: StoredTally,
    figures: Figures,
    rules: DeadlineRules,
    odd: OddFlag | None = None,
) -> StoredTally | ChangeRequest:
    """Correct an entry; when its old or its new period is locked, ask to have it corrected."""
    if is_free(conn, sender, actor, entry.unit_id, rules, entry.figures, figures):
        return tally.correct(
            conn, entry.id, actor.person_id, figures, sender.now, odd, rules.cutoff
        )
    return _ask(conn, sender, actor, entry.unit_id, entry, figures, _origin(sender, entry), odd)


def withdraw_or_ask(
    conn: Connection, sender: Sender, actor: Actor, entry: StoredTally, rules: DeadlineRules
) -> StoredTally | ChangeRequest:
    """Withdraw an entry; when its period is locked, ask to have it withdrawn."""
    if is_free(conn, sender, actor, entry.unit_id, rules, entry.figures):
        return tally.withdraw(conn, entry.id, actor.person_id, sender.now)
    return _ask(conn, sender, actor, entry.unit_id, entry, None, _origin(sender, entry))


def asked(conn: Connection, request: ChangeRequest) -> Say:
    """What the sender of a request is told."""
    return Say("requests.asked", _values(conn, request))


def is_free(
    conn: Connection,
    sender: Sender,
    actor: Actor,
    unit_id: int,
    rules: DeadlineRules,
    *touched: Figures,
) -> bool:
    """Whether the periods of these figures are open, or locked for others only."""
    periods = {bucket(figures, rules.cutoff) for figures in touched}
    if not any(lock.locks(conn, unit_id, period, rules, sender.today) for period in periods):
        return True
    return actor.may(Action.DECIDE_CHANGE, unit.path(conn, unit_id))


def _origin(sender: Sender, entry: StoredTally) -> str:
    """One message asks once for a change of one version of an entry."""
    return f"{sender.origin}:change:{entry.id}:{entry.version}"


def _ask(
    conn: Connection,
    sender: Sender,
    actor: Actor,
    unit_id: int,
    entry: StoredTally | None,
    figures: Figures | None,
    origin: str,
    odd: OddFlag | None = None,
) -> ChangeRequest:
    request = change_request.ask(
        conn, unit_id, actor.person_id, entry, figures, origin, sender.now, odd
    )
    officers = person.in_charge(conn, unit_id, Action.DECIDE_CHANGE, sender.today)
    _send(conn, sender, request, officers, _TO_OFFICER)
    return request


def _send(
    conn: Connection, sender: Sender, request: ChangeRequest, people: list[int], message: str
) -> None:
    reminder.queue(
        conn,
        people,
        key=f"{message}:{request.id}",
        message=message,
        at=sender.now,
        expires_at=sender.now + WORTH_SENDING,
        request_id=request.id,
    )


# --- deciding ------------------------------------------------------------------------------------


async def show_open(turn: Turn) -> None:
    """/yeucau: one message per request that waits for this officer, the oldest first."""
    for answer in await turn.read(_open_requests, turn.sender):
        await turn.show(answer)


def _open_requests(conn: Connection, sender: Sender) -> list[Say]:
    actor = actor_of(conn, sender)
    if actor is None:
        return [Say("common.not_enrolled")]
    units = [m.unit_id for m in actor.memberships if m.role in ALLOWED[Action.DECIDE_CHANGE]]
    if not units:
        return [Say("requests.officers_only")]
    waiting = change_request.open_below(conn, units, SHOWN + 1)
    cards = [_card(conn, request) for request in waiting[:SHOWN]]
    if len(waiting) > SHOWN:
        cards.append(Say("requests.more"))
    return cards or [Say("requests.nothing_open")]


async def tap_decision(turn: Turn) -> None:
    """An officer's tap on Đồng ý or Không đồng ý: decided once, whoever taps first."""
    _, request_id, decision = turn.tap
    rules = turn.desk.rules.deadlines
    answer = await turn.write(_decide, turn.sender, int(request_id), decision == "accept", rules)
    await turn.show(answer)


def _decide(
    conn: Connection, sender: Sender, request_id: int, accept: bool, rules: DeadlineRules
) -> Say:
    actor, request = actor_of(conn, sender), change_request.find(conn, request_id)
    if actor is None or request is None:
        return Say("common.not_enrolled")
    if not actor.may(Action.DECIDE_CHANGE, unit.path(conn, request.unit_id)):
        return Say("requests.not_yours_to_decide")
    decided = change_request.decide(
        conn, request_id, actor.person_id, sender.now, accept=accept, cutoff=rules.cutoff
    )
    if decided is not None:
        _send(conn, sender, decided, [decided.asked_by], _OUTCOME)
    return _card(conn, change_request.get(conn, request_id))


def request_message(conn: Connection, message: str, request_id: int) -> Say:
    """What the outbox says about a request: to an officer, or to its sender."""
    request = change_request.get(conn, request_id)
    if message == _TO_OFFICER:
        return _card(conn, request)
    entry = None if request.tally_id is None else tally.get(conn, request.tally_id)
    still_there = entry is not None and not entry.withdrawn
    keyboard = entry_buttons(entry) if entry is not None and still_there else ()
    return Say(message, _values(conn, request), keyboard)


def _card(conn: Connection, request: ChangeRequest) -> Say:
    """A request with its buttons, or with what became of it."""
    if request.state is not RequestState.OPEN:
        return Say("requests.decided", _values(conn, request))
    return Say(_TO_OFFICER, _values(conn, request), _decision_buttons(request))


def _decision_buttons(request: ChangeRequest) -> Keyboard:
    accept, decline = (
        Button(label(f"requests.button_{decision}"), f"request:{request.id}:{decision}")
        for decision in ("accept", "decline")
    )
    return ((accept, decline),)


def _values(conn: Connection, request: ChangeRequest) -> dict[str, object]:
    """The request and the entry that it was asked of, as that stood at the time."""
    if request.tally_id is None:
        return {"r": request, "old": None}
    versions = tally.history(conn, request.tally_id)
    old = next(v.figures for v in versions if v.number == request.tally_version)
    return {"r": request, "old": old}


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("yeucau", desk.on(show_open), filters=PRIVATE),
        CallbackQueryHandler(desk.on(tap_decision), pattern=r"^request:\d+:(accept|decline)$"),
    ]
