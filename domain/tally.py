"""What one report states: its kind, its days and its figures, and what can never be stated.

Source of kinds, units and audience rules: the field reference §2.1 (kinds), §8 (attendance).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST = 1_000_000
TOPIC_LENGTH = 300


class TallyKind(StrEnum):
    """A kind of activity that is counted on its own line."""

    ORAL_SESSION = "oral_session"
    RESOLUTION_STUDY = "resolution_study"
    CURRENT_AFFAIRS_BRIEFING = "current_affairs_briefing"
    THEMATIC_TALK = "thematic_talk"
    REPORTER_CONFERENCE = "reporter_conference"
    TRAINING_CLASS = "training_class"
    TRAINING_WORKSHOP = "training_workshop"
    CONTEST = "contest"
    ONLINE_POST = "online_post"
    BROADCAST = "broadcast"
    VISUAL_DISPLAY = "visual_display"
    OPINION_REPORT = "opinion_report"
    DIALOGUE = "dialogue"
    MATERIAL = "material"


class Precision(StrEnum):
    """How exactly the writer named the time; all but the first three are period labels."""

    DAY = "day"
    LIST = "list"
    RANGE = "range"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    NINE_MONTHS = "nine_months"
    YEAR = "year"
    TERM = "term"


NAMED_DAYS = (Precision.DAY, Precision.LIST, Precision.RANGE)
"""Precisions that name days; the others are labels of whole periods."""


class Approximation(StrEnum):
    """A hedge on the figures: khoảng, trên/hơn, gần."""

    ABOUT = "about"
    OVER = "over"
    UNDER = "under"


class Problem(StrEnum):
    """Why figures cannot be stored, whoever sends them."""

    FUTURE_DATE = "future_date"
    NEGATIVE = "negative"
    TOTAL_MISMATCH = "total_mismatch"
    NOTHING_COUNTED = "nothing_counted"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"


HEADLINE_KINDS: tuple[TallyKind, ...] = (
    TallyKind.ORAL_SESSION,
    TallyKind.RESOLUTION_STUDY,
    TallyKind.CURRENT_AFFAIRS_BRIEFING,
    TallyKind.THEMATIC_TALK,
)
"""Kinds that add up to "tổng số buổi tuyên truyền miệng" unless the department decides otherwise."""

_SPLIT = ("sessions", "party_members", "public")
_WHOLE = ("sessions", "audience_total")
_ITEMS = ("items",)

MEASURES: dict[TallyKind, tuple[str, ...]] = {
    TallyKind.ORAL_SESSION: _SPLIT,
    TallyKind.RESOLUTION_STUDY: _SPLIT,
    TallyKind.CURRENT_AFFAIRS_BRIEFING: _SPLIT,
    TallyKind.THEMATIC_TALK: _SPLIT,
    TallyKind.REPORTER_CONFERENCE: _WHOLE,
    TallyKind.TRAINING_CLASS: ("sessions", "learners"),
    TallyKind.TRAINING_WORKSHOP: _WHOLE,
    TallyKind.CONTEST: _WHOLE,
    TallyKind.ONLINE_POST: _ITEMS,
    TallyKind.BROADCAST: _ITEMS,
    TallyKind.VISUAL_DISPLAY: _ITEMS,
    TallyKind.OPINION_REPORT: _ITEMS,
    TallyKind.DIALOGUE: _WHOLE,
    TallyKind.MATERIAL: _ITEMS,
}
"""The measures of each kind, in the order in which to ask for them.

`sessions` counts whatever the kind holds: buổi, hội nghị, lớp, cuộc thi. Kinds that ask for
`audience_total` may also carry a split when the writer gave one.
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one report, as stated.

    None means "not stated", never 0; a stated 0 is 0. Party members, public and total are
    attendance (lượt) over all sessions of the report: never distinct people, never per session.
    `date_from` and `date_to` are inclusive days in Asia/Ho_Chi_Minh; `dates` lists the single
    days when `precision` is LIST. `learners` counts the people of a training class, `items`
    what is not a session (posts, broadcasts, banners, reports, materials).
    """

    kind: TallyKind
    date_from: date
    date_to: date
    precision: Precision
    dates: tuple[date, ...] = ()
    sessions: int | None = None
    party_members: int | None = None
    public: int | None = None
    audience_total: int | None = None
    learners: int | None = None
    items: int | None = None
    approximation: Approximation | None = None
    topic: str | None = None
    unit_text: str | None = None
    location_text: str | None = None

    @property
    def attendance(self) -> int | None:
        """Lượt of everybody: the stated total, else both parts added, else None.

        One part alone is not the whole: with only party members known the attendance is
        unknown, because the missing part is not 0. The learners of a class stand for
        themselves and are no attendance.
        """
        if self.audience_total is not None:
            return self.audience_total
        if self.party_members is None or self.public is None:
            return None
        return self.party_members + self.public

    @property
    def unsplit(self) -> int:
        """The part of the stated total that is neither party members nor public; 0 when split.

        So party members + public + unsplit is always what may be added up.
        """
        if self.audience_total is None:
            return 0
        return max(0, self.audience_total - (self.party_members or 0) - (self.public or 0))


def problems(figures: Figures, today: date) -> list[Problem]:
    """Everything that forbids storing these figures; `today` is the day in Asia/Ho_Chi_Minh.

    A label that has begun (this month, this year) may end after today; named days may not.
    """
    checks = (
        (Problem.FUTURE_DATE, _in_future(figures, today)),
        (Problem.NEGATIVE, any(count < 0 for count in counts(figures))),
        (Problem.TOTAL_MISMATCH, _mismatch(figures)),
        (Problem.NOTHING_COUNTED, not counts(figures)),
        (Problem.TOO_LARGE, any(count > MOST for count in counts(figures))),
        (Problem.TOO_LONG, len(figures.topic or "") > TOPIC_LENGTH),
    )
    return [problem for problem, found in checks if found]


def counts(figures: Figures) -> list[int]:
    """The stated numbers, without the empty ones."""
    stated = (
        figures.sessions,
        figures.party_members,
        figures.public,
        figures.audience_total,
        figures.learners,
        figures.items,
    )
    return [count for count in stated if count is not None]


def _in_future(figures: Figures, today: date) -> bool:
    last = figures.date_to if figures.precision in NAMED_DAYS else figures.date_from
    return last > today


def _mismatch(figures: Figures) -> bool:
    if figures.audience_total is None:
        return False
    parts = (figures.party_members or 0) + (figures.public or 0)
    split = figures.party_members is not None and figures.public is not None
    return parts != figures.audience_total if split else parts > figures.audience_total
