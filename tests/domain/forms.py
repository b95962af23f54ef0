"""The empty form, the moment at which it is filled, what is answered and what it holds."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.reading import DateSpan
from domain.tally import Precision, TallyKind
from domain.tally_form import Refusal, Step, TallyForm, set_count, set_day, set_kind, set_topic

NOW = datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = NOW.date()
UNIT = 7
EMPTY = TallyForm(UNIT)
NUMBERS = ("sessions", "party_members", "public", "audience_total", "learners", "items")
LINES = (
    "3 buổi 45 đv 60 qc hôm qua",
    "2 buổi 90 người hôm nay",
    "1 lớp bồi dưỡng 45 học viên",
    "đăng 5 bài facebook hôm nay",
)
# One kind for each way of measuring, and a second one that measures as the first does.
KINDS = (
    TallyKind.ORAL_SESSION,
    TallyKind.THEMATIC_TALK,
    TallyKind.CONTEST,
    TallyKind.TRAINING_CLASS,
    TallyKind.ONLINE_POST,
)


def accepted(form: TallyForm | Refusal) -> TallyForm:
    assert isinstance(form, TallyForm), form
    return form


def numbers(form: TallyForm) -> dict[str, int]:
    return {name: n for name in NUMBERS if (n := getattr(form, name)) is not None}


def with_answer(form: TallyForm, number: int) -> TallyForm:
    """The present question answered, as the buttons or the keyboard would."""
    step = form.step()
    match step:
        case Step.KIND:
            return set_kind(form, KINDS[number % len(KINDS)])
        case Step.DAY:
            day = TODAY - timedelta(days=number)
            return accepted(set_day(form, DateSpan(day, day, Precision.DAY), TODAY))
        case Step.TOPIC:
            return accepted(set_topic(form, f"Chuyên đề {number}"))
        case Step.CONFIRM:
            return form
    return accepted(set_count(form, number))
