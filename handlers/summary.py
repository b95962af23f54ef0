"""/tongket: the summary of a period, in the committee group or in private.

A group sees aggregates only, of the unit that an officer registered it for.
"""

from sqlalchemy import Connection
from telegram.ext import CommandHandler, filters

from domain.period import Period, read_period
from domain.role import Action
from handlers.desk import Desk, Say, Sender, Turn
from handlers.dialogue import Handler, actor_of
from reports.summary import summarise
from storage import group, person


async def tongket(turn: Turn) -> None:
    """/tongket [kỳ]: this month, or the period that was named."""
    period = read_period(turn.arguments, turn.now.date(), turn.desk.rules.deadlines.cutoff)
    if period is None:
        await turn.say("summary.unknown_period")
        return
    writer = writer_of(turn)
    answer = await turn.write(_summary, turn.sender, writer, turn.is_private, period, turn.desk)
    await turn.show(answer)


def writer_of(turn: Turn) -> str:
    """The address of the person who wrote or tapped; in a group it is not that of the chat."""
    user = turn.update.effective_user
    return str(user.id) if user else ""


def _summary(
    conn: Connection,
    sender: Sender,
    writer: str,
    is_private: bool,
    period: Period,
    desk: Desk,
) -> Say:
    if is_private:
        unit_id = _own_unit(conn, sender)
        refusal = "summary.leads_only" if actor_of(conn, sender) else "common.not_enrolled"
    else:
        unit_id = unit_of_group(conn, sender, writer)
        refusal = "summary.group_not_registered"
    if unit_id is None:
        return Say(refusal)
    rules = desk.rules.deadlines
    summary = summarise(conn, unit_id, period, desk.headline_kinds, sender.now, rules)
    return Say("summary.empty" if summary.is_empty else "summary.text", {"s": summary})


def _own_unit(conn: Connection, sender: Sender) -> int | None:
    actor = actor_of(conn, sender)
    membership = actor.first(Action.SEE_SUMMARY) if actor else None
    return membership.unit_id if membership else None


def unit_of_group(conn: Connection, sender: Sender, writer: str) -> int | None:
    """The unit a group was registered for; an officer's first /tongket there registers it."""
    known = group.unit_of(conn, sender.channel, sender.address)
    return known if known is not None else register_group(conn, sender, writer)


def register_group(conn: Connection, sender: Sender, writer: str) -> int | None:
    """Register the group for the unit of `writer`, if that is somebody who may do so."""
    actor = person.actor(conn, sender.channel, writer, sender.today)
    membership = actor.first(Action.REGISTER_GROUP) if actor else None
    if actor is None or membership is None:
        return None
    group.register(
        conn, sender.channel, sender.address, membership.unit_id, actor.person_id, sender.now
    )
    return membership.unit_id


def handlers(desk: Desk) -> list[Handler]:
    return [
        CommandHandler("tongket", desk.on(tongket), filters=filters.UpdateType.MESSAGE),
    ]
