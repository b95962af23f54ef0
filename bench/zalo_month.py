"""The month of a real-sized unit on Zalo, counted: `python -m bench.zalo_month`.

A free Zalo bot may send 3,000 messages a month. Whatever the bot learns to say is added here, with how
often it happens; the program fails when the month does not fit with 20 % to spare. Whether what people
write counts as well is disputed, so both ways of counting are checked.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

QUOTA = 3_000
TO_SPARE = 0.2
ALLOWED = round(QUOTA * (1 - TO_SPARE))

# The longest month: five reporting weeks.
PEOPLE, WEEKS, LEADS, OFFICERS = 50, 5, 6, 2
REPORTS = PEOPLE * WEEKS


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that happens `times` in the month. Each message of `said` is answered by one; `unasked`
    is how many messages come with each time that nobody asked for.
    """

    name: str
    times: int
    said: tuple[str, ...] = ()
    unasked: int = 0

    @property
    def received(self) -> int:
        return self.times * len(self.said)

    @property
    def sent(self) -> int:
        return self.received + self.times * self.unasked


LINE = "3 buổi 45 đv 60 qc hôm qua"

# Nine reports of ten are one line; of the lines, one in twelve is asked back, one in ten corrected.
MONTH = (
    Kind("one-line reports", REPORTS * 9 // 10, (LINE,)),
    Kind("reports step by step", REPORTS // 10, ("báo cáo", "a", "a", "3", "45", "60", "a", "a")),
    Kind("lines that are asked back", REPORTS // 12, ("a",)),
    Kind("corrections", REPORTS // 10, ("a", "c", "4", "a")),
    Kind("nothing to report", 5, ("không phát sinh", "a")),
    Kind("one's own figures", PEOPLE, ("của tôi",)),
    Kind("notes of opinion", PEOPLE, ("dư luận", "Bà con phấn khởi vì con đường mới.", "a")),
    Kind("replies to notes", PEOPLE, unasked=1),
    Kind("briefing: announced", 1, ("hội nghị", "Hội nghị tháng 11", "8h 26/11", "a", "a", "a")),
    Kind("briefing: invitations", PEOPLE, unasked=1),
    Kind("briefing: asked once more", PEOPLE // 2, unasked=1),
    Kind("briefing: answers", PEOPLE, ("p",)),
    Kind("briefing: reminders of the day", PEOPLE, unasked=1),
    Kind("briefing: attendance", LEADS, ("42",), unasked=1),
    Kind("briefing: a week later", PEOPLE, unasked=1),
    Kind("briefing: schedule looked up", PEOPLE // 5, ("lịch",)),
    # The simulated year (bench/year.py) has 0.8 per person and month; here one and a half.
    Kind("ladder: still missing", PEOPLE * 3 // 2, unasked=1),
    Kind("ladder: those above are told", LEADS + OFFICERS, unasked=3),
    Kind("ladder: once more in the evening", PEOPLE // 10, ("r",), unasked=1),
    Kind("ladder: rounds that are called", OFFICERS, ("nhắc", "a"), unasked=PEOPLE // 10),
    Kind("what we have from you", PEOPLE, unasked=1),
    Kind("summaries", (LEADS + OFFICERS) * WEEKS, ("tổng kết",)),
    Kind("summaries into groups", 3 * WEEKS, unasked=1),
    Kind("heat maps", OFFICERS * 2, ("thiếu", "b"), unasked=1),
    Kind("people: invited, away, let in", 5, ("mời", "a", "a"), unasked=1),
    Kind("requests after the lock", 5, ("sửa số 1 thành 5 buổi", "a"), unasked=2),
    Kind("enrolments", 5, ("bắt đầu MÃ", "a")),
    Kind("help, and what was not understood", PEOPLE // 2, ("trợ giúp",)),
    Kind("old letters, and stopped texts", PEOPLE // 5, ("a",)),
    Kind("warnings of the quota", OFFICERS, unasked=2),
)


@dataclass(frozen=True, slots=True)
class Count:
    """A month's messages, out and in."""

    sent: int
    received: int

    @property
    def problems(self) -> list[str]:
        ways = {
            "what the bot sends": self.sent,
            "what it sends and receives": self.sent + self.received,
        }
        return [
            f"{way}: {count:,} messages, more than {ALLOWED:,}"
            for way, count in ways.items()
            if count > ALLOWED
        ]


def count(kinds: Iterable[Kind]) -> Count:
    """All kinds together."""
    listed = list(kinds)
    return Count(sum(kind.sent for kind in listed), sum(kind.received for kind in listed))


def table(kinds: Sequence[Kind]) -> str:
    """The count per kind, the most expensive first."""
    whole = count(kinds)
    rows = sorted(kinds, key=lambda kind: kind.sent, reverse=True)
    lines = [f"{kind.name:36} {kind.times:6,} {kind.sent:7,} {kind.received:7,}" for kind in rows]
    share = whole.sent / QUOTA
    return "\n".join(
        [
            f"{PEOPLE} people, {WEEKS} weeks {'times':>22} {'out':>7} {'in':>7}",
            *lines,
            f"{'in all':36} {'':6} {whole.sent:7,} {whole.received:7,}",
            f"of {QUOTA:,} messages: {share:.0%} out, {share + whole.received / QUOTA:.0%} both ways",
        ]
    )


def main() -> None:
    """Print the month; exit with what does not fit."""
    print(table(MONTH))
    if problems := count(MONTH).problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
