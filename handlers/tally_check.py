"""What is asked back before figures are stored: what is odd about them, and a locked period."""

from dataclasses import dataclass

from sqlalchemy import Connection

from domain.deadline import bucket, is_locked
from domain.oddity import Oddity, OddityCode, oddities
from domain.role import Action, Actor
from domain.tally import Figures
from handlers.desk import Rules, Sender
from storage import habit, unit


@dataclass(frozen=True, slots=True)
class Weighed:
    """Figures as they stand beside what is stored: what is odd, the most pressing first; whether
    their period is locked for the sender; whether a total may take the place of the sender's own
    entries for single days.
    """

    odd: tuple[Oddity, ...] = ()
    locked: bool = False
    replaceable: bool = False

    @property
    def is_plain(self) -> bool:
        """Nothing has to be asked back."""
        return not (self.odd or self.locked)


def weigh(
    conn: Connection,
    sender: Sender,
    rules: Rules,
    actor: Actor,
    unit_id: int,
    figures: Figures,
    replaces: int | None = None,
) -> Weighed:
    """Weigh figures that would be stored for a unit; `replaces` is the entry that they correct."""
    near = habit.around(
        conn,
        unit_id,
        actor.person_id,
        figures,
        sender.now,
        rules.thresholds.repeat_within,
        replaces,
        rules.deadlines.cutoff,
    )
    counted_in = bucket(figures, rules.deadlines.cutoff)
    locked = is_locked(counted_in, rules.deadlines, sender.today, near.locked, near.due)
    odd = oddities(figures, near, rules.thresholds, rules.deadlines.cutoff)
    on_top = any(oddity.code is OddityCode.ON_TOP_OF_DAYS for oddity in odd)
    return Weighed(
        odd,
        locked and not actor.may(Action.DECIDE_CHANGE, unit.path(conn, unit_id)),
        on_top and not near.others_parts,
    )
