"""What a set of tallies adds up to, with what is not known kept apart from zero."""

from dataclasses import astuple, dataclass
from functools import reduce

from domain.tally import Approximation, Figures


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over entries. `x_known` counts the entries that state x: a sum over none is unknown.

    `unsplit` is attendance (lượt) that its reporter could not divide into party members and
    public. `about`, `over` and `under` count the entries whose figures are approximate.
    """

    entries: int = 0
    sessions: int = 0
    sessions_known: int = 0
    party_members: int = 0
    party_members_known: int = 0
    public: int = 0
    public_known: int = 0
    unsplit: int = 0
    unsplit_known: int = 0
    learners: int = 0
    learners_known: int = 0
    items: int = 0
    items_known: int = 0
    about: int = 0
    over: int = 0
    under: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __neg__(self) -> "Totals":
        return Totals(*(-a for a in astuple(self)))

    @property
    def attendance(self) -> int | None:
        """All lượt, split or not; None where nobody stated any."""
        if not (self.party_members_known or self.public_known or self.unsplit_known):
            return None
        return self.party_members + self.public + self.unsplit

    @property
    def approximation(self) -> Approximation | None:
        """How the sum is to be read; different kinds of "about" together are only "about"."""
        kinds = [
            kind
            for kind, entries in (
                (Approximation.ABOUT, self.about),
                (Approximation.OVER, self.over),
                (Approximation.UNDER, self.under),
            )
            if entries
        ]
        if not kinds:
            return None
        return kinds[0] if len(kinds) == 1 else Approximation.ABOUT

    def known(self, measure: str) -> int | None:
        """The sum of one measure, or None where no entry states it."""
        value: int = getattr(self, measure)
        return value if getattr(self, f"{measure}_known") else None


def of_figures(figures: Figures) -> Totals:
    """What one entry adds."""
    return Totals(
        entries=1,
        sessions=figures.sessions or 0,
        sessions_known=figures.sessions is not None,
        party_members=figures.party_members or 0,
        party_members_known=figures.party_members is not None,
        public=figures.public or 0,
        public_known=figures.public is not None,
        unsplit=figures.unsplit,
        unsplit_known=figures.audience_total is not None
        and (figures.party_members is None or figures.public is None),
        learners=figures.learners or 0,
        learners_known=figures.learners is not None,
        items=figures.items or 0,
        items_known=figures.items is not None,
        about=figures.approximation is Approximation.ABOUT,
        over=figures.approximation is Approximation.OVER,
        under=figures.approximation is Approximation.UNDER,
    )


def total(parts: "list[Totals]") -> Totals:
    return reduce(Totals.__add__, parts, Totals())
